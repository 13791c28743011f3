// S1, S2 over HTTP: settings are tried without saving, guarded, and saved as they were previewed or not at all.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectProblem } from '../../support/answers.ts'
import { startTestApp, type TestApp } from '../../support/app.ts'
import { type Administrated, answered, aScene, type SettingsBody } from '../../support/provisioning.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

const put = (org: Administrated, body: SettingsBody) => org.admin.put(org.path('/provisioning'), body)
const preview = (org: Administrated, body: SettingsBody, query = '') =>
  org.admin.post(org.path(`/provisioning:preview${query}`), body)

/** Mode manual: ann is owner, bob and cy are users; in the directory all but cy; ann and bob in groups. */
async function aTeam() {
  const scene = await aScene(app)
  const { idp, org } = scene
  const annId = await org.add({ email: 'ann@acme.test', role: 'owner' })
  const bobId = await org.add({ email: 'bob@acme.test' })
  const cyId = await org.add({ email: 'cy@acme.test' })
  const [ann, bob, dan] = [await idp.user('ann'), await idp.user('bob'), await idp.user('dan')]
  const leads = await idp.group('Leads', [bob])
  const staff = await idp.group('Staff', [ann, dan])
  const mapped: SettingsBody = {
    mode: 'scim',
    groupMappings: true,
    mappings: [
      { groupId: leads, role: 'owner' },
      { groupId: staff, role: 'user' },
    ],
  }
  return { ...scene, annId, bobId, cyId, ann, bob, dan, leads, staff, mapped }
}

describe('S1 preview', () => {
  test('S1 tells of each person from what to what and why, counts first, and writes nothing', async () => {
    const { org, annId, bobId, cyId, ann, bob, dan, leads, staff, mapped } = await aTeam()
    const before = { settings: (await org.admin.get(org.path('/provisioning'))).body, seen: await org.seen() }
    const events = await app.database.client.$queryRaw`SELECT max(seq)::text AS last FROM events`
    const answer = await answered(preview(org, mapped), 200)
    expect(answer.headers.etag).toBe(answer.body.etag)
    expect(answer.body).toMatchObject({
      version: 1,
      counts: { added: 1, changed: 2, removed: 1, waiting: 0, unchanged: 0 },
      warnings: [],
      next: null,
    })
    const people = Object.fromEntries(
      answer.body.people.map((person: { email: string }) => [person.email.split('@')[0], person]),
    )
    const active = (role: string) => ({ status: 'active', role, seatType: 'premium', waitsFor: null })
    expect(people).toMatchObject({
      ann: { memberId: annId, userId: ann, outcome: 'changed', from: active('owner'), to: active('user') },
      bob: { memberId: bobId, userId: bob, outcome: 'changed', from: active('user'), to: active('owner') },
      cy: { memberId: cyId, userId: null, outcome: 'removed', from: active('user'), to: null },
      dan: { memberId: null, userId: dan, outcome: 'added', from: null, to: active('user') },
    })
    expect(people.ann.explanation).toMatchObject({ decision: 'change' })
    expect(people.ann.explanation.reasons).toContainEqual({
      rule: 'E2',
      code: 'role_from_group',
      text: 'The role user comes from “Staff”.',
      groups: [{ id: staff, displayName: 'Staff' }],
    })
    expect(people.cy.explanation.reasons).toMatchObject([{ rule: 'E1', code: 'not_in_directory' }])
    expect(people.bob.explanation.reasons[0].groups).toEqual([{ id: leads, displayName: 'Leads' }])

    expect((await org.admin.get(org.path('/provisioning'))).body).toEqual(before.settings)
    expect(await org.seen()).toEqual(before.seen)
    expect(await app.database.client.$queryRaw`SELECT max(seq)::text AS last FROM events`).toEqual(events)
  })

  test('S1 who would wait, for what', async () => {
    const { idp, org } = await aScene(app)
    await org.buy({ premium: 1, standard: 0 })
    await idp.user('ann')
    await idp.user('bob')
    const { body } = await answered(preview(org, { mode: 'scim' }), 200)
    expect(body.counts).toEqual({ added: 1, changed: 0, removed: 0, waiting: 1, unchanged: 0 })
    expect(body.people).toMatchObject([
      { outcome: 'added', to: { status: 'active', seatType: 'premium' } },
      { outcome: 'waiting', to: { status: 'waiting', role: null, seatType: null, waitsFor: 'any' } },
    ])
  })

  test('S1 in pages, all or of one outcome; limits and places that are none are refused', async () => {
    const { idp, org } = await aScene(app)
    for (const name of ['a', 'b', 'c', 'd', 'e']) await idp.user(name)
    await org.add({ email: 'x@acme.test' })
    const pages: string[][] = []
    for (let after = ''; ; ) {
      const { body } = await answered(preview(org, { mode: 'scim' }, `?limit=2${after}`), 200)
      expect(body.counts).toMatchObject({ added: 5, removed: 1 })
      pages.push(body.people.map(({ email }: { email: string }) => email.split('@')[0]))
      if (body.next === null) break
      after = `&after=${body.next}`
    }
    expect(pages.map((page) => page.length)).toEqual([2, 2, 2])
    expect(pages.flat()).toEqual(['a', 'b', 'c', 'd', 'e', 'x'])
    const removed = await answered(preview(org, { mode: 'scim' }, '?outcome=removed'), 200)
    expect(removed.body.people).toMatchObject([{ email: 'x@acme.test' }])
    const unchanged = await answered(preview(org, { mode: 'manual' }, '?outcome=unchanged&limit=1'), 200)
    expect(unchanged.body).toMatchObject({ counts: { unchanged: 6 }, people: [{ outcome: 'unchanged' }] })
    expect(unchanged.body.next).not.toBeNull()
    for (const query of ['outcome=gone', 'limit=x', 'after=1']) {
      expectProblem(await preview(org, { mode: 'scim' }, `?${query}`), 400, {
        field: query.split('=')[0] ?? '',
      })
    }
  })

  test('S1 what cannot be saved cannot be previewed', async () => {
    const { org } = await aScene(app)
    const elsewhere = await (await aScene(app)).idp.group('Elsewhere')
    const mappings = [{ groupId: elsewhere, role: 'user' }]
    expectProblem(await preview(org, { mode: 'scim', mappings }), 400, { field: 'mappings[0].groupId' })
    expectProblem(await preview(org, { mode: 'sometimes' }), 400, { field: 'mode' })
    expectProblem(await preview(org, { mode: 'scim' }, '').set('If-Match', '"7"'), 412)
    const team = await aScene(app, 'team', 'team')
    expectProblem(await preview(team.org, { mode: 'scim' }), 409, { rule: 'P2' })
    expectProblem(await org.admin.get(org.path('/provisioning:preview')), 405)
    expectProblem(
      await org.admin.post('/organizations/00000000-0000-7000-8000-000000000000/provisioning:preview', {
        mode: 'scim',
      }),
      404,
    )
  })
})

describe('S1 the version', () => {
  test('S1 nothing changed in between: saving does what the preview said', async () => {
    const { org, mapped } = await aTeam()
    const { body } = await answered(preview(org, mapped), 200)
    const saved = await answered(put(org, mapped).set('If-Match', body.etag), 200)
    expect(saved.body).toMatchObject({ version: 2, changes: body.counts })
    expect(saved.headers.etag).toBe('"2"')
    expect(await org.seen()).toEqual({ ann: 'user premium', bob: 'owner premium', dan: 'user premium' })
  })

  test('S1 the settings were saved in between: 412', async () => {
    const { org, mapped } = await aTeam()
    const { etag } = (await answered(preview(org, mapped), 200)).body
    await answered(put(org, { mode: 'manual', groupMappings: true }), 200)
    expectProblem(await put(org, mapped).set('If-Match', etag), 412)
  })

  test('S1 the people changed in between: 412, and nothing is saved; a push that changes nothing does not matter', async () => {
    const { org, idp, mapped, bob, staff } = await aTeam()
    const { etag } = (await answered(preview(org, mapped), 200)).body
    const eve = await idp.user('eve')
    expect((await answered(preview(org, mapped), 200)).body.etag).toBe(etag)
    await idp.add(staff, eve)
    expectProblem(await put(org, mapped).set('If-Match', etag), 412)
    expectProblem(await preview(org, mapped).set('If-Match', etag), 412)
    expect((await org.admin.get(org.path('/provisioning'))).body).toMatchObject({
      version: 1,
      mode: 'manual',
    })
    await idp.drop(staff, eve)
    await idp.setActive(bob, true)
    await answered(put(org, mapped).set('If-Match', etag), 200)
  })

  test('S1 other settings than those previewed: 412, also where they would do the same', async () => {
    const { org, idp, mapped } = await aTeam()
    const nobody = await idp.group('Nobody')
    const { etag } = (await answered(preview(org, mapped), 200)).body
    const mappings = [...(mapped.mappings ?? []), { groupId: nobody, role: 'admin' }]
    expectProblem(await put(org, { ...mapped, mappings }).set('If-Match', etag), 412)
    const other = { ...mapped, mappings: [...(mapped.mappings ?? [])].reverse() }
    await answered(put(org, other).set('If-Match', etag), 200)
  })
})

describe('S2 guard', () => {
  test('S2 a warning refuses the save, names itself and changes nothing, until it is acknowledged', async () => {
    const { org, idp, mapped, bob, leads } = await aTeam()
    await idp.drop(leads, bob)
    const before = await org.seen()
    const { warnings } = (await answered(preview(org, mapped), 200)).body
    expect(warnings).toMatchObject([{ name: 'no_top_role', role: 'owner', holders: 1 }])
    const refused = await answered(put(org, mapped), 409)
    expect(refused.headers['content-type']).toBe('application/problem+json; charset=utf-8')
    expect(refused.body).toMatchObject({ rule: 'S2', status: 409, warnings })
    expect(refused.body.detail).toContain('"acknowledge": ["no_top_role"]')
    expect((await org.admin.get(org.path('/provisioning'))).body).toMatchObject({
      version: 1,
      mode: 'manual',
    })
    expect(await org.seen()).toEqual(before)
    await answered(put(org, { ...mapped, acknowledge: ['many_removed'] }), 409)
    await answered(put(org, { ...mapped, acknowledge: ['no_top_role'] }), 200)
    expect(await org.seen()).toEqual({ ann: 'user premium', dan: 'user premium' })
  })

  test('S2 the acting member, by id or e-mail, is warned before it demotes or removes itself', async () => {
    const { org, annId, cyId, mapped } = await aTeam()
    for (const actingMember of [annId, 'ANN@acme.test']) {
      const { body } = await answered(put(org, { ...mapped, actingMember }), 409)
      expect(body.warnings).toMatchObject([
        { name: 'self_demoted', memberId: annId, from: 'owner', to: 'user' },
      ])
    }
    const asCy = { ...mapped, actingMember: cyId }
    expect((await answered(put(org, asCy), 409)).body.warnings).toMatchObject([{ name: 'self_removed' }])
    await answered(put(org, { ...asCy, acknowledge: ['self_removed'] }), 200)
  })

  test('S2 an acting member that the organization does not have is refused, and so is a warning that is none', async () => {
    const { org, ann, mapped } = await aTeam()
    for (const actingMember of ['stranger@acme.test', ann, 'x'.repeat(300)]) {
      expectProblem(await put(org, { ...mapped, actingMember }), 400, { field: 'actingMember' })
    }
    expectProblem(await put(org, { ...mapped, acknowledge: ['everything'] }), 400, {
      field: 'acknowledge[0]',
    })
    expectProblem(await put(org, { ...mapped, maxRemovedPercent: 101 }), 400, { field: 'maxRemovedPercent' })
  })

  test('S2 more than a fifth of ten members, or than the share that the request states', async () => {
    const { idp, org } = await aScene(app)
    const ids = await Promise.all(Array.from({ length: 10 }, (_, i) => idp.user(`u${i}`)))
    await org.save()
    const group = await idp.group('All but three', ids.slice(3))
    const mapped: SettingsBody = {
      mode: 'scim',
      groupMappings: true,
      mappings: [{ groupId: group, role: 'user' }],
    }
    const { body } = await answered(put(org, mapped), 409)
    expect(body.warnings).toMatchObject([
      { name: 'many_removed', removed: 3, members: 10, maxRemovedPercent: 20 },
    ])
    await answered(put(org, { ...mapped, maxRemovedPercent: 29 }), 409)
    await answered(put(org, { ...mapped, maxRemovedPercent: 30 }), 200)
  })

  test('A2 S2 what was acknowledged is told with the save', async () => {
    const { org } = await aTeam()
    await org.save({ acknowledge: ['no_top_role', 'many_removed'] })
    const [event] = await app.database.client.$queryRaw<{ data: object }[]>`
      SELECT data FROM events WHERE organization_id = ${org.id}::uuid AND type = 'settings.saved'`
    expect(event?.data).toMatchObject({ acknowledged: ['no_top_role', 'many_removed'] })
  })
})
