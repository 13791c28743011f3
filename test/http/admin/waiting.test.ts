// E4: the list of who waits, since when and for what, page by page.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminClient, startTestApp, type TestApp } from '../../support/app.ts'
import { type Administrated, answered, aScene } from '../../support/provisioning.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

const list = async (org: Administrated, query = '') =>
  (await answered(org.admin.get(org.path(`/waiting${query}`)), 200)).body

/** Ann holds premium, bob standard and waits for premium; cy waits for standard, dan for any. */
async function aLine() {
  const scene = await aScene(app)
  const { idp, org } = scene
  await org.buy({ premium: 1, standard: 1 })
  const [ann, bob, cy, dan] = [
    await idp.user('ann'),
    await idp.user('bob'),
    await idp.user('cy'),
    await idp.user('dan'),
  ]
  const gold = await idp.group('Gold', [ann])
  const silver = await idp.group('Silver', [bob])
  const staff = await idp.group('Staff')
  await org.map([
    { groupId: gold, seatType: 'premium' },
    { groupId: silver, seatType: 'standard' },
    { groupId: staff, role: 'admin' },
  ])
  await idp.add(gold, bob)
  await idp.add(silver, cy)
  await idp.add(staff, dan)
  return { ...scene, ann, bob, cy, dan }
}

test('E4 who waits, since when, for what, and whether they are a member meanwhile, longest first', async () => {
  const { org, bob, cy, dan } = await aLine()
  const { waiting, next } = await list(org)
  const ids = await Promise.all(['bob', 'cy', 'dan'].map(async (name) => (await org.member(name)).id))
  const since = await Promise.all(
    ['bob', 'cy', 'dan'].map(async (name) => (await org.member(name)).waitingSince),
  )
  expect(waiting).toEqual([
    {
      position: 1,
      memberId: ids[0],
      userId: bob,
      email: 'bob@acme.test',
      status: 'active',
      seatType: 'standard',
      waitsFor: 'premium',
      waitingSince: since[0],
    },
    {
      position: 2,
      memberId: ids[1],
      userId: cy,
      email: 'cy@acme.test',
      status: 'waiting',
      seatType: null,
      waitsFor: 'standard',
      waitingSince: since[1],
    },
    {
      position: 3,
      memberId: ids[2],
      userId: dan,
      email: 'dan@acme.test',
      status: 'waiting',
      seatType: null,
      waitsFor: 'any',
      waitingSince: since[2],
    },
  ])
  expect(next).toBeNull()
})

test('E4 those who wait for one seat type, with their places in the whole line', async () => {
  const { org } = await aLine()
  const { waiting } = await list(org, '?waitsFor=any')
  expect(waiting).toMatchObject([{ position: 3, email: 'dan@acme.test' }])
  expect((await list(org, '?waitsFor=premium')).waiting).toMatchObject([{ email: 'bob@acme.test' }])
})

test('E4 pages follow the line, also for those who began at once and after somebody left it', async () => {
  const { idp, org } = await aScene(app)
  const ids = await Promise.all(Array.from({ length: 7 }, (_, i) => idp.user(`p${i}`)))
  await org.buy({ premium: 0, standard: 0 })
  await org.save()
  await app.database.client.$executeRaw`
    UPDATE members SET waiting_since = '2026-01-01' WHERE organization_id = ${org.id}::uuid`
  const inOrder = [...ids].sort()
  const first = await list(org, '?limit=3')
  expect(first.waiting.map(({ userId }: { userId: string }) => userId)).toEqual(inOrder.slice(0, 3))
  // the one that the page ended with leaves: the next page begins where it was
  await idp.deleteUser(`${inOrder[2]}`)
  const second = await list(org, `?limit=3&after=${first.next}`)
  expect(second.waiting.map(({ userId }: { userId: string }) => userId)).toEqual(inOrder.slice(3, 6))
  expect(second.waiting.map(({ position }: { position: number }) => position)).toEqual([3, 4, 5])
  const last = await list(org, `?limit=3&after=${second.next}`)
  expect(last).toMatchObject({ waiting: [{ userId: inOrder[6], position: 6 }], next: null })
  // seats are given in the order of the list
  await org.buy({ premium: 2 })
  const seated = Object.entries(await org.seen()).flatMap(([name, is]) =>
    is === 'user premium' ? [name] : [],
  )
  expect(seated.sort()).toEqual(
    inOrder
      .slice(0, 2)
      .map((id) => `p${ids.indexOf(id)}`)
      .sort(),
  )
  expect((await list(org)).waiting).toHaveLength(4)
})

test('E4 nobody waits where there are seats, and on a plan without seats', async () => {
  const { idp, org, join } = await aScene(app)
  const billing = await join('console')
  await org.save()
  await billing.save()
  await idp.user('ann')
  expect(await list(org)).toEqual({ waiting: [], next: null })
  expect(await list(billing)).toEqual({ waiting: [], next: null })
})

test.each([
  ['?waitsFor=throne', 'waitsFor'],
  ['?waitsFor=chat', 'waitsFor'],
  ['?after=x', 'after'],
  ['?after=12.x', 'after'],
  [`?after=${'9'.repeat(17)}.01a20f17-8613-73c0-8679-94a811ca0c7a`, 'after'],
  ['?limit=x', 'limit'],
])('E4 %s is refused by its name', async (query, field) => {
  const { org } = await aScene(app)
  expect((await answered(org.admin.get(org.path(`/waiting${query}`)), 400)).body).toMatchObject({ field })
})

test('E4 an unknown organization is not found', async () => {
  const { tenant } = await aScene(app)
  await answered(adminClient(app).get(`/organizations/${tenant.directoryId}/waiting`), 404)
})
