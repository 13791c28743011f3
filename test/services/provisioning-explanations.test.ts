// E10 through HTTP: why a member has what it has, and why a directory user is, or is not, a member.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestApp, type TestApp } from '../support/app.ts'
import { type Administrated, answered, aScene } from '../support/provisioning.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

interface Explanation {
  readonly decision: string
  readonly reasons: readonly {
    readonly rule: string
    readonly code: string
    readonly text: string
    readonly groups: readonly { readonly id: string; readonly displayName: string }[]
  }[]
}

/** What is told of a directory user. */
async function ofPerson(org: Administrated, userId: string) {
  const { body } = await answered(org.admin.get(org.path(`/people/${userId}`)), 200)
  const { explanation, ...person }: { explanation: Explanation } & Record<string, unknown> = body
  return { person, decision: explanation.decision, codes: codesIn(explanation) }
}

const codesIn = ({ reasons }: Explanation) => reasons.map(({ rule, code }) => `${rule} ${code}`)

describe('E10 a member', () => {
  test('E10 the groups that gave role and seat, by id and name, and the mappings that lost to them', async () => {
    const { idp, org } = await aScene(app)
    const ann = await idp.user('ann')
    const [leads, staff] = [await idp.group('Leads', [ann]), await idp.group('Staff', [ann])]
    const gold = await idp.group('Gold', [leads])
    await org.map([
      { groupId: leads, role: 'admin' },
      { groupId: staff, role: 'user' },
      { groupId: gold, seatType: 'premium' },
      { groupId: staff, seatType: 'standard' },
    ])
    const { id } = await org.member('ann')
    const { body } = await answered(org.admin.get(org.path(`/members/${id}`)), 200)
    expect(body).toMatchObject({ id, role: 'admin', seatType: 'premium', explanation: { decision: 'keep' } })
    const { reasons }: Explanation = body.explanation
    expect(reasons.map(({ code, groups }) => [code, groups.map(({ displayName }) => displayName)])).toEqual([
      ['in_mapped_group', ['Leads', 'Staff', 'Gold']],
      ['role_from_group', ['Leads']],
      ['role_of_group_lost', ['Staff']],
      ['seat_from_group', ['Gold']],
      ['seat_of_group_lost', ['Staff']],
    ])
    expect(reasons.at(1)).toMatchObject({
      rule: 'E2',
      text: 'The role admin comes from “Leads”.',
      groups: [{ id: leads, displayName: 'Leads' }],
    })
  })

  test('E10 a renamed group is told by its new name', async () => {
    const { idp, org } = await aScene(app)
    const leads = await idp.group('Leads', [await idp.user('ann')])
    await org.map([{ groupId: leads, role: 'admin' }])
    await idp.patchGroup(leads, { op: 'replace', path: 'displayName', value: 'Heads' })
    const { id } = await org.member('ann')
    const { body } = await answered(org.admin.get(org.path(`/members/${id}`)), 200)
    expect(JSON.stringify(body.explanation)).toContain('The role admin comes from “Heads”.')
    expect(JSON.stringify(body.explanation)).not.toContain('“Leads”')
  })

  test('E10 who waits for a higher seat is told so', async () => {
    const { idp, org } = await aScene(app)
    await org.buy({ premium: 0 })
    const ann = await idp.user('ann')
    const [staff, gold] = [await idp.group('Staff', [ann]), await idp.group('Gold')]
    await org.map([
      { groupId: staff, role: 'user' },
      { groupId: gold, seatType: 'premium' },
    ])
    await idp.add(gold, ann)
    const { id } = await org.member('ann')
    const { body } = await answered(org.admin.get(org.path(`/members/${id}`)), 200)
    expect(body).toMatchObject({ seatType: 'standard', waitsFor: 'premium' })
    expect(codesIn(body.explanation)).toContain('E4 seats_full')
  })

  test('E10 in mode manual administrators decide; the primary owner is left alone', async () => {
    const { org } = await aScene(app)
    const ann = await org.add({ email: 'ann@acme.test' })
    const boss = await org.add({ email: 'boss@acme.test' })
    await org.nameOwner(boss)
    const told = async (id: string) =>
      codesIn((await answered(org.admin.get(org.path(`/members/${id}`)), 200)).body.explanation)
    expect(await told(ann)).toEqual(['P2 left_to_administrator'])
    expect(await told(boss)).toEqual(['E11 primary_owner'])
  })

  test('E10 who left is no member, and who is of another organization neither', async () => {
    const { org, join } = await aScene(app)
    const id = await org.add({ email: 'ann@acme.test' })
    const other = await join('enterprise_seats')
    await answered(other.admin.get(other.path(`/members/${id}`)), 404)
    await org.remove(id)
    await answered(org.admin.get(org.path(`/members/${id}`)), 404)
  })
})

describe('E10 a directory user of an organization', () => {
  test('E10 a member, with its id', async () => {
    const { idp, org } = await aScene(app)
    await org.save()
    const ann = await idp.user('ann')
    expect(await ofPerson(org, ann)).toEqual({
      person: { userId: ann, assigned: true, memberId: (await org.member('ann')).id, status: 'active' },
      decision: 'keep',
      codes: ['E1 assigned', 'E2 role_kept', 'E3 seat_kept'],
    })
  })

  test('E10 no member: in no mapped group, inactive, removed by an administrator', async () => {
    const { idp, org } = await aScene(app)
    const ann = await idp.user('ann')
    const nobody = { memberId: null, status: null, userId: ann }
    await org.map([])
    expect(await ofPerson(org, ann)).toEqual({
      person: { ...nobody, assigned: true },
      decision: 'out',
      codes: ['E1 in_no_mapped_group'],
    })
    await org.save()
    await org.remove((await org.member('ann')).id)
    expect(await ofPerson(org, ann)).toEqual({
      person: { ...nobody, assigned: true },
      decision: 'out',
      codes: ['E6 removed_by_administrator'],
    })
    await idp.setActive(ann, false)
    expect(await ofPerson(org, ann)).toEqual({
      person: { ...nobody, assigned: false },
      decision: 'out',
      codes: ['E1 inactive'],
    })
  })

  test('E10 waiting: the seats are full', async () => {
    const { idp, org } = await aScene(app)
    await org.buy({ premium: 0, standard: 0 })
    await org.save()
    const ann = await idp.user('ann')
    expect(await ofPerson(org, ann)).toMatchObject({
      person: { assigned: true, status: 'waiting' },
      decision: 'wait',
      codes: ['E1 assigned', 'E2 base_role', 'E3 highest_available_seat', 'E4 seats_full'],
    })
  })

  test('E10 in mode manual the member that it is by e-mail, or nobody', async () => {
    const { idp, org } = await aScene(app)
    const id = await org.add({ email: 'ANN@acme.test' })
    expect(await ofPerson(org, await idp.user('ann'))).toMatchObject({
      person: { memberId: id, status: 'active' },
      codes: ['P2 left_to_administrator'],
    })
    expect(await ofPerson(org, await idp.user('bob'))).toMatchObject({
      person: { memberId: null },
      codes: ['P2 left_to_administrator'],
    })
  })

  test('E10 users of another directory, and deleted ones, are not found', async () => {
    const [here, there] = [await aScene(app), await aScene(app)]
    const stranger = await there.idp.user('ann')
    await answered(here.org.admin.get(here.org.path(`/people/${stranger}`)), 404)
    const ann = await here.idp.user('ann')
    await here.idp.deleteUser(ann)
    await answered(here.org.admin.get(here.org.path(`/people/${ann}`)), 404)
  })
})
