// /metrics: who may read it, what it counts of requests and decisions, and what it says of the database.
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createServices } from '../../src/services/index.ts'
import { openDatabase, settled } from '../../src/store/database.ts'
import { appendEvents } from '../../src/store/events.ts'
import { readFigures } from '../../src/store/figures.ts'
import { version } from '../../src/version.ts'
import { cycleQueue } from '../../src/worker/cycle.ts'
import { startQueue } from '../../src/worker/queue.ts'
import { adminClient, startTestApp, type TestApp, testSecretBox } from '../support/app.ts'
import { brake, users } from '../support/brake.ts'
import { METRICS_TOKEN, readMetrics } from '../support/metrics.ts'
import { answered, aScene } from '../support/provisioning.ts'
import { startReceiver } from '../support/receiver.ts'
import { anEndpoint, fastWebhooks } from '../support/webhooks.ts'
import { connectWorkos, WorkosDirectory } from '../support/workos.ts'

let app: TestApp

beforeAll(async () => {
  app = await startTestApp({ metricsToken: METRICS_TOKEN, webhooks: fastWebhooks })
})

afterAll(() => app.close())

const duration = 'rollcall_http_request_duration_seconds'
const decisions = 'rollcall_evaluator_decisions_total'

describe('who may read them', () => {
  test('whoever has the token; others are told that one is needed', async () => {
    const get = (authorization?: string) => {
      const request = app.http.get('/metrics')
      return authorization === undefined ? request : request.set('Authorization', authorization)
    }
    const allowed = await get(`Bearer ${METRICS_TOKEN}`)
    expect([allowed.status, allowed.headers['content-type']]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ])
    expect(allowed.text).toContain(`rollcall_build_info{version="${version}"} 1`)
    const { token } = await app.createTenant()
    const others = [
      undefined,
      'Bearer x',
      `Basic ${METRICS_TOKEN}`,
      `Bearer ${app.adminToken}`,
      `Bearer ${token}`,
    ]
    for (const authorization of others) {
      const refused = await get(authorization)
      expect([refused.status, refused.headers['content-type']]).toEqual([
        401,
        'application/problem+json; charset=utf-8',
      ])
      expect(refused.headers['www-authenticate']).toMatch(/^Bearer/)
    }
    expect((await app.http.post('/metrics').set('Authorization', `Bearer ${METRICS_TOKEN}`)).status).toBe(405)
  })

  test('are no part of the document of the admin API, nor is health', async () => {
    const { paths } = (await app.http.get('/v1/openapi.json').expect(200)).body
    expect(Object.keys(paths).filter((path) => /metrics|healthz|readyz/.test(path))).toEqual([])
    expect(Object.keys(paths).length).toBeGreaterThan(20)
  })

  test('nobody, where no token was set: there is no such path', async () => {
    const without = await startTestApp()
    await without.http.get('/metrics').set('Authorization', `Bearer ${METRICS_TOKEN}`).expect(404)
    await without.close()
  })
})

describe('requests', () => {
  test('are observed by method, route and status, and never by URL', async () => {
    const { scim } = await app.createTenant()
    const { id } = (await answered(scim.post('/Users', { userName: 'ada@acme.test' }), 201)).body
    await scim.get(`/Users/${id}`).expect(200)
    await scim.get('/Users/nobody').expect(404)
    await scim.get(`/Users?filter=${encodeURIComponent('userName eq "ada@acme.test"')}`).expect(200)
    await app.http.get('/nowhere/ada@acme.test').expect(404)
    const { value } = await readMetrics(app)
    const count = (method: string, route: string, status: string) =>
      value(`${duration}_count`, { method, route, status })
    expect(count('POST', '/scim/v2/Users', '201')).toBeGreaterThan(0)
    expect(count('GET', '/scim/v2/Users/:id', '200')).toBe(1)
    expect(count('GET', '/scim/v2/Users/:id', '404')).toBe(1)
    expect(count('GET', '/scim/v2/Users', '200')).toBe(1)
    expect(count('GET', 'unknown', '404')).toBe(1)
    const labels = { method: 'GET', route: '/scim/v2/Users/:id', status: '200' }
    expect(value(`${duration}_bucket`, { ...labels, le: '+Inf' })).toBe(1)
    expect(value(`${duration}_bucket`, { ...labels, le: '30' })).toBe(1)
    expect(value(`${duration}_sum`, labels)).toBeGreaterThan(0)
    const text = (await app.http.get('/metrics').set('Authorization', `Bearer ${METRICS_TOKEN}`)).text
    expect(text).not.toMatch(/acme\.test|userName/)
    expect(text).not.toContain(id)
  })

  test('a method that no API has makes no series of its own; a live tail is no slow request', async () => {
    await app.http.trace('/scim/v2/Users').expect(401)
    const tail = await fetch(`${app.origin}/v1/events`, {
      headers: { authorization: `Bearer ${app.adminToken}`, accept: 'text/event-stream' },
    })
    await tail.body?.cancel()
    await answered(adminClient(app).get('/events'), 200)
    const { value } = await readMetrics(app)
    expect(value(`${duration}_count`, { method: 'other', route: '/scim/v2/Users', status: '401' })).toBe(1)
    expect(value(`${duration}_count`, { method: 'GET', route: '/v1/events', status: '200' })).toBe(1)
  })
})

describe('decisions of the evaluator', () => {
  test('E1 E4 are counted when they are committed, by kind and by what decided', async () => {
    const { idp, org } = await aScene(app)
    await org.buy({ premium: 1, standard: 0 })
    const counted = async () => {
      const { value } = await readMetrics(app)
      return (kind: string, reason: string) => value(decisions, { kind, reason }) ?? 0
    }
    const begun = await counted()
    const [first] = await users(idp, 'ada', 'grace')
    await answered(org.admin.post(org.path('/provisioning:preview'), { mode: 'scim' }), 200)
    const previewed = await counted()
    expect(previewed('join', 'assigned')).toBe(begun('join', 'assigned'))
    await org.save()
    const saved = await counted()
    expect(saved('join', 'assigned') - begun('join', 'assigned')).toBe(1)
    expect(saved('wait', 'seats_full') - begun('wait', 'seats_full')).toBe(1)
    await idp.setActive(String(first), false)
    const left = await counted()
    expect(left('leave', 'inactive') - saved('leave', 'inactive')).toBe(1)
    expect(left('join', 'assigned') - saved('join', 'assigned')).toBe(1)
  })
})

describe('what the database says', () => {
  test('members, who waits, held removals and seats of each organization', async () => {
    const { idp, org, join } = await aScene(app)
    const console = await join('console')
    await org.buy({ premium: 2, standard: null })
    await console.save()
    const group = await idp.group('Premium')
    const ids = await users(idp, 'a', 'b', 'c')
    await idp.add(group, ...ids)
    await org.save({
      brake: brake(1),
      groupMappings: true,
      mappings: [{ groupId: group, seatType: 'premium' }],
    })
    await idp.drop(group, ...ids.slice(0, 2))
    const { value } = await readMetrics(app)
    const of = (name: string, labels: Readonly<Record<string, string>> = {}, id = org.id) =>
      value(name, { organization_id: id, ...labels })
    expect(of('rollcall_members', { status: 'active' })).toBe(2)
    expect(of('rollcall_members', { status: 'waiting' })).toBe(1)
    expect(of('rollcall_members_awaiting_seat')).toBe(1)
    expect(of('rollcall_held_removals')).toBe(2)
    expect(of('rollcall_seats_purchased', { seat_type: 'premium' })).toBe(2)
    expect(of('rollcall_seats_assigned', { seat_type: 'premium' })).toBe(2)
    expect(of('rollcall_seats_purchased', { seat_type: 'standard' })).toBeUndefined()
    expect(of('rollcall_members', { status: 'active' }, console.id)).toBe(3)
    expect(of('rollcall_held_removals', {}, console.id)).toBe(0)
  })

  test('beyond the first ones, organizations and endpoints share a figure', async () => {
    const { organizations, seats, directories, endpoints, counts } = await app.database.read((tx) =>
      readFigures(tx, 1),
    )
    const all = await app.database.read((tx) => readFigures(tx))
    expect(organizations.map(({ id }) => id).sort()).toEqual([
      all.organizations.map(({ id }) => id).sort()[0],
      'others',
    ])
    const active = (figures: typeof organizations) => figures.reduce((sum, each) => sum + each.active, 0)
    expect(active(organizations)).toBe(active(all.organizations))
    expect(new Set(seats.map(({ organizationId }) => organizationId)).size).toBe(2)
    expect(directories).toHaveLength(1)
    expect(endpoints.length).toBeLessThanOrEqual(2)
    expect(counts).toEqual(all.counts)
    expect(counts.organizations).toBeGreaterThan(2)
  })

  test('when a directory was last heard of, by SCIM or from WorkOS, and last changed', async () => {
    const [pushed, told, silentOne] = [
      await app.createTenant(),
      await app.createTenant(),
      await app.createTenant(),
    ]
    const begin = Date.now() / 1000
    await answered(pushed.scim.get('/Users'), 200)
    const workos = await connectWorkos(app, told)
    const directory = new WorkosDirectory()
    directory.user('ada')
    await workos.send(directory.events)
    const { value } = await readMetrics(app)
    const last = (what: string, { directoryId }: typeof pushed) =>
      value(`rollcall_directory_last_${what}_timestamp_seconds`, { directory_id: directoryId })
    expect(last('request', pushed)).toBeGreaterThanOrEqual(Math.floor(begin))
    expect(last('write', pushed)).toBeUndefined()
    expect(last('request', told)).toBeGreaterThanOrEqual(Math.floor(begin))
    expect(last('write', told)).toBeGreaterThanOrEqual(Math.floor(begin))
    expect([last('request', silentOne), last('write', silentOne)]).toEqual([undefined, undefined])
  })

  test('A3 webhooks that are pending or dead, for how long, and endpoints by their state', async () => {
    const receiver = await startReceiver()
    receiver.answer = () => ({ status: 500 })
    const { org } = await aScene(app)
    const hook = await anEndpoint(app, {
      url: receiver.url,
      organizationId: org.id,
      types: ['settings.saved'],
    })
    const shown = async () => {
      const { value } = await readMetrics(app)
      return {
        pending: value('rollcall_webhook_deliveries', { endpoint_id: hook.id, state: 'pending' }),
        dead: value('rollcall_webhook_deliveries', { endpoint_id: hook.id, state: 'dead' }),
        oldest: value('rollcall_webhook_oldest_pending_seconds', { endpoint_id: hook.id }),
        failures: value('rollcall_webhook_consecutive_failures', { endpoint_id: hook.id }),
        enabled: value('rollcall_webhook_endpoints', { state: 'enabled' }),
        disabled: value('rollcall_webhook_endpoints', { state: 'disabled' }),
      }
    }
    expect(await shown()).toEqual({ pending: 0, dead: 0, oldest: 0, failures: 0, enabled: 1, disabled: 0 })
    await org.save()
    await hook.deliver()
    expect(await shown()).toMatchObject({ pending: 0, oldest: 0, dead: 1, failures: 3 })
    let answer = () => {}
    receiver.answer = () =>
      new Promise((resolve) => {
        answer = () => resolve({ status: 204 })
      })
    await org.save({ mode: 'manual' })
    const delivering = hook.deliver()
    await receiver.has(4)
    const pending = await shown()
    expect(pending).toMatchObject({ pending: 1, dead: 1 })
    expect(pending.oldest).toBeGreaterThan(0)
    answer()
    await delivering
    expect(await shown()).toMatchObject({ pending: 0, dead: 1, failures: 0 })
    await hook.change({ enabled: false })
    expect(await shown()).toMatchObject({ enabled: 0, disabled: 1 })
    await receiver.close()
  })

  test('jobs that are due, and for how long', async () => {
    const queue = await startQueue(app.database.pool, pino({ level: 'silent' }), [cycleQueue])
    const labels = { queue: cycleQueue.name }
    expect((await readMetrics(app)).value('rollcall_jobs_due', labels)).toBe(0)
    await queue.send(cycleQueue.name, {}, { key: 'a', startAfter: new Date(Date.now() - 60_000) })
    await queue.send(cycleQueue.name, {}, { key: 'b', startAfter: new Date(Date.now() + 60_000) })
    const { value } = await readMetrics(app)
    expect(value('rollcall_jobs_due', labels)).toBe(1)
    expect(value('rollcall_jobs_oldest_due_seconds', labels)).toBeGreaterThan(50)
    await queue.stop()
  })

  test('A2 how far the readers of the log, and the webhooks, are behind the newest event', async () => {
    const tenant = await app.createTenant()
    const lag = async (reader: string) => {
      const { value } = await readMetrics(app)
      return {
        events: value('rollcall_event_lag_events', { reader }) ?? Number.NaN,
        seconds: value('rollcall_event_lag_seconds', { reader }) ?? Number.NaN,
      }
    }
    expect(await lag('log')).toEqual({ events: 0, seconds: 0 })
    await app.database.write(async (tx) => {
      await appendEvents(tx, { kind: 'system' }, [
        {
          type: 'directory.updated',
          directoryId: tenant.directoryId,
          subjectId: tenant.directoryId,
          data: {},
        },
      ])
      await settled(tx)
      await answered(tenant.scim.post('/Users', { userName: 'late@acme.test' }), 201)
      const behind = await lag('log')
      expect(behind.events).toBeGreaterThanOrEqual(2)
      expect(behind.seconds).toBeGreaterThan(0)
    })
    expect(await lag('log')).toEqual({ events: 0, seconds: 0 })
    const receiver = await startReceiver()
    const hook = await anEndpoint(app, {
      url: receiver.url,
      parentOrganizationId: tenant.parentOrganizationId,
    })
    await answered(tenant.scim.post('/Users', { userName: 'told@acme.test' }), 201)
    const untold = await lag('webhooks')
    expect(untold.events).toBeGreaterThan(0)
    expect(untold.seconds).toBeGreaterThan(0)
    await hook.deliver()
    expect(await lag('webhooks')).toEqual({ events: 0, seconds: 0 })
    await receiver.close()
  })
})

describe('the connections', () => {
  test('an exhausted pool is seen, and the rest of the metrics with it, in bounded time', async () => {
    const { pool } = app.database
    const most = pool.options.max ?? 0
    const held = await Promise.all(Array.from({ length: most }, () => pool.connect()))
    try {
      const { value, samples } = await readMetrics(app)
      expect(value('rollcall_database_pool_max_connections')).toBe(most)
      expect(value('rollcall_database_pool_connections', { state: 'busy' })).toBe(most)
      expect(value('rollcall_database_pool_connections', { state: 'idle' })).toBe(0)
      expect(value('rollcall_database_pool_waiting')).toBe(1)
      expect(value('rollcall_database_up')).toBe(0)
      expect(samples).not.toContain('rollcall_organizations')
      expect(samples).not.toContain('rollcall_members')
      expect(samples).toContain(`${duration}_count`)
    } finally {
      for (const connection of held) connection.release()
    }
    await expect.poll(async () => (await readMetrics(app)).value('rollcall_database_up')).toBe(1)
    expect((await readMetrics(app)).value('rollcall_organizations')).toBeGreaterThan(0)
  })

  test('a database that is away is seen at once', async () => {
    const database = openDatabase('postgresql://nobody@127.0.0.1:1/none', 2)
    const { figures } = createServices(database, testSecretBox)
    await expect(figures.read()).rejects.toThrow('ECONNREFUSED')
    await database.close()
  })

  test('what was read is kept for some seconds, whoever looks how often', async () => {
    const database = openDatabase(app.databaseUrl, 1)
    const { figures, parentOrganizations } = createServices(database, testSecretBox)
    const [first, atOnce] = await Promise.all([figures.read(), figures.read()])
    await parentOrganizations.create({ kind: 'system' }, { name: 'New', plan: 'enterprise' })
    expect(await figures.read()).toBe(first)
    expect(atOnce).toBe(first)
    await database.close()
  })
})
