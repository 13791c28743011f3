// `npm run bench:scale`: what becomes slower as a directory grows, and evaluations of very many people.
//
//   npm run bench:scale                            1,000, 100,000 and 1,000,000 users
//   npm run bench:scale -- --sizes 1000,100000     these sizes
//   npm run bench:scale -- bulk                    only one of plans, pages, operations and bulk, or several
//   npm run bench:scale -- --json FILE             writes the figures too
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { newToken } from '../src/secrets.ts'
import { startCluster, withClient } from './cluster.ts'
import { print } from './report.ts'
import { requireRight } from './right.ts'
import { measureBulk } from './scale/bulk.ts'
import { createDirectories, type SizedDirectory } from './scale/directories.ts'
import { measureOperations } from './scale/operations.ts'
import { measurePages } from './scale/pages.ts'
import { findSequentialScans } from './scale/plans.ts'

const tokens = { directory: newToken('directory'), admin: newToken('admin') }

const parts = ['plans', 'pages', 'operations', 'bulk'] as const

/** Fewer users would not fill the groups that requests are about. */
const LEAST_USERS = 1000

process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { sizes: { type: 'string', default: '1000,100000,1000000' }, json: { type: 'string' } },
  })
  const sizes = parseSizes(values.sizes)
  const wanted = parseParts(positionals)
  const cluster = await startCluster()
  let directories: SizedDirectory[] = []
  try {
    directories = await createDirectories(cluster, sizes, tokens)
    const figures = await measure(directories, wanted)
    if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(figures, null, 2)}\n`)
  } finally {
    for (const { service } of directories) await service.stop()
    await cluster.stop()
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

function parseSizes(text: string): number[] {
  const sizes = text.split(',').map(Number)
  if (sizes.every((size) => Number.isInteger(size / LEAST_USERS) && size >= LEAST_USERS)) return sizes
  throw new Error(`--sizes takes numbers of users, in thousands, with commas between them, not "${text}".`)
}

function parseParts(names: readonly string[]): readonly string[] {
  const unknown = names.filter((name) => !parts.some((part) => part === name))
  if (unknown.length > 0)
    throw new Error(`There is no ${unknown.join(', ')}. There are: ${parts.join(', ')}.`)
  return names.length === 0 ? parts : names
}

/** What changes the directories comes last. */
async function measure(directories: readonly SizedDirectory[], wanted: readonly string[]) {
  const largest = directories.at(-1)
  if (largest === undefined) throw new Error('no directory')
  const sequentialScans = wanted.includes('plans') ? await findSequentialScans(largest) : []
  const growths = wanted.includes('pages') ? await measurePages(largest, tokens.directory) : []
  if (wanted.includes('operations')) growths.push(...(await measureOperations(directories, tokens.directory)))
  for (const { url } of directories) await withClient(url, requireRight)
  const bulk = []
  for (const directory of wanted.includes('bulk') ? directories.slice(1) : []) {
    bulk.push({ users: directory.world.users, evaluations: await measureBulk(directory, tokens) })
  }
  print('\nWhat is more than it may be has a mark.')
  return { sequentialScans, growths, bulk }
}
