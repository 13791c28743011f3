// A PostgreSQL for the length of a measurement: as it is without settings of ours, so with fsync and synchronous_commit on,
// but for its buffers, which are as its documentation says for a machine of its own.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startEmbedded } from '../src/store/embedded.ts'
import { migrate } from '../src/store/migrate.ts'
import { populate, type Tokens } from './population/load.ts'
import type { World } from './world.ts'

export interface Cluster {
  urlOf(database: string): string
  /** A database with such a directory. */
  createDirectory(database: string, world: World, tokens: Tokens): Promise<void>
  /** A copy, to the last page; nobody may be connected to the original. */
  copy(database: string, original: string): Promise<void>
  stop(): Promise<void>
}

/** A quarter of the memory. With the 128 MB that it takes by itself PostgreSQL waits for pages of its own to be written. */
const SHARED_BUFFERS_MB = Math.floor(totalmem() / 4 / 2 ** 20)

export async function startCluster(): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-bench-'))
  const removeFolder = () => rm(folder, { recursive: true, force: true, maxRetries: 3 })
  const embedded = await startEmbedded({
    dataDirectory: folder,
    settings: { shared_buffers: `${SHARED_BUFFERS_MB}MB` },
  }).catch(async (error: unknown) => {
    await removeFolder()
    throw error
  })
  const urlOf = (database: string) => {
    const url = new URL(embedded.url)
    url.pathname = `/${database}`
    return url.href
  }
  await withClient(urlOf('postgres'), requireDurability)
  return {
    urlOf,
    async createDirectory(database, world, tokens) {
      await withClient(urlOf('postgres'), (client) => client.query(`CREATE DATABASE ${database}`))
      await migrate(urlOf(database))
      await withClient(urlOf(database), (client) => populate(client, world, tokens))
    },
    async copy(database, original) {
      const statement = `CREATE DATABASE ${database} TEMPLATE ${original} STRATEGY file_copy`
      await withClient(urlOf('postgres'), (client) => client.query(statement))
    },
    stop: () => embedded.stop().finally(removeFolder),
  }
}

/** Figures of a database that may lose what it has confirmed would be worth nothing. */
async function requireDurability(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ name: string; setting: string }>(
    "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes')",
  )
  const off = rows.filter(({ setting }) => setting !== 'on').map(({ name }) => name)
  if (rows.length !== 3 || off.length > 0) throw new Error(`PostgreSQL is not durable: ${off.join(', ')} off`)
}

/** A connection for as long as `use` takes. */
export async function withClient<T>(url: string, use: (client: pg.ClientBase) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  // a lost connection fails the query that is running, which is enough
  client.on('error', () => {})
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}
