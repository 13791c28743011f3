// Very many people whom one write concerns are evaluated some at a time: what comes out is what evaluating them at once
// brings about.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { evaluateOrganization } from '../../src/services/evaluation.ts'
import { evaluateMany } from '../../src/services/many-people.ts'
import { lockOrganization } from '../../src/services/organizations.ts'
import { settled, type Tx } from '../../src/store/database.ts'
import { startTestApp, type TestApp } from '../support/app.ts'
import { aScene } from '../support/provisioning.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

const actor = { kind: 'system' } as const

class Undone extends Error {}

/** What `work` gives, in a transaction of which nothing stays. */
async function tried<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
  const results: T[] = []
  await app.database
    .write(async (tx) => {
      results.push(await work(tx))
      throw new Undone()
    })
    .catch((error: unknown) => {
      if (!(error instanceof Undone)) throw error
    })
  const [result] = results
  if (result === undefined) throw new Error('There is no result.')
  return result
}

/** Members without what is new each time (ids, times), but in the order of the line; and what was told of whom. */
async function outcome(tx: Tx, organizationId: string, evaluate: () => Promise<unknown>) {
  const counts = await evaluate()
  await settled(tx)
  const members = await tx.$queryRaw<object[]>`
    SELECT email, status, role, seat_type, wanted_seat, removal, user_id,
      CASE WHEN wanted_seat IS NOT NULL THEN row_number() OVER (ORDER BY wanted_seat IS NULL, waiting_since, user_id)
        END AS place
    FROM members WHERE organization_id = ${organizationId}::uuid ORDER BY email`
  const seats = await tx.$queryRaw<object[]>`
    SELECT seat_type, assigned FROM seats WHERE organization_id = ${organizationId}::uuid ORDER BY seat_type`
  // the events of this transaction
  const told = await tx.$queryRaw<object[]>`
    SELECT type, coalesce(user_id::text, '') AS user_id, data FROM events
    WHERE organization_id = ${organizationId}::uuid AND transaction_id = pg_current_xact_id()::text::bigint
    ORDER BY type, 2, data::text`
  const removals = await tx.$queryRaw<object[]>`
    SELECT members FROM pushed_removals WHERE organization_id = ${organizationId}::uuid ORDER BY removed_at`
  return { counts, members, seats, told, removals }
}

const mapped = [
  { groupId: 'a', role: 'admin', seatType: 'premium' },
  { groupId: 'b', role: 'user', seatType: 'standard' },
] as const

/** Nine people in two mapped groups, of whom some wait for a seat; then a hand changes the groups of most. */
async function aDrift(brake: { maxRemovals: number; withinMinutes: number } | null) {
  const scene = await aScene(app, 'enterprise_seats')
  const { idp, org, tenant } = scene
  const users: string[] = []
  for (let n = 1; n <= 9; n += 1) users.push(await idp.user(`u${n}`))
  const groups = { a: await idp.group('A', users.slice(0, 4)), b: await idp.group('B', users.slice(3, 7)) }
  await org.buy({ premium: 3, standard: 2 })
  const mappings = mapped.flatMap(({ groupId, role, seatType }) => [
    { groupId: groups[groupId], role },
    { groupId: groups[groupId], seatType },
  ])
  await org.save({ groupMappings: true, mappings, brake })
  const change = (from: string | null, to: string | null, ...who: number[]) =>
    app.database.client.$transaction(
      who.flatMap((n) => {
        const id = users[n - 1] ?? ''
        return [
          app.database.client.$executeRaw`
            DELETE FROM user_memberships WHERE directory_id = ${tenant.directoryId}::uuid
              AND group_id = ${from ?? id}::uuid AND user_id = ${id}::uuid`,
          app.database.client.$executeRaw`
            INSERT INTO user_memberships (directory_id, group_id, user_id)
            SELECT directory_id, id, ${id}::uuid FROM groups
            WHERE directory_id = ${tenant.directoryId}::uuid AND id = ${to ?? id}::uuid`,
        ]
      }),
    )
  await change(groups.a, null, 1)
  await change(groups.a, groups.b, 2)
  await change(groups.b, groups.a, 5)
  await change(groups.b, null, 4, 7)
  await change(null, groups.a, 8)
  await change(null, groups.b, 9)
  return { ...scene, users }
}

test.each([
  ['without a brake', null],
  ['beyond the brake, which holds all of them or none', { maxRemovals: 1, withinMinutes: 60 }],
  ['within the brake', { maxRemovals: 5, withinMinutes: 60 }],
] as const)('E4 S5 some at a time comes to the same as all at once: %s', async (_title, brake) => {
  const { org, users } = await aDrift(brake)
  // who waits is looked at also where they are none of those whom the write concerns
  const concerned = users.filter((_, i) => i !== 5)
  const atOnce = await tried(async (tx) => {
    const organization = await lockOrganization(tx, org.id)
    const affected = { userIds: concerned, memberIds: [], waiting: 'where_freed' } as const
    return outcome(tx, org.id, () => evaluateOrganization(tx, actor, organization, affected))
  })
  expect(atOnce.told.length).toBeGreaterThan(3)
  for (const size of [1, 2, 5]) {
    const some = await tried(async (tx) => {
      const organization = await lockOrganization(tx, org.id)
      return outcome(tx, org.id, () => evaluateMany(tx, actor, organization, concerned, 'push', size))
    })
    expect(some).toEqual(atOnce)
  }
})
