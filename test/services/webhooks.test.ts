// A3 what becomes of deliveries: signed, in order per subject, tried again, dead, sent again; and endpoints given up.
import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { KEY_BYTES, SecretBox } from '../../src/secret-box.ts'
import { createServices } from '../../src/services/index.ts'
import { type Actor, appendEvents } from '../../src/store/events.ts'
import { adminClient, type Client, startTestApp, type TestApp, testSecretBox } from '../support/app.ts'
import { answered, aScene, eventsOf } from '../support/provisioning.ts'
import { type Receiver, startReceiver, verified } from '../support/receiver.ts'
import { anEndpoint, fastWebhooks } from '../support/webhooks.ts'

let app: TestApp
let admin: Client
let receiver: Receiver
beforeAll(async () => {
  app = await startTestApp({ webhooks: fastWebhooks })
  admin = adminClient(app)
})
afterAll(() => app.close())
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

const actor: Actor = { kind: 'system' }

/** One attempt at all that is due, after which what failed waits for an hour. */
async function tryOnce({ id }: { readonly id: string }) {
  const schedule = { ...fastWebhooks.schedule, firstMs: 3_600_000, mostMs: 3_600_000 }
  const patient = createServices(app.database, testSecretBox, { ...fastWebhooks, schedule })
  await patient.webhookDispatch.dispatch(id, AbortSignal.timeout(5000))
}

/** An endpoint of a new directory, and what happens in it: so many events of a subject, in the order of the letters. */
async function aHook(body: object = {}) {
  const tenant = await app.createTenant()
  const hook = await anEndpoint(app, {
    url: receiver.url,
    parentOrganizationId: tenant.parentOrganizationId,
    types: ['user.updated'],
    ...body,
  })
  const subjects = new Map<string, string>()
  const subject = (letter: string) => {
    const id = subjects.get(letter) ?? randomUUID()
    subjects.set(letter, id)
    return id
  }
  const letterOf = (id: string) => [...subjects].find(([, each]) => each === id)?.[0] ?? '?'
  /** `aab` is two events of a and one of b */
  const happen = (letters: string) =>
    app.database.transaction((tx) =>
      appendEvents(
        tx,
        actor,
        [...letters].map((letter, n) => ({
          type: 'user.updated' as const,
          directoryId: tenant.directoryId,
          subjectId: subject(letter),
          data: { n },
        })),
      ),
    )
  return { hook, tenant, subject, letterOf, happen }
}

/** Of one subject, each number is greater than the one before. */
function expectInOrder(events: readonly { readonly seq: number; readonly subjectId: string }[]) {
  const last = new Map<string, number>()
  for (const { seq, subjectId } of events) {
    expect(seq).toBeGreaterThan(last.get(subjectId) ?? 0)
    last.set(subjectId, seq)
  }
}

describe('A3 delivered', () => {
  test('A3 what happens is sent as GET /v1/events shows it, signed as Standard Webhooks says', async () => {
    const { tenant, idp, org } = await aScene(app)
    await org.save()
    const hook = await anEndpoint(app, {
      url: receiver.url,
      parentOrganizationId: tenant.parentOrganizationId,
    })
    await idp.user('ann')
    await hook.deliver()
    const first = (await eventsOf(app, tenant.directoryId)).find(
      ({ type }) => type === 'webhook_endpoint.created',
    )
    const path = `/events?directory=${tenant.directoryId}&after=${(first?.seq ?? 1) - 1}`
    const { events } = (await answered(admin.get(path), 200)).body
    expect(events.map(({ type }: { type: string }) => type)).toEqual([
      'webhook_endpoint.created',
      'user.created',
      'member.added',
    ])
    const payloads = new Map(receiver.received.map((each) => [each.id, verified(hook.secret, each)]))
    expect(payloads.size).toBe(3)
    for (const event of events) {
      expect(payloads.get(`evt_${event.seq}`)).toEqual({
        type: event.type,
        timestamp: event.time,
        data: event,
      })
    }
    expect(receiver.received[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'Rollcall',
    })
    expect(await hook.deliveries('state=delivered')).toHaveLength(3)
    expect((await hook.shown()).health).toMatchObject({
      lastSuccessAt: expect.any(String),
      consecutiveFailures: 0,
      pending: 0,
      oldestPendingAt: null,
      dead: 0,
    })
  })

  test('A3 an endpoint begins with what happens after it was made, and gets the types that it asks for', async () => {
    const { tenant, idp, org } = await aScene(app)
    await org.save()
    await idp.user('before')
    const hook = await anEndpoint(app, {
      url: receiver.url,
      parentOrganizationId: tenant.parentOrganizationId,
      types: ['member.added', 'member.removed'],
    })
    const ann = await idp.user('ann')
    await idp.setActive(ann, false)
    await hook.deliver()
    expect(receiver.accepted().map(({ type }) => type)).toEqual(['member.added', 'member.removed'])
  })

  test('A3 events of another organization or directory never reach an endpoint that is limited to one', async () => {
    const scene = await aScene(app)
    const [other, stranger] = [await scene.join('enterprise_usage'), await aScene(app)]
    const hooks = {
      one: await anEndpoint(app, { url: `${receiver.url}/one`, organizationId: scene.org.id }),
      parent: await anEndpoint(app, {
        url: `${receiver.url}/parent`,
        parentOrganizationId: scene.tenant.parentOrganizationId,
      }),
      all: await anEndpoint(app, { url: `${receiver.url}/all`, types: ['member.added'] }),
    }
    for (const org of [scene.org, other, stranger.org]) await org.save()
    await scene.idp.user('ann')
    await stranger.idp.user('bob')
    for (const hook of Object.values(hooks)) await hook.deliver()
    const rows = (directoryId: string) => eventsOf(app, directoryId)
    const seen = async (hook: (typeof hooks)['one']) => (await hook.deliveries()).map(({ seq }) => seq)
    const since = async (hook: (typeof hooks)['one']) => (await seen(hook))[0] ?? 0
    const own = await rows(scene.tenant.directoryId)
    const from = { one: await since(hooks.one), parent: await since(hooks.parent) }
    expect(await seen(hooks.one)).toEqual(
      own.filter((e) => e.organization_id === scene.org.id && e.seq >= from.one).map(({ seq }) => seq),
    )
    expect(await seen(hooks.parent)).toEqual(own.filter((e) => e.seq >= from.parent).map(({ seq }) => seq))
    const members = (await hooks.all.deliveries()).map(({ subjectId }) => subjectId)
    expect(members).toHaveLength(3)
    expect(own.filter(({ type }) => type === 'member.added').map((e) => e.subject_id)).toHaveLength(2)
  })

  test('A3 what is on its way outlives the log', async () => {
    const { hook, tenant, happen } = await aHook()
    receiver.answer = () => ({ status: 500 })
    await happen('a')
    await tryOnce(hook)
    await app.database.client.$executeRaw`DELETE FROM events WHERE directory_id = ${tenant.directoryId}::uuid`
    receiver.answer = () => ({ status: 200 })
    await hook.startAnew()
    await hook.deliver()
    expect(receiver.accepted()).toMatchObject([{ type: 'user.updated' }])
  })
})

describe('A3 in order', () => {
  test('A3 an event waits for the earlier ones of its subject; other subjects go on', async () => {
    const { hook, happen, letterOf } = await aHook()
    let isAway = true
    receiver.answer = ({ event }) => ({ status: letterOf(event.subjectId) === 'a' && isAway ? 500 : 200 })
    await happen('aaabbcb')
    await tryOnce(hook)
    expect(
      receiver
        .accepted()
        .map(({ subjectId }) => letterOf(subjectId))
        .sort()
        .join(''),
    ).toBe('bbbc')
    const sent = receiver.received.filter(({ event }) => letterOf(event.subjectId) === 'a')
    expect(sent).toHaveLength(1)
    isAway = false
    await hook.startAnew()
    await hook.deliver()
    expectInOrder(receiver.accepted())
    expect(receiver.accepted()).toHaveLength(7)
  })

  test('A3 with failures at random, each arrives, in the order of its subject', async () => {
    const { hook, happen } = await aHook()
    const failed = new Map<string, number>()
    receiver.answer = ({ id }) => {
      const before = failed.get(id) ?? 0
      if (before >= 2 || Math.random() < 0.5) return { status: 200 }
      failed.set(id, before + 1)
      return { status: 503 }
    }
    await happen('abcabcaadeabcddeeabbccfa')
    await hook.deliver()
    expect(receiver.accepted()).toHaveLength(24)
    expectInOrder(receiver.accepted())
  })

  test('A3 more than is taken from the log at once arrives, each event once', async () => {
    const { hook, happen } = await aHook()
    const letters = 'abcdefghijklmnopqrstuvwxyz'
    await happen(letters.repeat(5))
    await hook.deliver()
    expect(receiver.accepted()).toHaveLength(130)
    expect(receiver.received).toHaveLength(130)
    expectInOrder(receiver.accepted())
  })
})

describe('A3 dead letters', () => {
  test('A3 after the last attempt it is dead, and no longer in the way; it can be sent again', async () => {
    const { hook, happen, letterOf } = await aHook()
    receiver.answer = ({ event }) => ({ status: event.seq === firstSeq ? 500 : 200 })
    let firstSeq = Number.NaN
    await happen('a')
    firstSeq = Number(
      (await app.database.client.$queryRaw<{ max: bigint }[]>`SELECT max(seq) FROM events`)[0]?.max,
    )
    await happen('ab')
    await hook.deliver()
    expect(
      receiver
        .accepted()
        .map(({ subjectId }) => letterOf(subjectId))
        .sort(),
    ).toEqual(['a', 'b'])
    const dead = await hook.deliveries('state=dead')
    expect(dead).toMatchObject([
      {
        seq: firstSeq,
        state: 'dead',
        attempts: fastWebhooks.schedule.attempts,
        lastStatus: 500,
        lastError: null,
      },
    ])
    expect((await hook.shown()).health.dead).toBe(1)
    receiver.answer = () => ({ status: 200 })
    const path = `${hook.path}/deliveries/${firstSeq}:resend`
    expect((await answered(admin.post(path), 202)).body).toMatchObject({
      seq: firstSeq,
      state: 'pending',
      attempts: 0,
    })
    await hook.deliver()
    expect(receiver.received.at(-1)?.id).toBe(`evt_${firstSeq}`)
    expect((await hook.shown()).health).toMatchObject({ dead: 0, pending: 0 })
  })

  test('A3 all that are dead are sent again at once, in order, and go before what is pending', async () => {
    const { hook, happen } = await aHook()
    receiver.answer = () => ({ status: 500 })
    await happen('aab')
    await hook.deliver()
    expect(await hook.deliveries('state=dead')).toHaveLength(3)
    await happen('ab')
    receiver.answer = () => ({ status: 204 })
    expect((await answered(admin.post(`${hook.path}/deliveries:resend`), 202)).body).toEqual({ resent: 3 })
    await hook.deliver()
    expect(receiver.accepted()).toHaveLength(5)
    expectInOrder(receiver.accepted())
    expect((await answered(admin.post(`${hook.path}/deliveries:resend`), 202)).body).toEqual({ resent: 0 })
  })

  test('A3 what was delivered can be sent again too, with the same id', async () => {
    const { hook, happen } = await aHook()
    await happen('a')
    await hook.deliver()
    const [{ seq } = { seq: 0 }] = await hook.deliveries()
    await answered(admin.post(`${hook.path}/deliveries/${seq}:resend`), 202)
    await hook.deliver()
    expect(receiver.received.map(({ id }) => id)).toEqual([`evt_${seq}`, `evt_${seq}`])
  })

  test('A3 one that is sent again while a later one of its subject fails goes first', async () => {
    const { hook, happen } = await aHook()
    await happen('a')
    await hook.deliver()
    receiver.answer = () => ({ status: 500 })
    await happen('a')
    await tryOnce(hook)
    const [first, second] = await hook.deliveries()
    expect([first?.state, second?.state]).toEqual(['delivered', 'pending'])
    receiver.answer = () => ({ status: 200 })
    receiver.received.length = 0
    await answered(admin.post(`${hook.path}/deliveries/${first?.seq}:resend`), 202)
    await hook.deliver()
    expect(receiver.received.map(({ event }) => event.seq)).toEqual([first?.seq, second?.seq])
  })

  test('A3 what is over is deleted after its time: a week for the delivered, a month for the dead', async () => {
    const { hook, happen } = await aHook()
    await happen('ab')
    receiver.answer = ({ event }) => ({ status: event.seq % 2 === 0 ? 500 : 200 })
    await hook.deliver()
    const { signal } = new AbortController()
    const age = (days: number) => app.database.client.$executeRaw`
      UPDATE webhook_deliveries SET settled_at = now() - make_interval(days => ${days}::int)
      WHERE endpoint_id = ${hook.id}::uuid`
    const states = async () => (await hook.deliveries()).map(({ state }) => state).sort()
    await age(6)
    await app.services.webhookDispatch.deleteOld(signal)
    expect(await states()).toEqual(['dead', 'delivered'])
    await age(8)
    await app.services.webhookDispatch.deleteOld(signal)
    expect(await states()).toEqual(['dead'])
    await age(31)
    await app.services.webhookDispatch.deleteOld(signal)
    expect(await states()).toEqual([])
  })
})

describe('A3 health', () => {
  test('A3 failures show on the endpoint: how many, since when, and what waits', async () => {
    const { hook, happen } = await aHook()
    receiver.answer = () => ({ status: 302, headers: { location: 'http://127.0.0.1:1/' } })
    await happen('a')
    await tryOnce(hook)
    const { health } = await hook.shown()
    const times = { lastFailureAt: expect.any(String), failingSince: expect.any(String) }
    const oldestPendingAt = (await hook.deliveries())[0]?.time
    expect(health).toEqual({
      ...times,
      lastSuccessAt: null,
      consecutiveFailures: 1,
      pending: 1,
      oldestPendingAt,
      dead: 0,
    })
    receiver.answer = () => ({ status: 200 })
    await happen('b')
    await tryOnce(hook)
    expect((await hook.shown()).health).toMatchObject({ consecutiveFailures: 0, failingSince: null })
  })

  test('A3 410 disables the endpoint, with an event; enabled again it goes on where it was', async () => {
    const { hook, tenant, happen } = await aHook()
    receiver.answer = () => ({ status: 410 })
    await happen('ab')
    await tryOnce(hook)
    expect(await hook.shown()).toMatchObject({
      enabled: false,
      disabledReason: 'gone',
      health: { pending: 2 },
    })
    const told = (await eventsOf(app, tenant.directoryId)).filter(({ type }) => type.endsWith('.disabled'))
    expect(told).toMatchObject([
      {
        subject_id: hook.id,
        actor: { kind: 'system' },
        data: { why: 'gone', consecutiveFailures: expect.any(Number) },
      },
    ])
    const before = receiver.received.length
    await happen('c')
    await tryOnce(hook)
    expect(receiver.received).toHaveLength(before)
    expect(await app.services.webhookDispatch.endpointsWithWork()).not.toContain(hook.id)
    receiver.answer = () => ({ status: 200 })
    expect(await hook.change({ enabled: true })).toMatchObject({ enabled: true, disabledReason: null })
    await hook.deliver()
    expect(receiver.accepted()).toHaveLength(3)
  })

  test('A3 an endpoint that fails for three days straight is disabled, with an event', async () => {
    const { hook, tenant, happen } = await aHook()
    receiver.answer = () => ({ status: 500 })
    await happen('a')
    await hook.deliver()
    expect(await hook.shown()).toMatchObject({ enabled: true, health: { dead: 1 } })
    await app.database.client.$executeRaw`
      UPDATE webhook_endpoints SET failing_since = now() - interval '72 hours' WHERE id = ${hook.id}::uuid`
    await happen('a')
    await tryOnce(hook)
    expect(await hook.shown()).toMatchObject({ enabled: false, disabledReason: 'failing' })
    const told = (await eventsOf(app, tenant.directoryId)).filter(({ type }) => type.endsWith('.disabled'))
    expect(told).toMatchObject([{ subject_id: hook.id, data: { why: 'failing' } }])
  })

  test('A3 what a receiver asks for by Retry-After is waited for', async () => {
    const { hook, happen } = await aHook()
    receiver.answer = () => ({ status: 429, headers: { 'retry-after': '3600' } })
    await happen('a')
    const schedule = { ...fastWebhooks.schedule, mostMs: 7_200_000 }
    const asked = createServices(app.database, testSecretBox, { ...fastWebhooks, schedule })
    await asked.webhookDispatch.dispatch(hook.id, AbortSignal.timeout(5000))
    const [delivery] = await hook.deliveries('state=pending')
    const wait = Date.parse(delivery?.nextAttemptAt ?? '') - Date.parse(delivery?.lastAttemptAt ?? '')
    expect(wait).toBeGreaterThanOrEqual(3_599_000)
    expect(wait).toBeLessThan(3_700_000)
  })
})

test('A3 after a rotation both secrets verify, until the older one expires', async () => {
  const { hook, happen } = await aHook()
  const rotated = (await answered(admin.post(`${hook.path}/secret:rotate`), 200)).body
  expect(rotated.secret).not.toBe(hook.secret)
  const inADay = Date.now() + 24 * 3_600_000
  expect(Math.abs(Date.parse(rotated.previousSecretExpiresAt) - inADay)).toBeLessThan(60_000)
  await happen('a')
  await hook.deliver()
  for (const secret of [hook.secret, rotated.secret]) {
    for (const each of receiver.received)
      expect(verified(secret, each)).toMatchObject({ type: 'user.updated' })
  }
  await app.database.client.$executeRaw`
    UPDATE webhook_endpoints SET previous_secret_expires_at = now() WHERE id = ${hook.id}::uuid`
  await happen('b')
  await hook.deliver()
  const last = receiver.received.at(-1)
  expect(last && verified(rotated.secret, last)).toMatchObject({ type: 'user.updated' })
  expect(() => last && verified(hook.secret, last)).toThrow()
})

test('A3 where the key of a secret is lost, deliveries wait and say so; a new secret mends it', async () => {
  const { hook, happen } = await aHook()
  const rekeyed = createServices(app.database, new SecretBox([randomBytes(KEY_BYTES)]), fastWebhooks)
  expect(await rekeyed.webhooks.sendTest(hook.id)).toMatchObject({
    delivered: false,
    error: expect.stringContaining('ROLLCALL_ENCRYPTION_KEYS'),
  })
  await happen('a')
  const forever = new AbortController().signal
  await rekeyed.webhookDispatch.dispatch(hook.id, forever)
  expect(receiver.received).toEqual([])
  const { newSecret } = await rekeyed.webhooks.rotateSecret(actor, hook.id, 24)
  await hook.startAnew()
  await happen('b')
  await rekeyed.webhookDispatch.dispatch(hook.id, forever)
  const [message] = receiver.received
  expect(message && verified(newSecret, message)).toMatchObject({ type: 'user.updated' })
})
