// Backups of a database that is being written to, and their restoring: by pg_dump where there is one that the server takes,
// and by what pg_dump does, all rows of one snapshot, everywhere.
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { migrate } from '../../src/store/migrate.ts'

const run = promisify(execFile)

export interface Backup {
  /** into a database that is empty */
  restore(url: string): Promise<void>
  /** removes what was kept outside of databases */
  forget(): Promise<void>
}

/** How a backup is made of the database with this URL. */
export type Means = (url: string) => Promise<Backup>

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** The pg_dump of this machine as a means, or why it is none: an older one than the server refuses. */
export async function findPgDump(serverUrl: string): Promise<Means | string> {
  const found = await run('pg_dump', ['--version']).catch(() => null)
  if (found === null) return 'there is no pg_dump here'
  const own = Number(/\(PostgreSQL\) (\d+)/.exec(found.stdout)?.[1])
  const server = await connected(serverUrl, async (client) => {
    const { rows } = await client.query<{ version: number }>(
      `SELECT current_setting('server_version_num')::int / 10000 AS version`,
    )
    return rows[0]?.version ?? 0
  })
  return own >= server ? byPgDump : `the pg_dump here is of version ${own}, the server of version ${server}`
}

const byPgDump: Means = async (url) => {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-backup-'))
  const file = join(folder, 'rollcall.dump')
  const forget = () => rm(folder, { recursive: true, force: true })
  await run('pg_dump', ['--format=custom', '--no-owner', `--file=${file}`, url])
  return {
    restore: async (to) => {
      await run('pg_restore', ['--no-owner', '--exit-on-error', `--dbname=${to}`, file])
    },
    forget,
  }
}

interface Table {
  readonly name: string
  readonly rows: string
}

/** All rows of all tables as of one moment, and then the sequences, which know no moment. */
export const bySnapshot: Means = async (url) => {
  const { tables, sequences } = await connected(url, async (client) => {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const named = await client.query<{ name: string }>(
      `SELECT format('%I', tablename) AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`,
    )
    const kept: Table[] = []
    for (const { name } of named.rows) {
      const { rows } = await client.query<{ rows: string }>(
        `SELECT coalesce(jsonb_agg(to_jsonb(t)), '[]')::text AS rows FROM ${name} t`,
      )
      kept.push({ name, rows: rows[0]?.rows ?? '[]' })
    }
    const { rows } = await client.query<{ name: string; value: string | null }>(
      `SELECT format('%I', sequencename) AS name, last_value::text AS value FROM pg_sequences WHERE schemaname = 'public'`,
    )
    return { tables: kept, sequences: rows }
  })
  const restore = async (to: string) => {
    await migrate(to)
    await connected(to, async (client) => {
      const { rows: keys } = await client.query<{ drop: string; add: string }>(`
        SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop,
          format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS add
        FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace`)
      for (const { drop } of keys) await client.query(drop)
      for (const { name, rows } of tables) {
        await client.query(`TRUNCATE ${name}`)
        // what a trigger would make of them is among the rows already
        await client.query(`ALTER TABLE ${name} DISABLE TRIGGER USER`)
        await client.query(
          `INSERT INTO ${name} SELECT * FROM jsonb_populate_recordset(NULL::${name}, $1::jsonb)`,
          [rows],
        )
      }
      for (const { name, value } of sequences)
        if (value !== null) await client.query('SELECT setval($1, $2)', [name, value])
      for (const { name } of tables) await client.query(`ALTER TABLE ${name} ENABLE TRIGGER USER`)
      // as pg_restore does it last: each is checked on all rows
      for (const { add } of keys) await client.query(add)
    })
  }
  return { restore, forget: async () => {} }
}

/** What docs/operating.md has run before a service starts on what was restored. */
export const runAfterRestore = (url: string, sql: string): Promise<unknown> =>
  connected(url, (client) => client.query(sql))

/** The migrations as the database has them recorded. */
export const migrationsIn = (url: string): Promise<unknown[]> =>
  connected(url, async (client) => {
    const { rows } = await client.query(
      'SELECT id, migration_name, checksum, finished_at FROM _prisma_migrations ORDER BY migration_name',
    )
    return rows
  })
