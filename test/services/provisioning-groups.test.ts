// Groups and what they give: nested groups (E5), deleted ones (S4), renamed ones (E12).

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestApp, type TestApp } from '../support/app.ts'
import { answered, aScene, eventsOf } from '../support/provisioning.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

describe('E5 nested groups', () => {
  test('E5 membership is transitive: a user far below a mapped group is in', async () => {
    const { idp, org } = await aScene(app)
    const ann = await idp.user('ann')
    const team = await idp.group('Team', [ann])
    const division = await idp.group('Division', [team])
    const company = await idp.group('Company', [division])
    await org.map([{ groupId: company, role: 'admin' }])
    expect(await org.seen()).toEqual({ ann: 'admin premium' })
  })

  test('E5 a group that is added to a mapped group brings the users below it, and takes them away again', async () => {
    const { idp, org } = await aScene(app)
    const [ann, bob] = [await idp.user('ann'), await idp.user('bob')]
    const team = await idp.group('Team', [ann])
    const division = await idp.group('Division', [team, bob])
    const company = await idp.group('Company')
    await org.map([{ groupId: company, role: 'admin' }])
    expect(await org.seen()).toEqual({})
    await idp.add(company, division)
    expect(await org.seen()).toEqual({ ann: 'admin premium', bob: 'admin premium' })
    await idp.drop(division, team)
    expect(await org.seen()).toEqual({ bob: 'admin premium' })
    await idp.drop(company, division)
    expect(await org.seen()).toEqual({})
  })

  test('E5 a user added to or removed from a nested group joins and leaves at once', async () => {
    const { idp, org } = await aScene(app)
    const ann = await idp.user('ann')
    const team = await idp.group('Team')
    await idp.group('Other')
    const company = await idp.group('Company', [team])
    await org.map([{ groupId: company, role: 'owner' }])
    await idp.add(team, ann)
    expect(await org.seen()).toEqual({ ann: 'owner premium' })
    await idp.drop(team, ann)
    expect(await org.seen()).toEqual({})
  })

  test('E5 the most permissive role of all groups on the way up', async () => {
    const { idp, org } = await aScene(app)
    const ann = await idp.user('ann')
    const team = await idp.group('Team', [ann])
    const company = await idp.group('Company', [team])
    await org.map([
      { groupId: company, role: 'admin' },
      { groupId: team, role: 'user' },
    ])
    expect(await org.seen()).toEqual({ ann: 'admin premium' })
    await idp.drop(company, team)
    expect(await org.seen()).toEqual({ ann: 'user premium' })
  })

  test('E5 cycles are harmless: everybody in a circle of groups is in each of them', async () => {
    const { idp, org } = await aScene(app)
    const [ann, bob] = [await idp.user('ann'), await idp.user('bob')]
    const first = await idp.group('First', [ann])
    const second = await idp.group('Second', [first, bob])
    await org.map([{ groupId: first, role: 'admin' }])
    expect(await org.seen()).toEqual({ ann: 'admin premium' })
    await idp.add(first, second)
    expect(await org.seen()).toEqual({ ann: 'admin premium', bob: 'admin premium' })
    await idp.add(first, first)
    expect(await org.seen()).toEqual({ ann: 'admin premium', bob: 'admin premium' })
    await idp.drop(first, second)
    expect(await org.seen()).toEqual({ ann: 'admin premium' })
  })

  test('E5 a group in the middle that is deleted cuts off who was below it', async () => {
    const { idp, org } = await aScene(app)
    const ann = await idp.user('ann')
    const team = await idp.group('Team', [ann])
    const division = await idp.group('Division', [team])
    const company = await idp.group('Company', [division])
    await org.map([{ groupId: company, role: 'admin' }])
    await idp.deleteGroup(division)
    expect(await org.seen()).toEqual({})
    await idp.add(company, team)
    expect(await org.seen()).toEqual({ ann: 'admin premium' })
  })
})

describe('S4 a mapped group is deleted', () => {
  test('S4 its mappings go with it, its people are evaluated, an event tells it', async () => {
    const { idp, org, tenant } = await aScene(app)
    const [ann, bob] = [await idp.user('ann'), await idp.user('bob')]
    const staff = await idp.group('Staff', [ann, bob])
    const leads = await idp.group('Leads', [ann])
    await org.map([
      { groupId: staff, role: 'admin' },
      { groupId: staff, seatType: 'standard' },
      { groupId: leads, role: 'user' },
    ])
    expect(await org.seen()).toEqual({ ann: 'admin standard', bob: 'admin standard' })
    await idp.deleteGroup(staff)
    expect(await org.seen()).toEqual({ ann: 'user standard' })
    const held = (await answered(org.admin.get(org.path('/provisioning')), 200)).body
    expect(held.mappings).toEqual([{ groupId: leads, groupName: 'Leads', role: 'user', seatType: null }])
    const dropped = (await eventsOf(app, tenant.directoryId)).filter(
      ({ type }) => type === 'settings.mappings_dropped',
    )
    expect(dropped).toMatchObject([
      { organization_id: org.id, subject_id: org.id, data: { groupId: staff, why: 'S4' } },
    ])
  })

  test('S4 the version of the settings goes up with the mapping that goes', async () => {
    const { idp, org } = await aScene(app)
    const staff = await idp.group('Staff')
    await org.map([{ groupId: staff, role: 'admin' }])
    const { version } = (await answered(org.admin.get(org.path('/provisioning')), 200)).body
    await idp.deleteGroup(staff)
    const { version: then } = (await answered(org.admin.get(org.path('/provisioning')), 200)).body
    expect(then).toBeGreaterThan(version)
    const late = org.admin.put(org.path('/provisioning'), { mode: 'scim' }).set('If-Match', `"${version}"`)
    await answered(late, 412)
  })

  test('S4 the seats of those who leave go to those who wait', async () => {
    const { idp, org } = await aScene(app)
    await org.buy({ premium: 1, standard: 0 })
    const [ann, bob] = [await idp.user('ann'), await idp.user('bob')]
    const staff = await idp.group('Staff', [ann])
    const leads = await idp.group('Leads')
    await org.map([
      { groupId: staff, role: 'user' },
      { groupId: leads, role: 'admin' },
    ])
    await idp.add(leads, bob)
    expect(await org.seen()).toEqual({ ann: 'user premium', bob: 'waiting for any' })
    await idp.deleteGroup(staff)
    expect(await org.seen()).toEqual({ bob: 'admin premium' })
  })

  test('S4 a mapping of an organization in mode manual goes too, and nobody with it', async () => {
    const { idp, org } = await aScene(app)
    const ann = await idp.user('ann')
    const staff = await idp.group('Staff', [ann])
    await org.save({ mode: 'manual', groupMappings: true, mappings: [{ groupId: staff, role: 'admin' }] })
    await org.add({ userId: ann, role: 'owner' })
    await idp.deleteGroup(staff)
    expect(await org.seen()).toEqual({ ann: 'owner premium' })
    expect((await answered(org.admin.get(org.path('/provisioning')), 200)).body.mappings).toEqual([])
  })
})

describe('E12 renames', () => {
  test('E12 a renamed group keeps its mapping and its people their roles', async () => {
    const { idp, org } = await aScene(app)
    const ann = await idp.user('ann')
    const leads = await idp.group('Leads', [ann])
    await org.map([{ groupId: leads, role: 'admin' }])
    await idp.patchGroup(leads, { op: 'replace', value: { id: leads, displayName: 'Heads' } })
    expect(await org.seen()).toEqual({ ann: 'admin premium' })
    const { mappings } = (await answered(org.admin.get(org.path('/provisioning')), 200)).body
    expect(mappings).toMatchObject([{ groupId: leads, groupName: 'Heads', role: 'admin' }])
  })

  test('E12 a new group that takes the old name gets no role by it', async () => {
    const { idp, org } = await aScene(app)
    const bob = await idp.user('bob')
    const leads = await idp.group('Leads')
    await org.map([{ groupId: leads, role: 'admin' }])
    await idp.patchGroup(leads, { op: 'replace', path: 'displayName', value: 'Heads' })
    await idp.group('Leads', [bob])
    expect(await org.seen()).toEqual({})
  })
})

test('P2 groups and users of another directory are seen by no organization of this one', async () => {
  const [here, there] = [await aScene(app), await aScene(app)]
  const staff = await there.idp.group('Staff')
  const body = { mode: 'scim', groupMappings: true, mappings: [{ groupId: staff, role: 'admin' }] }
  await answered(here.org.admin.put(here.org.path('/provisioning'), body), 400)
  await here.org.save()
  await there.org.save()
  await there.idp.user('ann')
  expect(await here.org.seen()).toEqual({})
  expect(await there.org.seen()).toEqual({ ann: 'user premium' })
})
