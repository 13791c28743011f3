// The files of the embedded server in the data directory: `cluster` is PostgreSQL's own folder, `password` the
// secret for the one superuser. Created at the first start, kept by all later ones.

import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chown, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import type { Account } from './account.ts'
import { type Binaries, programEnvironment } from './binaries.ts'

const run = promisify(execFile)

export const superuser = 'rollcall'

export type Cluster = Readonly<{
  /** where the folder is */
  path: string
  /** how the server, with `path` as its working directory, calls the folder */
  seenAs: string
  password: string
}>

export const clusterPath = (directory: string) => join(directory, 'cluster')
const passwordPath = (directory: string) => join(directory, 'password')

/** The cluster in `directory`; initialized if there is none yet. */
export async function provideCluster(
  directory: string,
  account: Account,
  binaries: Binaries,
): Promise<Cluster> {
  const path = clusterPath(directory)
  const written = await readFile(join(path, 'PG_VERSION'), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (written === null) await initialize(directory, account, binaries)
  else await requireSameVersion(path, written.trim(), binaries)

  const password = await readFile(passwordPath(directory), 'utf8').catch((error: Error) => {
    throw new Error(`The password of the database in ${directory} cannot be read: ${error.message}`)
  })
  return { path, seenAs: await seenBy(account, path), password: password.trim() }
}

/** Into a draft that gets its name when it is whole, so that a killed first start leaves nothing half done. */
async function initialize(directory: string, account: Account, binaries: Binaries): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name.startsWith('draft-')) await rm(join(directory, name), { recursive: true, force: true })
  }
  const password = randomBytes(24).toString('base64url')
  await writeFile(passwordPath(directory), `${password}\n`, { mode: 0o600 })
  const draft = await mkdtemp(join(directory, 'draft-'))
  if (account.uid !== undefined) await chown(draft, account.uid, account.gid)

  // The built-in locale: the same on every machine, sorts by code point, and knows upper and lower case beyond ASCII.
  const options = [
    `--pgdata=${await seenBy(account, draft)}`,
    `--username=${superuser}`,
    '--pwfile=/dev/fd/3',
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
  ]
  const secret = await openSecret(join(directory, 'draft-password'), password, account)
  try {
    const child = spawn(binaries.initdb, options, {
      ...account,
      cwd: draft,
      env: programEnvironment,
      stdio: ['ignore', 'ignore', 'pipe', secret.fd],
    })
    const [complaint, [code]] = await Promise.all([
      child.stderr ? text(child.stderr) : '',
      once(child, 'close'),
    ])
    if (code !== 0) throw new Error(`initdb failed in ${directory}: ${complaint.trim()}`)
  } finally {
    await secret.close()
  }
  await rename(draft, clusterPath(directory))
}

/** An open file with the password that has no name any more: initdb reads it through the descriptor it inherits. */
async function openSecret(path: string, secret: string, account: Account) {
  await writeFile(path, secret, { mode: 0o600 })
  if (account.uid !== undefined) await chown(path, account.uid, account.gid)
  const file = await open(path, 'r')
  await rm(path)
  return file
}

async function requireSameVersion(path: string, written: string, binaries: Binaries): Promise<void> {
  const { stdout } = await run(binaries.postgres, ['--version'], { env: programEnvironment })
  const [, major] = stdout.match(/ (\d+)/) ?? []
  if (major === written) return
  throw new Error(
    `The data in ${path} were written by PostgreSQL ${written}, and this version of Rollcall comes with ` +
      `PostgreSQL ${major}. Move them with pg_dump and pg_restore, or remove the folder to start empty.`,
  )
}

/**
 * How `account` can name `path`. A project below /root lies in a folder that only root may enter. On Linux the
 * server can still be started *in* its folder, and this name then leads there without a way through the parents.
 */
async function seenBy(account: Account, path: string): Promise<string> {
  if (account.uid === undefined) return path
  const reached = await run('/bin/sh', ['-c', 'cd "$0"', path], {
    ...account,
    cwd: '/',
    env: programEnvironment,
  }).then(
    () => true,
    () => false,
  )
  if (reached) return path
  if (process.platform === 'linux') return '/proc/self/cwd'
  throw new Error(
    `The user that runs PostgreSQL (uid ${account.uid}) cannot enter ${path}. ` +
      'Choose a folder that every user can enter with ROLLCALL_DATA_DIR, or set DATABASE_URL.',
  )
}
