// Section 6: the groups that the assertion of a sign-in names, by name, externalId or id, and what they count for in
// mode `jit` with mappings.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestApp, type TestApp } from '../support/app.ts'
import { answered, aScene, inShort, type Scene, type SettingsBody } from '../support/provisioning.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

interface Mapped extends Scene {
  readonly staff: string
  readonly leads: string
}

/** Ann is in the directory’s Staff, which makes her a user; Leads makes admins. */
async function aMappedScene(): Promise<Mapped> {
  const scene = await aScene(app)
  const { idp, org } = scene
  const ann = await idp.user('ann')
  const [staff, leads] = [await idp.group('Staff', [ann]), await idp.group('Leads')]
  await idp.patchGroup(leads, { op: 'add', path: 'externalId', value: 'a1-B2' })
  await org.save(jit([staff, 'user'], [leads, 'admin']))
  return { ...scene, staff, leads }
}

const jit = (...roles: [groupId: string, role: string][]): SettingsBody => ({
  mode: 'jit',
  groupMappings: true,
  mappings: roles.map(([groupId, role]) => ({ groupId, role })),
})

describe('section 6 the groups of the assertion', () => {
  test('section 6 by name without case, by externalId, by id', async () => {
    const { org, leads } = await aMappedScene()
    for (const name of ['Leads', 'LEADS', 'a1-B2', leads]) {
      expect(inShort(await org.signIn('ann', [name])), name).toBe('allowed: admin premium')
      expect(inShort(await org.signIn('ann', ['Staff'])), name).toBe('allowed: user premium')
    }
  })

  test('section 6 stand in the place of the directory’s, which count where the assertion has none', async () => {
    const { org } = await aMappedScene()
    expect(inShort(await org.signIn('ann', ['Leads']))).toBe('allowed: admin premium')
    expect(inShort(await org.signIn('ann'))).toBe('allowed: user premium')
    expect(inShort(await org.signIn('ann', []))).toBe('refused: E1 in_no_mapped_group')
    expect(await org.seen()).toEqual({})
  })

  test('section 6 names that mean no group count for nothing, and the answer tells them', async () => {
    const { org } = await aMappedScene()
    const there = await aScene(app)
    const foreign = await there.idp.group('Elsewhere')
    const answer = await org.signIn('ann', ['Leads', 'Elsewhere', foreign, 'A1-b2', 'Leads', 'Elsewhere'])
    expect(inShort(answer)).toBe('allowed: admin premium')
    expect(answer.unknownGroups).toEqual(['Elsewhere', foreign, 'A1-b2'])
    const refused = await org.signIn('ann', ['Elsewhere'])
    expect(inShort(refused)).toBe('refused: E1 in_no_mapped_group')
    expect(refused.unknownGroups).toEqual(['Elsewhere'])
  })

  test('E5 a group in a mapped group counts', async () => {
    const { idp, org, leads } = await aMappedScene()
    const heads = await idp.group('Heads')
    await idp.add(leads, heads)
    expect(inShort(await org.signIn('ann', ['Heads']))).toBe('allowed: admin premium')
  })

  test('E1 they do not replace the assignment: who is inactive or unknown stays out', async () => {
    const { idp, org } = await aMappedScene()
    await idp.user('bob', { active: false })
    expect(inShort(await org.signIn('bob', ['Leads']))).toBe('refused: E1 inactive')
    expect(inShort(await org.signIn('stranger', ['Leads']))).toBe('refused: E1 not_in_directory')
    expect(await org.seen()).toEqual({})
  })

  test('section 6 without mappings they say nothing', async () => {
    const { org } = await aMappedScene()
    await org.save({ mode: 'jit' })
    const answer = await org.signIn('ann', ['No such group'])
    expect(inShort(answer)).toBe('allowed: user premium')
    expect(answer.unknownGroups).toEqual([])
  })
})

describe('E10 between sign-ins', () => {
  test('E10 a member is explained by the groups of its last sign-in', async () => {
    const { org, leads } = await aMappedScene()
    const { member } = await org.signIn('ann', ['Leads'])
    const { body } = await answered(org.admin.get(org.path(`/members/${member?.id}`)), 200)
    expect(body.explanation.decision).toBe('keep')
    expect(body.explanation.reasons).toMatchObject([
      { code: 'left_to_sign_in' },
      { code: 'in_mapped_group', groups: [{ id: leads }] },
      { code: 'role_from_group', text: 'The role admin comes from “Leads”.' },
      { code: 'seat_kept' },
    ])
  })

  test('E6 an administrator’s change is refused, and the error names the group of the last sign-in', async () => {
    const { org } = await aMappedScene()
    const { member } = await org.signIn('ann', ['Leads'])
    const change = org.admin.patch(org.path(`/members/${member?.id}`), { role: 'owner' })
    expect((await answered(change, 409)).body).toMatchObject({
      rule: 'E6',
      detail: expect.stringContaining('Leads'),
    })
  })

  test('E10 a directory user who never signed in: that sign-in decides, and what it would find', async () => {
    const { idp, org } = await aMappedScene()
    const bob = await idp.user('bob')
    const { body } = await answered(org.admin.get(org.path(`/people/${bob}`)), 200)
    expect(body).toMatchObject({ memberId: null, explanation: { decision: 'out' } })
    expect(body.explanation.reasons.map(({ code }: { code: string }) => code)).toEqual([
      'left_to_sign_in',
      'in_no_mapped_group',
    ])
  })

  test('E4 who waits for a seat gets the role of the groups of that sign-in, and then the seat', async () => {
    const { org } = await aMappedScene()
    await org.buy({ premium: 0, standard: 0 })
    expect(inShort(await org.signIn('ann', ['Leads']))).toBe('refused: waiting for any')
    await org.buy({ standard: 1 })
    expect(await org.seen()).toEqual({ ann: 'admin standard' })
  })

  test('S4 E12 a group that is renamed counts on, one that is deleted counts no more', async () => {
    const { idp, org, leads, staff } = await aMappedScene()
    await org.signIn('ann', ['Leads'])
    await idp.patchGroup(leads, { op: 'replace', path: 'displayName', value: 'Heads' })
    expect(inShort(await org.signIn('ann', ['Heads', 'Staff']))).toBe('allowed: admin premium')
    await idp.deleteGroup(leads)
    expect(await org.seen()).toEqual({ ann: 'admin premium' })
    const answer = await org.signIn('ann', ['Heads', staff])
    expect(inShort(answer)).toBe('allowed: user premium')
    expect(answer.unknownGroups).toEqual(['Heads'])
  })

  test('P2 from jit to scim the groups of the directory decide again', async () => {
    const { org, staff, leads } = await aMappedScene()
    await org.signIn('ann', ['Leads'])
    await org.map([
      { groupId: staff, role: 'user' },
      { groupId: leads, role: 'admin' },
    ])
    expect(await org.seen()).toEqual({ ann: 'user premium' })
    await org.save(jit([staff, 'user'], [leads, 'admin']))
    expect(inShort(await org.signIn('ann'))).toBe('allowed: user premium')
  })
})
