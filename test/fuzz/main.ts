// `npm run test:fuzz`: the long run, on a PostgreSQL of its own. Ends with 1 where anything was wrong.
//
//   npm run test:fuzz                            100,000 requests, and five times as many inputs of the parsers
//   npm run test:fuzz -- --runs 5000 --seed 7    fewer, and the same ones each time
//   npm run test:fuzz -- --kind 'admin API'      of one kind alone (inputs/index.ts)
import { randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startEmbedded } from '../../src/store/embedded.ts'
import { createDatabase, createTemplate, type TestDatabase } from '../support/postgres.ts'
import { run } from './campaign.ts'
import { Figures } from './figures.ts'
import { runParsers } from './parsers.ts'

const CHAPTER = 2000
const CROWD = 300
/** The parsers are asked so many times more. */
const PARSED = 5

const say = (line: string) => process.stdout.write(`${line}\n`)

const { values } = parseArgs({
  options: { runs: { type: 'string' }, seed: { type: 'string' }, kind: { type: 'string' } },
})
const runs = Number(values.runs ?? 100_000)
const seed = Number(values.seed ?? randomInt(1_000_000))
say(`seed ${seed}`)

const figures = new Figures()
const faults = runParsers(runs * PARSED, seed, Number.POSITIVE_INFINITY, figures)
for (const fault of faults) say(fault)
say(`the parsers: ${figures.total()} inputs\n${figures.text()}`)

const requests = new Figures()
// what was sent so far is told, and nothing is left behind
const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
await withServer(async (createDatabase) => {
  const onFault = (fault: string) => say(fault)
  const onChapter = () => say(`${requests.total()} inputs sent`)
  const begin = performance.now()
  const rest = {
    budgetMs: Number.POSITIVE_INFINITY,
    chapter: CHAPTER,
    crowd: CROWD,
    createDatabase,
    onFault,
    onChapter,
    signal: stop.signal,
  }
  faults.push(...(await run({ runs, seed, kind: values.kind, ...rest }, requests)))
  const seconds = ((performance.now() - begin) / 1000).toFixed(0)
  say(`the service: ${requests.total()} inputs in ${seconds} s\n${requests.text()}`)
})
say(`${faults.length} faults`)
process.exitCode = faults.length === 0 ? 0 : 1

/** A server whose data live for one run, and clones of a migrated database on it. */
async function withServer(
  use: (createDatabase: () => Promise<TestDatabase>) => Promise<void>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'rollcall-fuzz-'))
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }
  const embedded = await startEmbedded({ dataDirectory: directory, settings })
  try {
    const template = await createTemplate(embedded.url)
    await use(() => createDatabase(embedded.url, template.name))
  } finally {
    await embedded.stop()
    await rm(directory, { recursive: true, force: true })
  }
}
