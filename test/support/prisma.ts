// Prisma on a database of its own, for tests of the store alone.
import { PrismaPg } from '@prisma/adapter-pg'
import { afterAll, beforeAll } from 'vitest'
import { PrismaClient } from '../../src/store/generated/client.ts'
import { createTestDatabase, type TestDatabase } from './postgres.ts'

/** Opened before the tests of the file that calls this, and closed after them; `client` is there from then on. */
export function openTestPrisma(): { readonly client: PrismaClient } {
  const held: { client?: PrismaClient; database?: TestDatabase } = {}
  beforeAll(async () => {
    held.database = await createTestDatabase()
    held.client = new PrismaClient({ adapter: new PrismaPg({ connectionString: held.database.url }) })
  })
  afterAll(async () => {
    await held.client?.$disconnect()
    await held.database?.drop()
  })
  return {
    get client() {
      if (held.client === undefined) throw new Error('The database is open in tests and hooks only.')
      return held.client
    },
  }
}
