// The transactions of hand-written SQL: all that is asked of one happens in it, or not at all.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Database, inTurn, openDatabase, type Tx } from '../../src/store/database.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

let held: TestDatabase
let database: Database
beforeAll(async () => {
  held = await createTestDatabase()
  database = openDatabase(held.url, 2)
  await database.statements.$executeRaw`CREATE TABLE notes (text text PRIMARY KEY)`
})
afterAll(async () => {
  await database.close()
  await held.drop()
})

const note = (tx: Tx, text: string) => tx.$executeRaw`INSERT INTO notes (text) VALUES (${text})`
const notes = async () => {
  const rows = await database.statements.$queryRaw<{ text: string }[]>`SELECT text FROM notes ORDER BY text`
  return rows.map(({ text }) => text)
}

describe('database.write', () => {
  test('nothing of a work that fails is there, also of two pieces sent one behind the other', async () => {
    const failing = database.write((tx) =>
      inTurn(
        tx,
        () => note(tx, 'first'),
        () => note(tx, 'first'),
      ),
    )
    await expect(failing).rejects.toMatchObject({ code: '23505' })
    expect(await notes()).toEqual([])
  })

  test('a statement that comes after its transaction has ended is refused', async () => {
    const kept: Tx[] = []
    const failing = database.write(async (tx) => {
      kept.push(tx)
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    await database.write(async (tx) => {
      kept.push(tx)
      await note(tx, 'in time')
    })
    for (const tx of kept) await expect(note(tx, 'too late')).rejects.toThrow('over')
    expect(await notes()).toEqual(['in time'])
  })
})
