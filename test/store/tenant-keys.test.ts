// What docs/scaling.md says of the tables, held to the database: which are ready to be spread by directory, and that no table
// is forgotten.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Database, openDatabase } from '../../src/store/database.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

const document = readFileSync(new URL('../../docs/scaling.md', import.meta.url), 'utf8')
/** The tables that each line names first. */
const lines = [...document.matchAll(/^\| ((?:`\w+`(?:, )?)+)[^|]*\| (.*) \|$/gm)].map(
  ([, names = '', text = '']) => ({
    tables: [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
    text,
  }),
)

let created: TestDatabase
let database: Database
beforeAll(async () => {
  created = await createTestDatabase()
  database = openDatabase(created.url, 1)
})
afterAll(async () => {
  await database.close()
  await created.drop()
})

interface Table {
  readonly name: string
  readonly hasColumn: boolean
  /** whether all primary, unique and foreign keys have the directory in them */
  readonly isReady: boolean
}

const tables = (): Promise<Table[]> => database.client.$queryRaw<Table[]>`
  WITH columns AS (
    SELECT c.oid AS relid, c.relname, (SELECT a.attnum FROM pg_attribute a
      WHERE a.attrelid = c.oid AND a.attname = 'directory_id' AND NOT a.attisdropped) AS directory
    FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace)
  SELECT relname AS name, directory IS NOT NULL AS "hasColumn",
    directory IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = relid AND i.indisunique
      AND NOT directory = ANY(i.indkey::int2[]))
    AND NOT EXISTS (SELECT 1 FROM pg_constraint f WHERE f.conrelid = relid AND f.contype = 'f'
      AND NOT directory = ANY(f.conkey)) AS "isReady"
  FROM columns ORDER BY relname`

test('each table is in one line of it', async () => {
  const all = (await tables()).map(({ name }) => name)
  expect(all.length).toBeGreaterThan(20)
  expect(lines.flatMap((line) => line.tables).sort()).toEqual(all.sort())
})

test('those that it says are ready are, and no others', async () => {
  const ready = (await tables()).filter(({ isReady }) => isReady).map(({ name }) => name)
  expect(ready.length).toBeGreaterThan(8)
  expect(lines.find(({ text }) => text === 'ready')?.tables.sort()).toEqual(ready.sort())
})

test('those without a directory are said to have none', async () => {
  const without = (await tables()).filter(({ hasColumn }) => !hasColumn).map(({ name }) => name)
  const told = lines.filter(({ text }) => /no `directory_id`|its `id` is|of the installation/.test(text))
  expect(told.flatMap((line) => line.tables).sort()).toEqual(without.sort())
})
