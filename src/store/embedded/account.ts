// Which user runs the embedded server. PostgreSQL refuses to run as root, so a service that runs as root starts
// it as the user `postgres`, which is created on a machine that has none.

import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The user to become; spread into the options of `spawn`. Empty: stay who we are. */
export type Account = Readonly<{ uid: number; gid: number } | Record<string, never>>

const accountName = 'postgres'
const commandPath = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }

// The first is of most Linux distributions, the second of BusyBox.
const creators: readonly (readonly [string, ...string[]])[] = [
  ['useradd', '--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent', accountName],
  ['adduser', '-S', '-D', '-H', accountName],
]

/** The user for the server whose data lie, or will lie, in `cluster`. */
export async function findAccount(cluster: string): Promise<Account> {
  if (process.geteuid?.() !== 0) return {}

  // Data that exist can be opened by their owner alone, whoever that is on this machine.
  const existing = await stat(`${cluster}/PG_VERSION`).catch(() => null)
  if (existing !== null && existing.uid !== 0) return { uid: existing.uid, gid: existing.gid }

  const known = await lookUp()
  if (known !== null) return known
  return create()
}

async function lookUp(): Promise<Account | null> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', accountName]), run('id', ['-g', accountName])])
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  } catch {
    return null
  }
}

async function create(): Promise<Account> {
  const faults: string[] = []
  // More than once: two services that start together both try, and one finds the user database locked.
  for (let attempt = 0; attempt < 3; attempt += 1) {
    for (const [command, ...options] of creators) {
      await run(command, options, { env: commandPath }).catch((error: Error) =>
        faults.push(error.message.trim()),
      )
      const created = await lookUp()
      if (created !== null) return created
    }
    await sleep(300)
  }
  throw new Error(
    `PostgreSQL does not run as root, and the user "${accountName}" could not be created (${faults[0]}). ` +
      'Start the service as another user, or set DATABASE_URL.',
  )
}
