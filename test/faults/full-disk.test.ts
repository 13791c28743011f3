// The disk of the database's tables is full: writes are refused for the moment, reads are answered, and when there is
// room again all goes on by itself. The tables lie on a small file system that is mounted for it; where none can be
// mounted this says so, and is not run.
import { execFile } from 'node:child_process'
import { mkdtemp, open, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ServiceProcess } from '../support/process.ts'
import { Figures } from './support/figures.ts'
import { type FaultyPostgres, startFaultyPostgres } from './support/postgres.ts'
import type { Push } from './support/push.ts'
import { setUp, startService } from './support/scene.ts'
import { underLoad } from './support/under-load.ts'

const run = promisify(execFile)
const DATABASE = 'small'
const ROUNDS = 3
const WORKERS = 6
const patient = { timeout: 60_000, interval: 50 }

let postgres: FaultyPostgres
let service: ServiceProcess | undefined
let folder: string
/** why no file system could be mounted; null: one is */
let whyNot: string | null = null
beforeAll(async () => {
  postgres = await startFaultyPostgres()
  folder = await mkdtemp(join(tmpdir(), 'rollcall-faults-disk-'))
  whyNot = await mount(folder)
  await postgres.own(folder)
}, 60_000)
afterAll(async () => {
  await service?.end('SIGKILL')
  await postgres?.remove()
  if (whyNot === null) await run('umount', [folder])
  await rm(folder, { recursive: true, force: true })
})

/** Needs the right to mount, which root has outside of most containers. */
async function mount(place: string): Promise<string | null> {
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=80m', 'rollcall-faults', place])
    return null
  } catch (error) {
    return error instanceof Error ? error.message.trim().replaceAll('\n', ' ') : String(error)
  }
}

test('with a full disk writes get 503 with Retry-After, nothing is lost, and the service goes on once there is room', async ({
  skip,
}) => {
  const figures = new Figures(`The database's disk full, ${ROUNDS} times`)
  if (whyNot !== null) {
    process.stdout.write(`NOT RUN: a full disk. No file system could be mounted: ${whyNot}\n`)
    skip(`no file system could be mounted: ${whyNot}`)
  }
  await postgres.query('postgres', `CREATE TABLESPACE small LOCATION '${folder}'`)
  await postgres.query('postgres', `CREATE DATABASE ${DATABASE} TABLESPACE small`)
  service = await startService(postgres.url(DATABASE))
  const { origin } = service
  const scene = await setUp(service, figures, { premium: null, standard: null })
  const filler = join(folder, 'filler')
  const load = {
    postgres,
    database: DATABASE,
    origin,
    scene,
    figures,
    name: 'p',
    people: 50_000,
    workers: WORKERS,
  }
  const fillAgainAndAgain = async (push: Push) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      await expect.poll(() => push.done, patient).toBeGreaterThan(50 * (round + 1))
      const refused = figures.count('503')
      await fill(filler)
      await expect.poll(() => figures.count('503'), patient).toBeGreaterThan(refused + 100)
      expect((await fetch(`${origin}/readyz`)).status).toBe(200)
      const users = await fetch(`${origin}/scim/v2/Users?count=1`, {
        headers: { authorization: `Bearer ${scene.directoryToken}` },
      })
      expect(users.status).toBe(200)
      await rm(filler)
      const { done } = push
      await expect.poll(() => push.done, patient).toBeGreaterThan(done + 50)
    }
  }
  await underLoad(load, fillAgainAndAgain, () => rm(filler, { force: true }))
})

/** Takes all the room that is left, to the last page. */
async function fill(path: string): Promise<void> {
  const page = Buffer.alloc(4096)
  const file = await open(path, 'a')
  try {
    for (;;) {
      const { bavail, bsize } = await statfs(folder)
      await file.write(bavail > 0 ? Buffer.alloc(bavail * bsize) : page)
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  } finally {
    await file.close()
  }
}
