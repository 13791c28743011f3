// Decisions are counted once, when they are committed: not while they are tried, and not again when they are retried.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Decision } from '../../src/provisioning/types.ts'
import { type Database, openDatabase } from '../../src/store/database.ts'
import { DecisionCounts, noteDecisions } from '../../src/store/decision-counts.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

let created: TestDatabase
let opened: Database

beforeAll(async () => {
  created = await createTestDatabase()
  opened = openDatabase(created.url, 2)
})

afterAll(async () => {
  await opened.close()
  await created.drop()
})

const user = { id: 'u', email: '', emailKey: '', active: true, groupIds: [], assertedGroupIds: null }
const joins: Decision = {
  kind: 'join',
  person: { user, member: null },
  to: { role: 'user', seatType: null },
  why: [{ rule: 'E1', code: 'assigned' }],
}

test.each(['write', 'transaction'] as const)('%s counts the attempt that was committed', async (kind) => {
  const counts = new DecisionCounts()
  const database = counts.counting(opened)
  let attempts = 0
  await database[kind](async (tx) => {
    attempts += 1
    noteDecisions(tx, [joins, joins])
    expect(counts.all()).toEqual([])
    if (attempts < 3)
      await tx.$executeRaw`DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$`
  })
  expect(attempts).toBe(3)
  expect(counts.all()).toEqual([{ kind: 'join', reason: 'assigned', count: 2 }])
  await database[kind](async (tx) => noteDecisions(tx, [joins]))
  expect(counts.all()).toEqual([{ kind: 'join', reason: 'assigned', count: 3 }])
})

test.each(['write', 'transaction'] as const)('%s that is rolled back counts nothing', async (kind) => {
  const counts = new DecisionCounts()
  const work = counts.counting(opened)[kind](async (tx) => {
    noteDecisions(tx, [joins])
    throw new Error('Refused.')
  })
  await expect(work).rejects.toThrow('Refused.')
  expect(counts.all()).toEqual([])
})
