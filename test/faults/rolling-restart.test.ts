// A rolling restart behind a load balancer: nothing is refused and nothing lost; and a newer version that starts beside
// the old one on the same database.
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ServiceProcess } from '../support/process.ts'
import { type Balancer, startBalancer } from './support/balancer.ts'
import { Figures } from './support/figures.ts'
import { type FaultyPostgres, startFaultyPostgres } from './support/postgres.ts'
import { type Scene, setUp, startService } from './support/scene.ts'
import { isShort, sized } from './support/size.ts'
import { underLoad } from './support/under-load.ts'

const PEOPLE = 20_000
const WORKERS = 4
const RESTARTS = sized(3, 1)
const DRAIN_SECONDS = 1
const patient = { timeout: 30_000, interval: 50 }

let postgres: FaultyPostgres
let balancer: Balancer
const running: ServiceProcess[] = []
beforeEach(async () => {
  postgres = await startFaultyPostgres()
  balancer = await startBalancer()
}, 60_000)
afterEach(async () => {
  await Promise.all(running.splice(0).map((service) => service.end('SIGKILL')))
  await balancer.close()
  await postgres.remove()
}, 60_000)

const started = async (starting: Promise<ServiceProcess>): Promise<ServiceProcess> => {
  const service = await starting
  running.push(service)
  balancer.add(service.origin)
  return service
}

const startOne = () =>
  started(startService(postgres.url('postgres'), { ROLLCALL_DRAIN_SECONDS: String(DRAIN_SECONDS) }))

/** Runs `work` once the push is under way. */
async function whilePushing(scene: Scene, figures: Figures, work: () => Promise<void>): Promise<void> {
  const { origin } = balancer
  const load = { postgres, origin, scene, figures, name: 'p', people: PEOPLE, workers: WORKERS }
  await underLoad(load, async (push) => {
    await expect.poll(() => push.done, patient).toBeGreaterThan(50)
    await work()
  })
}

test('a rolling restart refuses no request and loses none', async () => {
  const figures = new Figures('Rolling restart')
  const first = await startOne()
  const scene = await setUp(first, figures, { premium: null, standard: null })
  await startOne()
  await expect.poll(balancer.ready, patient).toHaveLength(2)
  await whilePushing(scene, figures, async () => {
    for (let restart = 0; restart < RESTARTS; restart += 1) {
      await startOne()
      await expect.poll(balancer.ready, patient).toHaveLength(3)
      const [old] = running.splice(0, 1)
      const ended = old?.end('SIGTERM')
      // ready no more, and listening still
      await expect.poll(balancer.ready, patient).not.toContain(old?.origin)
      expect((await fetch(`${old?.origin}/healthz`)).status).toBe(200)
      expect(await ended).toBe(0)
      balancer.remove(old?.origin ?? '')
    }
    figures.note(`${RESTARTS} restarts`)
  })
  expect(balancer.cutOff).toEqual([])
  // whatever else refuses a client for the moment, a restart does not
  expect(figures.count('503')).toBe(0)
})

test.skipIf(isShort)(
  'a newer version starts beside the old one on the same database; the old one goes on, and starts again',
  async () => {
    const figures = new Figures('A newer version beside the old one')
    const old = await startOne()
    const scene = await setUp(old, figures, { premium: null, standard: null })
    const newer = await newerVersion('29990101000000_more', addingMigration)
    const refusing = await newerVersion('29990101000001_less_breaking', 'DROP TABLE "more"')
    try {
      await whilePushing(scene, figures, async () => {
        await started(newer.start(postgres.url('postgres')))
        await expect.poll(balancer.ready, patient).toHaveLength(2)
        const third = await startOne()
        await expect.poll(balancer.ready, patient).toHaveLength(3)
        await expect.poll(third.output, patient).toContain('was migrated by a newer version')
        const { acknowledged } = figures
        await expect.poll(() => figures.acknowledged, patient).toBeGreaterThan(acknowledged + 100)
        figures.note('3 processes of 2 versions')
      })
      // one that takes something away says so: whoever cannot work with it any more is taken out, and does not start
      const last = await started(refusing.start(postgres.url('postgres')))
      await expect.poll(balancer.ready, patient).toEqual([last.origin])
      await expect(startOne()).rejects.toThrow('29990101000001_less_breaking')
    } finally {
      await newer.remove()
      await refusing.remove()
    }
  },
)

/** Adds to every table that requests touch. */
const addingMigration = `
  CREATE TABLE "more" (id uuid PRIMARY KEY);
  ${[
    'users',
    'groups',
    'user_memberships',
    'members',
    'seats',
    'organizations',
    'events',
    'directories',
    'directory_tokens',
    'mappings',
  ]
    .map(
      (table) =>
        `ALTER TABLE "${table}" ADD COLUMN "more" text, ADD COLUMN "much_more" integer NOT NULL DEFAULT 7;`,
    )
    .join('\n')}
  CREATE INDEX "more_users" ON "users" ("directory_id", "more");`

/** The service with another migration: what a newer version is to an older one. */
async function newerVersion(name: string, sql: string) {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-newer-'))
  const here = resolve(import.meta.dirname, '../..')
  await cp(join(here, 'dist'), join(folder, 'dist'), { recursive: true })
  await cp(join(here, 'package.json'), join(folder, 'package.json'))
  await cp(join(here, 'prisma/migrations'), join(folder, 'prisma/migrations'), { recursive: true })
  await symlink(join(here, 'node_modules'), join(folder, 'node_modules'))
  const migration = join(folder, 'prisma/migrations', name)
  await mkdir(migration)
  await writeFile(join(migration, 'migration.sql'), sql)
  return {
    start: (databaseUrl: string) => startService(databaseUrl, {}, join(folder, 'dist/main.js')),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

test.skipIf(isShort)(
  'a service that is told to stop does so within a bound, also with clients that send nothing or half a request',
  async () => {
    const service = await startOne()
    const scene = await setUp(service, new Figures('stopped'), { premium: null, standard: null })
    const { port } = new URL(service.origin)
    const head = `POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${scene.directoryToken}\r\n`
    const halves = ['', head, `${head}Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{`]
    const sockets = halves.map((sent) => {
      const socket = connect(Number(port), '127.0.0.1')
      socket.on('error', () => {})
      socket.write(sent)
      return socket
    })
    await Promise.all(sockets.map((socket) => new Promise((connected) => socket.once('connect', connected))))
    const ended = service.end('SIGTERM')
    await Promise.all(sockets.map((socket) => new Promise((closed) => socket.once('close', closed))))
    expect(await ended).toBe(0)
  },
)
