// E7 on PostgreSQL: everybody read some at a time are the same people as matchPeople() makes of all of them at once,
// with several users and members of one address, linked and not.
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { matchPeople, personKey } from '../../src/provisioning/identity.ts'
import type { DirectoryUser, Member, Person } from '../../src/provisioning/types.ts'
import { askersAgain, everybody } from '../../src/store/everybody.ts'
import { readOrganization } from '../../src/store/locked-organizations.ts'
import { insertMembers } from '../../src/store/member-writes.ts'
import { startTestApp, type Tenant, type TestApp } from '../support/app.ts'
import { aMember, aUser } from '../support/people.ts'

let app: TestApp
let tenant: Tenant
beforeAll(async () => {
  app = await startTestApp()
  tenant = await app.createTenant()
})
afterAll(() => app.close())

const addresses = ['a@acme.test', 'b@acme.test', 'c@acme.test'] as const
const anAddress = fc.constantFrom(...addresses)

const aDirectory = fc.record({
  users: fc.array(anAddress, { maxLength: 6 }),
  members: fc.array(
    fc.record({
      emailKey: anAddress,
      status: fc.constantFrom('active', 'removed'),
      /** which user it is linked to, if there is one of that number; each at most once */
      link: fc.nat(9),
    }),
    { maxLength: 6 },
  ),
  chunk: fc.integer({ min: 1, max: 3 }),
})

async function insertUser(directoryId: string, emailKey: string): Promise<DirectoryUser> {
  const user = aUser(randomUUID(), { email: emailKey, emailKey })
  await app.database.client.$executeRaw`
    INSERT INTO users (directory_id, id, user_name, user_name_key, email, email_key, active, resource, search,
      created_at, last_modified)
    VALUES (${directoryId}::uuid, ${user.id}::uuid, ${user.id}, ${user.id}, ${emailKey}, ${emailKey}, true, '{}', '{}',
      now(), now())`
  return user
}

const sorted = (people: readonly Person[]) =>
  people
    .map(({ user, member }) => [user?.id ?? null, member?.id ?? null])
    .sort((a, b) => (String(a) < String(b) ? -1 : 1))

test('E7 some at a time, and whoever asks for a seat once more, are matched as all at once', async () => {
  await fc.assert(
    fc.asyncProperty(aDirectory, async ({ users: emails, members: wanted, chunk }) => {
      const { directoryId } = tenant
      const organizationId = await tenant.createOrganization()
      await app.database.client.$executeRaw`DELETE FROM members WHERE directory_id = ${directoryId}::uuid`
      await app.database.client.$executeRaw`DELETE FROM users WHERE directory_id = ${directoryId}::uuid`
      const users = await Promise.all(emails.map((email) => insertUser(directoryId, email)))
      const members = wanted.map(({ emailKey, status, link }, i): Member => {
        const isFirst = wanted.findIndex((other) => other.link === link) === i
        const userId = isFirst ? (users[link]?.id ?? null) : null
        const seatType = status === 'active' ? 'premium' : null
        return aMember('', { id: randomUUID(), userId, email: emailKey, emailKey, status, seatType })
      })
      const belongsTo = { id: organizationId, directoryId }
      await insertMembers(
        app.database.client,
        members.map((after) => ({ organization: belongsTo, after })),
      )

      const organization = await readOrganization(app.database.client, organizationId)
      if (organization === null) throw new Error('There is no organization.')
      const people: Person[] = []
      for await (const some of everybody(app.database.client, organization, chunk)) people.push(...some)
      expect(sorted(people)).toEqual(sorted(matchPeople(users, members)))

      const asking = people.filter(({ user }) => user !== null).reverse()
      const askers = asking.map((person) => ({
        userId: personKey(person),
        memberId: person.member?.id ?? null,
      }))
      const again: Person[] = []
      for await (const some of askersAgain(app.database.client, organization, askers, chunk))
        again.push(...some)
      expect(again).toEqual(asking)
    }),
    { numRuns: 60 },
  )
})
