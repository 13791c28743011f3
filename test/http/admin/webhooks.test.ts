// A3 endpoints over HTTP: made, listed, changed, deleted; secrets shown when they are made and never again; bad input.
import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SecretBox } from '../../../src/secret-box.ts'
import { databaseText, expectProblem } from '../../support/answers.ts'
import { adminClient, type Client, startTestApp, type TestApp } from '../../support/app.ts'
import { answered, aScene, type EventRow } from '../../support/provisioning.ts'
import { startReceiver, verified } from '../../support/receiver.ts'
import { anEndpoint, fastWebhooks } from '../../support/webhooks.ts'

let app: TestApp
let admin: Client
beforeAll(async () => {
  app = await startTestApp({ webhooks: fastWebhooks })
  admin = adminClient(app)
})
afterAll(() => app.close())

const url = 'https://receiver.example.com/hook?team=7'
const nobody = '01a20aea-59ca-7402-8f9a-ff8dc56dce1f'

const eventsOfSubject = (id: string) => app.database.client.$queryRaw<EventRow[]>`
  SELECT type, organization_id, actor, data FROM events WHERE subject_id = ${id}::uuid ORDER BY seq`

describe('A3 endpoints', () => {
  test('A3 one is made, with its secret, and shown without it', async () => {
    const { org } = await aScene(app)
    const body = { url, description: 'mail', organizationId: org.id, types: ['member.added'] }
    const response = await answered(admin.post('/webhook-endpoints', body), 201)
    const { secret, ...created } = response.body
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    expect(response.headers).toMatchObject({
      location: `/v1/webhook-endpoints/${created.id}`,
      'cache-control': 'no-store',
    })
    expect(created).toEqual({
      id: expect.any(String),
      url,
      description: 'mail',
      parentOrganizationId: null,
      organizationId: org.id,
      types: ['member.added'],
      enabled: true,
      disabledReason: null,
      previousSecretExpiresAt: null,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
      health: {
        lastSuccessAt: null,
        lastFailureAt: null,
        consecutiveFailures: 0,
        failingSince: null,
        pending: 0,
        oldestPendingAt: null,
        dead: 0,
      },
    })
    expect((await answered(admin.get(`/webhook-endpoints/${created.id}`), 200)).body).toEqual(created)
  })

  test('A3 limited to a parent organization, or to nothing', async () => {
    const { tenant } = await aScene(app)
    const { parentOrganizationId } = tenant
    const limited = (await answered(admin.post('/webhook-endpoints', { url, parentOrganizationId }), 201))
      .body
    expect(limited).toMatchObject({
      parentOrganizationId,
      organizationId: null,
      types: null,
      description: '',
    })
    const all = (await answered(admin.post('/webhook-endpoints', { url, types: null }), 201)).body
    expect(all).toMatchObject({ parentOrganizationId: null, organizationId: null, types: null })
  })

  test('A3 listed in pages', async () => {
    for (let i = 0; i < 3; i += 1) await anEndpoint(app, { url })
    const seen: string[] = []
    for (let after = ''; ; ) {
      const { webhookEndpoints, next } = (
        await answered(admin.get(`/webhook-endpoints?limit=2${after}`), 200)
      ).body
      expect(webhookEndpoints.length).toBeLessThanOrEqual(2)
      expect(JSON.stringify(webhookEndpoints)).not.toContain('whsec_')
      seen.push(...webhookEndpoints.map(({ id }: { id: string }) => id))
      if (next === null) break
      after = `&after=${next}`
    }
    const rows = await app.database.client.$queryRaw<
      { id: string }[]
    >`SELECT id FROM webhook_endpoints ORDER BY id`
    expect(seen).toEqual(rows.map(({ id }) => id))
  })

  test('A3 changed in part; what is not named stays, and a change of nothing is no event', async () => {
    const hook = await anEndpoint(app, { url, description: 'a', types: ['user.created'] })
    expect(await hook.change({ description: 'b' })).toMatchObject({
      url,
      description: 'b',
      types: ['user.created'],
    })
    expect(await hook.change({ types: null, enabled: false })).toMatchObject({ types: null, enabled: false })
    await hook.change({ enabled: false })
    expect(await hook.change({ url: 'https://other.example.com/' })).toMatchObject({ enabled: false })
    const changed = (await eventsOfSubject(hook.id)).slice(1).map(({ type, data }) => [type, data.changed])
    expect(changed).toEqual([
      ['webhook_endpoint.updated', ['description']],
      ['webhook_endpoint.updated', ['types', 'enabled']],
      ['webhook_endpoint.updated', ['url']],
    ])
  })

  test('A3 deleted with its deliveries', async () => {
    const hook = await anEndpoint(app, { url: 'https://127.0.0.1:1/' })
    await app.services.webhookDispatch.dispatch(hook.id, AbortSignal.timeout(5000))
    expect(await hook.deliveries()).not.toHaveLength(0)
    await answered(admin.delete(hook.path), 204)
    for (const request of [
      admin.get(hook.path),
      admin.delete(hook.path),
      admin.get(`${hook.path}/deliveries`),
    ]) {
      expectProblem(await request, 404)
    }
    await app.services.webhookDispatch.dispatch(hook.id, AbortSignal.timeout(5000))
  })

  test('A3 each change is an event that says what and who, and neither the path of the URL nor a secret', async () => {
    const { org } = await aScene(app)
    const hook = await anEndpoint(app, { url, organizationId: org.id, description: 'secretary' })
    await answered(admin.post(`${hook.path}/secret:rotate`, { previousValidHours: 1 }), 200)
    await hook.change({ url: 'https://receiver.example.com/other' })
    await answered(admin.delete(hook.path), 204)
    const events = await eventsOfSubject(hook.id)
    const told = { origin: 'https://receiver.example.com', types: null, enabled: true }
    expect(events.map(({ type, data }) => [type, data])).toEqual([
      ['webhook_endpoint.created', { after: told }],
      ['webhook_endpoint.secret_rotated', { previousValidHours: 1 }],
      ['webhook_endpoint.updated', { changed: ['url'], before: told, after: told }],
      ['webhook_endpoint.deleted', { before: told }],
    ])
    for (const event of events) {
      expect(event).toMatchObject({ organization_id: org.id, actor: { kind: 'admin_token' } })
    }
  })
})

describe('A3 secrets', () => {
  test('A3 a new one is shown once; the one before signs for a day, or as long as is said', async () => {
    const hook = await anEndpoint(app, { url })
    const rotate = async (body?: object) =>
      (await answered(admin.post(`${hook.path}/secret:rotate`, body), 200)).body
    const hours = ({ previousSecretExpiresAt }: { previousSecretExpiresAt: string }) =>
      Math.round((Date.parse(previousSecretExpiresAt) - Date.now()) / 3_600_000)
    const first = await rotate()
    expect(first.secret).toMatch(/^whsec_/)
    expect(first.secret).not.toBe(hook.secret)
    expect(hours(first)).toBe(24)
    expect(hours(await rotate({}))).toBe(24)
    expect(hours(await rotate({ previousValidHours: 2 }))).toBe(2)
    expect(await rotate({ previousValidHours: 0 })).toMatchObject({ previousSecretExpiresAt: null })
    expect(await hook.shown()).not.toHaveProperty('secret')
  })

  test('A3 no secret stands in the database', async () => {
    const hook = await anEndpoint(app, { url })
    const rotated = (await answered(admin.post(`${hook.path}/secret:rotate`), 200)).body
    const text = await databaseText(app.database)
    expect(text).toContain(hook.id)
    for (const secret of [hook.secret, rotated.secret]) {
      expect(text).not.toContain(secret)
      expect(text).not.toContain(secret.slice('whsec_'.length))
    }
  })

  test('A3 without a key to keep them by no endpoint is made, and the answer says what to set', async () => {
    const keyless = await startTestApp({ secretBox: new SecretBox([]) })
    const response = await adminClient(keyless).post('/webhook-endpoints', { url })
    expect(expectProblem(response, 409)).toContain('ROLLCALL_ENCRYPTION_KEYS')
    await keyless.close()
  })
})

describe('A3 a test message', () => {
  test('A3 is sent at once, signed, and answered with what came of it', async () => {
    const receiver = await startReceiver()
    const hook = await anEndpoint(app, { url: receiver.url, enabled: false })
    const { body } = await answered(admin.post(`${hook.path}:test`), 200)
    expect(body).toEqual({ delivered: true, status: 204, error: null, durationMs: expect.any(Number) })
    const [message] = receiver.received
    expect(message?.id).toMatch(/^test_/)
    expect(message && verified(hook.secret, message)).toEqual({
      type: 'webhook_endpoint.test',
      timestamp: expect.any(String),
      data: { webhookEndpointId: hook.id },
    })
    receiver.answer = () => ({ status: 500 })
    expect((await answered(admin.post(`${hook.path}:test`), 200)).body).toMatchObject({
      delivered: false,
      status: 500,
    })
    await receiver.close()
  })

  test('A3 says that a name leads where it may not, and reaches nobody', async () => {
    let connections = 0
    const server = createServer().on('connection', () => {
      connections += 1
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'string' ? 0 : (address?.port ?? 0)
    const strict = await startTestApp()
    const hook = await anEndpoint(strict, { url: `https://localhost:${port}/` })
    const { body } = await answered(adminClient(strict).post(`${hook.path}:test`), 200)
    expect(body).toMatchObject({
      delivered: false,
      status: null,
      error: 'The URL leads to an address that may not be called.',
    })
    expect(connections).toBe(0)
    server.close()
    await strict.close()
  })
})

describe('A3 bad input is refused by name and changes nothing', () => {
  const count = async () => Number((await app.database.client.webhookEndpoint.count()) ?? 0)

  test.each<[string, object, string]>([
    ['no URL', {}, 'url'],
    ['a URL that is none', { url: 'receiver' }, 'url'],
    ['http to a public address', { url: 'http://8.8.8.8/' }, 'url'],
    ['a private address', { url: 'https://10.0.0.1/' }, 'url'],
    ['metadata of a cloud', { url: 'http://169.254.169.254/latest/' }, 'url'],
    ['a password in the URL', { url: 'https://ann:secret@example.com/' }, 'url'],
    ['a URL with U+0000', { url: 'https://example.com/\u0000' }, 'url'],
    ['an unknown type', { url, types: ['user.vanished'] }, 'types[0]'],
    ['no type', { url, types: [] }, 'types'],
    ['an unknown organization', { url, organizationId: nobody }, 'organizationId'],
    ['an organization that is no id', { url, organizationId: 'acme' }, 'organizationId'],
    ['an unknown parent organization', { url, parentOrganizationId: nobody }, 'parentOrganizationId'],
    ['both', { url, parentOrganizationId: nobody, organizationId: nobody }, 'organizationId'],
    ['a misspelt field', { url, type: ['user.created'] }, 'type'],
    ['a description with U+0000', { url, description: '\u0000' }, 'description'],
    ['a secret of their own', { url, secret: 'whsec_AAAA' }, 'secret'],
  ])('A3 %s', async (_, body, field) => {
    const before = await count()
    const response = await admin.post('/webhook-endpoints', body)
    const detail = expectProblem(response, 400, { field })
    expect(detail).not.toContain('secret@')
    expect(await count()).toBe(before)
  })

  test('A3 of changes, rotations, lists and ids', async () => {
    const hook = await anEndpoint(app, { url })
    const { deliveries, path } = { ...hook, deliveries: `${hook.path}/deliveries` }
    expectProblem(await admin.patch(path, {}), 400, { field: '' })
    expectProblem(await admin.patch(path, { url: 'https://10.0.0.1/' }), 400, { field: 'url' })
    expectProblem(await admin.patch(path, { organizationId: null }), 400, { field: 'organizationId' })
    expectProblem(await admin.post(`${path}/secret:rotate`, { previousValidHours: -1 }), 400, {
      field: 'previousValidHours',
    })
    expectProblem(await admin.get(`${deliveries}?state=lost`), 400, { field: 'state' })
    expectProblem(await admin.get(`${deliveries}?after=x`), 400, { field: 'after' })
    expectProblem(await admin.get('/webhook-endpoints?after=x'), 400, { field: 'after' })
    expectProblem(await admin.post(`${deliveries}/banana:resend`), 400, { field: 'seq' })
    expectProblem(await admin.post(`${deliveries}/99999999:resend`), 404)
    for (const wrong of [nobody, 'banana', 'a:b']) {
      expectProblem(await admin.get(`/webhook-endpoints/${wrong}`), 404)
      expectProblem(await admin.post(`/webhook-endpoints/${wrong}/secret:rotate`), 404)
      expectProblem(await admin.post(`/webhook-endpoints/${wrong}/deliveries:resend`), 404)
      expectProblem(await admin.post(`/webhook-endpoints/${wrong}/deliveries/1:resend`), 404)
    }
    for (const wrong of [nobody, 'banana']) {
      expectProblem(await admin.post(`/webhook-endpoints/${wrong}:test`), 404)
    }
    expect(await hook.shown()).toMatchObject({ url })
  })

  test('A3 nothing of it without an admin token', async () => {
    expectProblem(await app.http.post('/v1/webhook-endpoints').send({ url }), 401)
    expectProblem(await app.http.get('/v1/webhook-endpoints'), 401)
  })
})
