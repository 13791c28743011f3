// A PostgreSQL of a scenario's own, as durable as it is by itself, that can be stopped in each of its modes, frozen and
// started again on the same port.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, cp, mkdtemp, readdir, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { findAccount } from '../../../src/store/embedded/account.ts'
import { findBinaries, programEnvironment } from '../../../src/store/embedded/binaries.ts'
import { clusterPath, provideCluster, superuser } from '../../../src/store/embedded/cluster.ts'
import { claim } from '../../../src/store/embedded/owner.ts'
import { findServer } from '../../../src/store/embedded/process.ts'
import { findFreePort } from '../../../src/store/embedded/server.ts'

/** What `pg_ctl stop` calls its modes, and the signal of each. */
const signals = { smart: 'SIGTERM', fast: 'SIGINT', immediate: 'SIGQUIT' } as const
export type StopMode = keyof typeof signals

export interface FaultyPostgres {
  /** a database of this name; none is there at first but `postgres` */
  url(database: string): string
  /** runs one statement on a connection of its own */
  query<T extends pg.QueryResultRow>(database: string, sql: string, values?: unknown[]): Promise<T[]>
  /** asks the server to stop; gives what waits until it has */
  stop(mode: StopMode): () => Promise<void>
  /** starts it again, and waits until it answers */
  start(): Promise<void>
  /** every process of the server stands still, as behind a network that swallows everything */
  freeze(): Promise<void>
  thaw(): Promise<void>
  isRunning(): boolean
  /** moves the write-ahead log to another disk */
  moveLog(folder: string): Promise<void>
  /** gives a folder, with what is in it, to the user that the server runs as */
  own(folder: string): Promise<void>
  remove(): Promise<void>
}

/** Its folder is swept like those of the other tests, where a run was killed: it begins with the same name. */
const prefix = 'rollcall-test-faults-'

/** `settings` are lines of postgresql.conf. */
export async function startFaultyPostgres(
  settings: Readonly<Record<string, string>> = {},
): Promise<FaultyPostgres> {
  const directory = await mkdtemp(join(tmpdir(), prefix))
  const release = await claim(directory)
  const account = await findAccount(clusterPath(directory))
  const binaries = await findBinaries(account, directory)
  const cluster = await provideCluster(directory, account, binaries)
  const port = await findFreePort()
  const url = (database: string) =>
    `postgresql://${superuser}:${cluster.password}@127.0.0.1:${port}/${database}`
  let server: ChildProcess | undefined
  // a run that ends by an exception must not leave the server behind
  const lastResort = () => server?.kill('SIGQUIT')
  process.once('exit', lastResort)

  const start = async () => {
    const all = {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      max_connections: '150',
      ...settings,
      port: String(port),
    }
    const options = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const child = spawn(binaries.postgres, ['-D', cluster.seenAs, ...options], {
      ...account,
      cwd: cluster.path,
      env: programEnvironment,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    server = child
    const log: string[] = []
    await new Promise<void>((resolve, reject) => {
      createInterface({ input: child.stderr }).on('line', (line) => {
        if (log.length < 100) log.push(line)
        if (line.includes('database system is ready to accept connections')) resolve()
      })
      child.once('error', reject)
      child.once('close', () => reject(new Error(`PostgreSQL did not start:\n${log.join('\n')}`)))
    })
  }

  const running = () =>
    server === undefined || server.exitCode !== null || server.signalCode !== null ? null : server
  const stop = (mode: StopMode) => {
    const child = running()
    if (child === null) return async () => {}
    const closed = once(child, 'close')
    child.kill(signals[mode])
    return async () => {
      await closed
    }
  }

  const signalAll = async (signal: NodeJS.Signals) => {
    for (const pid of (await findServer(cluster.path)).all) process.kill(pid, signal)
  }

  const own = async (folder: string) => {
    if (account.uid === undefined || account.gid === undefined) return
    const names = await readdir(folder, { recursive: true })
    for (const path of [folder, ...names.map((name) => join(folder, name))])
      await chown(path, account.uid, account.gid)
  }

  await start()
  return {
    url,
    query: (database, sql, values) => query(url(database), sql, values),
    stop,
    start,
    freeze: () => signalAll('SIGSTOP'),
    thaw: () => signalAll('SIGCONT'),
    isRunning: () => running() !== null,
    moveLog: async (folder) => {
      await stop('fast')()
      const log = join(cluster.path, 'pg_wal')
      await cp(log, folder, { recursive: true })
      await rm(log, { recursive: true })
      await symlink(folder, log)
      await own(folder)
      await start()
    },
    own,
    remove: async () => {
      await stop('immediate')()
      process.off('exit', lastResort)
      await release()
      await rm(directory, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

async function query<T extends pg.QueryResultRow>(url: string, sql: string, values?: unknown[]) {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query<T>(sql, values)).rows
  } finally {
    await client.end()
  }
}
