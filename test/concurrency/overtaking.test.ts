// Interleavings that are made, not hoped for: a write is held up in the middle, another one overtakes it, and the end
// is as if they had come one after the other (E1, E5, S3, S4).

import { afterAll, beforeAll, expect, test } from 'vitest'
import { lockOrganization } from '../../src/services/organizations.ts'
import { startTestApp, type TestApp } from '../support/app.ts'
import { changesOfSavingAgain, noChanges } from '../support/cluster.ts'
import { type Administrated, aScene } from '../support/provisioning.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

/**
 * Starts `first`, which gets no further than the lock of the organization; then `second`; then lets both go on when
 * the second waits too, or has ended.
 */
async function overtaking(
  org: Administrated,
  first: () => Promise<unknown>,
  second: () => Promise<unknown>,
): Promise<void> {
  const started: Promise<unknown>[] = []
  await app.database.transaction(async (tx) => {
    await lockOrganization(tx, org.id)
    started.push(first())
    await expect.poll(waiting, { timeout: 25_000 }).toBe(1)
    let isOver = false
    started.push(
      second().finally(() => {
        isOver = true
      }),
    )
    await expect.poll(async () => isOver || (await waiting()) === 2, { timeout: 25_000 }).toBe(true)
  })
  await Promise.all(started)
}

/** How many connections of this database wait for a lock. */
async function waiting(): Promise<number> {
  const [row] = await app.database.client.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'`
  return row?.count ?? 0
}

test('S3 a group is mapped while a user is being added to it: the user is in', async () => {
  const { idp, org, join } = await aScene(app)
  const held = await join('enterprise_seats')
  const ann = await idp.user('ann')
  const staff = await idp.group('Staff')
  await org.map([])
  await held.map([{ groupId: staff, role: 'user' }])
  await overtaking(
    held,
    () => idp.add(staff, ann),
    () => org.map([{ groupId: staff, role: 'admin' }]),
  )
  expect(await org.seen()).toEqual({ ann: 'admin premium' })
  expect(await held.seen()).toEqual({ ann: 'user premium' })
})

test('S3 an organization is switched to scim while a user is being created: the user is in', async () => {
  const { idp, org, join } = await aScene(app)
  const held = await join('console')
  await held.save()
  await overtaking(
    held,
    () => idp.user('ann'),
    () => org.save(),
  )
  expect(await org.seen()).toEqual({ ann: 'user premium' })
  expect(await held.seen()).toEqual({ ann: 'user' })
})

test('E5 a group in the middle is deleted while a user is being added below it: the user is not in', async () => {
  const { idp, org } = await aScene(app)
  const ann = await idp.user('ann')
  const team = await idp.group('Team')
  const division = await idp.group('Division', [team])
  const company = await idp.group('Company', [division])
  await org.map([{ groupId: company, role: 'admin' }])
  await overtaking(
    org,
    () => idp.add(team, ann),
    () => idp.deleteGroup(division),
  )
  expect(await org.seen()).toEqual({})
  expect(await changesOfSavingAgain(org)).toMatchObject(noChanges)
})

test('E5 a group is put into a mapped one while a user is being added to it: the user is in', async () => {
  const { idp, org, join } = await aScene(app)
  const held = await join('enterprise_seats')
  const ann = await idp.user('ann')
  const team = await idp.group('Team')
  const company = await idp.group('Company')
  await org.map([{ groupId: company, role: 'admin' }])
  await held.map([{ groupId: team, role: 'user' }])
  await overtaking(
    held,
    () => idp.add(team, ann),
    () => idp.add(company, team),
  )
  expect(await org.seen()).toEqual({ ann: 'admin premium' })
})

test('E1 a user is deactivated while it is being added to a mapped group: it is not in', async () => {
  const { idp, org } = await aScene(app)
  const [ann, bob] = [await idp.user('ann'), await idp.user('bob')]
  const staff = await idp.group('Staff')
  await org.map([{ groupId: staff, role: 'user' }])
  await overtaking(
    org,
    () => idp.add(staff, ann),
    () => idp.setActive(ann, false),
  )
  await overtaking(
    org,
    () => idp.setActive(bob, false),
    () => idp.add(staff, bob),
  )
  expect(await org.seen()).toEqual({})
})

test('E1 a user is deleted while it is being added to a mapped group: it is not in', async () => {
  const { idp, org } = await aScene(app)
  const ann = await idp.user('ann')
  const staff = await idp.group('Staff')
  await org.map([{ groupId: staff, role: 'user' }])
  await overtaking(
    org,
    () => idp.add(staff, ann),
    () => idp.deleteUser(ann),
  )
  expect(await org.seen()).toEqual({})
  expect(await org.assigned()).toEqual({ premium: 0, standard: 0 })
})

test('E4 the last seat is bought away while a user arrives: nobody gets a seat that there is not', async () => {
  const { idp, org } = await aScene(app)
  await org.save()
  await org.buy({ premium: 1, standard: 0 })
  await overtaking(
    org,
    () => org.buy({ premium: 0 }),
    () => idp.user('ann'),
  )
  expect(await org.seen()).toEqual({ ann: 'waiting for any' })
})

test('E8 a user is deleted while an administrator changes the member: the member stays, without the link', async () => {
  const { idp, org } = await aScene(app)
  const ann = await idp.user('ann')
  const id = await org.add({ userId: ann })
  await overtaking(
    org,
    () => org.change(id, { role: 'admin' }),
    () => idp.deleteUser(ann),
  )
  expect(await org.members()).toMatchObject([{ id, userId: null, role: 'admin' }])
})
