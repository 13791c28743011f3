// The databases of the tests: a migrated template, and a clone of it for each test file that asks for one.

import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'
import { migrate } from '../../src/store/migrate.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** the server of this run, and the name of the database that tests clone */
    database: { serverUrl: string; template: string }
  }
}

export type TestDatabase = Readonly<{ url: string; drop(): Promise<void> }>

/**
 * A database of its own for a test file, with all migrations applied and no rows.
 *
 * @example
 * const database = await createTestDatabase()
 * afterAll(() => database.drop())
 */
export function createTestDatabase(): Promise<TestDatabase> {
  const { serverUrl, template } = inject('database')
  return createDatabase(serverUrl, template)
}

/** The same without migrations, for tests of the migrations themselves. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return createDatabase(inject('database').serverUrl, null)
}

/** What createTestDatabase clones; called once for each run. */
export async function createTemplate(serverUrl: string): Promise<TestDatabase & { name: string }> {
  const database = await createDatabase(serverUrl, null)
  await migrate(database.url)
  return { ...database, name: new URL(database.url).pathname.slice(1) }
}

/** A clone of the template, or an empty database. */
export async function createDatabase(serverUrl: string, template: string | null): Promise<TestDatabase> {
  // Never the same name twice: other runs, also killed ones, may have left theirs on the same server.
  const name = `rollcall_test_${randomBytes(8).toString('hex')}`
  await execute(serverUrl, `CREATE DATABASE ${name}${template === null ? '' : ` TEMPLATE ${template}`}`)
  const url = new URL(serverUrl)
  url.pathname = name
  return {
    url: url.href,
    // Also with connections still open: a test that failed must not make its clean-up fail too.
    drop: () => execute(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  }
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
