// What PostgreSQL says went wrong, and whether it is an outage: through each of the ways in which the service asks it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Database, openDatabase, type Tx } from '../../src/store/database.ts'
import { isUnavailable } from '../../src/store/errors.ts'
import { Prisma } from '../../src/store/generated/client.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

let place: TestDatabase
let database: Database
beforeAll(async () => {
  place = await createTestDatabase()
  database = openDatabase(place.url, 2)
})
afterAll(async () => {
  await database.close()
  await place.drop()
})

const raise = (tx: Tx, state: string) =>
  tx.$executeRaw(Prisma.raw(`DO $$ BEGIN RAISE EXCEPTION 'told to' USING ERRCODE = '${state}'; END $$`))

const ways: Record<string, (state: string) => Promise<unknown>> = {
  client: (state) => raise(database.client, state),
  statements: (state) => raise(database.statements, state),
  transaction: (state) => database.transaction((tx) => raise(tx, state)),
  write: (state) => database.write((tx) => raise(tx, state)),
  read: (state) => database.read((tx) => raise(tx, state)),
}

describe.each(Object.keys(ways))('%s', (way) => {
  const verdict = (state: string) =>
    ways[way]?.(state).then(
      () => 'no error',
      (error: unknown) => (isUnavailable(error) ? 'outage' : 'fault'),
    )

  test.each([
    ['connection lost', '08006'],
    ['disk full', '53100'],
    ['out of memory', '53200'],
    ['too many connections', '53300'],
    ['stopped by an administrator', '57P01'],
    ['starting or stopping', '57P03'],
    ['too slow', '57014'],
    ['read-only after a failover', '25006'],
    ['a disk that fails', '58030'],
    ['a deadlock at every attempt', '40P01'],
    ['a serialization failure at every attempt', '40001'],
  ])('%s (%s) is an outage', async (_, state) => {
    expect(await verdict(state)).toBe('outage')
  })

  test.each(['22P02', '23503', '23505', '23514', '42601', 'XX000'])('%s is a fault', async (state) => {
    expect(await verdict(state)).toBe('fault')
  })
})
