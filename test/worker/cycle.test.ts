// Y2 from several workers on one database: each organization is synced once in an interval, by one of them at a time;
// what one does not finish another does.

import { Writable } from 'node:stream'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { createServices } from '../../src/services/index.ts'
import { type Database, openDatabase } from '../../src/store/database.ts'
import { startWorker } from '../../src/worker/index.ts'
import { startTestApp, type TestApp, testSecretBox } from '../support/app.ts'
import { startProcess } from '../support/process.ts'
import { type Administrated, answered, aScene, type Scene } from '../support/provisioning.ts'

let app: TestApp
const stops: (() => Promise<void>)[] = []

/** What a worker logs of a run. */
interface Run {
  readonly organizationId: string
  readonly startedAt: string
  readonly finishedAt: string
}

/** A worker with connections of its own, as another process has; gives the runs that it makes. */
async function startOne(syncIntervalMs: number): Promise<{ runs: Run[]; stop(): Promise<void> }> {
  const database = openDatabase(app.databaseUrl, 4)
  const runs: Run[] = []
  const sink = new Writable({
    write(chunk, _encoding, done) {
      const line = JSON.parse(String(chunk))
      if (line.msg === 'organization synced') runs.push(line)
      done()
    },
  })
  const stopWorker = await startWorker({
    services: createServices(database, testSecretBox),
    pool: database.pool,
    logger: pino({ level: 'info' }, sink),
    config: { eventsRetentionDays: 0, syncIntervalMs, pollMs: 20 },
  })
  let isStopped = false
  const stop = async () => {
    if (isStopped) return
    isStopped = true
    await stopWorker()
    await database.close()
  }
  stops.push(stop)
  return { runs, stop }
}

const patient = { timeout: 20_000, interval: 30 }
const HOUR = 3_600_000

const lastSync = async (org: Administrated) => (await answered(org.admin.get(org.path('/sync')), 200)).body

async function inScimMode(): Promise<Scene> {
  const scene = await aScene(app)
  await scene.org.save()
  return scene
}

/** Holds the organization's lock as a long write does; gives what lets it go. */
async function holdLock({ id }: Administrated): Promise<() => Promise<void>> {
  const database: Database = openDatabase(app.databaseUrl, 1)
  const client = await database.pool.connect()
  await client.query('BEGIN')
  await client.query('SELECT 1 FROM organizations WHERE id = $1 FOR NO KEY UPDATE', [id])
  return async () => {
    await client.query('COMMIT')
    client.release()
    await database.close()
  }
}

/** Damage that only a run under the organization's lock can mend. */
const takeAway = ({ id }: Administrated, name: string) => app.database.client.$executeRaw`
  DELETE FROM members WHERE organization_id = ${id}::uuid AND email = ${`${name}@acme.test`}`

/** How many wait for a lock of this kind: `transactionid` is somebody's row, `advisory` somebody's sync. */
async function waits(kind: 'transactionid' | 'advisory'): Promise<number> {
  const rows = await app.database.client.$queryRaw<unknown[]>`
    SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
      AND wait_event = ${kind}`
  return rows.length
}

beforeAll(async () => {
  app = await startTestApp()
  // with a tenant there, no process makes one of its own
  await app.createTenant()
})
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
  // the next test has organizations of its own
  await app.database.client.$executeRaw`UPDATE organizations SET mode = 'manual'`
})
afterAll(() => app.close())

test('Y2 every organization in mode scim or jit is synced, and mended, without anybody asking', async () => {
  const [first, second, manual] = [await inScimMode(), await inScimMode(), await aScene(app)]
  await second.org.save({ mode: 'jit' })
  await first.idp.user('ann')
  await takeAway(first.org, 'ann')
  await startOne(HOUR / 1000)
  await vi.waitFor(async () => {
    expect(await lastSync(first.org)).toMatchObject({
      lastRun: { origin: 'cycle', actor: { kind: 'system' }, counts: { added: 1 }, mended: { seats: 1 } },
      lastFailure: null,
    })
    expect(await lastSync(second.org)).toMatchObject({ lastRun: { origin: 'cycle' } })
  }, patient)
  expect(await first.org.seen()).toEqual({ ann: 'user premium' })
  expect(await lastSync(manual.org)).toEqual({ lastRun: null, lastFailure: null })
})

test('Y2 two workers sync each organization once in an interval, and never at the same time', async () => {
  const INTERVAL = 600
  const scenes = await Promise.all(Array.from({ length: 5 }, inScimMode))
  const workers = [await startOne(INTERVAL), await startOne(INTERVAL)]
  const runsOf = ({ org }: Scene) =>
    workers
      .flatMap(({ runs }) => runs)
      .filter(({ organizationId }) => organizationId === org.id)
      .map(({ startedAt, finishedAt }) => [Date.parse(startedAt), Date.parse(finishedAt)] as const)
      .sort(([a], [b]) => a - b)
  await vi.waitFor(() => {
    for (const scene of scenes) expect(runsOf(scene).length).toBeGreaterThanOrEqual(4)
  }, patient)
  for (const { stop } of workers) await stop()
  for (const scene of scenes) {
    const runs = runsOf(scene)
    for (const [i, [startedAt]] of runs.entries()) {
      const before = runs[i - 1]
      if (before !== undefined) expect(startedAt - before[1]).toBeGreaterThanOrEqual(INTERVAL - 1)
    }
  }
})

test('Y2 a sync on request counts as the one of the interval', async () => {
  const { org } = await inScimMode()
  const { org: other } = await inScimMode()
  await answered(org.admin.post(org.path('/sync')), 200)
  const { runs } = await startOne(HOUR / 1000)
  await vi.waitFor(
    () => expect(runs.map(({ organizationId }) => organizationId)).toEqual([other.id]),
    patient,
  )
  expect(await lastSync(org)).toMatchObject({ lastRun: { origin: 'request' } })
})

test('Y2 a sync on request waits for the cycle’s run of the organization, and another organization does not', async () => {
  const [scene, { org: other }] = [await inScimMode(), await inScimMode()]
  const { org, idp } = scene
  await idp.user('ann')
  await answered(other.admin.post(other.path('/sync')), 200)
  await takeAway(org, 'ann')
  const letGo = await holdLock(org)
  const { runs } = await startOne(HOUR / 1000)
  await vi.waitFor(async () => expect(await waits('transactionid')).toBe(1), patient)
  let isAnswered = false
  const asked = answered(org.admin.post(org.path('/sync')), 200).then(({ body }) => {
    isAnswered = true
    return body
  })
  await answered(other.admin.post(other.path('/sync')), 200)
  // for the other run, not for what that one waits for
  await vi.waitFor(async () => expect(await waits('advisory')).toBe(1), patient)
  expect(await waits('transactionid')).toBe(1)
  expect(isAnswered).toBe(false)
  await letGo()
  // what was to do was done by the one before
  expect(await asked).toMatchObject({ origin: 'request', counts: { added: 0, unchanged: 1 } })
  await vi.waitFor(() => expect(runs).toHaveLength(1), patient)
})

test('Y2 while an organization is synced, others leave it alone and go on', async () => {
  const [{ org, idp }, { org: other }] = [await inScimMode(), await inScimMode()]
  await idp.user('ann')
  await takeAway(org, 'ann')
  const letGo = await holdLock(org)
  const workers = [await startOne(500), await startOne(500)]
  await vi.waitFor(async () => expect(await waits('transactionid')).toBe(1), patient)
  const passedOver = async () => {
    const rows = await app.database.client.$queryRaw<unknown[]>`
      SELECT 1 FROM pgboss.job WHERE name = 'sync' AND state = 'completed' AND data->>'organizationId' = ${org.id}`
    return rows.length
  }
  // it stays due, so that there is a job of it again and again: each finds that somebody is at it
  await vi.waitFor(async () => expect(await passedOver()).toBeGreaterThanOrEqual(3), patient)
  expect(await waits('transactionid')).toBe(1)
  expect(await lastSync(org)).toMatchObject({ lastRun: null })
  expect(await lastSync(other)).toMatchObject({ lastRun: { origin: 'cycle' } })
  await letGo()
  await vi.waitFor(
    async () => expect(await lastSync(org)).toMatchObject({ lastRun: { origin: 'cycle' } }),
    patient,
  )
  for (const { stop } of workers) await stop()
})

test('Y2 what a killed process was at is taken over by another', async () => {
  const { org, idp } = await inScimMode()
  await idp.user('ann')
  await answered(org.admin.post(org.path('/sync')), 200)
  await takeAway(org, 'ann')
  // due as it is after an interval
  await app.database.client.$executeRaw`UPDATE sync_runs SET finished_at = now() - interval '1 day'`
  const letGo = await holdLock(org)
  const killed = await startProcess({
    DATABASE_URL: app.databaseUrl,
    ROLLCALL_SYNC_INTERVAL_MINUTES: '1',
  })
  await vi.waitFor(async () => expect(await waits('transactionid')).toBe(1), patient)
  await killed.end('SIGKILL')
  const { runs } = await startOne(HOUR / 100)
  await letGo()
  await vi.waitFor(() => expect(runs).toHaveLength(1), patient)
  expect(await org.seen()).toEqual({ ann: 'user premium' })
  expect(await org.assigned()).toEqual({ premium: 1, standard: 0 })
})

test('Y2 an organization whose sync fails is told and tried again; the others go on meanwhile', async () => {
  const [broken, sound] = [await inScimMode(), await inScimMode()]
  await broken.idp.user('ann')
  await takeAway(broken.org, 'ann')
  const { client } = app.database
  // what nobody can write fails the run
  await client.$executeRawUnsafe(
    `ALTER TABLE members ADD CONSTRAINT nobody CHECK (organization_id <> '${broken.org.id}')`,
  )
  await startOne(1000)
  await vi.waitFor(async () => {
    expect(await lastSync(broken.org)).toMatchObject({
      lastRun: null,
      lastFailure: { at: expect.any(String), reason: expect.stringMatching(/^\w+$/) },
    })
    expect(await lastSync(sound.org)).toMatchObject({ lastRun: { origin: 'cycle' } })
  }, patient)
  await client.$executeRawUnsafe('ALTER TABLE members DROP CONSTRAINT nobody')
  await vi.waitFor(
    async () =>
      expect(await lastSync(broken.org)).toMatchObject({
        lastRun: { counts: { added: 1 } },
        lastFailure: null,
      }),
    patient,
  )
})
