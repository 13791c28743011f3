// Applies prisma/migrations to a database and records them as `prisma migrate deploy` does, so that either can
// follow the other: same table, same checksums, same advisory lock. Done here because the service must migrate
// at its start without Prisma's command line, whose engine would have to be downloaded.

import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { isRetryable, sqlState } from './errors.ts'

/** The database cannot be migrated as it is; the message says what an operator can do. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError'
}

/** The database cannot be used at all: its name, its address or the password is not right, or it is not there yet. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError'
}

export type Migration = Readonly<{ name: string; sql: string; checksum: string }>

export type MigrateOptions = Readonly<{
  /** in place of the package's own prisma/migrations */
  directory?: string
  /**
   * told of migrations in the database that this version does not know: a newer version has been here, and said that
   * older ones can go on
   */
  onUnknown?: (names: readonly string[]) => void
}>

// Prisma's own number: its command line and this function wait for each other.
const advisoryLock = 72_707_369

/**
 * How a migration's name ends that older versions cannot work with. All others only add: while processes are replaced
 * one by one, old and new ones work on the same tables.
 */
const BREAKING = '_breaking'

/** A table that is waited for keeps everybody else from it: so a migration gives up soon, and tries again. */
const LOCK_TIMEOUT_MS = 2_000
const MAX_ATTEMPTS = 30
const PAUSE_MS = 500
const LOCK_NOT_AVAILABLE = '55P03'

// Word for word what Prisma creates.
const createTable = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id                  VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum            VARCHAR(64) NOT NULL,
    finished_at         TIMESTAMPTZ,
    migration_name      VARCHAR(255) NOT NULL,
    logs                TEXT,
    rolled_back_at      TIMESTAMPTZ,
    started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  )`

const selectApplied = `
  SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished
  FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at, migration_name`

type Applied = { name: string; checksum: string; finished: boolean }

/**
 * Brings the database to this version; returns the names of the migrations that were applied now. Several
 * processes may call it at once, also while others serve. A migration that fails leaves no trace, and can be tried again.
 */
export async function migrate(databaseUrl: string, options: MigrateOptions = {}): Promise<string[]> {
  const migrations = await readMigrations(options.directory)
  const client = new pg.Client({ connectionString: databaseUrl })
  // A lost connection fails the query that is running, which is enough; unheard, the event would end the process.
  client.on('error', () => {})
  await client.connect().catch((cause: unknown) => {
    throw new UnreachableError(`The database cannot be reached: ${reasonOf(cause)}`, { cause })
  })
  try {
    // Held by the session: given back by `end`, and also if this process is killed.
    await client.query('SELECT pg_advisory_lock($1)', [advisoryLock])
    await client.query(createTable)
    const { rows: applied } = await client.query<Applied>(selectApplied)
    const unknown = judge(migrations, applied)
    if (unknown.length > 0) options.onUnknown?.(unknown)

    const pending = migrations.filter(({ name }) => !applied.some((row) => row.name === name))
    for (const migration of pending) await applyBesideOthers(client, migration)
    return pending.map(({ name }) => name)
  } finally {
    await client.end()
  }
}

/** Where each address of a host was refused, the error of all of them has no message. */
const reasonOf = (error: unknown): string =>
  error instanceof AggregateError
    ? error.errors.map(reasonOf).join(', ')
    : error instanceof Error
      ? error.message
      : String(error)

/**
 * Whether every migration that this version knows is applied, and none that it cannot work with: one short query, for
 * /readyz. Rejects as `query` does, also for a database that was never migrated.
 *
 * @param query runs SQL and gives its rows, with any client: `(sql) => prisma.$queryRawUnsafe(sql)`
 */
export async function isMigrated(query: (sql: string) => Promise<unknown>): Promise<boolean> {
  const [known, rows] = await Promise.all([
    ownMigrations(),
    query(
      'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
    ),
  ])
  const applied = new Set(Array.isArray(rows) ? rows.map(nameOf) : [])
  const own = new Set(known.map(({ name }) => name))
  return [...own].every((name) => applied.has(name)) && !isBrokenBy([...applied], own)
}

/** The migrations in a folder of Prisma's layout, in their order; by default those of this package. */
export async function readMigrations(
  directory = join(packageRoot(), 'prisma/migrations'),
): Promise<Migration[]> {
  const entries = await readdir(directory, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(directory, name, 'migration.sql'), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

// They do not change while the process lives, and /readyz asks every few seconds.
let ownMigrationsOnce: Promise<Migration[]> | undefined
function ownMigrations(): Promise<Migration[]> {
  ownMigrationsOnce ??= readMigrations()
  return ownMigrationsOnce
}

const nameOf = (row: unknown): string =>
  typeof row === 'object' && row !== null && 'migration_name' in row ? String(row.migration_name) : ''

/** Whether a migration was applied that this version neither knows nor can work with. */
const isBrokenBy = (applied: readonly string[], own: ReadonlySet<string>): boolean =>
  applied.some((name) => name.endsWith(BREAKING) && !own.has(name))

/** Refuses a history that does not lead here; returns the names that this version does not know. */
function judge(migrations: readonly Migration[], applied: readonly Applied[]): string[] {
  const unfinished = applied.filter((row) => !row.finished).map((row) => row.name)
  if (unfinished.length > 0) {
    throw new MigrationError(
      `The database holds a failed migration: ${unfinished.join(', ')}. Repair by hand what it left half done, ` +
        'then mark it with `npx prisma migrate resolve --rolled-back <name>` or `--applied <name>`.',
    )
  }
  const changed = migrations.filter(({ name, checksum }) =>
    applied.some((row) => row.name === name && row.checksum !== checksum),
  )
  if (changed.length > 0) {
    throw new MigrationError(
      `Changed since it was applied to this database: ${changed.map(({ name }) => name).join(', ')}. ` +
        'A migration must never change: restore its file, and put the change into a new migration.',
    )
  }
  const known = new Set(migrations.map(({ name }) => name))
  const names = applied.map(({ name }) => name)
  if (isBrokenBy(names, known)) {
    throw new MigrationError(
      `A newer version has migrated the database so that this one cannot work with it: ` +
        `${names.filter((name) => name.endsWith(BREAKING) && !known.has(name)).join(', ')}. Start the newer version, ` +
        'or restore a backup from before it.',
    )
  }
  return applied.map((row) => row.name).filter((name) => !known.has(name))
}

/** Applies it as soon as nobody who works on its tables is in the way. */
async function applyBesideOthers(client: pg.Client, migration: Migration): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await apply(client, migration)
    } catch (error) {
      const cause = error instanceof MigrationError ? error.cause : error
      const isInTheWay = isRetryable(cause) || sqlState(cause) === LOCK_NOT_AVAILABLE
      if (!isInTheWay || attempt === MAX_ATTEMPTS) throw error
      await sleep(PAUSE_MS)
    }
  }
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  await client.query('BEGIN')
  try {
    await client.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`)
    const { rows } = await client.query<{ now: Date }>('SELECT clock_timestamp() AS now')
    await client.query(migration.sql)
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, $4, clock_timestamp(), 1)`,
      [randomUUID(), migration.checksum, migration.name, rows[0]?.now],
    )
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    const reason = error instanceof Error ? error.message : String(error)
    throw new MigrationError(`The migration ${migration.name} failed and was rolled back: ${reason}`, {
      cause: error,
    })
  }
}

/** From src/store and from dist/store alike: the nearest folder above with a package.json. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder)
    if (parent === folder)
      throw new Error('no package.json above this module: prisma/migrations cannot be found')
    folder = parent
  }
  return folder
}
