// The migrations: applied once, recorded as Prisma records them, refused when the history is not ours, and in
// agreement with schema.prisma.

import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isMigrated, migrate, readMigrations } from '../../src/store/migrate.ts'
import { whatItTakesAway } from '../support/migrations.ts'
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { diagnoseWithPrisma, diffWithSchema } from '../support/schema-engine.ts'

const prismaFolder = new URL('../../prisma/', import.meta.url)

describe('migrate', () => {
  let database: TestDatabase
  let client: pg.Client
  let folder: string

  beforeEach(async () => {
    database = await createEmptyDatabase()
    client = new pg.Client({ connectionString: database.url })
    await client.connect()
    folder = await mkdtemp(join(tmpdir(), 'rollcall-migrations-'))
    await addMigration('1_one', 'CREATE TABLE one (id int); CREATE TABLE uno (id int);')
  })
  afterEach(async () => {
    await client.end()
    await database.drop()
    await rm(folder, { recursive: true })
  })

  async function addMigration(name: string, sql: string): Promise<void> {
    await mkdir(join(folder, name), { recursive: true })
    await writeFile(join(folder, name, 'migration.sql'), sql)
  }

  const migrateFolder = () => migrate(database.url, { directory: folder })
  const isThere = async (table: string) =>
    (await client.query('SELECT to_regclass($1) IS NOT NULL AS there', [table])).rows[0].there

  test('a database that cannot be reached is told with why, and without the password', async () => {
    const url = new URL(database.url)
    url.password = 'a-secret'
    url.port = '1'
    const failure = await migrate(url.href).catch((error: unknown) => error)
    expect(failure).toMatchObject({ name: 'UnreachableError' })
    expect(String(failure)).toMatch(/cannot be reached: connect ECONNREFUSED/)
    url.host = 'localhost:1'
    expect(String(await migrate(url.href).catch((error: unknown) => error))).toMatch(/ECONNREFUSED/)
    expect(String(failure)).not.toContain('a-secret')
  })

  test('applies all to an empty database, and nothing the second time', async () => {
    const names = (await readMigrations()).map(({ name }) => name)
    expect(names).not.toHaveLength(0)
    expect(await migrate(database.url)).toEqual(names)
    expect(await migrate(database.url)).toEqual([])
  })

  test('applies only what is new, in the order of the names', async () => {
    await migrateFolder()
    await addMigration('3_three', 'ALTER TABLE two ADD COLUMN b int')
    await addMigration('2_two', 'CREATE TABLE two (a int)')
    expect(await migrateFolder()).toEqual(['2_two', '3_three'])
  })

  test('two at once both succeed, and each migration is applied once', async () => {
    const applied = await Promise.all([migrate(database.url), migrate(database.url), migrate(database.url)])
    expect(applied.flat()).toEqual((await readMigrations()).map(({ name }) => name))
  })

  test('a migration that fails leaves no trace and can be tried again', async () => {
    await addMigration('2_two', 'CREATE TABLE two (a int); SELECT 1/0')
    await expect(migrateFolder()).rejects.toThrow(/2_two failed and was rolled back: division by zero/)
    expect(await isThere('one')).toBe(true)
    expect(await isThere('two')).toBe(false)
    await addMigration('2_two', 'CREATE TABLE two (a int)')
    expect(await migrateFolder()).toEqual(['2_two'])
  })

  test('a migration that was changed after it was applied is refused, and nothing else is applied', async () => {
    await migrateFolder()
    await addMigration('1_one', 'CREATE TABLE one (id bigint)')
    await addMigration('2_two', 'CREATE TABLE two (a int)')
    await expect(migrateFolder()).rejects.toThrow(/Changed since it was applied to this database: 1_one/)
    expect(await isThere('two')).toBe(false)
  })

  test('a failed migration that Prisma recorded is refused, until it is marked as rolled back', async () => {
    await migrateFolder()
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ('x', 'y', '2_two')`,
    )
    await addMigration('2_two', 'CREATE TABLE two (a int)')
    await expect(migrateFolder()).rejects.toThrow(/failed migration: 2_two/)
    await client.query(`UPDATE _prisma_migrations SET rolled_back_at = now() WHERE id = 'x'`)
    expect(await migrateFolder()).toEqual(['2_two'])
  })

  test('migrations of a newer version are reported and allowed', async () => {
    await addMigration('2_newer', 'CREATE TABLE two (a int)')
    await migrateFolder()
    await rm(join(folder, '2_newer'), { recursive: true })
    const reports: (readonly string[])[] = []
    const onUnknown = (names: readonly string[]) => reports.push(names)
    expect(await migrate(database.url, { directory: folder, onUnknown })).toEqual([])
    expect(reports).toEqual([['2_newer']])
  })

  test('one that says that older versions cannot work with it is refused by them, by its name', async () => {
    await addMigration('2_newer_breaking', 'DROP TABLE uno')
    await migrateFolder()
    await rm(join(folder, '2_newer_breaking'), { recursive: true })
    await expect(migrateFolder()).rejects.toThrow(/cannot work with it: 2_newer_breaking/)
  })

  test('waits for whoever works on its tables, and keeps nobody else from them for long', async () => {
    await migrateFolder()
    await addMigration('2_two', 'ALTER TABLE one ADD COLUMN more text')
    await client.query('BEGIN')
    await client.query('INSERT INTO one VALUES (1)')
    const migrating = migrateFolder()
    const other = new pg.Client({ connectionString: database.url })
    await other.connect()
    const waiting = () =>
      other.query("SELECT FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'")
    await expect.poll(async () => (await waiting()).rowCount).toBe(1)
    // behind the migration, until it steps back
    await other.query('INSERT INTO one VALUES (2)')
    await client.query('COMMIT')
    expect(await migrating).toEqual(['2_two'])
    await other.end()
  })

  test('isMigrated tells whether all are applied', async () => {
    const query = async (sql: string) => (await client.query(sql)).rows
    await expect(isMigrated(query)).rejects.toThrow('_prisma_migrations')
    await migrate(database.url)
    expect(await isMigrated(query)).toBe(true)
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('x', 'y', '9_newer', now())`,
    )
    expect(await isMigrated(query)).toBe(true)
    await client.query(`UPDATE _prisma_migrations SET migration_name = '9_newer_breaking' WHERE id = 'x'`)
    expect(await isMigrated(query)).toBe(false)
    await client.query(`DELETE FROM _prisma_migrations WHERE id = 'x'`)
    expect(await isMigrated(query)).toBe(true)
    await client.query('UPDATE _prisma_migrations SET finished_at = NULL')
    expect(await isMigrated(query)).toBe(false)
  })

  test('Prisma takes the history as its own: nothing to apply, nothing edited, nothing failed', async () => {
    await cp(new URL('migrations/', prismaFolder), folder, { recursive: true })
    await migrateFolder()
    const upToDate = {
      hasMigrationsTable: true,
      history: null,
      editedMigrationNames: [],
      failedMigrationNames: [],
    }
    expect(await diagnoseWithPrisma(database.url, folder)).toMatchObject(upToDate)

    await addMigration('1_one', 'CREATE TABLE one (id bigint)')
    expect(await diagnoseWithPrisma(database.url, folder)).toMatchObject({ editedMigrationNames: ['1_one'] })
    const { rows } = await client.query('SELECT * FROM _prisma_migrations ORDER BY started_at LIMIT 1')
    expect(rows[0]).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f-]{27}$/),
      checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
      migration_name: '1_one',
      logs: null,
      rolled_back_at: null,
      started_at: expect.any(Date),
      finished_at: expect.any(Date),
      applied_steps_count: 1,
    })
  })
})

/** The last one before anybody had a version that could run beside a newer one. */
const LAST_UNRELEASED = '20261124001100_admin_api'

test('a migration only adds, or says by its name that older versions cannot work with it', async () => {
  const later = (await readMigrations()).filter(({ name }) => name > LAST_UNRELEASED)
  const silent = later.filter(
    ({ name, sql }) => !name.endsWith('_breaking') && whatItTakesAway(sql).length > 0,
  )
  expect(silent.map(({ name, sql }) => `${name} ${whatItTakesAway(sql).join(', ')}`)).toEqual([])
})

test.each([
  ['ALTER TABLE "users" DROP COLUMN "email"', 'drops a column'],
  ['DROP TABLE users', 'drops a table'],
  ['ALTER TABLE a RENAME COLUMN b TO c', 'renames'],
  ['ALTER TABLE "a" ALTER COLUMN "b" SET DATA TYPE TEXT', 'changes a type'],
  ['ALTER TABLE a ALTER COLUMN b SET NOT NULL', 'makes a column required'],
  ['ALTER TABLE a ADD COLUMN b text NOT NULL', 'adds a column that old writes leave empty'],
])('what takes something away from an older version is seen: %s', (sql, what) => {
  expect(whatItTakesAway(sql)).toEqual([what])
})

test.each([
  "ALTER TABLE a ADD COLUMN b text NOT NULL DEFAULT '', ADD COLUMN c int",
  'CREATE TABLE a (b text NOT NULL); CREATE INDEX c ON a (b); DROP INDEX d',
  '-- DROP TABLE users',
])('what only adds is not: %s', (sql) => {
  expect(whatItTakesAway(sql)).toEqual([])
})

test('schema.prisma and the migrations agree', async () => {
  const database = await createTestDatabase()
  try {
    const schema = await readFile(new URL('schema.prisma', prismaFolder), 'utf8')
    expect(await diffWithSchema(database.url, schema)).toBe('')
    const changed = schema.replace('model Seat {', 'model Seat {\n  surprise String?')
    expect(await diffWithSchema(database.url, changed)).toContain('ADD COLUMN     "surprise" TEXT')
  } finally {
    await database.drop()
  }
})
