// A3 from a commit to its delivery: each process looks once a second, whatever else is slow.
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { startWorker } from '../../src/worker/index.ts'
import { startTestApp, type TestApp } from '../support/app.ts'
import { aScene } from '../support/provisioning.ts'
import { type Receiver, startReceiver } from '../support/receiver.ts'
import { anEndpoint, fastWebhooks } from '../support/webhooks.ts'

let app: TestApp
let receiver: Receiver
let stop: () => Promise<void>
beforeAll(async () => {
  app = await startTestApp({ webhooks: fastWebhooks })
})
afterAll(() => app.close())
beforeEach(async () => {
  receiver = await startReceiver()
  const logger = pino({ level: 'silent' })
  const { services, database } = app
  stop = await startWorker({
    services,
    pool: database.pool,
    logger,
    config: { eventsRetentionDays: 0, syncIntervalMs: 0 },
  })
})
afterEach(async () => {
  await stop()
  await receiver.close()
})

test('A3 what is committed arrives by itself, and what fails is tried again', async () => {
  const { idp, org } = await aScene(app)
  await org.save()
  let isFirst = true
  receiver.answer = () => {
    const status = isFirst ? 500 : 200
    isFirst = false
    return { status }
  }
  await anEndpoint(app, { url: receiver.url, organizationId: org.id, types: ['member.added'] })
  await idp.user('ann')
  await receiver.has(2)
  expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1)
})

test('A3 an endpoint that does not answer keeps no other waiting', async () => {
  const { idp, org } = await aScene(app)
  await org.save()
  const silent = await startReceiver()
  let answerAll = () => {}
  const never = new Promise<{ status: number }>((resolve) => {
    answerAll = () => resolve({ status: 200 })
  })
  silent.answer = () => never
  await anEndpoint(app, { url: silent.url, organizationId: org.id, types: ['member.added'] })
  await idp.user('ann')
  await silent.has(1)
  await anEndpoint(app, { url: receiver.url, organizationId: org.id, types: ['member.added'] })
  await idp.user('bob')
  await receiver.has(1)
  expect(silent.accepted()).toEqual([])
  answerAll()
  await silent.close()
})

test('A3 what an endpoint does not ask for moves its place in the log all the same', async () => {
  const { idp, tenant, org } = await aScene(app)
  const hook = await anEndpoint(app, {
    url: receiver.url,
    organizationId: org.id,
    types: ['seats.purchased'],
  })
  for (const name of ['a', 'b', 'c']) await idp.user(name)
  await org.buy({ premium: 3 })
  await receiver.has(1)
  await stop()
  stop = async () => {}
  const rows = await app.database.client.$queryRaw<{ behind: number }[]>`
    SELECT count(*)::int AS behind FROM events, webhook_endpoints w
    WHERE w.id = ${hook.id}::uuid AND seq > w.cursor AND events.directory_id = ${tenant.directoryId}::uuid`
  expect(rows).toEqual([{ behind: 0 }])
  expect(receiver.received).toHaveLength(1)
})
