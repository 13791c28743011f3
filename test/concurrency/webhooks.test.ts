// A3 several processes deliver at once, and some of them die: each event arrives, in order, and normally once.
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createServices } from '../../src/services/index.ts'
import { type Database, openDatabase } from '../../src/store/database.ts'
import { appendEvents } from '../../src/store/events.ts'
import { startTestApp, type TestApp, testSecretBox } from '../support/app.ts'
import { atOnce } from '../support/cluster.ts'
import { type Receiver, startReceiver } from '../support/receiver.ts'
import { anEndpoint, fastWebhooks, type Hook } from '../support/webhooks.ts'

let app: TestApp
let receiver: Receiver
const databases: Database[] = []
beforeAll(async () => {
  app = await startTestApp({ webhooks: fastWebhooks })
})
afterAll(async () => {
  for (const database of databases) await database.close()
  await app.close()
})
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

/** Another process's dispatcher, with connections of its own. */
function anotherProcess(options: object = {}) {
  const database = openDatabase(app.databaseUrl, 4)
  databases.push(database)
  return createServices(database, testSecretBox, { ...fastWebhooks, ...options }).webhookDispatch
}

async function aHook() {
  const { directoryId, parentOrganizationId } = await app.createTenant()
  const types = ['user.updated']
  const hook = await anEndpoint(app, { url: receiver.url, parentOrganizationId, types })
  const subjects = Array.from({ length: 5 }, () => randomUUID())
  const happen = (count: number) =>
    app.database.transaction((tx) =>
      appendEvents(
        tx,
        { kind: 'system' },
        Array.from({ length: count }, (_, i) => ({
          type: 'user.updated' as const,
          directoryId,
          subjectId: subjects[i % subjects.length] ?? '',
          data: {},
        })),
      ),
    )
  return { hook, happen }
}

const forever = new AbortController().signal

function expectInOrder() {
  const last = new Map<string, number>()
  for (const { seq, subjectId } of receiver.accepted()) {
    expect(seq).toBeGreaterThan(last.get(subjectId) ?? 0)
    last.set(subjectId, seq)
  }
}

/** Delivers with all of these until nothing is pending. */
async function deliverWith(hook: Hook, dispatchers: readonly ReturnType<typeof anotherProcess>[]) {
  do {
    await atOnce(dispatchers.map((each) => () => each.dispatch(hook.id, forever)))
  } while ((await hook.shown()).health.pending > 0)
}

test('A3 two processes that deliver at once deliver each event once, in order', async () => {
  const { hook, happen } = await aHook()
  const dispatchers = [app.services.webhookDispatch, anotherProcess(), anotherProcess()]
  await happen(60)
  await deliverWith(hook, dispatchers)
  expect(receiver.received).toHaveLength(60)
  expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(60)
  expectInOrder()
})

test('A3 while writers write and two processes deliver, nothing is lost, doubled or out of order', async () => {
  const { hook, happen } = await aHook()
  let isWriting = true
  const deliver = (dispatch: ReturnType<typeof anotherProcess>) => async () => {
    while (isWriting) await dispatch.dispatch(hook.id, forever)
  }
  const writing = Promise.all(
    [1, 2, 3].map(async () => {
      for (let i = 0; i < 10; i += 1) await happen(7)
    }),
  ).finally(() => {
    isWriting = false
  })
  await atOnce([() => writing, deliver(app.services.webhookDispatch), deliver(anotherProcess())])
  await deliverWith(hook, [app.services.webhookDispatch])
  expect(receiver.accepted()).toHaveLength(210)
  expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(210)
  expect(receiver.received).toHaveLength(210)
  expectInOrder()
})

test('A3 what a process had taken when it was killed is delivered by another, after its lease', async () => {
  const { hook, happen } = await aHook()
  await happen(10)
  const dying = anotherProcess({ leaseMs: 3000 })
  // it gets no answer, and never settles anything again: its connections are gone
  let answered = () => {}
  receiver.answer = () =>
    new Promise((resolve) => {
      answered = () => resolve({ status: 200 })
    })
  const died = dying.dispatch(hook.id, forever).catch(() => 'died')
  await receiver.has(5)
  await databases.pop()?.close()
  receiver.answer = () => ({ status: 200 })
  const before = receiver.received.length
  expect(before).toBe(5)
  await deliverWith(hook, [app.services.webhookDispatch])
  expect(receiver.accepted()).toHaveLength(10)
  expectInOrder()
  expect(receiver.received.length).toBe(before + 10)
  answered()
  await died
})

test('A3 a dispatcher that is told to stop begins nothing more and settles what it began', async () => {
  const { hook, happen } = await aHook()
  await happen(20)
  const stopping = new AbortController()
  receiver.answer = () => {
    stopping.abort()
    return { status: 200 }
  }
  await app.services.webhookDispatch.dispatch(hook.id, stopping.signal)
  const delivered = await hook.deliveries('state=delivered')
  expect(delivered).toHaveLength(receiver.received.length)
  expect(delivered.length).toBeLessThan(20)
  await deliverWith(hook, [app.services.webhookDispatch])
  expect(receiver.received).toHaveLength(20)
})

test('A3 deliveries are sent again while others are settled: each subject keeps its turn', async () => {
  const { hook, happen } = await aHook()
  await happen(25)
  await deliverWith(hook, [app.services.webhookDispatch])
  const seqs = (await hook.deliveries()).map(({ seq }) => seq)
  await happen(25)
  await atOnce([
    () => app.services.webhookDispatch.dispatch(hook.id, forever),
    () => anotherProcess().dispatch(hook.id, forever),
    async () => {
      for (const seq of seqs) await app.services.webhooks.resend(hook.id, seq)
    },
  ])
  await deliverWith(hook, [app.services.webhookDispatch])
  expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(50)
  expect((await hook.deliveries('state=delivered')).length).toBe(50)
})
