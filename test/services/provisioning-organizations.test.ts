// Several organizations on one parent follow one push, each by its plan, mode and mappings (P1, P2, domain.md 2).

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestApp, type TestApp } from '../support/app.ts'
import { type Administrated, answered, aScene } from '../support/provisioning.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

test('domain.md 2 one push is followed by every organization of the parent, by its plan and mode', async () => {
  const { idp, org: seats, join } = await aScene(app, 'enterprise_seats')
  const [usage, single, console] = [
    await join('enterprise_usage'),
    await join('enterprise_usage_single'),
    await join('console'),
  ]
  const [manual, team] = [await join('enterprise_seats'), await join('team')]
  const [engineers, finance] = [await idp.group('Engineers'), await idp.group('Finance')]
  await seats.save()
  await usage.map([{ groupId: engineers, seatType: 'chat' }])
  await single.map([{ groupId: engineers, role: 'admin' }])
  await console.map([
    { groupId: engineers, role: 'developer' },
    { groupId: finance, role: 'billing' },
  ])
  const all = [seats, usage, single, console, manual, team]
  const seen = () => Promise.all(all.map((organization) => organization.seen()))

  const ann = await idp.user('ann')
  expect(await seen()).toEqual([{ ann: 'user premium' }, {}, {}, {}, {}, {}])
  await idp.add(finance, ann)
  expect(await seen()).toEqual([{ ann: 'user premium' }, {}, {}, { ann: 'billing' }, {}, {}])
  await idp.add(engineers, ann)
  expect(await seen()).toEqual([
    { ann: 'user premium' },
    { ann: 'user chat' },
    { ann: 'admin enterprise' },
    { ann: 'developer' },
    {},
    {},
  ])
  await idp.setActive(ann, false)
  expect(await seen()).toEqual([{}, {}, {}, {}, {}, {}])
  await idp.setActive(ann, true)
  await idp.deleteGroup(engineers)
  expect(await seen()).toEqual([{ ann: 'user premium' }, {}, {}, { ann: 'billing' }, {}, {}])
  await idp.deleteUser(ann)
  expect(await seen()).toEqual([{}, {}, {}, {}, {}, {}])
})

test('E4 seats run out in one organization only: the other takes the person in', async () => {
  const { idp, org, join } = await aScene(app)
  const other = await join('enterprise_usage_single')
  await org.save()
  await other.save()
  await org.buy({ premium: 0, standard: 0 })
  await idp.user('ann')
  expect(await org.seen()).toEqual({ ann: 'waiting for any' })
  expect(await other.seen()).toEqual({ ann: 'user enterprise' })
})

test('E3 a Console organization has members without seats, and no seats to buy or to map', async () => {
  const { idp, org } = await aScene(app, 'console', 'none')
  await org.save()
  const ann = await idp.user('ann')
  expect(await org.seen()).toEqual({ ann: 'user' })
  expect(await org.assigned()).toEqual({})
  await answered(org.admin.put(org.path('/seats'), { premium: 3 }), 400)
  await answered(
    org.admin.patch(org.path(`/members/${(await org.member('ann')).id}`), { seatType: 'premium' }),
    400,
  )
  const staff = await idp.group('Staff', [ann])
  const body = { mode: 'scim', groupMappings: true, mappings: [{ groupId: staff, seatType: 'premium' }] }
  await answered(org.admin.put(org.path('/provisioning'), body), 400)
  expect(await org.seen()).toEqual({ ann: 'user' })
})

test('P1 on each plan each role can be mapped, and the most permissive wins', async () => {
  const { idp, org } = await aScene(app, 'console', 'enterprise')
  const roles = ['user', 'claude_code_user', 'billing', 'developer', 'admin']
  const ann = await idp.user('ann')
  const groups = await Promise.all(roles.map((role) => idp.group(`Group of ${role}`)))
  await org.map(roles.map((role, i) => ({ groupId: groups[i] ?? '', role })))
  for (const [i, role] of roles.entries()) {
    await idp.add(groups[i] ?? '', ann)
    expect(await org.seen()).toEqual({ ann: role })
  }
})

describe('P2 who may use SCIM', () => {
  const save = (org: Administrated) => org.admin.put(org.path('/provisioning'), { mode: 'scim' })

  test.each([
    ['team', 'team', 'A Team organization'],
    ['team', 'enterprise', 'A Team organization'],
    ['console', 'team', 'A Console organization joined to a Team parent'],
  ] as const)(
    'P2 plan %s with a parent of plan %s is refused it, and told why',
    async (plan, parent, words) => {
      const { idp, org } = await aScene(app, plan, parent)
      await idp.user('ann')
      const { body } = await answered(save(org), 409)
      expect(body).toMatchObject({ rule: 'P2' })
      expect(body.detail).toContain(words)
      const held = (await answered(org.admin.get(org.path('/provisioning')), 200)).body
      expect(held).toMatchObject({ mode: 'manual', version: 1 })
      expect(await org.seen()).toEqual({})
    },
  )

  test.each([
    ['enterprise_seats', 'enterprise'],
    ['enterprise_usage', 'enterprise'],
    ['enterprise_usage_single', 'enterprise'],
    ['console', 'enterprise'],
    ['console', 'none'],
  ] as const)('P2 plan %s with a parent of plan %s may', async (plan, parent) => {
    const { org } = await aScene(app, plan, parent)
    await answered(save(org), 200)
  })

  test('P2 a Team organization has members by hand', async () => {
    const { org } = await aScene(app, 'team', 'team')
    await org.add({ email: 'ann@acme.test', role: 'owner', seatType: 'standard' })
    expect(await org.seen()).toEqual({ ann: 'owner standard' })
  })

  test('P1 roles, seat types and modes that the plan does not have are refused, and nothing is saved', async () => {
    const { idp, org } = await aScene(app)
    const staff = await idp.group('Staff')
    const refused = [
      { mode: 'scim', groupMappings: true, mappings: [{ groupId: staff, role: 'developer' }] },
      { mode: 'scim', groupMappings: true, mappings: [{ groupId: staff, seatType: 'chat' }] },
      {
        mode: 'scim',
        groupMappings: true,
        mappings: [{ groupId: staff, role: 'user', seatType: 'premium' }],
      },
      { mode: 'scim', groupMappings: true, mappings: [{ groupId: staff }] },
      { mode: 'scim', groupMappings: true, mappings: [{ groupId: org.id, role: 'user' }] },
      { mode: 'automatic' },
    ]
    for (const body of refused) await answered(org.admin.put(org.path('/provisioning'), body), 400)
    const held = (await answered(org.admin.get(org.path('/provisioning')), 200)).body
    expect(held).toMatchObject({ mode: 'manual', version: 1, mappings: [] })
  })
})
