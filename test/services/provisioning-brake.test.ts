// S5 the brake, through HTTP on a real PostgreSQL: pushes beyond the limit change the directory and leave the members.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectProblem } from '../support/answers.ts'
import { startTestApp, type TestApp } from '../support/app.ts'
import { brake, decide, held, namesOf, users } from '../support/brake.ts'
import { answered, aScene, eventsOf } from '../support/provisioning.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

describe('S5 scim', () => {
  test('S5 as many as the limit leave, the next are held and keep role and seat; the directory follows', async () => {
    const { idp, org, tenant } = await aScene(app)
    const [a = '', b = '', c = '', d = ''] = await users(idp, 'a', 'b', 'c', 'd', 'e')
    await org.save({ brake: brake(2) })
    await org.change((await org.member('c')).id, { role: 'admin' })
    await idp.setActive(a, false)
    await idp.deleteUser(b)
    await idp.setActive(c, false)
    await idp.deleteUser(d)
    expect(await org.seen()).toEqual({ c: 'admin premium', d: 'user premium', e: 'user premium' })
    expect(await held(org)).toEqual(['c', 'd'])
    expect((await answered(idp.scim.get(`/Users/${c}`), 200)).body.active).toBe(false)
    expectGone(await idp.scim.get(`/Users/${d}`))
    expect(await org.assigned()).toMatchObject({ premium: 3 })

    const member = await org.member('c')
    expect(member.removalHeldSince).toEqual(expect.any(String))
    expect(member.removalDiscardedSince).toBeNull()
    const events = await eventsOf(app, tenant.directoryId)
    expect(events.filter(({ type }) => type === 'member.removed')).toHaveLength(2)
    const told = events.filter(({ type }) => type === 'member.removal_held')
    expect(told.map(({ subject_id }) => subject_id)).toEqual([member.id, (await org.member('d')).id])
    const place = { status: 'active', role: 'admin', seatType: 'premium', wantedSeat: null }
    expect(told[0]?.data).toEqual({
      userId: c,
      before: place,
      after: { ...place, removal: 'held' },
      why: [
        { rule: 'E1', code: 'inactive' },
        { rule: 'S5', code: 'removal_held' },
      ],
    })
    // one alarm, however many are held
    expect(events.filter(({ type }) => type === 'brake.engaged')).toMatchObject([
      {
        subject_id: org.id,
        organization_id: org.id,
        actor: { kind: 'directory_token' },
        data: { brake: { ...brake(2), maxRemovedPercent: null }, removed: 2, members: 3, held: 1 },
      },
    ])
  })

  test('S5 who is assigned again is a member as before, and no removal is held any more', async () => {
    const { idp, org, tenant } = await aScene(app)
    const [a = '', b = ''] = await users(idp, 'a', 'b')
    await org.save({ brake: brake(0) })
    const before = await org.members()
    await idp.setActive(a, false)
    await idp.deleteUser(b)
    expect(await held(org)).toEqual(['a', 'b'])
    await idp.setActive(a, true)
    const again = await idp.user('b')
    expect(await org.members()).toEqual(
      before.map((member) => (member.userId === b ? { ...member, userId: again } : member)),
    )
    const changed = (await eventsOf(app, tenant.directoryId)).filter(({ type }) => type === 'member.changed')
    expect(changed.map(({ data }) => data)).toMatchObject([
      { before: { removal: 'held' }, after: { role: 'user' } },
      { before: { removal: 'held' }, after: { role: 'user' } },
    ])
    expect(changed[0]?.data.after).not.toHaveProperty('removal')
  })

  test('S5 a share of the members; on a plan without seats too', async () => {
    for (const plan of ['enterprise_seats', 'console'] as const) {
      const { idp, org } = await aScene(app, plan)
      const ids = await users(idp, 'a', 'b', 'c', 'd', 'e')
      await org.save({ brake: { maxRemovedPercent: 40, withinMinutes: 5 } })
      for (const id of ids.slice(0, 3)) await idp.setActive(id, false)
      expect(await held(org)).toEqual(['c'])
      expect(await namesOf(org)).toEqual(['c', 'd', 'e'])
    }
  })

  test('S5 the time passes, and pushes may remove again; what is held stays held', async () => {
    const { idp, org } = await aScene(app)
    const [a = '', b = '', c = '', d = ''] = await users(idp, 'a', 'b', 'c', 'd')
    await org.save({ brake: brake(1) })
    await idp.setActive(a, false)
    await idp.setActive(b, false)
    const age = (minutes: number) => app.database.client.$executeRaw`
      UPDATE pushed_removals SET removed_at = removed_at - make_interval(mins => ${minutes}::int)
      WHERE organization_id = ${org.id}::uuid`
    await age(58)
    await idp.setActive(c, false)
    expect(await held(org)).toEqual(['b', 'c'])
    await age(2)
    await idp.setActive(d, false)
    expect(await namesOf(org)).toEqual(['b', 'c'])
    // what is older than any limit can ask for is forgotten with the next removal
    await age(50_000)
    await idp.setActive(d, true)
    await idp.setActive(d, false)
    const rows = await app.database.client.pushedRemoval.count({ where: { organizationId: org.id } })
    expect(rows).toBe(1)
  })

  test('S5 other organizations of the directory have their own limit, or none', async () => {
    const { idp, org, join } = await aScene(app)
    const other = await join('console')
    const [a = ''] = await users(idp, 'a', 'b')
    await org.save({ brake: brake(0) })
    await other.save()
    await idp.setActive(a, false)
    expect(await held(org)).toEqual(['a'])
    expect([await namesOf(other), await held(other)]).toEqual([['b'], []])
    expect((await app.services.heldRemovals.counts()).get(org.id)).toBe(1)
    expect((await app.services.heldRemovals.counts()).has(other.id)).toBe(false)
  })

  test('S5 off, nothing is counted, held or told', async () => {
    const { idp, org, tenant } = await aScene(app)
    await org.save()
    for (const id of await users(idp, 'a', 'b', 'c')) await idp.deleteUser(id)
    expect(await org.seen()).toEqual({})
    expect(await app.database.client.pushedRemoval.count({ where: { organizationId: org.id } })).toBe(0)
    const types = (await eventsOf(app, tenant.directoryId)).map(({ type }) => type)
    expect(types.filter((type) => /brake|held/.test(type))).toEqual([])
  })
})

describe('S5 scim with mappings', () => {
  /** Four in Staff, with a seat each; ann is in Leads besides; wes waits for a seat. */
  async function aTeam(maxRemovals: number) {
    const scene = await aScene(app)
    const { idp, org } = scene
    await org.buy({ premium: 4, standard: 0 })
    const [ann = '', bob = '', cy = '', dan = '', wes = ''] = await users(
      idp,
      'ann',
      'bob',
      'cy',
      'dan',
      'wes',
    )
    const staff = await idp.group('Staff', [ann, bob, cy, dan])
    const leads = await idp.group('Leads', [ann])
    const mappings = [
      { groupId: staff, role: 'user' },
      { groupId: leads, role: 'admin' },
    ]
    await org.save({ groupMappings: true, mappings, brake: brake(maxRemovals) })
    await idp.add(staff, wes)
    return { ...scene, staff, leads, mappings, ann, bob, cy, dan, wes }
  }

  test('S5 one push that goes beyond is held as a whole; what it changes of others is done; nobody gets a seat', async () => {
    const { idp, org, staff, bob, cy, ann, tenant } = await aTeam(1)
    await idp.drop(staff, ann, bob, cy)
    expect(await held(org)).toEqual(['bob', 'cy'])
    expect(await org.seen()).toEqual({
      ann: 'admin premium',
      bob: 'user premium',
      cy: 'user premium',
      dan: 'user premium',
      wes: 'waiting for any',
    })
    expect(
      (await eventsOf(app, tenant.directoryId)).filter(({ type }) => type === 'brake.engaged'),
    ).toHaveLength(1)
    // the limit is still there for one
    await idp.drop(staff, (await org.member('dan')).userId ?? '')
    expect(await held(org)).toEqual(['bob', 'cy'])
    expect(await org.seen()).toMatchObject({ wes: 'user premium' })
    await idp.add(staff, bob)
    expect(await held(org)).toEqual(['cy'])
  })

  test('S5 S4 a mapped group is deleted: its people stay, held, and the mapping is gone', async () => {
    const { idp, org, staff, leads } = await aTeam(2)
    await idp.deleteGroup(staff)
    expect(await held(org)).toEqual(['bob', 'cy', 'dan'])
    // who waited was no member yet
    expect(await namesOf(org)).toEqual(['ann', 'bob', 'cy', 'dan'])
    const settings = (await org.admin.get(org.path('/provisioning'))).body
    expect(settings).toMatchObject({ version: 3, mappings: [{ groupId: leads }], brake: { maxRemovals: 2 } })
  })

  test('S5 E10 the member, the person and the list say why; the list is in pages', async () => {
    const { org, idp, staff, bob } = await aTeam(0)
    await idp.deleteGroup(staff)
    const bobsId = (await org.member('bob')).id
    const why = {
      decision: 'hold',
      reasons: [
        { rule: 'E1', code: 'in_no_mapped_group' },
        { rule: 'S5', code: 'removal_held', text: expect.stringContaining('held until an administrator') },
      ],
    }
    const member = (await answered(org.admin.get(org.path(`/members/${bobsId}`)), 200)).body
    expect(member).toMatchObject({ removalHeldSince: expect.any(String), explanation: why })
    const person = (await answered(org.admin.get(org.path(`/people/${bob}`)), 200)).body
    expect(person).toMatchObject({ assigned: true, status: 'active', explanation: why })

    const first = (await answered(org.admin.get(org.path('/held-removals?limit=2')), 200)).body
    expect(first.heldRemovals).toHaveLength(2)
    const second = (await answered(org.admin.get(org.path(`/held-removals?after=${first.next}`)), 200)).body
    expect(second).toMatchObject({ heldRemovals: [{}], next: null })
    const all = [...first.heldRemovals, ...second.heldRemovals]
    const found = all.find(({ memberId }) => memberId === bobsId)
    expect(found).toEqual({
      memberId: bobsId,
      userId: bob,
      email: 'bob@acme.test',
      role: 'user',
      seatType: 'premium',
      heldSince: member.removalHeldSince,
      explanation: member.explanation,
    })
    expect(all.map(({ email }) => email.split('@')[0]).sort()).toEqual(['bob', 'cy', 'dan'])
  })

  test('S5 E6 an administrator removes a held or discarded member by hand, though mappings are on', async () => {
    const { org, idp, staff } = await aTeam(0)
    const annsId = (await org.member('ann')).id
    expectProblem(await org.admin.delete(org.path(`/members/${annsId}`)), 409, { rule: 'E6' })
    await idp.deleteGroup(staff)
    const [bob, cy] = [await org.member('bob'), await org.member('cy')]
    await org.remove(bob.id)
    await decide(org, 'discard', { memberIds: [cy.id] })
    await org.remove(cy.id)
    expect(await namesOf(org)).toEqual(['ann', 'dan'])
    expect(await app.database.client.pushedRemoval.count({ where: { organizationId: org.id } })).toBe(0)
  })

  test('S5 E11 whoever is named primary owner is held no more', async () => {
    const { org, idp, staff } = await aTeam(0)
    await idp.deleteGroup(staff)
    await org.nameOwner((await org.member('bob')).id)
    expect(await held(org)).toEqual(['cy', 'dan'])
    // an administrator's doing: the limit is of pushes
    await org.nameOwner(null)
    expect(await namesOf(org)).toEqual(['ann', 'cy', 'dan'])
  })
})

function expectGone(response: { readonly status: number }) {
  expect(response.status).toBe(404)
}
