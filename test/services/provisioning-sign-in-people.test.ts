// Sign-ins (domain.md section 6) of people of every kind: found by address or name (E7), added or removed by hand (E6),
// waiting for a seat (E4), the primary owner (E11), and in organizations that change their mode (P2).

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PlanName } from '../../src/provisioning/catalogue.ts'
import { startTestApp, type TestApp } from '../support/app.ts'
import { type Administrated, answered, aScene, inShort } from '../support/provisioning.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

const signInAs = async (org: Administrated, body: { email: string } | { userName: string }) =>
  (await answered(org.admin.post(org.path('/sign-ins'), body), 200)).body

/** An organization in mode `jit`. */
async function aJitScene(...plan: PlanName[]) {
  const scene = await aScene(app, ...plan)
  await scene.org.save({ mode: 'jit' })
  return scene
}

describe('E7 who signs in', () => {
  test('E7 by the primary e-mail and by the userName, without case, is one member', async () => {
    const { idp, org } = await aJitScene()
    const emails = [{ value: 'Ann.Lee@acme.test', primary: true }, { value: 'other@acme.test' }]
    const ann = await idp.user('ann', { userName: 'ann-7', emails })
    for (const name of ['ANN-7', 'ann.lee@acme.test']) {
      expect((await signInAs(org, { userName: name })).member, name).toMatchObject({ userId: ann })
      expect((await signInAs(org, { email: name })).member, name).toMatchObject({ userId: ann })
    }
    expect(await org.members()).toHaveLength(1)
    expect(inShort(await signInAs(org, { email: 'other@acme.test' }))).toBe('refused: E1 not_in_directory')
  })

  test('E7 the user of that name comes before another whose address is that name', async () => {
    const { idp, org } = await aJitScene()
    await idp.user('twin', { userName: 'x', emails: [{ value: 'ann@acme.test', primary: true }] })
    const ann = await idp.user('ann', { emails: [{ value: 'lee@acme.test', primary: true }] })
    expect((await signInAs(org, { userName: 'ann@acme.test' })).member.userId).toBe(ann)
    expect((await signInAs(org, { email: 'ann@acme.test' })).member.userId).not.toBe(ann)
  })

  test('E7 of two users with one address it is the active one', async () => {
    const { idp, org } = await aJitScene()
    const emails = [{ value: 'ann@acme.test', primary: true }]
    await idp.user('ann-old', { emails, active: false })
    const ann = await idp.user('ann-new', { emails })
    expect((await org.signIn('ann')).member).toMatchObject({ userId: ann })
  })

  test('E7 E12 a member that was added by hand is the user of its address, and stays it when that changes', async () => {
    const { idp, org } = await aScene(app)
    const id = await org.add({ email: 'ANN@acme.test', role: 'admin' })
    await org.save({ mode: 'jit' })
    const ann = await idp.user('ann')
    expect((await org.signIn('ann')).member).toMatchObject({
      id,
      userId: ann,
      role: 'admin',
      source: 'manual',
    })
    await idp.patchUser(ann, { op: 'replace', path: 'userName', value: 'lee@acme.test' })
    expect((await org.signIn('lee')).member).toMatchObject({ id, email: 'lee@acme.test' })
    expect(inShort(await org.signIn('ann'))).toBe('refused: E1 not_in_directory')
    expect(await org.seen()).toEqual({ lee: 'admin premium' })
  })

  test('section 6 a refused sign-in removes also a member whom the directory never had', async () => {
    const { org } = await aScene(app)
    await org.add({ email: 'ann@acme.test' })
    await org.save({ mode: 'jit' })
    expect(await org.seen()).toEqual({ ann: 'user premium' })
    expect(inShort(await org.signIn('ann'))).toBe('refused: E1 not_in_directory')
    expect(await org.seen()).toEqual({})
  })

  test('E8 who was refused and is assigned again has the same id', async () => {
    const { idp, org } = await aJitScene()
    const ann = await idp.user('ann')
    const first = await org.signIn('ann')
    await idp.deleteUser(ann)
    await org.signIn('ann')
    await idp.user('ann')
    expect((await org.signIn('ann')).member?.id).toBe(first.member?.id)
  })

  test('section 6 users of another directory are strangers', async () => {
    const [here, there] = [await aJitScene(), await aJitScene()]
    await there.idp.user('ann')
    expect(inShort(await here.org.signIn('ann'))).toBe('refused: E1 not_in_directory')
  })
})

describe('E6 whom an administrator removed', () => {
  test('E6 is refused while assigned, and may be added by hand', async () => {
    const { idp, org } = await aJitScene()
    await idp.user('ann')
    const id = (await org.signIn('ann')).member?.id ?? ''
    await org.remove(id)
    expect(inShort(await org.signIn('ann'))).toBe('refused: E6 removed_by_administrator')
    expect(await org.add({ email: 'ann@acme.test' })).toBe(id)
    expect(inShort(await org.signIn('ann'))).toBe('allowed: user premium')
  })

  test.each(['deactivated', 'deleted'])('E6 may sign in after being %s and assigned anew', async (how) => {
    const { idp, org } = await aScene(app)
    const id = await org.add({ email: 'ann@acme.test' })
    await org.save({ mode: 'jit' })
    const ann = await idp.user('ann')
    await org.remove(id)
    if (how === 'deleted') {
      await idp.deleteUser(ann)
      await idp.user('ann')
    } else {
      await idp.setActive(ann, false)
      await idp.setActive(ann, true)
    }
    expect((await org.signIn('ann')).member).toMatchObject({ id })
  })
})

describe('E4 seats', () => {
  test('E4 who finds none waits and stays out; a refused sign-in frees one for whoever waits longest', async () => {
    const { idp, org } = await aJitScene()
    await org.buy({ premium: 1, standard: 0 })
    const [ann] = [await idp.user('ann'), await idp.user('bob'), await idp.user('cy')]
    await org.signIn('ann')
    for (const name of ['cy', 'bob', 'cy']) {
      const answer = await org.signIn(name)
      expect(answer).toMatchObject({
        allowed: false,
        member: { status: 'waiting', role: null, waitsFor: 'any' },
      })
      expect(answer.why.at(-1)).toMatchObject({ rule: 'E4', code: 'seats_full' })
    }
    await idp.setActive(ann, false)
    expect(await org.seen()).toEqual({ ann: 'user premium', bob: 'waiting for any', cy: 'waiting for any' })
    await org.signIn('ann')
    expect(await org.seen()).toEqual({ bob: 'waiting for any', cy: 'user premium' })
    expect(await org.assigned()).toEqual({ premium: 1, standard: 0 })
    expect(inShort(await org.signIn('cy'))).toBe('allowed: user premium')
  })

  test('E4 who is unassigned waits no more, and the seat goes to the next', async () => {
    const { idp, org } = await aJitScene()
    await org.buy({ premium: 0, standard: 0 })
    const [ann] = [await idp.user('ann'), await idp.user('bob')]
    await org.signIn('ann')
    await org.signIn('bob')
    await idp.setActive(ann, false)
    expect(await org.seen()).toEqual({ bob: 'waiting for any' })
    await org.buy({ premium: 1 })
    expect(await org.seen()).toEqual({ bob: 'user premium' })
  })

  test('E4 who lost the mapped group while waiting is passed over', async () => {
    const { idp, org } = await aScene(app)
    await org.buy({ premium: 1, standard: 0 })
    const people = [await idp.user('ann'), await idp.user('bob'), await idp.user('cy'), await idp.user('dee')]
    const staff = await idp.group('Staff', people)
    await org.save({ mode: 'jit', groupMappings: true, mappings: [{ groupId: staff, role: 'user' }] })
    for (const name of ['ann', 'bob', 'cy', 'dee']) await org.signIn(name)
    await idp.drop(staff, ...people.slice(0, 3))
    await org.signIn('ann')
    expect(await org.seen()).toEqual({ dee: 'user premium' })
  })

  test('E4 a member waits for the seat that its groups ask for, and gets it between sign-ins', async () => {
    const { idp, org } = await aScene(app)
    await org.buy({ premium: 0 })
    const gold = await idp.group('Gold', [await idp.user('ann')])
    await org.save({ mode: 'jit', groupMappings: true, mappings: [{ groupId: gold, seatType: 'premium' }] })
    expect(inShort(await org.signIn('ann'))).toBe('refused: waiting for premium')
    await org.buy({ premium: 1 })
    expect(await org.seen()).toEqual({ ann: 'user premium' })
  })

  test('E4 a member on a lower seat climbs while its groups ask for it, with the role it has', async () => {
    const { idp, org } = await aScene(app)
    const ann = await idp.user('ann')
    const [staff, gold] = [await idp.group('Staff', [ann]), await idp.group('Gold')]
    const mappings = [
      { groupId: staff, role: 'user' },
      { groupId: gold, role: 'owner' },
      { groupId: gold, seatType: 'premium' },
    ]
    await org.buy({ premium: 0 })
    await org.save({ mode: 'jit', groupMappings: true, mappings })
    await org.signIn('ann')
    expect(inShort(await org.signIn('ann', ['Gold']))).toBe('allowed: owner standard, waiting for premium')
    await org.signIn('ann', ['Gold', 'Staff'])
    await org.buy({ premium: 1 })
    expect(await org.seen()).toEqual({ ann: 'owner premium' })
  })
})

describe('E11 the primary owner', () => {
  test.each(['jit', 'scim'])(
    'E11 in mode %s is asked whether it is assigned, and left alone',
    async (mode) => {
      const { idp, org } = await aScene(app)
      await org.nameOwner(await org.add({ email: 'boss@acme.test' }))
      const staff = await idp.group('Staff')
      await org.save({ mode, groupMappings: true, mappings: [{ groupId: staff, role: 'user' }] })
      const answer = await org.signIn('boss')
      expect(answer).toMatchObject({ allowed: false, member: { role: 'owner' } })
      expect(answer.why).toMatchObject([{ code: 'primary_owner' }, { rule: 'E1', code: 'not_in_directory' }])

      const boss = await idp.user('boss')
      expect(inShort(await org.signIn('boss', []))).toBe('allowed: owner premium')
      await idp.setActive(boss, false)
      expect(await org.signIn('boss')).toMatchObject({ allowed: false, member: { role: 'owner' } })
      expect(await org.seen()).toEqual({ boss: 'owner premium' })
    },
  )
})

describe('P2', () => {
  test.each<[PlanName, string]>([
    ['team', 'user premium'],
    ['enterprise_usage_single', 'user enterprise'],
    ['console', 'user'],
  ])('P2 jit is for the plan %s', async (plan, holding) => {
    const { idp, org } = await aScene(app, plan, 'team')
    await org.save({ mode: 'jit' })
    await idp.user('ann')
    expect(inShort(await org.signIn('ann'))).toBe(`allowed: ${holding}`)
  })

  test('P2 from scim to jit members stay, and who waits without a sign-in waits no more', async () => {
    const { idp, org } = await aScene(app)
    await org.buy({ premium: 1, standard: 0 })
    await org.save()
    await idp.user('ann')
    await idp.user('bob')
    expect(await org.seen()).toEqual({ ann: 'user premium', bob: 'waiting for any' })
    expect(await org.save({ mode: 'jit' })).toMatchObject({ removed: 1, unchanged: 1 })
    expect(await org.seen()).toEqual({ ann: 'user premium' })
  })

  test('P2 from jit to scim and to manual: who waits is evaluated, then left to the administrator', async () => {
    const { idp, org } = await aJitScene()
    await org.buy({ premium: 0, standard: 0 })
    await idp.user('ann')
    await org.signIn('ann')
    await org.save()
    expect(await org.member('ann')).toMatchObject({ status: 'waiting', source: 'scim' })
    await org.save({ mode: 'manual' })
    expect(await org.seen()).toEqual({})
  })
})
