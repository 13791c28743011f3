// Arrays as PostgreSQL reads them: whatever is in one, it arrives as it is.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { arrayAsText, uuidArray } from '../../src/store/arrays.ts'
import { type Database, openDatabase } from '../../src/store/database.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

let held: TestDatabase
let database: Database
beforeAll(async () => {
  held = await createTestDatabase()
  database = openDatabase(held.url, 2)
})
afterAll(async () => {
  await database.close()
  await held.drop()
})

// PostgreSQL has no text with a NUL, and none that is not well formed
const aText = fc
  .string({
    unit: fc.oneof(fc.constantFrom('"', '\\', ',', '{', '}', ' ', '\n', '\u2028', 'NULL', '😀'), fc.string()),
  })
  .map((text) => text.toWellFormed().replaceAll('\0', ''))

describe('arrayAsText', () => {
  test('texts, among them what PostgreSQL and JSON mark, and nulls', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(aText)), async (texts) => {
        const rows = await database.statements.$queryRaw`SELECT ${texts}::text[] AS texts`
        expect(rows).toEqual([{ texts }])
      }),
    )
  })

  test('numbers, truths and nulls', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.option(fc.integer())),
        fc.array(fc.option(fc.boolean())),
        async (numbers, truths) => {
          const rows = await database.statements
            .$queryRaw`SELECT ${numbers}::int[] AS numbers, ${truths}::boolean[] AS truths`
          expect(rows).toEqual([{ numbers, truths }])
        },
      ),
    )
  })

  test('what is no array of those is left to the driver', () => {
    for (const value of [null, 'text', 1, [1.5], [new Date(0)], [['nested']], [Buffer.of(1)], ['\n'], [1n]])
      expect(arrayAsText(value)).toBe(value)
  })
})

describe('uuidArray', () => {
  test('ids and nulls arrive as they are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(fc.uuid())), async (ids) => {
        const rows = await database.statements.$queryRaw`SELECT (${uuidArray(ids)}::uuid[])::text[] AS ids`
        expect(rows).toEqual([{ ids }])
        // in a transaction of Prisma's too
        expect(await database.client.$queryRaw`SELECT (${uuidArray(ids)}::uuid[])::text[] AS ids`).toEqual([
          { ids },
        ])
      }),
    )
  })

  test('what is no UUID is refused, not written in part', () => {
    for (const id of [
      '',
      'abc',
      '01a20aea-ae4c-70d9-818e-8cc7c81ed82',
      '01a20aea-ae4c-70d9-818e-8cc7c81ed8zz',
    ])
      expect(() => uuidArray([id])).toThrow(TypeError)
  })
})
