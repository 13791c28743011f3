// What administrators' scripts get wrong: every string that the database cannot hold, every time that is none, any
// JSON at all. Each is a problem, nothing is changed, nothing is a 500.
import fc from 'fast-check'
import type { Test } from 'supertest'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseText, expectProblem } from '../../support/answers.ts'
import { adminClient, type Client, startTestApp, type Tenant, type TestApp } from '../../support/app.ts'

let app: TestApp
let tenant: Tenant
let admin: Client
let organization: string
let directory: string
let token: string
let adminToken: string
beforeAll(async () => {
  app = await startTestApp()
  tenant = await app.createTenant()
  admin = adminClient(app)
  organization = `/organizations/${await tenant.createOrganization()}`
  directory = `/directories/${tenant.directoryId}`
  token = (await admin.post(`${directory}/tokens`, { name: 'x' }).expect(201)).body.id
  const body = { name: 'x', scope: 'all', access: 'read_only' }
  adminToken = (await admin.post('/admin-tokens', body).expect(201)).body.id
})
afterAll(() => app.close())

/** The two that PostgreSQL's text cannot hold: U+0000, and half of a surrogate pair. */
const unstorable = ['a\u0000b', 'a\ud800b']

describe('strings that cannot be stored are refused by name', () => {
  test.each(unstorable)('%j in bodies', async (text) => {
    const parent = `/parent-organizations/${tenant.parentOrganizationId}`
    const requests: [method: 'post' | 'put' | 'patch', path: string, body: object, field: string][] = [
      ['post', '/parent-organizations', { name: text, plan: 'enterprise' }, 'name'],
      ['post', '/parent-organizations', { name: 'x', plan: text }, 'plan'],
      ['post', `${parent}/organizations`, { name: text, plan: 'team' }, 'name'],
      ['post', `${directory}/tokens`, { name: text }, 'name'],
      ['post', `${directory}/tokens`, { name: 'x', expiresAt: text }, 'expiresAt'],
      ['patch', directory, { unknownMembers: text }, 'unknownMembers'],
      ['post', `${organization}/members`, { email: text }, 'email'],
      ['post', `${organization}/members`, { userId: text }, 'userId'],
      ['post', `${organization}/members`, { email: 'x@example.com', role: text }, 'role'],
      ['post', `${organization}/members`, { email: 'x@example.com', seatType: text }, 'seatType'],
      ['put', `${organization}/seats`, { [text]: 1 }, text],
      ['put', `${organization}/provisioning`, { mode: text }, 'mode'],
      [
        'put',
        `${organization}/provisioning`,
        { mode: 'manual', mappings: [{ groupId: text, role: 'user' }] },
        'mappings[0].groupId',
      ],
    ]
    const before = await databaseText(app.database)
    for (const [method, path, body, field] of requests) {
      expectProblem(await admin[method](path, body), 400, { field })
    }
    expect(await databaseText(app.database)).toBe(before)
  })

  test('NUL in queries and paths', async () => {
    for (const name of ['email', 'role', 'seatType', 'status', 'after', 'limit']) {
      const answer = await admin.get(`${organization}/members?${name}=a%00b`)
      expectProblem(answer, 400, { field: name })
    }
    expectProblem(await admin.get('/organizations/%00'), 404)
    for (const method of ['get', 'put', 'delete'] as const) {
      const body = method === 'put' ? { schema: {} } : undefined
      expectProblem(await admin[method](`${directory}/schemas/a%00b`, body), 400, { field: 'urn' })
    }
    expectProblem(await admin.get(`${organization}/members/%00`), 404)
    expectProblem(await admin.get('/organizations/%E0%A4%A'), 400)
    expectProblem(await admin.get(`/organizations/${'x'.repeat(10_000)}`), 414)
  })

  test('a filter of members by a role or seat type of another plan finds nobody', async () => {
    for (const query of ['role=developer', 'seatType=chat', 'email=nobody@example.com']) {
      expect((await admin.get(`${organization}/members?${query}`).expect(200)).body.members).toEqual([])
    }
  })
})

test('each thing that administrators get wrong has its own clear error, and nothing is changed', async () => {
  const elsewhere = await app.createTenant()
  const { body: foreign } = await elsewhere.scim.post('/Groups', { displayName: 'Elsewhere' }).expect(201)
  const { body: group } = await tenant.scim.post('/Groups', { displayName: 'Staff' }).expect(201)
  const team = await (await app.createTenant('team')).createOrganization('team')
  const plans = {
    console: `/organizations/${await tenant.createOrganization('console')}`,
    single: `/organizations/${await tenant.createOrganization('enterprise_usage_single')}`,
  }
  const map = (mapping: object) => ({ mode: 'scim', groupMappings: true, mappings: [mapping] })
  const save = (of: string, body: object) => admin.put(`${of}/provisioning`, body)
  const wrong: [
    what: string,
    request: () => Test,
    status: number,
    more: Record<string, string>,
    says: string,
  ][] = [
    [
      'a mapping to a group of another directory',
      () => save(organization, map({ groupId: foreign.id, role: 'user' })),
      400,
      { field: 'mappings[0].groupId' },
      `The directory has no group ${foreign.id}.`,
    ],
    [
      'a role that the plan does not have',
      () => save(organization, map({ groupId: group.id, role: 'developer' })),
      400,
      { field: 'mappings[0].role' },
      'The plan enterprise_seats has no role developer. It has: owner, admin, user.',
    ],
    [
      'a seat type that the plan does not have',
      () => save(organization, map({ groupId: group.id, seatType: 'chat' })),
      400,
      { field: 'mappings[0].seatType' },
      'The plan enterprise_seats has no seat type chat. It has: premium, standard.',
    ],
    [
      'a seat mapping on a plan without seats',
      () => save(plans.console, map({ groupId: group.id, seatType: 'premium' })),
      400,
      { field: 'mappings[0].seatType' },
      'Seats cannot be mapped on the plan console: there is nothing to choose.',
    ],
    [
      'a seat mapping on a plan with one seat type',
      () => save(plans.single, map({ groupId: group.id, seatType: 'enterprise' })),
      400,
      { field: 'mappings[0].seatType' },
      'Seats cannot be mapped on the plan enterprise_usage_single: there is nothing to choose.',
    ],
    [
      'SCIM on a plan that may not have it',
      () => save(`/organizations/${team}`, { mode: 'scim' }),
      409,
      { rule: 'P2' },
      'A Team organization cannot use the mode scim: SCIM is for Enterprise organizations.',
    ],
    [
      'a changed version',
      () => save(organization, { mode: 'jit' }).set('If-Match', '"7"'),
      412,
      {},
      'The settings are at version 1, not 7.',
    ],
    [
      'a sign-in for an unknown organization',
      () => admin.post(`/organizations/${tenant.directoryId}/sign-ins`, { email: 'ann@acme.test' }),
      404,
      {},
      `Organization ${tenant.directoryId} not found.`,
    ],
  ]
  const before = await databaseText(app.database)
  for (const [what, request, status, more, says] of wrong) {
    expect([what, expectProblem(await request(), status, more)]).toEqual([what, says])
  }
  expect(await databaseText(app.database)).toBe(before)
})

test('any query to any list is answered, and never with a 500', { timeout: 60_000 }, async () => {
  const path = fc.constantFrom(
    '/organizations',
    '/parent-organizations',
    `/parent-organizations/${tenant.parentOrganizationId}/organizations`,
    '/directories',
    `${directory}/tokens`,
    '/admin-tokens',
  )
  const value = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 10 }),
    fc.uuid(),
    fc.integer().map(String),
    fc.constantFrom('FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF', '', '0', '1', '9999'),
  )
  const query = fc.dictionary(fc.constantFrom('limit', 'after', 'x'), value, { maxKeys: 3 })
  await fc.assert(
    fc.asyncProperty(path, query, async (listed, sent) => {
      const text = Object.entries(sent).map(([name, each]) => `${name}=${encoded(each)}`)
      const answer = await admin.get(`${listed}?${text.join('&')}`)
      expect([200, 400]).toContain(answer.status)
    }),
    { numRuns: 200 },
  )
})

/** Percent-encoded, half surrogate pairs as what they become on the wire. */
const encoded = (text: string) => encodeURIComponent(text.toWellFormed())

test.each(['2099-12-31T23:59:60Z', '9999-12-31T23:59:59-23:59', '2099-02-30T00:00:00Z', '2099-01-01', '', 5])(
  'expiresAt %j is no time that a token can have',
  async (expiresAt) => {
    expectProblem(await admin.post(`${directory}/tokens`, { name: 'x', expiresAt }), 400, {
      field: 'expiresAt',
    })
  },
)

test.each([
  ['malformed JSON', '{"name":', 400],
  ['nothing', '', 400],
  ['null', 'null', 400],
  ['a list', '[]', 400],
  ['__proto__', '{"name":"x","plan":"team","__proto__":{"a":1}}', 400],
  ['10,000 levels', `{"name":${'['.repeat(10_000)}${']'.repeat(10_000)},"plan":"team"}`, 400],
])('a body of %s', async (_what, body, status) => {
  const answer = await app.http
    .post('/v1/parent-organizations')
    .set('Authorization', `Bearer ${app.adminToken}`)
    .set('Content-Type', 'application/json')
    .send(body)
  expect(answer.status).toBe(status)
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8')
})

test('any JSON to any route is answered, and never with a 500', { timeout: 60_000 }, async () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 10 }),
    fc.constantFrom(
      'x',
      'user',
      'premium',
      'scim',
      'console',
      'organization',
      'read_only',
      tenant.directoryId,
    ),
  )
  const value = fc.oneof(text, fc.jsonValue({ maxDepth: 2 }), fc.double(), fc.constant(null))
  const keys = [
    'name',
    'plan',
    'expiresAt',
    'email',
    'userName',
    'groups',
    'userId',
    'role',
    'seatType',
    'mode',
    'mappings',
    'memberId',
    'premium',
    'scope',
    'access',
    'parentOrganizationId',
    'organizationId',
    'acknowledge',
    'actingMember',
  ]
  const body = fc.oneof(fc.dictionary(fc.constantFrom(...keys), value), value)
  // a header holds Latin-1, and no control characters: what others are sent never becomes a request
  const key = fc.option(
    fc.string({ unit: fc.integer({ min: 32, max: 126 }).map((code) => String.fromCharCode(code)) }),
  )
  const target = fc.constantFrom(
    ['post', '/parent-organizations'] as const,
    ['post', `/parent-organizations/${tenant.parentOrganizationId}/organizations`] as const,
    ['post', `${directory}/tokens`] as const,
    ['patch', directory] as const,
    ['patch', `${directory}/tokens/${token}`] as const,
    ['patch', `/parent-organizations/${tenant.parentOrganizationId}`] as const,
    ['patch', organization] as const,
    ['post', '/admin-tokens'] as const,
    ['patch', `/admin-tokens/${adminToken}`] as const,
    ['post', `${organization}/members`] as const,
    ['post', `${organization}/sign-ins`] as const,
    ['put', `${organization}/seats`] as const,
    ['put', `${organization}/provisioning`] as const,
    ['put', `${organization}/primary-owner`] as const,
  )
  await fc.assert(
    fc.asyncProperty(target, body, key, async ([method, path], sent, idempotencyKey) => {
      const request = admin[method](path, sent)
      if (idempotencyKey !== null) request.set('Idempotency-Key', idempotencyKey)
      const answer = await request
      expect(answer.status).toBeLessThan(500)
      if (answer.status >= 400) expect(answer.headers['content-type']).toContain('application/problem+json')
    }),
    { numRuns: 300 },
  )
})
