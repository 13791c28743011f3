// E3 and E4 through HTTP: seats run out, people wait, and a seat that gets free goes to who has waited longest.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestApp, type TestApp } from '../support/app.ts'
import { answered, aScene, type Scene } from '../support/provisioning.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

/** Mode scim, one premium seat, held by ann; bob and then cy wait. */
async function twoWaiting(): Promise<Scene & { ann: string; bob: string; cy: string }> {
  const scene = await aScene(app)
  await scene.org.save()
  await scene.org.buy({ premium: 1, standard: 0 })
  const ann = await scene.idp.user('ann')
  const bob = await scene.idp.user('bob')
  const cy = await scene.idp.user('cy')
  expect(await scene.org.seen()).toEqual({
    ann: 'user premium',
    bob: 'waiting for any',
    cy: 'waiting for any',
  })
  return { ...scene, ann, bob, cy }
}

const bobFollows = { bob: 'user premium', cy: 'waiting for any' }

describe('E4 a seat gets free and the longest waiting gets it', () => {
  test('E4 by deletion of its holder', async () => {
    const { idp, org, ann } = await twoWaiting()
    await idp.deleteUser(ann)
    expect(await org.seen()).toEqual(bobFollows)
  })

  test('E4 by deactivation of its holder, who waits behind the others when it comes back', async () => {
    const { idp, org, ann, bob } = await twoWaiting()
    await idp.setActive(ann, false)
    expect(await org.seen()).toEqual(bobFollows)
    await idp.setActive(ann, true)
    expect(await org.seen()).toEqual({ ann: 'waiting for any', ...bobFollows })
    await idp.setActive(bob, false)
    expect(await org.seen()).toEqual({ ann: 'waiting for any', cy: 'user premium' })
  })

  test('E4 by an administrator who removes its holder, and the removed one does not wait for it', async () => {
    const { org } = await twoWaiting()
    await org.remove((await org.member('ann')).id)
    expect(await org.seen()).toEqual(bobFollows)
  })

  test('E4 by buying one', async () => {
    const { org } = await twoWaiting()
    await org.buy({ premium: 2 })
    expect(await org.seen()).toEqual({ ann: 'user premium', bob: 'user premium', cy: 'waiting for any' })
    await org.buy({ standard: 1 })
    expect(await org.seen()).toEqual({ ann: 'user premium', bob: 'user premium', cy: 'user standard' })
  })

  test('E4 by buying without limit', async () => {
    const { org } = await twoWaiting()
    await org.buy({ premium: null })
    expect(await org.seen()).toEqual({ ann: 'user premium', bob: 'user premium', cy: 'user premium' })
  })

  test('E4 who waits and is unassigned leaves the line', async () => {
    const { idp, org, ann, bob } = await twoWaiting()
    await idp.setActive(bob, false)
    await idp.deleteUser(ann)
    expect(await org.seen()).toEqual({ cy: 'user premium' })
  })
})

test('E4 an administrator moves a member to another seat and frees the one it held', async () => {
  const { idp, org } = await aScene(app)
  const ann = await idp.user('ann')
  const gold = await idp.group('Gold', [ann])
  await org.buy({ premium: 1, standard: 1 })
  await org.map([{ groupId: gold, seatType: 'premium' }])
  await idp.add(gold, await idp.user('bob'))
  expect(await org.seen()).toEqual({ ann: 'user premium', bob: 'waiting for premium' })
  await org.nameOwner((await org.member('ann')).id)
  await org.change((await org.member('ann')).id, { seatType: 'standard' })
  expect(await org.seen()).toEqual({ ann: 'owner standard', bob: 'user premium' })
})

test('E4 who waits is not a member: no role, no seat, and since when it waits is told', async () => {
  const { org } = await twoWaiting()
  const bob = await org.member('bob')
  expect(bob).toMatchObject({ status: 'waiting', role: null, seatType: null, since: null, waitsFor: 'any' })
  const cy = await org.member('cy')
  expect(Date.parse(bob.waitingSince ?? '')).toBeLessThanOrEqual(Date.parse(cy.waitingSince ?? ''))
  const { members } = (await answered(org.admin.get(org.path('/members?status=active')), 200)).body
  expect(members).toHaveLength(1)
  const change = org.admin.patch(org.path(`/members/${bob.id}`), { role: 'admin' })
  await answered(change, 409)
})

test('E4 those who are evaluated together wait in the order in which they are taken in', async () => {
  const { idp, org } = await aScene(app)
  for (const name of ['ann', 'bob', 'cy']) await idp.user(name)
  await org.buy({ premium: 1, standard: 0 })
  expect(await org.save()).toEqual({ added: 1, changed: 0, removed: 0, waiting: 2, unchanged: 0 })
  expect(await org.seen()).toEqual({ ann: 'user premium', bob: 'waiting for any', cy: 'waiting for any' })
  await org.buy({ premium: 2 })
  expect(await org.seen()).toEqual({ ann: 'user premium', bob: 'user premium', cy: 'waiting for any' })
})

describe('E4 a higher seat that is full', () => {
  test('E4 the member keeps its seat and waits; when the other gets free, its own goes to who waits for that', async () => {
    const { idp, org } = await aScene(app)
    await org.buy({ premium: 1, standard: 1 })
    const [ann, bob, cy] = [await idp.user('ann'), await idp.user('bob'), await idp.user('cy')]
    const gold = await idp.group('Gold', [ann])
    const silver = await idp.group('Silver', [bob])
    await org.map([
      { groupId: gold, seatType: 'premium' },
      { groupId: silver, seatType: 'standard' },
    ])
    await idp.add(gold, bob)
    await idp.add(silver, cy)
    expect(await org.seen()).toEqual({
      ann: 'user premium',
      bob: 'user standard, waiting for premium',
      cy: 'waiting for standard',
    })
    await idp.drop(gold, ann)
    expect(await org.seen()).toEqual({ bob: 'user premium', cy: 'user standard' })
    expect(await org.assigned()).toEqual({ premium: 1, standard: 1 })
  })

  test('E4 a chain of people each waiting for the seat of the next moves in one write', async () => {
    const { idp, org } = await aScene(app, 'enterprise_usage')
    await org.buy({ chat_and_claude_code: 1, chat: 2 })
    const [ann, bob, cy, dan] = [
      await idp.user('ann'),
      await idp.user('bob'),
      await idp.user('cy'),
      await idp.user('dan'),
    ]
    const code = await idp.group('Code', [ann])
    const chat = await idp.group('Chat', [bob, cy])
    const staff = await idp.group('Staff')
    await org.map([
      { groupId: code, seatType: 'chat_and_claude_code' },
      { groupId: chat, seatType: 'chat' },
      { groupId: staff, role: 'admin' },
    ])
    await idp.add(code, cy)
    await idp.add(staff, dan)
    expect(await org.seen()).toEqual({
      ann: 'user chat_and_claude_code',
      bob: 'user chat',
      cy: 'user chat, waiting for chat_and_claude_code',
      dan: 'waiting for any',
    })
    await idp.setActive(ann, false)
    expect(await org.seen()).toEqual({
      bob: 'user chat',
      cy: 'user chat_and_claude_code',
      dan: 'admin chat',
    })
  })

  test('E4 a seat that comes back by such moves goes on to the next in the same line', async () => {
    const { idp, org } = await aScene(app)
    await org.buy({ premium: 2, standard: 1 })
    const people = ['ann', 'bob', 'cy', 'eve']
    const [ann, bob, cy, eve] = await Promise.all(people.map((name) => idp.user(name)))
    const gold = await idp.group('Gold', [`${ann}`, `${cy}`])
    const silver = await idp.group('Silver', [`${bob}`])
    await org.map([
      { groupId: gold, seatType: 'premium' },
      { groupId: silver, seatType: 'standard' },
    ])
    // bob now asks for premium, cy for standard, and eve for premium after bob
    await idp.add(gold, `${bob}`)
    await idp.patchGroup(silver, { op: 'add', path: 'members', value: [{ value: cy }] })
    await idp.drop(gold, `${cy}`)
    await idp.add(gold, `${eve}`)
    expect(await org.seen()).toEqual({
      ann: 'user premium',
      bob: 'user standard, waiting for premium',
      cy: 'user premium, waiting for standard',
      eve: 'waiting for premium',
    })
    await idp.setActive(`${ann}`, false)
    expect(await org.seen()).toEqual({ bob: 'user premium', cy: 'user standard', eve: 'user premium' })
    expect(await org.assigned()).toEqual({ premium: 2, standard: 1 })
  })

  test('E4 who no longer asks for the higher seat waits no more and keeps its own', async () => {
    const { idp, org } = await aScene(app)
    await org.buy({ premium: 0, standard: 1 })
    const ann = await idp.user('ann')
    const gold = await idp.group('Gold')
    const silver = await idp.group('Silver', [ann])
    await org.map([
      { groupId: gold, seatType: 'premium' },
      { groupId: silver, seatType: 'standard' },
    ])
    await idp.add(gold, ann)
    expect(await org.seen()).toEqual({ ann: 'user standard, waiting for premium' })
    await idp.drop(gold, ann)
    expect(await org.seen()).toEqual({ ann: 'user standard' })
  })
})

describe('E4 purchased below assigned', () => {
  test('E4 nobody loses a seat for it, and nobody new gets one until enough have left', async () => {
    const { idp, org } = await aScene(app)
    await org.save()
    const [ann, bob] = [await idp.user('ann'), await idp.user('bob')]
    await org.buy({ premium: 1, standard: 0 })
    expect(await org.seen()).toEqual({ ann: 'user premium', bob: 'user premium' })
    await idp.user('cy')
    await idp.deleteUser(ann)
    expect(await org.seen()).toEqual({ bob: 'user premium', cy: 'waiting for any' })
    await idp.deleteUser(bob)
    expect(await org.seen()).toEqual({ cy: 'user premium' })
  })

  test('E4 saving the settings again gives nobody a seat that there is not', async () => {
    const { idp, org } = await aScene(app)
    await org.save()
    await idp.user('ann')
    await idp.user('bob')
    await org.buy({ premium: 1, standard: 0 })
    await idp.user('cy')
    expect(await org.save()).toEqual({ added: 0, changed: 0, removed: 0, waiting: 0, unchanged: 3 })
    expect(await org.assigned()).toEqual({ premium: 2, standard: 0 })
  })
})

describe('E4 an administrator and seats', () => {
  test('E4 by hand nobody gets a seat that there is not', async () => {
    const { org } = await aScene(app)
    await org.buy({ premium: 1, standard: 1 })
    const ann = await org.add({ email: 'ann@acme.test' })
    await org.add({ email: 'bob@acme.test' })
    expect(await org.seen()).toEqual({ ann: 'user premium', bob: 'user standard' })
    const third = org.admin.post(org.path('/members'), { email: 'cy@acme.test' })
    expect((await answered(third, 409)).body).toMatchObject({ rule: 'E4' })
    const move = org.admin.patch(org.path(`/members/${ann}`), { seatType: 'standard' })
    expect((await answered(move, 409)).body).toMatchObject({ rule: 'E4' })
    expect(await org.assigned()).toEqual({ premium: 1, standard: 1 })
  })

  test('E4 seat types of other plans cannot be bought', async () => {
    const { org } = await aScene(app)
    await answered(org.admin.put(org.path('/seats'), { chat: 5 }), 400)
    await answered(org.admin.put(org.path('/seats'), { premium: -1 }), 400)
  })
})

test('P2 back to manual: members keep their seats, nobody waits any more', async () => {
  const { org } = await twoWaiting()
  expect(await org.save({ mode: 'manual' })).toMatchObject({ added: 0, changed: 0 })
  expect(await org.seen()).toEqual({ ann: 'user premium' })
})
