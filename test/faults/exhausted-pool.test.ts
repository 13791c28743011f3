// A pool of one or two connections that others hold, behind a lock which nobody gives up: the rest is refused for the
// moment within a bound, and served as soon as there is a connection again.
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ServiceProcess } from '../support/process.ts'
import { Figures } from './support/figures.ts'
import { type FaultyPostgres, startFaultyPostgres } from './support/postgres.ts'
import type { Push } from './support/push.ts'
import { setUp, startService } from './support/scene.ts'
import { underLoad } from './support/under-load.ts'

/** Longer than a request waits for a connection. */
const BLOCKED_MS = 15_000
const WORKERS = 8
const patient = { timeout: 60_000, interval: 50 }

let postgres: FaultyPostgres
let service: ServiceProcess
beforeEach(async () => {
  postgres = await startFaultyPostgres()
}, 60_000)
afterEach(async () => {
  await service?.end('SIGKILL')
  await postgres.remove()
}, 60_000)

test.each([1, 2])(
  'with a pool of %d whose transactions are blocked, requests get 503 with Retry-After within a bound',
  async (size) => {
    const figures = new Figures(`A pool of ${size}, blocked for ${BLOCKED_MS / 1000} s`)
    service = await startService(postgres.url('postgres'), { ROLLCALL_DATABASE_POOL_SIZE: String(size) })
    const scene = await setUp(service, figures, { premium: null, standard: null })
    const holder = new pg.Client({ connectionString: postgres.url('postgres') })
    await holder.connect()
    const load = {
      postgres,
      origin: service.origin,
      scene,
      figures,
      name: 'p',
      people: 20_000,
      workers: WORKERS,
    }
    const block = async (push: Push) => {
      await expect.poll(() => push.done, patient).toBeGreaterThan(20)
      await holder.query('BEGIN')
      await holder.query('LOCK TABLE users IN ACCESS EXCLUSIVE MODE')
      const readiness = async () => (await fetch(`${service.origin}/readyz`)).status
      await expect.poll(readiness, patient).toBe(503)
      await sleep(BLOCKED_MS)
      expect((await fetch(`${service.origin}/healthz`)).status).toBe(200)
      expect(figures.count('503')).toBeGreaterThan(0)
      await holder.query('COMMIT')
      await expect.poll(readiness, patient).toBe(200)
      const { done } = push
      await expect.poll(() => push.done, patient).toBeGreaterThan(done + 20)
    }
    await underLoad(load, block, () => holder.end())
  },
)
