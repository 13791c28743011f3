// The job queue on a real PostgreSQL: several processes on one database, jobs that fail, workers that die or stop.
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { type Database, openDatabase } from '../../src/store/database.ts'
import { type JobQueue, type QueueDefinition, type SqlPool, startQueue } from '../../src/worker/queue.ts'
import { createTestDatabase } from '../support/postgres.ts'

const definitions: readonly QueueDefinition[] = ['errands', 'letters', 'repairs', 'walks'].map((name) => ({
  name,
  policy: name === 'errands' ? 'short' : 'standard',
  expireInSeconds: name === 'walks' ? 1 : 60,
  retryLimit: 3,
  retryDelaySeconds: name === 'errands' ? 600 : 1,
}))

let url: string
let drop: () => Promise<void>
let own: Database
const databases: Database[] = []
const queues: JobQueue[] = []

/** Everything that another process would have of its own. */
async function anotherQueue(wrap = (pool: SqlPool) => pool): Promise<JobQueue> {
  const database = openDatabase(url, 3)
  databases.push(database)
  const options = { pollMs: 20, maintenanceSeconds: 1 }
  const queue = await startQueue(wrap(database.pool), pino({ level: 'silent' }), definitions, options)
  queues.push(queue)
  return queue
}

const states = (name: string) =>
  own.client.$queryRaw`SELECT data, state::text FROM pgboss.job WHERE name = ${name} ORDER BY created_on`

beforeAll(async () => {
  ;({ url, drop } = await createTestDatabase())
  own = openDatabase(url, 1)
})

afterEach(async () => {
  for (const queue of queues.splice(0)) await queue.stop(0)
  for (const database of databases.splice(0)) await database.close()
})

afterAll(async () => {
  await own.close()
  await drop()
})

const patient = { timeout: 15_000, interval: 20 }

test('processes that start at once on a database without a queue set it up together', async () => {
  const started = await Promise.all(Array.from({ length: 6 }, () => anotherQueue()))
  const done: unknown[] = []
  for (const queue of started) queue.work('letters', async (data) => void done.push(data))
  for (let i = 0; i < 20; i += 1) await started[i % 6]?.send('letters', { i })
  await vi.waitFor(() => expect(done).toHaveLength(20), patient)
  expect(new Set(done.map((data) => JSON.stringify(data))).size).toBe(20)
})

test('of the jobs with one key, at most one waits; one that runs does not keep the next from waiting', async () => {
  const queue = await anotherQueue()
  for (let i = 0; i < 3; i += 1) await queue.send('errands', { i }, { key: 'a' })
  await queue.send('errands', { i: 3 }, { key: 'b' })
  const begun: object[] = []
  let finish = () => {}
  const held = new Promise<void>((resolve) => {
    finish = resolve
  })
  queue.work('errands', async (data) => {
    begun.push(data)
    await held
  })
  await vi.waitFor(() => expect(begun).toEqual([{ i: 0 }]), patient)
  await queue.send('errands', { i: 4 }, { key: 'a' })
  finish()
  await vi.waitFor(() => expect(begun).toEqual([{ i: 0 }, { i: 3 }, { i: 4 }]), patient)
})

test('a job that fails is tried again, and others go on meanwhile', async () => {
  const queue = await anotherQueue()
  const ran: string[] = []
  queue.work('repairs', async (data) => {
    const name = 'name' in data ? String(data.name) : ''
    ran.push(name)
    if (name === 'broken' && ran.filter((each) => each === 'broken').length < 3) throw new Error('not yet')
  })
  await queue.send('repairs', { name: 'broken' })
  await queue.send('repairs', { name: 'sound' })
  await vi.waitFor(() => expect(ran.filter((name) => name === 'broken')).toHaveLength(3), patient)
  expect(ran.slice(0, 2)).toEqual(['broken', 'sound'])
})

test('a job whose worker does not answer any more is run by another after its expiry', async () => {
  const [dead, alive] = [await anotherQueue(), await anotherQueue()]
  let heard: AbortSignal | null = null
  dead.work('walks', (_, signal) => {
    heard = signal
    return new Promise(() => {})
  })
  await dead.send('walks', {})
  await vi.waitFor(() => expect(heard).not.toBeNull(), patient)
  const done: object[] = []
  alive.work('walks', async (data) => void done.push(data))
  await vi.waitFor(() => expect(done).toHaveLength(1), patient)
  expect(heard).toMatchObject({ aborted: true })
})

test('a stop waits for the jobs that run, takes no other, and gives back what does not end in time', async () => {
  const stopping = await anotherQueue()
  let isTold = false
  stopping.work('letters', async (_, signal) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    isTold = true
  })
  stopping.work('errands', () => new Promise(() => {}))
  await stopping.send('letters', { stop: 1 })
  await stopping.send('errands', { stop: 2 })
  await vi.waitFor(
    async () => expect(await states('errands')).toContainEqual({ data: { stop: 2 }, state: 'active' }),
    patient,
  )
  await vi.waitFor(
    async () => expect(await states('letters')).toContainEqual({ data: { stop: 1 }, state: 'active' }),
    patient,
  )
  await stopping.send('letters', { stop: 3 })
  await stopping.stop(500)
  expect(isTold).toBe(true)
  expect(await states('letters')).toContainEqual({ data: { stop: 1 }, state: 'completed' })
  expect(await states('letters')).toContainEqual({ data: { stop: 3 }, state: 'created' })
  expect(await states('errands')).toContainEqual({ data: { stop: 2 }, state: 'retry' })
})

test('an outage of the database ends neither the process nor the work', async () => {
  let isAway = false
  const queue = await anotherQueue((pool) => ({
    connect: () => pool.connect(),
    query: async (text, values) => {
      if (isAway) throw new Error('the database is away')
      return pool.query(text, values)
    },
  }))
  const done: object[] = []
  queue.work('repairs', async (data) => {
    // neither the completion nor the failure of this job can be written
    if ('first' in data && done.length === 0) isAway = true
    done.push(data)
  })
  await queue.send('repairs', { first: true })
  await vi.waitFor(() => expect(done).toHaveLength(1), patient)
  isAway = false
  await queue.send('repairs', { second: true })
  await vi.waitFor(() => expect(done).toContainEqual({ second: true }), patient)
})
