// What leaves a whole process beside its answers: its log, its metrics and its traces. They tell what happened, and no
// personal attribute and no secret, whatever is sent and whatever fails; and what is not asked for is not loaded.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { resolve } from 'node:path'
import pg from 'pg'
import supertest from 'supertest'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { adminClient, type Client, scimClient } from './support/app.ts'
import { type Collector, startCollector } from './support/collector.ts'
import { parseMetrics } from './support/metrics.ts'
import { createTestDatabase, type TestDatabase } from './support/postgres.ts'
import { type ServiceProcess, startProcess } from './support/process.ts'
import { bulkBody, patchBody } from './support/protocol.ts'
import { Administrated, answered, Idp } from './support/provisioning.ts'
import { type Receiver, startReceiver } from './support/receiver.ts'
import { SIGNING_SECRET, WorkosDirectory, WorkosEndpoint } from './support/workos.ts'

const probe = { NODE_OPTIONS: `--import ${resolve(import.meta.dirname, 'support/loaded-packages.mjs')}` }
const patient = { timeout: 20_000, interval: 30 }

/** The packages that a process loaded, from what it printed at its end. */
const loadedBy = (service: ServiceProcess): string[] =>
  (/^loaded packages: (.*)$/m.exec(service.output())?.[1] ?? '').split(' ')

const printed = (service: ServiceProcess, name: string): string =>
  new RegExp(`^${name}: (\\S+)$`, 'm').exec(service.output())?.[1] ?? ''

/** The lines of the log: what is no JSON is what the first start prints. */
const logOf = (service: ServiceProcess): string[] =>
  service
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))

/** A text as it is, in a URL, in a string of JSON, and as credentials may be written. */
const formsOf = (text: string): string[] => [
  ...new Set([
    text,
    encodeURIComponent(text),
    JSON.stringify(text).slice(1, -1),
    Buffer.from(text).toString('base64'),
  ]),
]

async function startSetUp(env: Record<string, string>): Promise<ServiceProcess> {
  const service = await startProcess({ ...probe, ...env })
  await vi.waitFor(() => expect(service.output()).toMatch(/^curl \S+members /m), patient)
  return service
}

test('without the variables that ask for them, neither metrics nor traces are loaded', async () => {
  const database = await createTestDatabase()
  const service = await startSetUp({ DATABASE_URL: database.url })
  expect((await fetch(`${service.origin}/metrics`)).status).toBe(404)
  expect(await service.end('SIGTERM')).toBe(0)
  const loaded = loadedBy(service)
  expect(loaded).toEqual(expect.arrayContaining(['fastify', 'pg', 'pino']))
  expect(loaded.filter((name) => /^@opentelemetry\/|^prom-client$/.test(name))).toEqual([])
  await database.drop()
})

describe('a process that is watched from all sides', () => {
  /** What nobody must find in the log, the traces or the metrics. */
  const secrets = new Set<string>()
  const secret = (text: string): string => {
    secrets.add(text)
    return text
  }
  const person = (name: string) => ({
    userName: secret(`${name}-login@quillfeather.test`),
    password: secret(`${name}-Pa55-vellichor`),
    externalId: secret(`${name}-external-9321`),
    displayName: secret(`${name} Displayname-Marram`),
    nickName: secret(`${name}-nick-sassafras`),
    name: { givenName: secret(`${name}-Given-Ottoline`), familyName: secret(`${name}-Family-Quibell`) },
    emails: [
      { value: secret(`${name}-work@quillfeather.test`), type: 'work', primary: true },
      { value: secret(`${name}-home@quillfeather.test`), type: 'home' },
    ],
    phoneNumbers: [{ value: secret(`+44 20 7946 ${name.length}0958`), type: 'work' }],
    active: true,
  })

  let collector: Collector
  let receiver: Receiver
  let database: TestDatabase
  let service: ServiceProcess
  let sql: pg.Client
  let scim: Client
  let admin: Client
  let org: Administrated
  let http: ReturnType<typeof supertest>
  const metricsToken = secret(randomBytes(24).toString('base64url'))
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  let metrics = ''
  let directoryId = ''

  beforeAll(async () => {
    collector = await startCollector()
    receiver = await startReceiver()
    database = await createTestDatabase()
    sql = new pg.Client({ connectionString: database.url })
    await sql.connect()
    service = await startSetUp({
      DATABASE_URL: database.url,
      LOG_LEVEL: 'trace',
      ROLLCALL_ENCRYPTION_KEYS: secret(randomBytes(32).toString('base64')),
      ROLLCALL_WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
      ROLLCALL_METRICS_PORT: '0',
      ROLLCALL_METRICS_TOKEN: metricsToken,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=${secret('otlp-header-secret')}`,
      OTEL_SERVICE_NAME: 'directory',
    })
    http = supertest(service.origin)
    scim = scimClient(http, secret(printed(service, 'Directory token')))
    admin = adminClient({ http, adminToken: secret(printed(service, 'Admin token')) })
    org = new Administrated(admin, /organizations\/([0-9a-f-]+)\/members/.exec(service.output())?.[1] ?? '')
    await converse()
    const own = /"serves":"metrics".*Server listening at (http:\/\/[\d.]+:\d+)/.exec(service.output())?.[1]
    metrics = await (await fetch(`${own}/metrics`)).text()
    expect(await service.end('SIGTERM')).toBe(0)
  }, 120_000)

  afterAll(async () => {
    await service?.end('SIGKILL')
    await sql.end()
    await receiver.close()
    await collector.close()
    await database.drop()
  })

  async function converse(): Promise<void> {
    directoryId = (await answered(admin.get('/directories'), 200)).body.directories[0].id
    const ids = await pushes()
    await searches()
    await badRequests(ids)
    await administration(ids)
    await webhooksAndWorkos()
    await failures(ids)
  }

  async function pushes() {
    const idp = new Idp(scim)
    const ada = person('ada')
    const user = (
      await answered(scim.post('/Users', ada).set('traceparent', `00-${traceId}-b7ad6b7169203331-01`), 201)
    ).body.id
    await answered(scim.put(`/Users/${user}`, { ...ada, title: secret('Countess-of-Lovelace') }), 200)
    await answered(scim.post('/Users', ada).set('X-Request-Id', 'refused-1'), 409)
    await idp.patchUser(user, { op: 'replace', path: 'name.familyName', value: secret('Byron-Patched') })
    const filtered = `emails[value eq "${ada.emails[0]?.value}"].display`
    await answered(scim.patch(`/Users/${user}`, patchBody({ op: 'add', path: filtered, value: 'x' })), 200)
    const group = await idp.group(secret('Group-Of-Whistlers'), [user])
    await answered(
      scim.patch(`/Groups/${group}`, patchBody({ op: 'remove', path: `members[value eq "${user}"]` })),
      200,
      204,
    )
    await idp.add(group, user)
    const bulk = bulkBody([
      { method: 'POST', path: '/Users', bulkId: secret('bulk-id-of-grace'), data: person('grace') },
      { method: 'POST', path: '/Users', bulkId: 'b', data: ada },
    ])
    await answered(scim.post('/Bulk', bulk), 200)
    return { user, group }
  }

  async function searches() {
    const filter = `userName eq "${secret('searched-for@quillfeather.test')}" or name.givenName co "${secret('Searched-Name')}"`
    await answered(scim.get(`/Users?filter=${encodeURIComponent(filter)}`), 200)
    await answered(
      scim.post('/Users/.search', {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
        filter,
      }),
      200,
    )
    await answered(
      scim.get(`/Groups?filter=${encodeURIComponent(`displayName eq "${secret('Searched-Group')}"`)}`),
      200,
    )
    await answered(scim.get(`/Users?filter=${encodeURIComponent(`${secret('Bogus-Attribute')} eq`)}`), 400)
    await answered(scim.get(`/Users/${encodeURIComponent(secret('in-a-path@quillfeather.test'))}`), 404)
  }

  async function badRequests({ user }: { user: string }) {
    const raw = (path: string, body: string) =>
      http
        .post(`/scim/v2${path}`)
        .set('Authorization', `Bearer ${printed(service, 'Directory token')}`)
        .set('Content-Type', 'application/scim+json')
        .send(body)
    await answered(raw('/Users', `{"userName":"${secret('cut-off@quillfeather.test')}","pass`), 400)
    await answered(raw('/Users', secret('no-json-at-all-Thistledown')), 400)
    await answered(
      scim.post('/Users', { userName: { [secret('Key-As-Name')]: secret('Value-As-Name') } }),
      400,
    )
    await answered(scim.put(`/Users/${user}`, { userName: 'x', active: secret('not-a-boolean-Pim') }), 400)
    await answered(
      scim.patch(
        `/Users/${user}`,
        patchBody({ op: secret('op-Zebulon'), path: secret('path Zebulon'), value: 1 }),
      ),
      400,
    )
    await answered(
      scim.patch(
        `/Users/${user}`,
        patchBody({ op: 'add', path: 'emails[value', value: secret('Half-Filter') }),
      ),
      400,
    )
    await answered(
      http.get('/scim/v2/Users').set('Authorization', `Bearer ${secret('rollcall_dir_wrong-Tansy')}`),
      401,
    )
    await answered(
      http.get('/v1/events').set('Authorization', `Bearer ${secret('rollcall_adm_wrong-Tansy')}`),
      401,
    )
    await answered(http.get('/metrics').set('Authorization', `Bearer ${secret('wrong-metrics-Tansy')}`), 401)
    await answered(scim.get('/Users').set('X-Request-Id', secret('requests@quillfeather.test')), 200)
    await answered(http.get(`/scim/v2/Users/%zz${secret('undecodable-Corvid')}`), 400)
    await answered(http.get(`/scim/v2/Users/${secret('Much-Too-Long-')}${'x'.repeat(600)}`), 414)
    await answered(http.get(`/${secret('nowhere-Ptarmigan')}`), 404)
    const socket = connect(Number(new URL(service.origin).port), '127.0.0.1')
    socket.end(`GET /scim/v2/Users?filter=x HTTP/1.1\r\n${secret('No-Header-Skerry')} no colon\r\n\r\n`)
    socket.resume()
    await once(socket, 'close')
  }

  async function administration({ user, group }: { user: string; group: string }) {
    await org.save()
    await org.map([
      { groupId: group, role: 'owner' },
      { groupId: group, seatType: 'premium' },
    ])
    await answered(
      admin.put(org.path('/provisioning'), { mode: 'scim', groupMappings: true, mappings: [] }),
      409,
    )
    await answered(admin.get(org.path(`/people/${user}`)), 200)
    await answered(
      admin.get(org.path(`/members?email=${encodeURIComponent(secret('ada-work@quillfeather.test'))}`)),
      200,
    )
    await answered(
      admin.get(`/organizations/${encodeURIComponent(secret('org@quillfeather.test'))}/members`),
      404,
    )
    await org.save({ mode: 'manual', groupMappings: false })
    const key = secret('idempotency-key-Fennel')
    const member = { email: secret('by-hand@quillfeather.test') }
    for (const _ of [1, 2]) {
      await answered(admin.post(org.path('/members'), member).set('Idempotency-Key', `"${key}"`), 201)
    }
    await answered(admin.post(org.path('/members'), { email: secret('not an address Gorse') }), 400)
    await org.save({ mode: 'jit' })
    await org.signIn(secret('signs-in-Yarrow'), [secret('Asserted-Group-Yarrow')])
    await answered(
      admin.post(org.path('/sign-ins'), { email: 'ada-work@quillfeather.test', groups: [group] }),
      200,
    )
    const token = (
      await answered(
        admin.post('/admin-tokens', {
          name: secret('Token-Name-Bracken'),
          scope: 'all',
          access: 'read_only',
        }),
        201,
      )
    ).body
    await answered(
      adminClient({ http, adminToken: secret(token.token) }).post('/parent-organizations', {
        name: 'x',
        plan: 'team',
      }),
      403,
    )
    const { body } = await answered(
      admin.post(`/directories/${directoryId}/tokens`, {
        name: secret('Directory-Token-Name'),
        expiresAt: null,
      }),
      201,
    )
    secret(body.token)
    await answered(admin.post('/parent-organizations', { plan: secret('no-plan-Mugwort') }), 400)
  }

  async function webhooksAndWorkos() {
    const url = `${receiver.url}/${secret('path-of-hook-Larkspur')}`
    const endpoint = (
      await answered(
        admin.post('/webhook-endpoints', {
          url,
          organizationId: org.id,
          description: secret('Described-Larkspur'),
        }),
        201,
      )
    ).body
    secret(endpoint.secret)
    receiver.answer = () => ({ status: 500 })
    await org.save({ mode: 'scim' })
    await receiver.has(1)
    receiver.answer = () => ({ status: 204 })
    const connection = (
      await answered(
        admin.post(`/directories/${directoryId}/workos-connections`, {
          name: 'WorkOS',
          signingSecret: secret(SIGNING_SECRET),
        }),
        201,
      )
    ).body
    const workos = new WorkosEndpoint({ http }, connection.id)
    const directory = new WorkosDirectory()
    directory.user('Melisande', {
      username: secret('melisande@quillfeather.test'),
      email: secret('melisande-mail@quillfeather.test'),
      first_name: secret('Melisande-First'),
    })
    directory.group('Gorgonians', { name: secret('Gorgonian-Group') })
    await workos.send(directory.events)
    await answered(workos.post(directory.events[0], 't=1, v1=forged'), 401)
    await answered(workos.post(`{"id":"${secret('Half-An-Event-Wort')}`), 400)
  }

  /** The database is broken on purpose, so that what no client causes is told too. */
  async function failures({ user }: { user: string }) {
    const barred = person('barred')
    await sql.query(`ALTER TABLE users ADD CONSTRAINT not_barred CHECK (user_name NOT LIKE 'barred%')`)
    await answered(scim.post('/Users', barred), 500)
    await answered(
      scim.post('/Bulk', bulkBody([{ method: 'POST', path: '/Users', bulkId: 'c', data: barred }])),
      200,
    )
    await answered(admin.post(org.path('/members'), { email: secret('crashes@quillfeather.test') }), 201, 409)
    await sql.query('ALTER TABLE members RENAME COLUMN email_key TO email_key_gone')
    await answered(
      admin.post(org.path('/sign-ins'), { email: secret('sign-in-crashes@quillfeather.test') }),
      500,
    )
    await answered(scim.patch(`/Users/${user}`, patchBody({ op: 'replace', value: { active: false } })), 500)
    await sql.query('ALTER TABLE webhook_deliveries RENAME COLUMN attempts TO attempts_gone')
    await vi.waitFor(() => expect(logOf(service).join('\n')).toContain('webhooks not'), patient)
  }

  test('nothing personal and no secret is in the log at level trace, in a trace, or in a metric', () => {
    const log = logOf(service).join('\n')
    expect(logOf(service).length).toBeGreaterThan(60)
    expect(log.match(/request failed/g)?.length).toBeGreaterThanOrEqual(4)
    expect(secrets.size).toBeGreaterThan(80)
    const places = { log, traces: collector.text(), metrics }
    const found = [...secrets].flatMap((value) =>
      formsOf(value).flatMap((form) =>
        Object.entries(places).flatMap(([place, text]) =>
          text.toLowerCase().includes(form.toLowerCase()) ? [`${form} in the ${place}`] : [],
        ),
      ),
    )
    expect(found).toEqual([])
    expect(log).not.toContain('quillfeather')
  })

  test('each request is one line: which operation, on what, and what came of it', () => {
    const lines = logOf(service).map((line) => JSON.parse(line))
    const requests = lines.filter(({ msg }) => msg === 'request')
    const line = (facts: object) => expect(requests).toContainEqual(expect.objectContaining(facts))
    line({
      operation: 'User.create',
      status: 201,
      directoryId,
      route: '/scim/v2/Users',
      method: 'POST',
      traceId,
    })
    line({ operation: 'User.create', status: 409, directoryId, scimType: 'uniqueness', reqId: 'refused-1' })
    line({ operation: 'User.patch', status: 400, scimType: 'invalidPath' })
    line({ operation: 'Group.create', status: 201, directoryId })
    line({ operation: 'User.search', status: 400, scimType: 'invalidFilter' })
    line({ operation: 'Bulk', status: 200, operations: 2, failed: 1 })
    line({
      route: '/v1/organizations/:id/provisioning',
      status: 409,
      organizationId: org.id,
      problem: 'Refused by a rule',
      rule: 'S2',
    })
    line({ route: '/v1/directories/:id/tokens', status: 201, directoryId })
    line({ route: '/webhooks/workos/:connection', status: 401, problem: 'Unauthorized' })
    line({ route: 'unknown', status: 414 })
    const failed = lines.filter(({ msg }) => msg === 'request failed').map(({ err }) => err)
    expect(failed).toContainEqual(expect.objectContaining({ code: '23514', constraint: 'not_barred' }))
    for (const err of failed) expect(err.stack).toMatch(/^ {4}at /)
  })

  test('a request is a span of the caller’s trace, its transaction a span below it', () => {
    const request = collector.spans.find(
      (span) => span.traceId === traceId && span.parentSpanId === 'b7ad6b7169203331',
    )
    expect(request).toMatchObject({
      name: 'POST /scim/v2/Users',
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/scim/v2/Users',
        'http.response.status_code': 201,
        'rollcall.operation': 'User.create',
        'rollcall.directory_id': directoryId,
      },
      resource: { 'service.name': 'directory' },
    })
    const transactions = collector.spans.filter(({ parentSpanId }) => parentSpanId === request?.spanId)
    expect(transactions).toContainEqual(expect.objectContaining({ name: 'database write', traceId }))
    expect(transactions[0]?.attributes).toMatchObject({
      'db.system.name': 'postgresql',
      'rollcall.attempts': 1,
    })
    expect(collector.spans).toContainEqual(
      expect.objectContaining({
        attributes: expect.objectContaining({ 'rollcall.scim_type': 'uniqueness' }),
      }),
    )
  })

  test('the port of the metrics has them without a token; the process tells of itself too', () => {
    const { types, value } = parseMetrics(metrics)
    expect(
      value('rollcall_http_request_duration_seconds_count', {
        method: 'POST',
        route: '/scim/v2/Users',
        status: '500',
      }),
    ).toBe(1)
    expect(value('rollcall_database_up')).toBe(1)
    expect(types.get('process_cpu_seconds_total')).toBe('counter')
    expect(types.get('nodejs_eventloop_lag_p99_seconds')).toBe('gauge')
  })

  test('what was asked for was loaded, so that who looks for it finds it', () => {
    expect(loadedBy(service)).toEqual(expect.arrayContaining(['@opentelemetry/sdk-trace', 'prom-client']))
  })
})
