// The main job end to end: what an identity provider pushes becomes members with a role and a seat, who change and
// leave with it; the rows of domain.md section 2 through HTTP.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestApp, type TestApp } from '../support/app.ts'
import { answered, aScene } from '../support/provisioning.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

describe('domain.md 2 manual', () => {
  test('domain.md 2 manual: pushes add nobody; an administrator adds, changes and removes', async () => {
    const { idp, org } = await aScene(app)
    await idp.user('ann')
    expect(await org.seen()).toEqual({})
    const bob = await org.add({ email: 'bob@acme.test', role: 'admin', seatType: 'standard' })
    expect(await org.seen()).toEqual({ bob: 'admin standard' })
    await org.change(bob, { role: 'owner', seatType: 'premium' })
    expect(await org.seen()).toEqual({ bob: 'owner premium' })
    await org.remove(bob)
    expect(await org.seen()).toEqual({})
    expect(await org.assigned()).toEqual({ premium: 0, standard: 0 })
  })

  test('domain.md 2 manual: deactivation and deletion of the user remove nobody', async () => {
    const { idp, org } = await aScene(app)
    const [ann, bob] = [await idp.user('ann'), await idp.user('bob')]
    await org.add({ userId: ann })
    await org.add({ userId: bob })
    await idp.setActive(ann, false)
    await idp.deleteUser(bob)
    expect(await org.seen()).toEqual({ ann: 'user premium', bob: 'user premium' })
  })
})

describe('domain.md 2 scim', () => {
  test('domain.md 2 scim: joins at once when assigned, changes by an administrator, leaves at once', async () => {
    const { idp, org } = await aScene(app)
    await org.save()
    const ann = await idp.user('ann')
    expect(await org.seen()).toEqual({ ann: 'user premium' })
    await org.change((await org.member('ann')).id, { role: 'admin', seatType: 'standard' })
    await idp.patchUser(ann, { op: 'replace', value: { title: 'Engineer' } })
    expect(await org.seen()).toEqual({ ann: 'admin standard' })
    await idp.setActive(ann, false)
    expect(await org.seen()).toEqual({})
    await idp.setActive(ann, true)
    expect(await org.seen()).toEqual({ ann: 'user premium' })
    await idp.deleteUser(ann)
    expect(await org.seen()).toEqual({})
    expect(await org.assigned()).toEqual({ premium: 0, standard: 0 })
  })

  test('E1 a user who is created inactive is no member until it is active', async () => {
    const { idp, org } = await aScene(app)
    await org.save()
    const ann = await idp.user('ann', { active: false })
    expect(await org.seen()).toEqual({})
    await idp.setActive(ann, true)
    expect(await org.seen()).toEqual({ ann: 'user premium' })
  })

  test('E1 a user that is replaced by PUT without active stays assigned, with active false is unassigned', async () => {
    const { idp, org } = await aScene(app)
    await org.save()
    const ann = await idp.user('ann')
    await answered(idp.scim.put(`/Users/${ann}`, { userName: 'ann@acme.test' }), 200)
    expect(await org.seen()).toEqual({ ann: 'user premium' })
    await answered(idp.scim.put(`/Users/${ann}`, { userName: 'ann@acme.test', active: false }), 200)
    expect(await org.seen()).toEqual({})
  })

  test('S3 switching to scim takes in everybody who is assigned, and says how many', async () => {
    const { idp, org } = await aScene(app)
    await idp.user('ann')
    await idp.user('bob')
    await idp.user('cy', { active: false })
    await org.add({ email: 'stranger@acme.test' })
    expect(await org.save()).toEqual({ added: 2, changed: 0, removed: 1, waiting: 0, unchanged: 1 })
    expect(await org.seen()).toEqual({ ann: 'user premium', bob: 'user premium' })
  })
})

describe('domain.md 2 scim + mappings', () => {
  test('domain.md 2 scim + mappings: joins with the role of its groups, changes with them, leaves with the last', async () => {
    const { idp, org } = await aScene(app)
    const [staff, leads] = [await idp.group('Staff'), await idp.group('Leads')]
    await org.map([
      { groupId: staff, role: 'user' },
      { groupId: leads, role: 'admin' },
    ])
    const ann = await idp.user('ann')
    expect(await org.seen()).toEqual({})
    await idp.add(staff, ann)
    expect(await org.seen()).toEqual({ ann: 'user premium' })
    await idp.add(leads, ann)
    expect(await org.seen()).toEqual({ ann: 'admin premium' })
    await idp.drop(leads, ann)
    expect(await org.seen()).toEqual({ ann: 'user premium' })
    await idp.drop(staff, ann)
    expect(await org.seen()).toEqual({})
  })

  test('scim.md 3 Entra deactivation and reactivation: memberships are kept, though not sent again', async () => {
    const { idp, org } = await aScene(app)
    const ann = await idp.user('ann')
    const leads = await idp.group('Leads', [ann])
    await org.map([{ groupId: leads, role: 'admin' }])
    const { id } = await org.member('ann')
    await idp.patchUser(ann, { op: 'Replace', path: 'active', value: 'False' })
    expect(await org.seen()).toEqual({})
    await idp.patchUser(ann, { op: 'Replace', path: 'active', value: 'True' })
    expect(await org.seen()).toEqual({ ann: 'admin premium' })
    expect((await org.member('ann')).id).toBe(id)
  })

  test('E1 a user who is active only after it was added to a mapped group joins then', async () => {
    const { idp, org } = await aScene(app)
    const ann = await idp.user('ann', { active: false })
    const leads = await idp.group('Leads')
    await org.map([{ groupId: leads, role: 'admin' }])
    await idp.add(leads, ann)
    expect(await org.seen()).toEqual({})
    await idp.setActive(ann, true)
    expect(await org.seen()).toEqual({ ann: 'admin premium' })
  })

  test('E1 a group replaced by PUT or PATCH takes in and puts out exactly the difference', async () => {
    const { idp, org } = await aScene(app)
    const [ann, bob, cy] = [await idp.user('ann'), await idp.user('bob'), await idp.user('cy')]
    const staff = await idp.group('Staff', [ann, bob])
    await org.map([{ groupId: staff, role: 'user' }])
    const body = { displayName: 'Staff', members: [{ value: bob }, { value: cy }] }
    await answered(idp.scim.put(`/Groups/${staff}`, body), 200)
    expect(Object.keys(await org.seen())).toEqual(['bob', 'cy'])
    await idp.patchGroup(staff, { op: 'replace', path: 'members', value: [{ value: ann }] })
    expect(Object.keys(await org.seen())).toEqual(['ann'])
    await idp.patchGroup(staff, { op: 'remove', path: 'members' })
    expect(await org.seen()).toEqual({})
  })

  test('scim.md 5.1 Entra Remove with a value takes those members only', async () => {
    const { idp, org } = await aScene(app)
    const [ann, bob] = [await idp.user('ann'), await idp.user('bob')]
    const staff = await idp.group('Staff', [ann, bob])
    await org.map([{ groupId: staff, role: 'user' }])
    await idp.patchGroup(staff, { op: 'Remove', path: 'members', value: [{ $ref: null, value: ann }] })
    expect(Object.keys(await org.seen())).toEqual(['bob'])
  })

  test('E3 the highest seat of the groups; out of the seat group the member keeps the seat it holds', async () => {
    const { idp, org } = await aScene(app)
    const ann = await idp.user('ann')
    const staff = await idp.group('Staff', [ann])
    const [gold, silver] = [await idp.group('Gold'), await idp.group('Silver', [ann])]
    await org.map([
      { groupId: staff, role: 'user' },
      { groupId: gold, seatType: 'premium' },
      { groupId: silver, seatType: 'standard' },
    ])
    expect(await org.seen()).toEqual({ ann: 'user standard' })
    await idp.add(gold, ann)
    expect(await org.seen()).toEqual({ ann: 'user premium' })
    await idp.drop(gold, ann)
    expect(await org.seen()).toEqual({ ann: 'user standard' })
    await idp.drop(silver, ann)
    expect(await org.seen()).toEqual({ ann: 'user standard' })
    expect(await org.assigned()).toEqual({ premium: 0, standard: 1 })
  })

  test('S3 mappings that change, change the people in them at once', async () => {
    const { idp, org } = await aScene(app)
    const [ann, bob] = [await idp.user('ann'), await idp.user('bob')]
    const staff = await idp.group('Staff', [ann])
    const leads = await idp.group('Leads', [bob])
    await org.map([{ groupId: staff, role: 'user' }])
    expect(await org.seen()).toEqual({ ann: 'user premium' })
    expect(
      await org.map([
        { groupId: staff, role: 'owner' },
        { groupId: leads, role: 'admin' },
      ]),
    ).toEqual({ added: 1, changed: 1, removed: 0, waiting: 0, unchanged: 0 })
    expect(await org.seen()).toEqual({ ann: 'owner premium', bob: 'admin premium' })
    // ann is the only owner
    expect(await org.map([], ['no_top_role'])).toMatchObject({ removed: 2 })
    expect(await org.seen()).toEqual({})
  })
})
