// The disk of the database is full: requests are refused for the moment, nothing that was acknowledged is lost, and when
// there is room again all goes on by itself. What is full lies on a small file system that is mounted for it; where none
// can be mounted this says so, and is not run.
import { afterEach, beforeEach, expect, type TestContext, test } from 'vitest'
import type { ServiceProcess } from '../support/process.ts'
import { Figures } from './support/figures.ts'
import { type FaultyPostgres, startFaultyPostgres } from './support/postgres.ts'
import { setUp, startService } from './support/scene.ts'
import { mountSmallDisk, type SmallDisk } from './support/small-disk.ts'
import { underLoad } from './support/under-load.ts'

const DATABASE = 'small'
const ROUNDS = 3
const WORKERS = 6
const PEOPLE = 50_000
const patient = { timeout: 60_000, interval: 50 }

let postgres: FaultyPostgres
let service: ServiceProcess | undefined
let disk: SmallDisk | undefined
beforeEach(async () => {
  // little of the log is kept, so that a small disk has room for it
  postgres = await startFaultyPostgres({ min_wal_size: '32MB', max_wal_size: '64MB' })
}, 60_000)
afterEach(async () => {
  await service?.end('SIGKILL')
  await postgres?.remove()
  await disk?.remove()
  disk = undefined
})

async function mount(megabytes: number, skip: TestContext['skip']): Promise<SmallDisk> {
  const mounted = await mountSmallDisk(megabytes)
  if (typeof mounted === 'string') {
    process.stdout.write(`NOT RUN: a full disk. No file system could be mounted: ${mounted}\n`)
    return skip(`no file system could be mounted: ${mounted}`)
  }
  disk = mounted
  await postgres.own(mounted.folder)
  return mounted
}

test('with a full disk writes get 503 with Retry-After, reads are answered, nothing is lost, and the service goes on once there is room', async ({
  skip,
}) => {
  const { folder, fill, empty } = await mount(80, skip)
  const figures = new Figures(`The disk of the tables full, ${ROUNDS} times`)
  await postgres.query('postgres', `CREATE TABLESPACE small LOCATION '${folder}'`)
  await postgres.query('postgres', `CREATE DATABASE ${DATABASE} TABLESPACE small`)
  service = await startService(postgres.url(DATABASE))
  const { origin } = service
  const scene = await setUp(service, figures, { premium: null, standard: null })
  const load = { postgres, database: DATABASE, origin, scene, figures, name: 'p' }
  await underLoad(
    { ...load, people: PEOPLE, workers: WORKERS },
    async (push) => {
      for (let round = 0; round < ROUNDS; round += 1) {
        await expect.poll(() => push.done, patient).toBeGreaterThan(50 * (round + 1))
        const refused = figures.count('503')
        await fill()
        await expect.poll(() => figures.count('503'), patient).toBeGreaterThan(refused + 100)
        expect((await fetch(`${origin}/readyz`)).status).toBe(200)
        const users = await fetch(`${origin}/scim/v2/Users?count=1`, {
          headers: { authorization: `Bearer ${scene.directoryToken}` },
        })
        expect(users.status).toBe(200)
        await empty()
        const { done } = push
        await expect.poll(() => push.done, patient).toBeGreaterThan(done + 50)
      }
    },
    empty,
  )
})

test('with a full disk of its log PostgreSQL ends; started again once there is room, it has all that was acknowledged', async ({
  skip,
}) => {
  const { folder, fill, empty } = await mount(160, skip)
  const figures = new Figures('The disk of the log full')
  await postgres.moveLog(folder)
  service = await startService(postgres.url('postgres'))
  const { origin } = service
  const scene = await setUp(service, figures, { premium: null, standard: null })
  const readiness = () => fetch(`${origin}/readyz`).then(({ status }) => status)
  const load = { postgres, origin, scene, figures, name: 'p', people: PEOPLE, workers: WORKERS }
  await underLoad(
    load,
    async (push) => {
      await expect.poll(() => push.done, patient).toBeGreaterThan(50)
      await fill()
      await expect.poll(postgres.isRunning, patient).toBe(false)
      await expect.poll(readiness, patient).toBe(503)
      await empty()
      await postgres.start()
      await expect.poll(readiness, patient).toBe(200)
      const { done } = push
      await expect.poll(() => push.done, patient).toBeGreaterThan(done + 50)
      expect(figures.count('503')).toBeGreaterThan(0)
    },
    empty,
  )
})
