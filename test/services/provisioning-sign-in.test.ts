// The five rows of the table of domain.md section 2, each as a test that reads like its row: who joins, what changes
// role and seat, who leaves, by pushes, by an administrator and by sign-ins (section 6).

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestApp, type TestApp } from '../support/app.ts'
import { answered, aScene, eventsOf, inShort } from '../support/provisioning.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

const nobody = {}

test('domain.md 2 manual: joins, changes and leaves by an administrator; a sign-in says what is', async () => {
  const { idp, org } = await aScene(app)
  const ann = await idp.user('ann')
  expect(inShort(await org.signIn('ann'))).toBe('refused: P2 left_to_administrator, P2 not_a_member')
  expect(await org.seen()).toEqual(nobody)

  const id = await org.add({ email: 'ann@acme.test' })
  await org.change(id, { role: 'admin', seatType: 'standard' })
  expect(inShort(await org.signIn('ann'))).toBe('allowed: admin standard')
  await idp.setActive(ann, false)
  expect(inShort(await org.signIn('ann'))).toBe('allowed: admin standard')

  await org.remove(id)
  expect(inShort(await org.signIn('ann'))).toBe('refused: P2 left_to_administrator, P2 not_a_member')
})

describe('domain.md 2 jit', () => {
  test('domain.md 2 jit: joins at the first sign-in, with the base role, if assigned to the IdP’s application', async () => {
    const { tenant, idp, org } = await aScene(app)
    await org.save({ mode: 'jit' })
    const ann = await idp.user('ann')
    await idp.user('bob', { active: false })
    expect(await org.seen()).toEqual(nobody)

    const answer = await org.signIn('ann')
    expect(answer).toMatchObject({
      allowed: true,
      unknownGroups: [],
      member: { userId: ann, status: 'active', role: 'user', seatType: 'premium', source: 'jit' },
    })
    expect(answer.why.map(({ rule, code }) => `${rule} ${code}`)).toEqual([
      'E1 assigned',
      'E2 base_role',
      'E3 highest_available_seat',
    ])
    expect(answer.member).toEqual(await org.member('ann'))
    expect(inShort(await org.signIn('bob'))).toBe('refused: E1 inactive')
    expect(inShort(await org.signIn('stranger'))).toBe('refused: E1 not_in_directory')
    expect(await org.seen()).toEqual({ ann: 'user premium' })

    const told = (await eventsOf(app, tenant.directoryId)).filter(({ type }) => type.startsWith('member.'))
    expect(told).toMatchObject([
      { type: 'member.added', actor: { kind: 'admin_token' }, subject_id: answer.member?.id },
    ])
  })

  test('domain.md 2 jit: role and seat change by an administrator, and no sign-in takes that back', async () => {
    const { idp, org } = await aScene(app)
    await org.save({ mode: 'jit' })
    await idp.user('ann')
    const { member } = await org.signIn('ann')
    await org.change(member?.id ?? '', { role: 'owner', seatType: 'standard' })
    expect(inShort(await org.signIn('ann'))).toBe('allowed: owner standard')
  })

  test.each(['deactivated', 'deleted'])(
    'domain.md 2 jit: a user who is %s cannot sign in any more, but stays listed until a sign-in is tried',
    async (how) => {
      const { tenant, idp, org } = await aScene(app)
      await org.save({ mode: 'jit' })
      const ann = await idp.user('ann')
      await org.signIn('ann')
      await (how === 'deleted' ? idp.deleteUser(ann) : idp.setActive(ann, false))
      await org.save({ mode: 'jit' })
      expect(await org.seen()).toEqual({ ann: 'user premium' })

      const code = how === 'deleted' ? 'not_in_directory' : 'inactive'
      expect(inShort(await org.signIn('ann'))).toBe(`refused: E1 ${code}`)
      expect(await org.seen()).toEqual(nobody)
      expect(await org.assigned()).toEqual({ premium: 0, standard: 0 })
      const last = (await eventsOf(app, tenant.directoryId)).at(-1)
      expect(last).toMatchObject({ type: 'member.removed', data: { why: [{ rule: 'E1', code }] } })
    },
  )

  test('domain.md 2 jit: stays listed until an administrator removes it', async () => {
    const { idp, org } = await aScene(app)
    await org.save({ mode: 'jit' })
    const ann = await idp.user('ann')
    const { member } = await org.signIn('ann')
    await idp.setActive(ann, false)
    await org.remove(member?.id ?? '')
    expect(await org.seen()).toEqual(nobody)
    await idp.setActive(ann, true)
    expect(await org.signIn('ann')).toMatchObject({ allowed: true, member: { id: member?.id } })
  })
})

describe('domain.md 2 jit + mappings', () => {
  test('domain.md 2 jit + mappings: joins at sign-in if in at least one mapped group, with the most permissive role of its groups', async () => {
    const { idp, org } = await aScene(app)
    const [ann, bob] = [await idp.user('ann'), await idp.user('bob')]
    const [staff, leads] = [await idp.group('Staff', [ann]), await idp.group('Leads', [ann])]
    await idp.group('Others', [bob])
    await org.save({
      mode: 'jit',
      groupMappings: true,
      mappings: [
        { groupId: staff, role: 'user' },
        { groupId: leads, role: 'admin' },
        { groupId: staff, seatType: 'standard' },
      ],
    })
    expect(await org.seen()).toEqual(nobody)
    expect(inShort(await org.signIn('ann'))).toBe('allowed: admin standard')
    expect(inShort(await org.signIn('bob'))).toBe('refused: E1 in_no_mapped_group')
    expect(await org.seen()).toEqual({ ann: 'admin standard' })
  })

  test('domain.md 2 jit + mappings: role and seat change at the next sign-in, from the groups', async () => {
    const { idp, org } = await aScene(app)
    const ann = await idp.user('ann')
    const [staff, gold] = [await idp.group('Staff', [ann]), await idp.group('Gold')]
    const mappings = [
      { groupId: staff, seatType: 'standard' },
      { groupId: gold, role: 'owner' },
      { groupId: gold, seatType: 'premium' },
    ]
    await org.save({ mode: 'jit', groupMappings: true, mappings })
    await org.signIn('ann')
    await idp.add(gold, ann)
    await org.save({ mode: 'jit', groupMappings: true, mappings })
    expect(await org.seen()).toEqual({ ann: 'user standard' })
    expect(inShort(await org.signIn('ann'))).toBe('allowed: owner premium')
    const { id } = await org.member('ann')
    await answered(org.admin.patch(org.path(`/members/${id}`), { role: 'user' }), 409)
  })

  test('domain.md 2 jit + mappings: without a mapped group cannot sign in; stays listed until a sign-in is tried', async () => {
    const { idp, org } = await aScene(app)
    const ann = await idp.user('ann')
    const staff = await idp.group('Staff', [ann])
    await org.save({ mode: 'jit', groupMappings: true, mappings: [{ groupId: staff, role: 'user' }] })
    await org.signIn('ann')
    await idp.drop(staff, ann)
    expect(await org.seen()).toEqual({ ann: 'user premium' })
    expect(inShort(await org.signIn('ann'))).toBe('refused: E1 in_no_mapped_group')
    expect(await org.seen()).toEqual(nobody)
  })

  test('domain.md 2 jit + mappings: stays listed until an administrator removes it; the groups decide anew at the next sign-in', async () => {
    const { idp, org } = await aScene(app)
    const staff = await idp.group('Staff', [await idp.user('ann')])
    await org.save({ mode: 'jit', groupMappings: true, mappings: [{ groupId: staff, role: 'admin' }] })
    const { member } = await org.signIn('ann')
    await org.remove(member?.id ?? '')
    expect(await org.seen()).toEqual(nobody)
    expect(await org.signIn('ann')).toMatchObject({
      allowed: true,
      member: { id: member?.id, role: 'admin' },
    })
  })
})

test('domain.md 2 scim: joins and leaves at once in every organization in this mode; a sign-in changes nothing', async () => {
  const { idp, org, join } = await aScene(app)
  const [second, manual] = [await join('console'), await join('enterprise_usage')]
  await org.save()
  await second.save()
  const ann = await idp.user('ann')
  expect([await org.seen(), await second.seen(), await manual.seen()]).toEqual([
    { ann: 'user premium' },
    { ann: 'user' },
    nobody,
  ])
  await org.change((await org.member('ann')).id, { role: 'admin' })
  const before = await org.members()
  expect(inShort(await org.signIn('ann', ['whatever']))).toBe('allowed: admin premium')
  expect(inShort(await org.signIn('stranger'))).toBe('refused: E1 not_in_directory')
  expect(await org.members()).toEqual(before)
  await idp.setActive(ann, false)
  expect([await org.seen(), await second.seen()]).toEqual([nobody, nobody])
  expect(inShort(await org.signIn('ann'))).toBe('refused: E1 inactive')
})

test('domain.md 2 scim + mappings: joins, changes and leaves at once with its groups; a sign-in changes nothing', async () => {
  const { idp, org } = await aScene(app)
  const ann = await idp.user('ann')
  const [staff, leads] = [await idp.group('Staff'), await idp.group('Leads')]
  await org.map([
    { groupId: staff, role: 'user' },
    { groupId: leads, role: 'admin' },
  ])
  expect(inShort(await org.signIn('ann', ['Leads']))).toBe('refused: E1 in_no_mapped_group')
  await idp.add(staff, ann)
  expect(await org.seen()).toEqual({ ann: 'user premium' })
  expect(inShort(await org.signIn('ann', ['Leads']))).toBe('allowed: user premium')
  await idp.add(leads, ann)
  expect(inShort(await org.signIn('ann', []))).toBe('allowed: admin premium')
  await idp.drop(leads, ann)
  await idp.drop(staff, ann)
  expect(await org.seen()).toEqual(nobody)
  expect(inShort(await org.signIn('ann', ['Staff']))).toBe('refused: E1 in_no_mapped_group')
})
