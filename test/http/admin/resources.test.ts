// Parent organizations, organizations, directories and tokens: listed in pages, changed, deleted.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectProblem } from '../../support/answers.ts'
import { adminClient, type Client, startTestApp, type TestApp } from '../../support/app.ts'
import { type Administrated, answered, aScene, eventsOf } from '../../support/provisioning.ts'

const unknown = '00000000-0000-7000-8000-000000000000'

let app: TestApp
let admin: Client
beforeAll(async () => {
  app = await startTestApp()
  admin = adminClient(app)
})
afterAll(() => app.close())

const parentOf = ({ tenant }: { tenant: { parentOrganizationId: string } }) =>
  `/parent-organizations/${tenant.parentOrganizationId}`
const typesOf = async (directoryId: string) => (await eventsOf(app, directoryId)).map(({ type }) => type)

describe('lists come in pages', () => {
  test('all of each, once, in the order of their ids; limits and cursors that cannot be are refused', async () => {
    const scene = await aScene(app)
    for (const _ of [1, 2, 3]) await aScene(app)
    for (const _ of [1, 2, 3, 4]) await scene.join('console')
    const { directoryId } = scene.tenant
    for (const name of ['a', 'b', 'c'])
      await answered(admin.post(`/directories/${directoryId}/tokens`, { name }), 201)
    for (const name of ['a', 'b', 'c'])
      await answered(admin.post('/admin-tokens', { name, scope: 'all', access: 'read_only' }), 201)
    const lists: [path: string, key: string, atLeast: number][] = [
      ['/parent-organizations', 'parentOrganizations', 4],
      ['/organizations', 'organizations', 8],
      [`${parentOf(scene)}/organizations`, 'organizations', 5],
      ['/directories', 'directories', 4],
      [`/directories/${directoryId}/tokens`, 'tokens', 4],
      ['/admin-tokens', 'adminTokens', 4],
    ]
    for (const [path, key, atLeast] of lists) {
      const whole = (await answered(admin.get(path), 200)).body
      expect(whole.next).toBe(null)
      expect(whole[key].length).toBeGreaterThanOrEqual(atLeast)
      const paged: unknown[] = []
      let after = ''
      do {
        const { body } = await answered(admin.get(`${path}?limit=2${after}`), 200)
        expect(body[key].length).toBeLessThanOrEqual(2)
        paged.push(...body[key])
        after = body.next === null ? '' : `&after=${body.next}`
      } while (after !== '')
      expect(paged.map((each) => JSON.stringify(each).replace(/"lastUsedAt":[^,}]*/, ''))).toEqual(
        whole[key].map((each: unknown) => JSON.stringify(each).replace(/"lastUsedAt":[^,}]*/, '')),
      )
      expect((await answered(admin.get(`${path}?limit=0`), 200)).body[key]).toHaveLength(1)
      for (const query of ['limit=many', 'limit=-1', 'limit=10000', 'after=x', 'page=2'])
        expectProblem(await admin.get(`${path}?${query}`), 400, { field: query.split('=')[0] ?? '' })
    }
  })

  test('those of a parent or a directory that is none: 404', async () => {
    for (const path of [`/parent-organizations/${unknown}/organizations`, `/directories/${unknown}/tokens`])
      expectProblem(await admin.get(path), 404)
  })
})

describe('a parent organization', () => {
  test('has another name and plan, which an event tells once', async () => {
    const scene = await aScene(app)
    const path = parentOf(scene)
    const { body: before } = await answered(admin.get(path), 200)
    const change = { name: 'Globex', plan: 'none' }
    expect((await answered(admin.patch(path, change), 200)).body).toEqual({ ...before, ...change })
    expect((await answered(admin.patch(path, change), 200)).body).toEqual({ ...before, ...change })
    expect((await answered(admin.get(path), 200)).body).toEqual({ ...before, ...change })
    const events = (await eventsOf(app, scene.tenant.directoryId)).filter(
      ({ type }) => type === 'parent_organization.updated',
    )
    expect(events).toMatchObject([{ data: { before: { name: 'Acme', plan: 'enterprise' }, after: change } }])
    for (const [body, field] of [
      [{}, ''],
      [{ plan: 'gold' }, 'plan'],
      [{ name: '' }, 'name'],
    ] as const)
      expectProblem(await admin.patch(path, body), 400, { field })
    expectProblem(await admin.patch(`/parent-organizations/${unknown}`, change), 404)
  })

  test('P2 a plan under which an organization may not stay in mode scim is refused', async () => {
    const scene = await aScene(app, 'console', 'none')
    await scene.org.save()
    const path = parentOf(scene)
    const detail = expectProblem(await admin.patch(path, { plan: 'team', name: 'Other' }), 409, {
      rule: 'P2',
    })
    expect(detail).toContain(scene.org.id)
    expect((await answered(admin.get(path), 200)).body).toMatchObject({ plan: 'none', name: 'Acme' })
    await answered(admin.patch(path, { plan: 'enterprise' }), 200)
    await scene.org.save({ mode: 'jit' })
    await answered(admin.patch(path, { plan: 'team' }), 200)
  })

  test('is deleted with its directory and all in it, once no organization is joined to it; its events stay', async () => {
    const scene = await aScene(app)
    const { directoryId, scim } = scene.tenant
    const [ann, bob] = [await scene.idp.user('ann'), await scene.idp.user('bob')]
    const inner = await scene.idp.group('Inner', [ann, bob])
    await scene.idp.group('Outer', [inner])
    await answered(admin.get(`/directories/${directoryId}/tolerances`), 200)
    const path = parentOf(scene)
    expectProblem(await admin.delete(path), 409)
    await answered(admin.delete(scene.org.path('')), 204)
    await answered(admin.delete(path), 204)
    for (const gone of [path, `/directories/${directoryId}`]) expectProblem(await admin.get(gone), 404)
    expectProblem(await admin.delete(path), 404)
    expect((await scim.get('/Users')).status).toBe(401)
    const { client } = app.database
    for (const count of [
      await client.user.count({ where: { directoryId } }),
      await client.group.count({ where: { directoryId } }),
      await client.directoryToken.count({ where: { directoryId } }),
    ])
      expect(count).toBe(0)
    const events = await eventsOf(app, directoryId)
    expect(events.slice(-3)).toMatchObject([
      { type: 'organization.deleted', organization_id: scene.org.id },
      { type: 'directory.deleted', data: { users: 2, groups: 2 } },
      { type: 'parent_organization.deleted', data: { before: { name: 'Acme', plan: 'enterprise' } } },
    ])
    expect(events.map(({ type }) => type)).toContain('user.created')
  })

  test('joining an organization while the parent is deleted: one of the two is refused', async () => {
    for (const _ of [1, 2, 3]) {
      const tenant = await app.createTenant()
      const path = parentOf({ tenant })
      const [removed, joined] = await Promise.all([
        admin.delete(path),
        admin.post(`${path}/organizations`, { name: 'Late', plan: 'console' }),
      ])
      expect([
        [204, 404],
        [409, 201],
      ]).toContainEqual([removed.status, joined.status])
    }
  })
})

describe('an organization', () => {
  test('has another name', async () => {
    const { org, tenant } = await aScene(app)
    const { body: before } = await answered(admin.get(org.path('')), 200)
    const { body } = await answered(admin.patch(org.path(''), { name: 'Renamed' }), 200)
    expect(body).toEqual({ ...before, name: 'Renamed', changes: null })
    expect((await answered(admin.get(org.path('')), 200)).body).toEqual({ ...before, name: 'Renamed' })
    await answered(admin.patch(org.path(''), { name: 'Renamed' }), 200)
    expect(
      (await typesOf(tenant.directoryId)).filter((type) => type === 'organization.updated'),
    ).toHaveLength(1)
    expectProblem(await admin.patch(org.path(''), {}), 400, { field: 'name' })
    expectProblem(await admin.patch(org.path(''), { plan: 'gold' }), 400, { field: 'plan' })
    expectProblem(await admin.patch(org.path(''), { mode: 'scim' }), 400, { field: 'mode' })
    expectProblem(await admin.patch(`/organizations/${unknown}`, { name: 'x' }), 404)
  })

  test('is deleted with its members, settings and seats; its events stay, and others of the parent too', async () => {
    const { org, idp, tenant, join } = await aScene(app)
    const other = await join('console')
    await other.save()
    await org.save()
    await idp.user('ann')
    await org.nameOwner((await org.member('ann')).id)
    await answered(admin.delete(org.path('')), 204)
    for (const rest of ['', '/members', '/seats', '/provisioning', '/provisioning/versions'])
      expectProblem(await admin.get(org.path(rest)), 404)
    expectProblem(await admin.delete(org.path('')), 404)
    const { client } = app.database
    expect(await client.member.count({ where: { organizationId: org.id } })).toBe(0)
    const { events } = (await answered(admin.get(`/events?organization=${org.id}`), 200)).body
    expect(events.at(-1)).toMatchObject({
      type: 'organization.deleted',
      data: { before: { name: 'Acme Claude', plan: 'enterprise_seats', mode: 'scim', members: 1 } },
    })
    expect(await other.seen()).toEqual({ ann: 'user' })
    await idp.user('bob')
    expect(Object.keys(await other.seen())).toEqual(['ann', 'bob'])
    expect(await typesOf(tenant.directoryId)).toContain('member.added')
  })

  test('deleting it while people are pushed and sign in: each is answered, and nothing is left', async () => {
    const { org, idp } = await aScene(app)
    await org.save()
    const pushes = Array.from({ length: 8 }, (_, i) => idp.user(`racer${i}`))
    const signIn = admin.post(org.path('/sign-ins'), { email: 'racer1@acme.test' })
    const [removed, asked] = await Promise.all([admin.delete(org.path('')), signIn, ...pushes])
    expect(removed.status).toBe(204)
    expect([200, 404]).toContain(asked.status)
    expect(await app.database.client.member.count({ where: { organizationId: org.id } })).toBe(0)
  })
})

describe('P1 another plan of an organization', () => {
  const change = (org: Administrated, plan: string, more: object = {}) =>
    admin.patch(org.path(''), { plan, ...more })

  test('with the same seat types keeps seats and what was purchased', async () => {
    const { org, idp } = await aScene(app)
    await org.save({ mode: 'manual' })
    await idp.user('ann')
    await org.add({ email: 'bob@acme.test', role: 'owner' })
    await org.buy({ premium: 3, standard: 1 })
    const { body } = await answered(change(org, 'team'), 200)
    expect(body).toMatchObject({ plan: 'team', changes: { removed: 0, changed: 0 } })
    expect(body.seats).toMatchObject([{ seatType: 'premium', purchased: 3, assigned: 1 }, { purchased: 1 }])
    expect(await org.seen()).toEqual({ bob: 'owner premium' })
  })

  test.each([
    ['enterprise_usage', 'chat_and_claude_code'],
    ['enterprise_usage_single', 'enterprise'],
  ])('%s: everybody moves to its seats, also who waited and the primary owner', async (plan, seatType) => {
    const { org, idp } = await aScene(app)
    await org.buy({ premium: 1, standard: 1 })
    await org.save()
    for (const name of ['ann', 'bob', 'cleo']) await idp.user(name)
    await org.nameOwner((await org.member('ann')).id)
    expect(Object.values(await org.seen())).toContain('waiting for any')
    const { body } = await answered(change(org, plan), 200)
    expect(body.changes).toMatchObject({ added: 1, removed: 0 })
    expect(await org.seen()).toEqual({
      ann: `owner ${seatType}`,
      bob: `user ${seatType}`,
      cleo: `user ${seatType}`,
    })
    expect(body.seats[0]).toMatchObject({ seatType, purchased: null, assigned: 3 })
    expect(body.seats.map(({ seatType }: { seatType: string }) => seatType)).toEqual(body.seatTypes)
    const { events } = (await answered(admin.get(`/events?organization=${org.id}&limit=1000`), 200)).body
    expect(events.slice(-4).map(({ type }: { type: string }) => type)).toEqual([
      'organization.updated',
      'member.changed',
      'member.changed',
      'member.added',
    ])
    expect(events.at(-3).data).toMatchObject({ after: { seatType } })
    // E9 nothing is left to do
    expect(await org.save()).toMatchObject({ added: 0, changed: 0, removed: 0, waiting: 0 })
  })

  test('in manual mode too: nobody stays on a seat that the plan has not', async () => {
    const { org } = await aScene(app)
    await org.add({ email: 'ann@acme.test', role: 'owner', seatType: 'standard' })
    await answered(change(org, 'enterprise_usage'), 200)
    expect(await org.seen()).toEqual({ ann: 'owner chat_and_claude_code' })
    expect(await org.assigned()).toEqual({ chat_and_claude_code: 1, chat: 0 })
  })

  test('mappings to what it has not are refused, by name, until they are removed', async () => {
    const { org, idp } = await aScene(app)
    const staff = await idp.group('Staff', [await idp.user('ann')])
    await org.map([
      { groupId: staff, role: 'owner' },
      { groupId: staff, seatType: 'standard' },
    ])
    for (const [plan, names] of [
      ['enterprise_usage', ['standard']],
      ['enterprise_usage_single', ['standard']],
      ['console', ['owner', 'standard']],
    ] as const) {
      const detail = expectProblem(await change(org, plan, { name: 'Not so' }), 409, { rule: 'P1' })
      for (const name of names) expect(detail).toContain(name)
    }
    const { body } = await answered(admin.get(org.path('')), 200)
    expect(body).toMatchObject({ name: 'Acme Claude', plan: 'enterprise_seats' })
    expect(await org.seen()).toEqual({ ann: 'owner standard' })
    await org.map([{ groupId: staff, role: 'owner' }])
    await answered(change(org, 'enterprise_usage'), 200)
    expect(await org.seen()).toEqual({ ann: 'owner chat_and_claude_code' })
  })

  test('roles that members have and it has not are refused', async () => {
    const { org } = await aScene(app)
    await org.add({ email: 'ann@acme.test', role: 'owner' })
    expect(expectProblem(await change(org, 'console'), 409, { rule: 'P1' })).toContain('owner (1)')
    expect(await org.seen()).toEqual({ ann: 'owner premium' })
    const empty = await aScene(app)
    const { body } = await answered(change(empty.org, 'console'), 200)
    expect(body).toMatchObject({ plan: 'console', seats: [], seatTypes: [] })
  })

  test('P2 a mode that it does not allow is refused', async () => {
    const { org } = await aScene(app)
    await org.save()
    expectProblem(await change(org, 'team'), 409, { rule: 'P2' })
    await org.save({ mode: 'jit' })
    await answered(change(org, 'team'), 200)
  })

  test('S2 it is guarded as a save: what it would take needs to be acknowledged', async () => {
    const { org, idp } = await aScene(app)
    const staff = await idp.group('Staff')
    await org.add({ email: 'ann@acme.test', role: 'owner' })
    // as somebody who changed the database by hand leaves it: the evaluation is due
    await org.map([{ groupId: staff, role: 'owner' }], ['no_top_role'])
    const ann = await idp.user('ann')
    await idp.add(staff, ann)
    await app.database.client.userMembership.deleteMany({ where: { userId: ann } })
    const refused = await change(org, 'enterprise_usage')
    expect([refused.status, refused.body.rule, refused.body.warnings[0].name]).toEqual([
      409,
      'S2',
      'no_top_role',
    ])
    expect(await org.seen()).toEqual({ ann: 'owner premium' })
    const { body } = await answered(change(org, 'enterprise_usage', { acknowledge: ['no_top_role'] }), 200)
    expect(body.changes).toMatchObject({ removed: 1 })
    expect(await org.seen()).toEqual({})
  })
})

describe('a directory token', () => {
  test('is read, has another name or end, and does not come back', async () => {
    const { tenant } = await aScene(app)
    const tokens = `/directories/${tenant.directoryId}/tokens`
    const made = await answered(admin.post(tokens, { name: 'okta', expiresAt: '2099-01-01T00:00:00Z' }), 201)
    const { token, ...shown } = made.body
    const path = `${tokens}/${shown.id}`
    expect(made.headers.location).toBe(`/v1${path}`)
    expect(token).toMatch(/^rollcall_dir_/)
    expect((await answered(admin.get(path), 200)).body).toEqual(shown)
    const change = { name: 'okta 2', expiresAt: null }
    expect((await answered(admin.patch(path, change), 200)).body).toEqual({ ...shown, ...change })
    expect((await answered(admin.patch(path, change), 200)).body).toEqual({ ...shown, ...change })
    await answered(admin.delete(path), 204)
    await answered(admin.delete(path), 204)
    expectProblem(await admin.patch(path, { name: 'again' }), 409)
    const mine = (await eventsOf(app, tenant.directoryId)).filter(({ subject_id }) => subject_id === shown.id)
    expect(mine.map(({ type }) => type)).toEqual([
      'directory_token.created',
      'directory_token.updated',
      'directory_token.revoked',
    ])
    for (const [body, field] of [
      [{}, ''],
      [{ name: '' }, 'name'],
      [{ expiresAt: '2001-01-01T00:00:00Z' }, 'expiresAt'],
    ] as const)
      expectProblem(await admin.patch(path, body), 400, { field })
  })

  test('of another directory is none of this one', async () => {
    const [mine, other] = [await aScene(app), await aScene(app)]
    const { body } = await answered(admin.get(`/directories/${other.tenant.directoryId}/tokens`), 200)
    const path = `/directories/${mine.tenant.directoryId}/tokens/${body.tokens[0].id}`
    for (const answer of [
      await admin.get(path),
      await admin.patch(path, { name: 'mine' }),
      await admin.delete(path),
    ])
      expectProblem(answer, 404)
    await other.tenant.scim.get('/Users').expect(200)
  })
})
