// What administrators decide and where mappings do (E6), and the primary owner (E11).

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestApp, type TestApp } from '../support/app.ts'
import { answered, aScene } from '../support/provisioning.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

describe('E6 mappings off: an administrator’s choice is kept', () => {
  test('E6 through every push, group change, purchase and save', async () => {
    const { idp, org } = await aScene(app)
    await org.save()
    const ann = await idp.user('ann')
    await org.change((await org.member('ann')).id, { role: 'owner', seatType: 'standard' })
    const staff = await idp.group('Staff', [ann])
    await idp.patchUser(ann, { op: 'replace', path: 'userName', value: 'lee@acme.test' })
    await org.buy({ premium: 100, standard: 100 })
    expect(await org.save({ mappings: [{ groupId: staff, role: 'user' }] })).toMatchObject({ changed: 0 })
    expect(await org.seen()).toEqual({ lee: 'owner standard' })
  })

  test('E6 from scim to manual and back everything stays', async () => {
    const { idp, org } = await aScene(app)
    await org.save()
    await idp.user('ann')
    await org.change((await org.member('ann')).id, { role: 'admin', seatType: 'standard' })
    const nothing = { added: 0, changed: 0, removed: 0, waiting: 0, unchanged: 1 }
    expect(await org.save({ mode: 'manual' })).toEqual(nothing)
    expect(await org.save()).toEqual(nothing)
    expect(await org.seen()).toEqual({ ann: 'admin standard' })
  })

  test('E6 a removal is not undone by any evaluation until the person is assigned anew', async () => {
    const { idp, org } = await aScene(app)
    await org.save()
    const ann = await idp.user('ann')
    const { id } = await org.member('ann')
    await org.remove(id)
    await idp.patchUser(ann, { op: 'replace', path: 'userName', value: 'lee@acme.test' })
    await idp.group('Staff', [ann])
    await org.buy({ premium: 5 })
    expect(await org.save()).toEqual({ added: 0, changed: 0, removed: 0, waiting: 0, unchanged: 1 })
    expect(await org.seen()).toEqual({})
    await idp.setActive(ann, false)
    await idp.setActive(ann, true)
    expect(await org.members()).toMatchObject([{ id, role: 'user' }])
  })

  test('E6 a removal ends with the user: who is created anew joins', async () => {
    const { idp, org } = await aScene(app)
    await org.save()
    const ann = await idp.user('ann')
    await org.remove((await org.member('ann')).id)
    await idp.deleteUser(ann)
    await idp.user('ann')
    expect(await org.seen()).toEqual({ ann: 'user premium' })
  })

  test('E6 an administrator takes back the removal by adding the person again', async () => {
    const { idp, org } = await aScene(app)
    await org.save()
    const ann = await idp.user('ann')
    const { id } = await org.member('ann')
    await org.remove(id)
    expect(await org.add({ userId: ann, role: 'admin' })).toBe(id)
    expect(await org.save()).toMatchObject({ changed: 0, removed: 0 })
    expect(await org.seen()).toEqual({ ann: 'admin premium' })
  })

  test('E1 in mode scim nobody is added by hand who is not assigned', async () => {
    const { idp, org } = await aScene(app)
    await org.save()
    const ann = await idp.user('ann', { active: false })
    for (const body of [{ userId: ann }, { email: 'ann@acme.test' }, { email: 'stranger@acme.test' }]) {
      expect((await answered(org.admin.post(org.path('/members'), body), 409)).body).toMatchObject({
        rule: 'E1',
      })
    }
    expect(await org.seen()).toEqual({})
  })
})

describe('E6 mappings on: they decide', () => {
  test('E6 role, seat and removal are refused, and the error names the groups that decide', async () => {
    const { idp, org } = await aScene(app)
    const ann = await idp.user('ann')
    const leads = await idp.group('Heads of teams', [ann])
    const gold = await idp.group('Gold people', [ann])
    await org.map([
      { groupId: leads, role: 'admin' },
      { groupId: gold, seatType: 'premium' },
    ])
    const path = org.path(`/members/${(await org.member('ann')).id}`)
    const refusals = [
      await answered(org.admin.patch(path, { role: 'user' }), 409),
      await answered(org.admin.patch(path, { seatType: 'standard' }), 409),
      await answered(org.admin.delete(path), 409),
    ]
    for (const { body } of refusals) {
      expect(body).toMatchObject({ rule: 'E6' })
      expect(body.detail).toContain('Heads of teams')
      expect(body.detail).toContain('Gold people')
    }
    const addition = org.admin.post(org.path('/members'), { email: 'bob@acme.test' })
    expect((await answered(addition, 409)).body).toMatchObject({ rule: 'E6' })
    expect(await org.seen()).toEqual({ ann: 'admin premium' })
  })

  test('E6 what an administrator chose before gives way when mappings are switched on', async () => {
    const { idp, org } = await aScene(app)
    const ann = await idp.user('ann')
    const staff = await idp.group('Staff', [ann])
    await org.save()
    await org.change((await org.member('ann')).id, { role: 'owner' })
    // ann is the only owner
    await org.map([{ groupId: staff, role: 'admin' }], ['no_top_role'])
    expect(await org.seen()).toEqual({ ann: 'admin premium' })
    await org.save()
    expect(await org.seen()).toEqual({ ann: 'admin premium' })
  })

  test('E6 mappings that are stored in mode manual decide nothing', async () => {
    const { idp, org } = await aScene(app)
    const staff = await idp.group('Staff')
    await org.save({ mode: 'manual', groupMappings: true, mappings: [{ groupId: staff, role: 'admin' }] })
    const id = await org.add({ email: 'ann@acme.test' })
    await org.change(id, { role: 'owner' })
    await idp.add(staff, await idp.user('ann'))
    expect(await org.seen()).toEqual({ ann: 'owner premium' })
  })
})

describe('E11 primary owner', () => {
  test('E11 takes the top role and is left alone when absent, inactive, deleted and unmapped', async () => {
    const { idp, org } = await aScene(app)
    const id = await org.add({ email: 'boss@acme.test' })
    await org.nameOwner(id)
    expect(await org.seen()).toEqual({ boss: 'owner premium' })
    const staff = await idp.group('Staff')
    expect(await org.save()).toMatchObject({ removed: 0, changed: 0 })
    await org.map([{ groupId: staff, role: 'user' }])
    const boss = await idp.user('boss')
    await idp.add(staff, boss)
    await idp.setActive(boss, false)
    await idp.deleteUser(boss)
    expect(await org.members()).toMatchObject([{ id, role: 'owner', seatType: 'premium', userId: null }])
  })

  test('E11 counts for a seat', async () => {
    const { idp, org } = await aScene(app)
    await org.buy({ premium: 1, standard: 0 })
    await org.nameOwner(await org.add({ email: 'boss@acme.test' }))
    await org.save()
    await idp.user('ann')
    expect(await org.seen()).toEqual({ ann: 'waiting for any', boss: 'owner premium' })
    expect(await org.assigned()).toEqual({ premium: 1, standard: 0 })
  })

  test('E11 cannot be demoted or removed, in no mode; only its seat may change', async () => {
    const { org } = await aScene(app)
    const id = await org.add({ email: 'boss@acme.test' })
    await org.nameOwner(id)
    for (const mode of ['manual', 'scim']) {
      await org.save({ mode, groupMappings: mode === 'scim' })
      const path = org.path(`/members/${id}`)
      expect((await answered(org.admin.patch(path, { role: 'admin' }), 409)).body).toMatchObject({
        rule: 'E11',
      })
      expect((await answered(org.admin.delete(path), 409)).body).toMatchObject({ rule: 'E11' })
    }
    await org.change(id, { seatType: 'standard' })
    expect(await org.seen()).toEqual({ boss: 'owner standard' })
  })

  test('E11 when another is named, the one before is evaluated like everybody', async () => {
    const { idp, org } = await aScene(app)
    const boss = await org.add({ email: 'boss@acme.test' })
    await org.nameOwner(boss)
    await org.save()
    await idp.user('ann')
    const { id } = await org.member('ann')
    await org.nameOwner(id)
    expect(await org.seen()).toEqual({ ann: 'owner premium' })
    await org.nameOwner(null)
    expect(await org.seen()).toEqual({ ann: 'owner premium' })
  })

  test('E11 the former primary owner gets the role of its groups, and its seat goes on when it leaves', async () => {
    const { idp, org } = await aScene(app)
    await org.buy({ premium: 2, standard: 0 })
    const [ann, bob, cy] = [await idp.user('ann'), await idp.user('bob'), await idp.user('cy')]
    const staff = await idp.group('Staff', [ann, bob])
    await org.map([{ groupId: staff, role: 'user' }])
    await org.nameOwner((await org.member('ann')).id)
    await idp.drop(staff, ann)
    await idp.add(staff, cy)
    expect(await org.seen()).toEqual({ ann: 'owner premium', bob: 'user premium', cy: 'waiting for any' })
    await org.nameOwner((await org.member('bob')).id)
    expect(await org.seen()).toEqual({ bob: 'owner premium', cy: 'user premium' })
  })

  test('E11 who waits for a seat, and who is no member, cannot be named', async () => {
    const { idp, org } = await aScene(app)
    await org.buy({ premium: 0, standard: 0 })
    await org.save()
    const ann = await idp.user('ann')
    const waiting = (await org.member('ann')).id
    await answered(org.admin.put(org.path('/primary-owner'), { memberId: waiting }), 409)
    await answered(org.admin.put(org.path('/primary-owner'), { memberId: ann }), 404)
  })

  test('E11 the top role of a Console organization is admin', async () => {
    const { org } = await aScene(app, 'console', 'none')
    await org.nameOwner(await org.add({ email: 'boss@acme.test' }))
    expect(await org.seen()).toEqual({ boss: 'admin' })
  })

  test('E7 E11 the primary owner is the user who is pushed with its e-mail', async () => {
    const { idp, org } = await aScene(app)
    const id = await org.add({ email: 'Boss@acme.test' })
    await org.nameOwner(id)
    const staff = await idp.group('Staff')
    await org.map([{ groupId: staff, role: 'user' }])
    const boss = await idp.user('boss')
    await idp.patchUser(boss, { op: 'replace', path: 'userName', value: 'chief@acme.test' })
    await idp.add(staff, boss)
    expect(await org.members()).toMatchObject([{ id, userId: boss, email: 'chief@acme.test', role: 'owner' }])
  })
})
