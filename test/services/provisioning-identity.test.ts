// The same person through everything: matched by e-mail (E7), returning (E8), renamed (E12).

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestApp, type TestApp } from '../support/app.ts'
import { answered, aScene } from '../support/provisioning.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

describe('E7 from manual to scim members are matched, not doubled', () => {
  test('E7 by the e-mail, in any case, with role and seat kept without mappings', async () => {
    const { idp, org } = await aScene(app)
    const id = await org.add({ email: 'Ann.LEE@Acme.Test', role: 'admin', seatType: 'standard' })
    const ann = await idp.user('ann', {
      userName: 'al',
      emails: [{ value: 'ann.lee@ACME.test', primary: true }],
    })
    expect(await org.save()).toEqual({ added: 0, changed: 0, removed: 0, waiting: 0, unchanged: 1 })
    expect(await org.members()).toMatchObject([
      { id, userId: ann, role: 'admin', seatType: 'standard', source: 'manual', email: 'ann.lee@ACME.test' },
    ])
  })

  test('E7 without a primary e-mail by the userName', async () => {
    const { idp, org } = await aScene(app)
    const id = await org.add({ email: 'ann@acme.test' })
    await idp.user('x', { userName: 'ANN@acme.test', emails: [{ value: 'other@acme.test', type: 'work' }] })
    expect(await org.save()).toMatchObject({ added: 0, removed: 0 })
    expect(await org.members()).toMatchObject([{ id }])
  })

  test('E7 with mappings the matched member gets the role of its groups', async () => {
    const { idp, org } = await aScene(app)
    const id = await org.add({ email: 'ANN@acme.test', role: 'owner' })
    const leads = await idp.group('Leads', [await idp.user('ann')])
    // ann is the only owner
    expect(await org.map([{ groupId: leads, role: 'admin' }], ['no_top_role'])).toMatchObject({
      added: 0,
      changed: 1,
      removed: 0,
    })
    expect(await org.members()).toMatchObject([{ id, role: 'admin' }])
  })

  test('E7 a user who is pushed after the switch is the member who was there before', async () => {
    const { idp, org } = await aScene(app)
    const id = await org.add({ email: 'ann@acme.test' })
    expect(await org.save()).toMatchObject({ removed: 1 })
    await idp.user('Ann')
    expect(await org.members()).toMatchObject([{ id, role: 'user' }])
  })

  test('E7 two users with one address are two members', async () => {
    const { idp, org } = await aScene(app)
    const id = await org.add({ email: 'shared@acme.test' })
    const emails = [{ value: 'shared@acme.test', primary: true }]
    await idp.user('first', { emails })
    await idp.user('second', { emails })
    expect(await org.save()).toMatchObject({ added: 1, removed: 0 })
    const members = await org.members()
    expect(members).toHaveLength(2)
    expect(members.filter((member) => member.id === id)).toHaveLength(1)
  })
})

describe('E8 a person who returns', () => {
  test('E8 after deactivation with the same id, and a new since', async () => {
    const { idp, org } = await aScene(app)
    await org.save()
    const ann = await idp.user('ann')
    const before = await org.member('ann')
    await idp.setActive(ann, false)
    await answered(org.admin.get(org.path(`/members/${before.id}`)), 404)
    await idp.setActive(ann, true)
    const again = await org.member('ann')
    expect(again.id).toBe(before.id)
    expect(Date.parse(again.since ?? '')).toBeGreaterThan(Date.parse(before.since ?? ''))
  })

  test('E8 after deletion, when the identity provider creates the user anew, in any case of the address', async () => {
    const { idp, org } = await aScene(app)
    await org.save()
    const first = await idp.user('ann')
    const { id } = await org.member('ann')
    await idp.deleteUser(first)
    const second = await idp.user('ANN')
    expect(await org.members()).toMatchObject([{ id, userId: second }])
  })

  test('E8 by a mapped group, after it was deleted and created anew', async () => {
    const { idp, org } = await aScene(app)
    const leads = await idp.group('Leads', [await idp.user('ann')])
    await org.map([{ groupId: leads, role: 'admin' }])
    const { id, userId } = await org.member('ann')
    await idp.deleteUser(userId ?? '')
    expect(await org.seen()).toEqual({})
    await idp.add(leads, await idp.user('ann'))
    expect(await org.members()).toMatchObject([{ id, role: 'admin' }])
  })

  test('E8 by an administrator in mode manual', async () => {
    const { org } = await aScene(app)
    const id = await org.add({ email: 'ann@acme.test' })
    await org.remove(id)
    expect(await org.add({ email: 'Ann@acme.test', role: 'admin' })).toBe(id)
    expect(await org.seen()).toEqual({ Ann: 'admin premium' })
    await answered(org.admin.post(org.path('/members'), { email: 'aNN@acme.test' }), 409)
  })

  test('E8 by an administrator who gives the userId, also where another left with its address', async () => {
    const { idp, org } = await aScene(app)
    const ann = await idp.user('ann')
    const id = await org.add({ userId: ann })
    await org.remove(id)
    await org.remove(await org.add({ email: 'lee@acme.test' }))
    await idp.patchUser(ann, { op: 'replace', path: 'userName', value: 'lee@acme.test' })
    expect(await org.add({ userId: ann })).toBe(id)
    expect(await org.members()).toMatchObject([{ id, userId: ann, email: 'lee@acme.test' }])
  })
})

describe('E12 a user whose e-mail changes stays the same member', () => {
  test.each([
    ['scim', async () => ({ mode: 'scim' })],
    ['manual', async () => ({ mode: 'manual' })],
  ])('E12 in mode %s', async (_, settings) => {
    const { idp, org } = await aScene(app)
    const ann = await idp.user('ann')
    const id = await org.add({ userId: ann, role: 'admin' })
    await org.save(await settings())
    await idp.patchUser(ann, { op: 'replace', path: 'userName', value: 'Lee@acme.test' })
    expect(await org.members()).toMatchObject([{ id, userId: ann, email: 'Lee@acme.test', role: 'admin' }])
    const value = [{ value: 'mail@acme.test', primary: true }]
    await idp.patchUser(ann, { op: 'add', path: 'emails', value })
    expect(await org.members()).toMatchObject([{ id, email: 'mail@acme.test', role: 'admin' }])
  })

  test('E12 in mode scim with mappings', async () => {
    const { idp, org } = await aScene(app)
    const ann = await idp.user('ann')
    const leads = await idp.group('Leads', [ann])
    await org.map([{ groupId: leads, role: 'admin' }])
    const { id } = await org.member('ann')
    await idp.patchUser(ann, { op: 'replace', path: 'userName', value: 'lee@acme.test' })
    expect(await org.members()).toMatchObject([{ id, email: 'lee@acme.test', role: 'admin' }])
  })

  test('E12 while deactivated: the returning person is the same member', async () => {
    const { idp, org } = await aScene(app)
    await org.save()
    const ann = await idp.user('ann')
    const { id } = await org.member('ann')
    await idp.setActive(ann, false)
    await idp.patchUser(ann, { op: 'replace', path: 'userName', value: 'lee@acme.test' })
    await idp.setActive(ann, true)
    expect(await org.members()).toMatchObject([{ id, email: 'lee@acme.test' }])
  })

  test('E12 of a member added by hand whom the directory came to know only by its e-mail', async () => {
    const { idp, org } = await aScene(app)
    const id = await org.add({ email: 'ann@acme.test', role: 'owner' })
    const ann = await idp.user('ann')
    await idp.patchUser(ann, { op: 'replace', path: 'userName', value: 'lee@acme.test' })
    expect(await org.save()).toMatchObject({ added: 0, removed: 0 })
    expect(await org.members()).toMatchObject([{ id, userId: ann, email: 'lee@acme.test', role: 'owner' }])
  })

  test('E12 of a returning person before its groups are sent again', async () => {
    const { idp, org } = await aScene(app)
    const leads = await idp.group('Leads', [await idp.user('ann')])
    await org.map([{ groupId: leads, role: 'admin' }])
    const { id, userId } = await org.member('ann')
    await idp.deleteUser(userId ?? '')
    const again = await idp.user('ann')
    await idp.patchUser(again, { op: 'replace', path: 'userName', value: 'lee@acme.test' })
    await idp.add(leads, again)
    expect(await org.members()).toMatchObject([{ id, userId: again, email: 'lee@acme.test' }])
  })

  test('E12 somebody else who takes the old address is somebody else', async () => {
    const { idp, org } = await aScene(app)
    await org.save()
    const ann = await idp.user('ann')
    const { id } = await org.member('ann')
    await idp.patchUser(ann, { op: 'replace', path: 'userName', value: 'lee@acme.test' })
    await idp.user('ann')
    expect(await org.seen()).toEqual({ ann: 'user premium', lee: 'user premium' })
    expect((await org.member('lee')).id).toBe(id)
  })
})
