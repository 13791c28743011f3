// The transactions of hand-written SQL: all that is asked of one happens in it, or not at all.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Database, inTurn, openDatabase, type Tx, writeLater } from '../../src/store/database.ts'
import { isUniqueViolation } from '../../src/store/errors.ts'
import { Prisma } from '../../src/store/generated/client.ts'
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

  test('nothing of a work that fails is there, also of what it asked for and was not sent yet', async () => {
    const failing = database.write(async (tx) => {
      await note(tx, 'sent')
      void note(tx, 'not sent').catch(() => {})
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
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

  test('a write that nobody waits for fails its transaction, also where a later statement is the first to tell', async () => {
    const late = (tx: Tx, text: string) =>
      writeLater(tx, Prisma.sql`INSERT INTO notes (text) VALUES (${text})`, (error) =>
        isUniqueViolation(error) ? new Error(`${text} is taken`) : error,
      )
    const alone = database.write(async (tx) => {
      await note(tx, 'before')
      await late(tx, 'in time')
    })
    await expect(alone).rejects.toThrow('in time is taken')
    const followed = database.write(async (tx) => {
      await late(tx, 'in time')
      await note(tx, 'after')
    })
    await expect(followed).rejects.toThrow('in time is taken')
    expect(await notes()).toEqual(['in time'])
    await database.write((tx) => late(tx, 'late'))
    expect(await notes()).toEqual(['in time', 'late'])
  })
})
