// The totals of lists without a filter (RFC 7644 section 3.4.2): kept, not counted, and right at every moment.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ResourceTypeName } from '../../src/scim/schema.ts'
import { type Database, openDatabase, type Tx } from '../../src/store/database.ts'
import { countSql, recountResources } from '../../src/store/resource-counts.ts'
import { tables } from '../../src/store/resources.ts'
import { searchResources } from '../../src/store/search.ts'
import { aBareDirectory, addBareUsers } from '../support/bare-directories.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

let held: TestDatabase
let database: Database
let tx: Tx
beforeAll(async () => {
  held = await createTestDatabase()
  database = openDatabase(held.url, 8)
  tx = database.statements
})
afterAll(async () => {
  await database.close()
  await held.drop()
})

let directoryId: string
beforeEach(async () => {
  directoryId = await aBareDirectory(tx)
})

const addGroups = (on: Tx, directory: string, number: number) => on.$executeRaw`
  INSERT INTO groups (directory_id, id, display_name, display_name_key, resource, search, created_at, last_modified)
  SELECT ${directory}::uuid, g.id, g.id, g.id, '{}', '{}', now(), now()
  FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, ${number}::int)) g`

const removeUsers = (on: Tx, ids: readonly string[]) =>
  on.$executeRaw`DELETE FROM users WHERE id = ANY(${ids}::uuid[])`

async function total(types: readonly ResourceTypeName[], directory = directoryId): Promise<number> {
  const targets = types.map((type) => ({ type, filter: null, sort: null }))
  const search = {
    directoryId: directory,
    baseUrl: 'http://test',
    targets,
    page: { startIndex: 1, count: 0 },
  }
  return (await searchResources(tx, search)).total
}

/** What is kept and what there is, by one statement. */
async function keptAndCounted(type: ResourceTypeName): Promise<[bigint, bigint]> {
  const [row] = await tx.$queryRaw<{ kept: bigint; counted: bigint }[]>`
    SELECT ${countSql(directoryId, type)} AS kept,
      (SELECT count(*) FROM ${tables[type]} WHERE directory_id = ${directoryId}::uuid) AS counted`
  if (row === undefined) throw new Error('no row')
  return [row.kept, row.counted]
}

const rowsOf = async (directory: string): Promise<number> =>
  (await tx.$queryRaw<unknown[]>`SELECT 1 FROM resource_counts WHERE directory_id = ${directory}::uuid`)
    .length

describe('RFC 7644 3.4.2 totalResults of all resources', () => {
  test('each type and each directory has its own, also where rows come and go many at a time', async () => {
    const other = await aBareDirectory(tx)
    expect(await total(['User', 'Group'])).toBe(0)
    const ids = await addBareUsers(tx, directoryId, 70)
    await addGroups(tx, directoryId, 3)
    await addBareUsers(tx, other, 5)
    await removeUsers(tx, ids.slice(0, 10))
    await removeUsers(tx, ids.slice(0, 10))
    expect(await total(['User'])).toBe(60)
    expect(await total(['Group'])).toBe(3)
    expect(await total(['User', 'Group'])).toBe(63)
    expect(await total(['User'], other)).toBe(5)
  })

  test('what is rolled back counts for nothing, and what is not committed for itself alone', async () => {
    const failing = database.write(async (open) => {
      await addBareUsers(open, directoryId, 1)
      expect(await total(['User'])).toBe(0)
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(await total(['User'])).toBe(0)
  })

  test('it is right at every moment while many write at once, and few rows are left of it', async () => {
    const writers = Array.from({ length: 6 }, async () => {
      for (let round = 0; round < 40; round += 1) {
        const ids = await database.write((open) => addBareUsers(open, directoryId, 1 + (round % 3)))
        if (round % 4 === 0) await database.write((open) => removeUsers(open, ids))
      }
    })
    const reading = (async () => {
      for (let round = 0; round < 40; round += 1) {
        const [kept, counted] = await keptAndCounted('User')
        expect(kept).toBe(counted)
      }
    })()
    await Promise.all([...writers, reading])
    // in 40 rounds 79 come, and of every fourth those go again, 19 in all
    expect(await total(['User'])).toBe(6 * (79 - 19))
    expect(await rowsOf(directoryId)).toBeLessThan(150)
  })

  test('a directory goes with its resources and their count', async () => {
    await addBareUsers(tx, directoryId, 2)
    await addGroups(tx, directoryId, 2)
    await tx.$executeRaw`DELETE FROM directories WHERE id = ${directoryId}::uuid`
    expect(await rowsOf(directoryId)).toBe(0)
  })

  test('Y1 a count that is wrong is right again, also while others write', async () => {
    await addBareUsers(tx, directoryId, 3)
    await tx.$executeRaw`
      UPDATE resource_counts SET difference = 40 WHERE directory_id = ${directoryId}::uuid`
    expect(await total(['User'])).toBe(40)
    await Promise.all([recountResources(tx, directoryId), addBareUsers(tx, directoryId, 1)])
    expect(await total(['User'])).toBe(4)
    await recountResources(tx, directoryId)
    expect(await total(['User'])).toBe(4)
  })
})
