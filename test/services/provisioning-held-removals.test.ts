// S5 what becomes of held removals, through HTTP on a real PostgreSQL: released, discarded, saved over, signed in with.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestApp, type TestApp } from '../support/app.ts'
import { brake, decide, held, named, namesOf, users } from '../support/brake.ts'
import { changesOfSavingAgain, noChanges } from '../support/cluster.ts'
import { answered, aScene, eventsOf, inShort } from '../support/provisioning.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

describe('S5 release and discard', () => {
  async function threeHeld() {
    const scene = await aScene(app)
    const ids = await users(scene.idp, 'a', 'b', 'c', 'd')
    await scene.org.save({ brake: brake(0) })
    for (const id of ids.slice(0, 3)) await scene.idp.setActive(id, false)
    return { ...scene, ids }
  }

  test('S5 released, they leave, free their seats and count for no limit; who waits gets the seats', async () => {
    const { org, idp, tenant } = await threeHeld()
    await org.buy({ premium: 4, standard: 0 })
    await idp.user('w')
    expect(await org.seen()).toMatchObject({ w: 'waiting for any' })
    const [a, b] = [await org.member('a'), await org.member('b')]
    expect(await decide(org, 'release', { memberIds: [a.id, a.id] })).toEqual({
      removed: 1,
      kept: 0,
      notHeld: 0,
    })
    expect(await org.seen()).toMatchObject({ w: 'user premium' })
    expect(await decide(org, 'release', { memberIds: [a.id, b.id] })).toEqual({
      removed: 1,
      kept: 0,
      notHeld: 1,
    })
    expect(await decide(org, 'release')).toEqual({ removed: 1, kept: 0, notHeld: 0 })
    expect(await decide(org, 'release')).toEqual({ removed: 0, kept: 0, notHeld: 0 })
    expect(await org.seen()).toEqual({ d: 'user premium', w: 'user premium' })
    expect(await org.assigned()).toEqual({ premium: 2, standard: 0 })
    expect(await app.database.client.pushedRemoval.count({ where: { organizationId: org.id } })).toBe(0)
    const removed = (await eventsOf(app, tenant.directoryId)).filter(({ type }) => type === 'member.removed')
    expect(removed).toHaveLength(3)
    expect(removed[0]).toMatchObject({
      actor: { kind: 'admin_token' },
      data: { before: { status: 'active', removal: 'held' }, after: { status: 'removed' } },
    })
  })

  test('S5 releasing evaluates again: who is entitled meanwhile stays, and so does who is left to an administrator', async () => {
    const { org, ids } = await threeHeld()
    // by hand, as no push can have it without being evaluated
    await app.database.client.$executeRaw`UPDATE users SET active = true WHERE id = ${ids[0]}::uuid`
    const a = await org.member('a')
    expect(await decide(org, 'release', { memberIds: [a.id] })).toEqual({ removed: 0, kept: 1, notHeld: 0 })
    expect((await org.member('a')).removalHeldSince).toBeNull()
    await org.save({ mode: 'manual' })
    expect(await held(org)).toEqual(['b', 'c'])
    expect(await decide(org, 'release')).toEqual({ removed: 0, kept: 2, notHeld: 0 })
    expect([await held(org), await namesOf(org)]).toEqual([[], ['a', 'b', 'c', 'd']])
  })

  test('S5 discarded, they stay through pushes and saves until entitled again; then it is forgotten', async () => {
    const { org, idp, ids, tenant } = await threeHeld()
    const [a = '', b = ''] = ids
    const bobsId = (await org.member('b')).id
    expect(await decide(org, 'discard', { memberIds: [bobsId] })).toEqual({ discarded: 1, notHeld: 0 })
    expect(await decide(org, 'discard')).toEqual({ discarded: 2, notHeld: 0 })
    expect(await decide(org, 'discard', { memberIds: [bobsId] })).toEqual({ discarded: 0, notHeld: 1 })
    expect([await held(org), await named(org, 'discarded')]).toEqual([[], ['a', 'b', 'c']])
    const discarded = (await eventsOf(app, tenant.directoryId)).filter(
      ({ type }) => type === 'member.removal_discarded',
    )
    expect(discarded).toHaveLength(3)
    expect(discarded[0]).toMatchObject({
      subject_id: bobsId,
      actor: { kind: 'admin_token' },
      data: { before: { removal: 'held' }, after: { removal: 'discarded' } },
    })

    await idp.deleteUser(b)
    await idp.patchUser(a, { op: 'replace', value: { userName: 'anew@acme.test' } })
    await org.save({ brake: null })
    expect(await changesOfSavingAgain(org)).toMatchObject(noChanges)
    expect(await namesOf(org)).toEqual(['anew', 'b', 'c', 'd'])
    expect(await decide(org, 'release')).toEqual({ removed: 0, kept: 0, notHeld: 0 })

    await idp.setActive(a, true)
    expect(await named(org, 'discarded')).toEqual(['b', 'c'])
    await idp.setActive(a, false)
    expect(await namesOf(org)).toEqual(['b', 'c', 'd'])
  })

  test('S5 S1 settings that are saved leave who is held held, and let who becomes entitled be; the preview says the same', async () => {
    const { org, idp, ids } = await threeHeld()
    const staff = await idp.group('Staff', ids)
    await idp.setActive(ids[0] ?? '', true)
    await idp.setActive(ids[0] ?? '', false)
    // assigned all, but two in no mapped group
    const body = {
      mode: 'scim',
      groupMappings: true,
      mappings: [{ groupId: staff, role: 'user' }],
      brake: null,
    }
    const preview = (await answered(org.admin.post(org.path('/provisioning:preview?limit=1000'), body), 200))
      .body
    expect(preview).toMatchObject({
      counts: { removed: 0, changed: 0, unchanged: 4 },
      warnings: [],
      people: [],
    })
    const saved = await answered(
      org.admin.put(org.path('/provisioning'), body).set('If-Match', preview.etag),
      200,
    )
    expect(saved.body.changes).toEqual(preview.counts)
    expect(await held(org)).toEqual(['a', 'b', 'c'])

    const leads = await idp.group('Leads')
    const mapped = { ...body, mappings: [{ groupId: leads, role: 'user' }], brake: brake(0) }
    await idp.setActive(ids[1] ?? '', true)
    expect(await held(org)).toEqual(['a', 'c'])
    // b and d would leave: the guard warns of saves, the brake holds pushes
    const second = (await answered(org.admin.post(org.path('/provisioning:preview'), mapped), 200)).body
    expect(second.counts).toMatchObject({ removed: 2, unchanged: 2 })
    await idp.add(leads, ids[3] ?? '')
    const third = (await answered(org.admin.post(org.path('/provisioning:preview'), mapped), 200)).body
    expect(third.people).toMatchObject([{ email: 'b@acme.test', outcome: 'removed' }])
    await answered(org.admin.put(org.path('/provisioning'), mapped).set('If-Match', third.etag), 200)
    expect([await namesOf(org), await held(org)]).toEqual([
      ['a', 'c', 'd'],
      ['a', 'c'],
    ])
  })

  test('S5 a held member who is not assigned cannot sign in, and the answer names the hold; a sign-in in jit ends it', async () => {
    const { org } = await threeHeld()
    const refused = await org.signIn('a')
    expect(refused).toMatchObject({ allowed: false, member: { status: 'active', role: 'user' } })
    expect(refused.why.map(({ rule, code }) => `${rule} ${code}`)).toEqual(['E1 inactive', 'S5 removal_held'])
    await org.save({ mode: 'jit', brake: brake(0) })
    expect(await held(org)).toEqual(['a', 'b', 'c'])
    expect(inShort(await org.signIn('a'))).toBe('refused: E1 inactive')
    expect([await held(org), await namesOf(org)]).toEqual([
      ['b', 'c'],
      ['b', 'c', 'd'],
    ])
  })
})
