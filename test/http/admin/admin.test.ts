// The admin API over HTTP: what it creates and shows, and what it refuses, as problem details (RFC 9457).
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectProblem } from '../../support/answers.ts'
import { adminClient, type Client, startTestApp, type Tenant, type TestApp } from '../../support/app.ts'

const unknown = '00000000-0000-7000-8000-000000000000'

let app: TestApp
let admin: Client
let tenant: Tenant
let organizationId: string
beforeAll(async () => {
  app = await startTestApp()
  admin = adminClient(app)
  tenant = await app.createTenant()
  organizationId = await tenant.createOrganization()
})
afterAll(() => app.close())

const newGroup = async (displayName: string, of = tenant): Promise<string> =>
  (await of.scim.post('/Groups', { displayName }).expect(201)).body.id

describe('who may', () => {
  test.each([undefined, 'Bearer wrong', 'Basic eDp5'])('not with %s', async (authorization) => {
    const request = app.http.get('/v1/parent-organizations')
    const answer = await (authorization === undefined ? request : request.set('Authorization', authorization))
    expectProblem(answer, 401)
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/)
  })
})

describe('parent organizations and organizations', () => {
  test('are created, found where Location says, and listed', async () => {
    const created = await admin
      .post('/parent-organizations', { name: 'Globex', plan: 'enterprise' })
      .expect(201)
    expect(created.headers.location).toBe(`/v1/parent-organizations/${created.body.id}`)
    const path = `/parent-organizations/${created.body.id}`
    const joined = await admin.post(`${path}/organizations`, { name: 'API', plan: 'console' }).expect(201)
    expect(joined.body).toMatchObject({ plan: 'console', mode: 'manual', seats: [], seatTypes: [] })
    expect((await admin.get(`/organizations/${joined.body.id}`).expect(200)).body).toEqual(joined.body)
    expect((await admin.get(path).expect(200)).body).toEqual(created.body)
    const { body: joinedToIt } = await admin.get(`${path}/organizations`).expect(200)
    expect(joinedToIt).toEqual({ organizations: [joined.body], next: null })
    const { body: all } = await admin.get('/parent-organizations').expect(200)
    expect(all.parentOrganizations.map(({ id }: { id: string }) => id)).toContain(created.body.id)
  })

  test.each([
    [{ name: 'x' }, 'plan'],
    [{ name: 'x', plan: 'gold' }, 'plan'],
    [{ name: '', plan: 'team' }, 'name'],
    [{ name: 5, plan: 'team' }, 'name'],
    [{ name: 'x', plan: 'team', colour: 'red' }, 'colour'],
  ])('%j is refused, naming the field', async (body, field) => {
    expectProblem(await admin.post('/parent-organizations', body), 400, { field })
  })

  test('malformed and wrong bodies', async () => {
    const raw = (text: string, type: string) =>
      app.http
        .post('/v1/parent-organizations')
        .set('Authorization', `Bearer ${app.adminToken}`)
        .set('Content-Type', type)
        .send(text)
    expectProblem(await raw('{"name":', 'application/json'), 400)
    expectProblem(await raw('name=x', 'application/x-www-form-urlencoded'), 415)
    expect((await admin.post('/parent-organizations')).status).toBe(400)
  })

  test.each([
    'GET /parent-organizations/:id',
    'GET /organizations/:id',
    'GET /organizations/:id/provisioning',
    'GET /organizations/:id/seats',
    'GET /organizations/:id/members',
    'GET /organizations/:id/members/:id',
    'GET /organizations/:id/people/:id',
    'GET /directories/:id',
    'GET /directories/:id/tokens',
    'GET /directories/:id/tolerances',
  ])('%s: 404 for an unknown id and for what is no id', async (route) => {
    const path = route.slice('GET '.length)
    expectProblem(await admin.get(path.replaceAll(':id', unknown)), 404)
    expectProblem(await admin.get(path.replaceAll(':id', 'x')), 404)
  })

  test('unknown endpoints 404, unknown methods 405 with Allow', async () => {
    expect(expectProblem(await admin.get('/nothing'), 404)).toBe('There is no endpoint GET /v1/nothing.')
    const answer = await admin.delete('/parent-organizations')
    expectProblem(answer, 405)
    expect(answer.headers.allow).toContain('POST')
  })
})

describe('provisioning settings', () => {
  const put = (body: unknown, id = organizationId) => admin.put(`/organizations/${id}/provisioning`, body)

  test('are read as they were saved, with the names of the groups, and counted up', async () => {
    const groupId = await newGroup('Owners')
    const before = await admin.get(`/organizations/${organizationId}/provisioning`).expect(200)
    const settings = { mode: 'scim', groupMappings: true, mappings: [{ groupId, role: 'owner' }] }
    const saved = await put(settings).expect(200)
    expect(saved.body).toMatchObject({ version: before.body.version + 1, changes: { added: 0 } })
    const read = await admin.get(`/organizations/${organizationId}/provisioning`).expect(200)
    expect(read.headers.etag).toBe(`"${saved.body.version}"`)
    const { changes: _changes, ...shown } = saved.body
    expect(read.body).toEqual(shown)
    expect(read.body.mappings).toEqual([{ groupId, groupName: 'Owners', role: 'owner', seatType: null }])
  })

  test('If-Match refuses a save over somebody else’s', async () => {
    const { body } = await admin.get(`/organizations/${organizationId}/provisioning`).expect(200)
    const save = (tag: string) => put({ mode: 'manual' }).set('If-Match', tag)
    expectProblem(await save(`"${body.version + 1}"`), 412)
    expectProblem(await save('banana'), 400, { field: 'If-Match' })
    expect((await save(`"${body.version}"`)).status).toBe(200)
    expectProblem(await save(`"${body.version}"`), 412)
  })

  test('a mapping that cannot be is named, and nothing is saved', async () => {
    const groupId = await newGroup('Mapped')
    const elsewhere = await newGroup('Elsewhere', await app.createTenant())
    const before = await admin.get(`/organizations/${organizationId}/provisioning`).expect(200)
    const single = await tenant.createOrganization('enterprise_usage_single')
    const scim = (...mappings: unknown[]) => ({ mode: 'scim', groupMappings: true, mappings })
    const good = { groupId, role: 'user' }
    const refused: [unknown, string, string?][] = [
      [scim(good, { groupId: elsewhere, role: 'user' }), 'mappings[1].groupId'],
      [scim({ groupId: 'x', role: 'user' }), 'mappings[0].groupId'],
      [scim(good, { groupId, role: 'developer' }), 'mappings[1].role'],
      [scim({ groupId, seatType: 'chat' }), 'mappings[0].seatType'],
      [scim({ groupId, seatType: 'enterprise' }), 'mappings[0].seatType', single],
      [scim({ groupId }), 'mappings[0]'],
      [scim({ groupId, role: 'user', seatType: 'premium' }), 'mappings[0]'],
      [{ mode: 'sometimes' }, 'mode'],
      [{ mode: 'scim', mappings: 'all' }, 'mappings'],
    ]
    for (const [body, field, id] of refused) expectProblem(await put(body, id), 400, { field })
    const after = await admin.get(`/organizations/${organizationId}/provisioning`).expect(200)
    expect(after.body).toEqual(before.body)
  })

  test('P2 modes that a plan may not have', async () => {
    const team = await app.createTenant('team')
    for (const plan of ['team', 'console'] as const) {
      const id = await team.createOrganization(plan)
      expectProblem(await put({ mode: 'scim' }, id), 409, { rule: 'P2' })
    }
    const own = await app.createTenant('none')
    expect((await put({ mode: 'scim' }, await own.createOrganization('console'))).status).toBe(200)
    for (const plan of ['team', 'console'] as const) {
      expect((await put({ mode: 'jit' }, await team.createOrganization(plan))).status).toBe(200)
    }
  })
})

describe('seats', () => {
  const put = (body: unknown) => admin.put(`/organizations/${organizationId}/seats`, body)

  test('are set by type, null for unlimited; others stay', async () => {
    const { body } = await put({ premium: 7 }).expect(200)
    expect(body.seats).toEqual([
      { seatType: 'premium', purchased: 7, assigned: 0, available: 7 },
      { seatType: 'standard', purchased: null, assigned: 0, available: null },
    ])
  })

  test.each([
    [{ premium: -1 }, 'premium'],
    [{ premium: 1.5 }, 'premium'],
    [{ premium: '7' }, 'premium'],
    [{ chat: 7 }, 'chat'],
  ])('%j is refused', async (body, field) => {
    expectProblem(await put(body), 400, { field })
  })
})

describe('members by hand', () => {
  const path = () => `/organizations/${organizationId}/members`

  test('are added, found, changed, paged and removed', async () => {
    await admin.put(`/organizations/${organizationId}/seats`, { premium: 2, standard: 1 }).expect(200)
    const first = await admin.post(path(), { email: 'One@example.com', role: 'owner' }).expect(201)
    expect(first.body).toMatchObject({
      status: 'active',
      role: 'owner',
      seatType: 'premium',
      source: 'manual',
    })
    const second = await admin.post(path(), { email: 'two@example.com', seatType: 'standard' }).expect(201)
    expect(second.body).toMatchObject({ role: 'user', seatType: 'standard' })
    const third = await admin.post(path(), { email: 'three@example.com' }).expect(201)
    expectProblem(await admin.post(path(), { email: 'ONE@example.com' }), 409)
    expectProblem(await admin.post(path(), { email: 'four@example.com' }), 409, { rule: 'E4' })
    expectProblem(await admin.patch(`${path()}/${second.body.id}`, { seatType: 'premium' }), 409, {
      rule: 'E4',
    })

    const page = await admin.get(`${path()}?limit=2`).expect(200)
    expect(page.body.members.map(({ id }: { id: string }) => id)).toEqual([first.body.id, second.body.id])
    const rest = await admin.get(`${path()}?limit=2&after=${page.body.next}`).expect(200)
    expect(rest.body).toMatchObject({ members: [{ id: third.body.id }], next: null })
    const owners = await admin.get(`${path()}?role=owner&email=one@EXAMPLE.com&status=active`).expect(200)
    expect(owners.body.members).toHaveLength(1)

    await admin.delete(`${path()}/${third.body.id}`).expect(204)
    expectProblem(await admin.get(`${path()}/${third.body.id}`), 404)
    const changed = await admin
      .patch(`${path()}/${second.body.id}`, { seatType: 'premium', role: 'admin' })
      .expect(200)
    expect(changed.body).toMatchObject({ seatType: 'premium', role: 'admin' })
    const one = await admin.get(`${path()}/${second.body.id}`).expect(200)
    expect(one.body.explanation).toMatchObject({ decision: 'keep', reasons: [{ rule: 'P2' }] })
  })

  test.each([
    [{}, 'email'],
    [{ email: 'not an address' }, 'email'],
    [{ email: 'a@example.com', role: 'emperor' }, 'role'],
    [{ email: 'a@example.com', seatType: 'chat' }, 'seatType'],
    [{ userId: unknown }, 'userId'],
    [{ email: 'a@example.com', name: 'A' }, 'name'],
  ])('%j is refused, naming the field', async (body, field) => {
    expectProblem(await admin.post(path(), body), 400, { field })
  })

  test.each(['status=removed', 'limit=many', 'after=x'])('?%s is refused', async (query) => {
    expectProblem(await admin.get(`${path()}?${query}`), 400, { field: query.split('=')[0] ?? '' })
  })
})

describe('directories and their tokens', () => {
  const path = () => `/directories/${tenant.directoryId}`

  test('unknownMembers can be changed to what it may be', async () => {
    expect((await admin.patch(path(), { unknownMembers: 'skip' }).expect(200)).body.unknownMembers).toBe(
      'skip',
    )
    expectProblem(await admin.patch(path(), { unknownMembers: 'ask' }), 400, { field: 'unknownMembers' })
    expect((await admin.get(path()).expect(200)).body).toMatchObject({
      id: tenant.directoryId,
      unknownMembers: 'skip',
    })
  })

  test('a token is shown once', async () => {
    const created = await admin.post(`${path()}/tokens`, { name: 'once' }).expect(201)
    expect(created.body.token).toMatch(/^rollcall_dir_[0-9A-Za-z]{49}$/)
    expect(created.headers['cache-control']).toBe('no-store')
    const { body } = await admin.get(`${path()}/tokens`).expect(200)
    expect(body.tokens.map(({ id }: { id: string }) => id)).toContain(created.body.id)
    expect(JSON.stringify(body)).not.toContain(created.body.token)
  })

  test.each([
    [{ expiresAt: '2099-01-01T00:00:00Z' }, 'name'],
    [{ name: 'x', expiresAt: 'tomorrow' }, 'expiresAt'],
    [{ name: 'x', expiresAt: '2001-01-01T00:00:00Z' }, 'expiresAt'],
  ])('%j is refused', async (body, field) => {
    expectProblem(await admin.post(`${path()}/tokens`, body), 400, { field })
  })

  test('a token of another directory cannot be revoked through this one', async () => {
    const other = await app.createTenant()
    const { body } = await admin.get(`/directories/${other.directoryId}/tokens`).expect(200)
    expectProblem(await admin.delete(`${path()}/tokens/${body.tokens[0].id}`), 404)
    await other.scim.get('/Users').expect(200)
  })

  test('scim.md 5 what an IdP got wrong is counted', async () => {
    const { body: before } = await admin.get(`${path()}/tolerances`).expect(200)
    await tenant.scim.post('/Users', { userName: 'counted', active: 'True', shoeSize: 43 }).expect(201)
    const { body } = await admin.get(`${path()}/tolerances`).expect(200)
    expect(before.tolerances).not.toContainEqual(expect.objectContaining({ subject: 'shoeSize' }))
    expect(body.tolerances).toContainEqual(
      expect.objectContaining({ tolerance: 'unknownAttribute', subject: 'shoeSize', count: 1 }),
    )
    expect(body.tolerances).toContainEqual(
      expect.objectContaining({ tolerance: 'booleanAsText', subject: 'active' }),
    )
  })
})
