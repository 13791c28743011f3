// PostgreSQL stopped in each of its modes and started again, under load; and standing still, which nobody is told.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ServiceProcess } from '../support/process.ts'
import { type Receiver, startReceiver } from '../support/receiver.ts'
import { Figures } from './support/figures.ts'
import { type FaultyPostgres, type StopMode, startFaultyPostgres } from './support/postgres.ts'
import type { Push } from './support/push.ts'
import { requireStatus, type Scene, setUp, startService } from './support/scene.ts'
import { Sender } from './support/sender.ts'
import { isShort, sized } from './support/size.ts'
import { underLoad } from './support/under-load.ts'

const PEOPLE = 20_000
const WORKERS = 8
const LOAD_MS = sized(3000, 1000)
const DOWN_MS = sized(3000, 1000)
const ROUNDS = sized(2, 1)
/** How long an operator waits for a smart shutdown, which ends no session, before a fast one. */
const PATIENCE_MS = 3000
const patient = { timeout: 30_000, interval: 50 }

let postgres: FaultyPostgres
let service: ServiceProcess
let receiver: Receiver
let scene: Scene

beforeAll(async () => {
  postgres = await startFaultyPostgres()
  receiver = await startReceiver()
  service = await startService(postgres.url('postgres'), { ROLLCALL_SYNC_INTERVAL_MINUTES: '1' })
  scene = await setUp(service, new Figures('set up'), { premium: null, standard: null })
  await administrator('POST', '/v1/webhook-endpoints', 201, { url: receiver.url })
}, 60_000)
afterAll(async () => {
  await service?.end('SIGKILL')
  await receiver?.close()
  await postgres?.remove()
})

async function administrator(method: 'GET' | 'POST' | 'PUT', path: string, status: number, body?: object) {
  const sender = new Sender(service.origin, scene.adminToken, new Figures('administrator'))
  try {
    return requireStatus(await sender.send(method, path, body), status).body
  } finally {
    await sender.close()
  }
}

const readiness = async () => (await fetch(`${service.origin}/readyz`)).status

test.each<StopMode>(isShort ? ['immediate'] : ['smart', 'fast', 'immediate'])(
  'PostgreSQL stopped (%s) and started under load: 503 with Retry-After, nothing lost, and the service goes on',
  async (mode) => {
    const figures = new Figures(`PostgreSQL stopped: ${mode}`)
    const load = {
      postgres,
      origin: service.origin,
      scene,
      figures,
      name: mode,
      people: PEOPLE,
      workers: WORKERS,
    }
    await underLoad(load, async (push) => {
      for (let round = 0; round < ROUNDS; round += 1) {
        await sleep(LOAD_MS)
        const stopped = postgres.stop(mode)
        if (mode === 'smart') {
          await Promise.race([stopped(), sleep(PATIENCE_MS)])
          await postgres.stop('fast')()
        } else {
          await stopped()
        }
        await expect.poll(readiness, patient).toBe(503)
        const refused = figures.count('503')
        await sleep(DOWN_MS)
        expect(figures.count('503')).toBeGreaterThan(refused)
        await postgres.start()
        await expect.poll(readiness, patient).toBe(200)
        const { done } = push
        await expect.poll(() => push.done, patient).toBeGreaterThan(done + 50)
      }
      figures.note(`${ROUNDS} times`)
    })
  },
)

/** Events that the receiver of webhooks has not got (A3); what it made itself is told to it as well. */
async function undelivered(): Promise<number> {
  const rows = await postgres.query<{ seq: number }>(
    'postgres',
    'SELECT seq::float8 AS seq FROM events WHERE seq > (SELECT min(seq) FROM webhook_deliveries)',
  )
  const accepted = new Set(receiver.accepted().map(({ seq }) => seq))
  return rows.filter(({ seq }) => !accepted.has(seq)).length
}

test.skipIf(isShort)('A3 Y2 webhooks and the cycle go on after all that', async () => {
  // what was being sent when the database went is sent again when its lease ends
  await expect.poll(undelivered, { timeout: 90_000, interval: 500 }).toBe(0)
  const [parent] = await postgres.query<{ id: string }>('postgres', 'SELECT id FROM parent_organizations')
  const joined = `/v1/parent-organizations/${parent?.id}/organizations`
  const { id } = await administrator('POST', joined, 201, { name: 'Late', plan: 'enterprise_seats' })
  const path = `/v1/organizations/${id}`
  await administrator('PUT', `${path}/provisioning`, 200, { mode: 'scim', groupMappings: false })
  const lastRun = async () => (await administrator('GET', `${path}/sync`, 200)).lastRun
  await expect.poll(lastRun, { timeout: 60_000, interval: 500 }).toMatchObject({ origin: 'cycle' })
})

test.skipIf(isShort)(
  'PostgreSQL stands still: each request is answered within a bound, and the service goes on',
  async () => {
    const figures = new Figures('PostgreSQL frozen')
    const load = {
      postgres,
      origin: service.origin,
      scene,
      figures,
      name: 'frozen',
      people: PEOPLE,
      workers: WORKERS,
      patienceMs: 80_000,
      isPushAlone: true,
    }
    const freeze = async (push: Push) => {
      await sleep(2000)
      await postgres.freeze()
      await expect.poll(readiness, patient).toBe(503)
      await sleep(75_000)
      await postgres.thaw()
      await expect.poll(readiness, patient).toBe(200)
      const { done } = push
      await expect.poll(() => push.done, patient).toBeGreaterThan(done + 50)
    }
    await underLoad(load, freeze, () => postgres.thaw())
  },
)
