// Connections that PostgreSQL ends at any moment: whoever waits on one is told that it is not there, and the process
// goes on. An error that nobody listens to would end it, and fails this test.
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Database, openDatabase, writeLater } from '../../src/store/database.ts'
import { isUnavailable } from '../../src/store/errors.ts'
import { Prisma } from '../../src/store/generated/client.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

const CONNECTIONS = 5
/** So many that some wait for a connection while the one they will get is lost. */
const AT_ONCE = 3
const ROUNDS = 50
const PAUSE_MS = 20

let held: TestDatabase
let database: Database
let administrator: pg.Client
beforeAll(async () => {
  held = await createTestDatabase()
  database = openDatabase(held.url, CONNECTIONS)
  administrator = new pg.Client({ connectionString: held.url })
  await administrator.connect()
})
afterAll(async () => {
  await administrator.end()
  await database.close()
  await held.drop()
})

const one = Prisma.sql`SELECT 1 AS one`
const ways: ((database: Database) => Promise<unknown>)[] = [
  ({ statements }) => statements.$queryRaw(one),
  ({ lookups }) => lookups.$queryRaw(one),
  ({ client }) => client.$queryRaw(one),
  ({ pool }) => pool.query('SELECT 1 AS one'),
  (all) => all.read((tx) => tx.$queryRaw(one)),
  (all) => all.transaction((tx) => tx.$queryRaw(one)),
  (all) =>
    all.write(async (tx) => {
      await tx.$queryRaw(one)
      await writeLater(tx, one)
    }),
]

const endAllConnections = () =>
  administrator.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  )

test('connections that are lost in use, idle and between are an outage, which ends by itself', async () => {
  let isOver = false
  const failures: unknown[] = []
  const keepAsking = async (way: (database: Database) => Promise<unknown>) => {
    while (!isOver) await way(database).catch((error: unknown) => failures.push(error))
  }
  const asking = Promise.all(ways.flatMap((way) => Array.from({ length: AT_ONCE }, () => keepAsking(way))))
  for (let round = 0; round < ROUNDS; round += 1) {
    await sleep(PAUSE_MS)
    await endAllConnections()
  }
  isOver = true
  await asking

  expect(failures.length).toBeGreaterThan(ROUNDS)
  expect(failures.filter((error) => !isUnavailable(error))).toEqual([])
  await Promise.all(ways.map((way) => way(database)))
})
