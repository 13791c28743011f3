// Y1: a comparison looks at what was written since the one before, by whomever; and at everything where that cannot be known.
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { BEFORE_ALL_IDS } from '../../src/ids.ts'
import { userType } from '../../src/scim/schemas/user.ts'
import {
  beginComparison,
  type Comparison,
  isComparedWithin,
  noteComparison,
} from '../../src/store/comparisons.ts'
import { type Database, openDatabase, type Tx } from '../../src/store/database.ts'
import { resourceIdsAfter } from '../../src/store/derived.ts'
import { aBareDirectory, addBareUsers } from '../support/bare-directories.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

let held: TestDatabase
let database: Database
let tx: Tx
let hand: pg.Client
beforeAll(async () => {
  held = await createTestDatabase()
  database = openDatabase(held.url, 4)
  tx = database.statements
  hand = new pg.Client({ connectionString: held.url })
  await hand.connect()
})
afterAll(async () => {
  await hand.end()
  await database.close()
  await held.drop()
})

let directoryId: string
let users: string[]
beforeEach(async () => {
  directoryId = await aBareDirectory(tx)
  users = (await addBareUsers(tx, directoryId, 3)).sort()
  await othersEnded()
})

/** Waits until nobody else's transaction is older than what was written up to now: until then it is looked at again. */
async function othersEnded(): Promise<void> {
  const [now] = await tx.$queryRaw<{ id: string }[]>`SELECT pg_current_xact_id()::text AS id`
  await expect
    .poll(() => tx.$queryRaw`SELECT pg_snapshot_xmin(pg_current_snapshot()) > ${now?.id}::xid8 AS ended`, {
      timeout: 20_000,
      interval: 20,
    })
    .toEqual([{ ended: true }])
}

const toCompare = (comparison: Comparison) =>
  resourceIdsAfter(tx, directoryId, userType, comparison, { after: BEFORE_ALL_IDS, limit: 100 })

/** A comparison of everything that there is to compare, which is what it gives. */
async function compareAll({ isAllRight = true, isAlone = true } = {}): Promise<string[]> {
  if (isAlone) await othersEnded()
  const comparison = await beginComparison(tx, directoryId)
  const ids = await toCompare(comparison)
  await noteComparison(tx, directoryId, comparison, { isAllRight })
  return ids
}

const change = (id: string) => hand.query('UPDATE users SET active = false WHERE id = $1', [id])

test('the first looks at all, the next at what was added or changed since, each once', async () => {
  expect(await compareAll()).toEqual(users)
  expect(await compareAll()).toEqual([])
  const [added] = await addBareUsers(tx, directoryId, 1)
  await change(users[1] ?? '')
  expect(await compareAll()).toEqual([added, users[1]].sort())
  expect(await compareAll()).toEqual([])
})

test('what a transaction writes that is at it while the comparison runs is looked at by the next', async () => {
  await hand.query('BEGIN')
  await change(users[0] ?? '')
  // a part of a transaction has a number of its own, which no snapshot knows
  await hand.query('SAVEPOINT part')
  await change(users[2] ?? '')
  expect(await compareAll({ isAlone: false })).toEqual(users)
  await hand.query('COMMIT')
  expect(await compareAll()).toEqual([users[0], users[2]])
  expect(await compareAll()).toEqual([])
})

test('so is what is written between its beginning and its end', async () => {
  const comparison = await beginComparison(tx, directoryId)
  expect(await toCompare(comparison)).toEqual(users)
  await change(users[0] ?? '')
  await noteComparison(tx, directoryId, comparison, { isAllRight: true })
  expect(await compareAll()).toEqual([users[0]])
})

test('where something could not be put right the next looks at all', async () => {
  await compareAll({ isAllRight: false })
  expect(await compareAll()).toEqual(users)
  expect(await compareAll()).toEqual([])
})

test.each([
  ['with other schemas', 'schemas_version = schemas_version + 1'],
  [
    'by another version of the service, in another database, before PostgreSQL was started',
    "compared_as = 'else'",
  ],
  ['up to a transaction that is still to come', 'compared_before = compared_before + 1000000'],
  ['so long ago that numbers of transactions come again', 'compared_before = compared_before - 1000000001'],
])('what was compared %s has to be compared', async (_name, set) => {
  await compareAll()
  await hand.query(`UPDATE directories SET ${set} WHERE id = $1`, [directoryId])
  expect(await compareAll()).toEqual(users)
  expect(await compareAll()).toEqual([])
})

test('a directory of its own says nothing of another', async () => {
  await compareAll()
  const [first, before] = [users, directoryId]
  directoryId = await aBareDirectory(tx)
  const others = await addBareUsers(tx, directoryId, 1)
  expect(await compareAll()).toEqual(others)
  directoryId = before
  expect(await compareAll()).toEqual([])
  await change(first[0] ?? '')
  expect(await compareAll()).toEqual([first[0]])
})

test('Y2 when it was is known', async () => {
  expect(await isComparedWithin(tx, directoryId, 60_000)).toBe(false)
  await compareAll()
  expect(await isComparedWithin(tx, directoryId, 60_000)).toBe(true)
  await hand.query("UPDATE directories SET checked_at = now() - interval '2 minutes' WHERE id = $1", [
    directoryId,
  ])
  expect(await isComparedWithin(tx, directoryId, 60_000)).toBe(false)
})
