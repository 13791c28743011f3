// The PostgreSQL that comes with the package: started on a folder of its own, for a service without DATABASE_URL.
// Loaded only when it is needed. The parts: who owns the folder, which user runs the server, which programs, the
// files, the running server, and what a killed service left behind.

import { mkdir } from 'node:fs/promises'
import pg from 'pg'
import { findAccount } from './embedded/account.ts'
import { findBinaries } from './embedded/binaries.ts'
import { type Cluster, clusterPath, provideCluster, superuser } from './embedded/cluster.ts'
import { stopOrphan } from './embedded/orphan.ts'
import { claim } from './embedded/owner.ts'
import { startServer } from './embedded/server.ts'

export { InUseError } from './embedded/owner.ts'

const database = 'rollcall'

export type EmbeddedOptions = Readonly<{
  /** the folder for data, password and lock; created if it is missing */
  dataDirectory: string
  /** each line that the server logs */
  onLog?: (line: string) => void
  /** the server ended though nobody called stop: the service cannot go on */
  onDeath?: (reason: string) => void
  /** settings of postgresql.conf, such as `fsync: 'off'` where the data do not matter */
  settings?: Readonly<Record<string, string>>
}>

export type Embedded = Readonly<{
  /** for `pg` and for Prisma's adapter */
  url: string
  /** Ends the sessions that are open, writes everything out, frees the folder. Can be called more than once. */
  stop(): Promise<void>
}>

/**
 * Starts the server on `dataDirectory`, initialized at the first start. Throws InUseError if another living
 * service uses the folder; a server that a killed service left there is stopped first.
 *
 * @example
 * const embedded = await startEmbedded({ dataDirectory: config.dataDirectory, onLog: (line) => log.debug(line) })
 * try { … } finally { await embedded.stop() }
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  if (process.platform !== 'linux' && process.platform !== 'darwin') {
    throw new Error('The embedded PostgreSQL runs on Linux and macOS. Elsewhere set DATABASE_URL.')
  }
  const { dataDirectory, onLog = () => {}, onDeath = () => {}, settings = {} } = options
  await prepare(dataDirectory)
  const release = await claim(dataDirectory)
  try {
    await stopOrphan(clusterPath(dataDirectory), onLog)
    const account = await findAccount(clusterPath(dataDirectory))
    const binaries = await findBinaries(account, dataDirectory)
    const cluster = await provideCluster(dataDirectory, account, binaries)
    const server = await startServer({ cluster, account, binaries, settings, onLog, onDeath })
    const stop = () => server.stop().then(release)
    try {
      await provideDatabase(urlOf(cluster, server.port, 'postgres'))
    } catch (error) {
      await stop()
      throw error
    }
    return { url: urlOf(cluster, server.port, database), stop }
  } catch (error) {
    await release()
    throw error
  }
}

async function prepare(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(
      `The data directory cannot be written (${reason}). Choose another with ROLLCALL_DATA_DIR.`,
    )
  }
}

const urlOf = (cluster: Cluster, port: number, name: string) =>
  `postgresql://${superuser}:${cluster.password}@127.0.0.1:${port}/${name}`

async function provideDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database])
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(database)}`)
  } finally {
    await client.end()
  }
}
