// Searches by what is in documents: which they are, and that the connection is afterwards as it was.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseFilter } from '../../src/scim/filter.ts'
import { userType } from '../../src/scim/schemas/user.ts'
import { type Database, openDatabase } from '../../src/store/database.ts'
import { isLookupSearch } from '../../src/store/search.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

let held: TestDatabase
let database: Database
beforeAll(async () => {
  held = await createTestDatabase()
  // one connection: what a statement leaves behind the next one finds
  database = openDatabase(held.url, 1)
})
afterAll(async () => {
  await database.close()
  await held.drop()
})

const modes = async (tx: Database['statements']) => {
  const rows = await tx.$queryRaw<{ mode: string; connection: number }[]>`
    SELECT current_setting('plan_cache_mode') AS mode, pg_backend_pid() AS connection`
  return rows[0]
}

describe('database.lookups', () => {
  test('one plan serves all values, and later statements of the connection are planned as ever', async () => {
    const before = await modes(database.statements)
    expect(before?.mode).toBe('auto')
    expect(await modes(database.lookups)).toEqual({ ...before, mode: 'force_generic_plan' })
    expect(await modes(database.statements)).toEqual(before)
  })

  test('what fails says why, and neither it nor a write that is refused costs the connection', async () => {
    const before = await modes(database.statements)
    await expect(database.lookups.$queryRaw`SELECT 1 / ${0}::int`).rejects.toMatchObject({ code: '22012' })
    const writing = database.lookups.$executeRaw`DELETE FROM users`
    await expect(writing).rejects.toMatchObject({ code: '25006' })
    expect(await modes(database.statements)).toEqual(before)
  })

  test('many at once wait for a connection, and each has its own answer', async () => {
    const numbers = Array.from({ length: 20 }, (_, i) => i)
    const answers = await Promise.all(
      numbers.map((i) => database.lookups.$queryRaw<{ i: number }[]>`SELECT ${i}::int AS i`),
    )
    expect(answers.flat().map(({ i }) => i)).toEqual(numbers)
  })
})

test.each<[string, boolean]>([
  ['externalId eq "x"', true],
  ['emails[type eq "work" and value eq "a@x"]', true],
  ['emails.value eq "a@x" and active eq true', true],
  ['externalId eq "x" or emails.value eq "a@x"', true],
  ['userName eq "anna"', false],
  ['externalId sw "x"', false],
  ['externalId eq "x" or title pr', false],
  ['not (externalId eq "x")', false],
  ['active eq true', false],
  ['groups.value eq "019a0000-0000-7000-8000-000000000001"', false],
  ['meta.lastModified gt "2026-01-01T00:00:00Z"', false],
])('%s is looked up in documents: %s', (text, expected) => {
  const targets = [{ type: 'User', filter: parseFilter(text, userType), sort: null }] as const
  expect(isLookupSearch({ directoryId: 'any', baseUrl: 'http://test', targets })).toBe(expected)
})
