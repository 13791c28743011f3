// Several processes on one database behind a load balancer: the same groups patched from all at once, the last seats
// raced for, settings saved while pushes arrive; and processes that are killed meanwhile.
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ServiceProcess } from '../support/process.ts'
import { type Balancer, startBalancer } from './support/balancer.ts'
import { checkAll } from './support/consistency.ts'
import { Figures } from './support/figures.ts'
import { type FaultyPostgres, startFaultyPostgres } from './support/postgres.ts'
import { Push } from './support/push.ts'
import { requireStatus, type Scene, settingsOf, setUp, startService } from './support/scene.ts'
import { Sender } from './support/sender.ts'
import { isShort, sized } from './support/size.ts'
import { runTraffic } from './support/traffic.ts'

const PROCESSES = sized(3, 2)
const PUSHES = 3
const PEOPLE = 5000
const LOAD_MS = sized(12_000, 5000)
/** Between writes that lock a directory exclusively, so that others get on as well. */
const PAUSE_MS = 100
const WORKERS = 4
const KILLS = 2
const patient = { timeout: 60_000, interval: 50 }

let postgres: FaultyPostgres
let balancer: Balancer
const running: ServiceProcess[] = []
beforeEach(async () => {
  postgres = await startFaultyPostgres({ deadlock_timeout: '100ms' })
  balancer = await startBalancer()
}, 60_000)
afterEach(async () => {
  await Promise.all(running.splice(0).map((service) => service.end('SIGKILL')))
  await balancer.close()
  await postgres.remove()
}, 60_000)

async function startOne(): Promise<ServiceProcess> {
  const service = await startService(postgres.url('postgres'))
  running.push(service)
  balancer.add(service.origin)
  return service
}

async function startAll(figures: Figures): Promise<Scene> {
  const first = await startOne()
  // fewer seats than people: each that is freed is raced for
  const scene = await setUp(first, figures, { premium: 20, standard: 40 })
  await Promise.all(Array.from({ length: PROCESSES - 1 }, startOne))
  await expect.poll(balancer.ready, patient).toHaveLength(PROCESSES)
  return scene
}

/** Several pushes at once, with all else that locks organizations and directories, while `work` lasts. */
async function pushFromAll(scene: Scene, figures: Figures, work: () => Promise<void>): Promise<void> {
  const sender = new Sender(balancer.origin, scene.directoryToken, figures)
  const pushes = Array.from({ length: PUSHES }, (_, i) => new Push(scene, `push-${i}`, PEOPLE))
  let over = false
  const isOver = () => over
  const locking = lockBackwards(scene, isOver)
  const load = Promise.all([
    ...pushes.map((push) => push.run(sender, WORKERS, isOver)),
    runTraffic(balancer.origin, scene, figures, isOver),
    saveSettings(scene, figures, isOver),
    nestGroups(scene, figures, isOver),
  ])
  try {
    await work()
    over = true
    await load
    for (const push of pushes) await push.check(postgres, 'postgres', figures)
    await checkAll(postgres, 'postgres', scene, balancer.origin, figures)
    const [{ deadlocks = 0 } = {}] = await postgres.query<{ deadlocks: number }>(
      'postgres',
      "SELECT deadlocks::int AS deadlocks FROM pg_stat_database WHERE datname = 'postgres'",
    )
    const inside = deadlocks - (await locking)
    figures.note(`${inside} deadlocks inside`)
    expect(inside).toBeGreaterThan(0)
  } finally {
    over = true
    figures.print()
    await Promise.all([load, locking])
    await sender.close()
  }
  expect(figures).toMatchObject({ lost: [], inconsistencies: [], wrongAnswers: [] })
  expect(figures.acknowledged).toBeGreaterThan(sized(200, 50))
}

/**
 * Somebody who locks in the other order than the service, the organization first and then groups, and is more patient:
 * of the two it is mostly the service that PostgreSQL sends away. Gives how often it was not.
 */
async function lockBackwards({ organizationId, groupIds }: Scene, isOver: () => boolean): Promise<number> {
  const client = new pg.Client({ connectionString: postgres.url('postgres') })
  client.on('error', () => {})
  await client.connect()
  await client.query("SET deadlock_timeout = '1s'")
  let sentAway = 0
  while (!isOver()) {
    await client.query('BEGIN')
    await client.query('SELECT FROM organizations WHERE id = $1 FOR UPDATE', [organizationId])
    await sleep(PAUSE_MS)
    try {
      await client.query('SELECT FROM groups WHERE id = ANY($1) ORDER BY id FOR UPDATE', [groupIds])
      await client.query('COMMIT')
    } catch {
      sentAway += 1
      await client.query('ROLLBACK')
    }
    await sleep(5 * PAUSE_MS)
  }
  await client.end()
  return sentAway
}

/** Who is in the group Others is an administrator, and is not: each save evaluates everybody. */
async function saveSettings(scene: Scene, figures: Figures, isOver: () => boolean): Promise<void> {
  const admin = new Sender(balancer.origin, scene.adminToken, figures)
  const path = `/v1/organizations/${scene.organizationId}/provisioning`
  const { mappings, ...rest } = settingsOf(scene)
  const raised = mappings.map((mapping) =>
    mapping.role === 'user' ? { ...mapping, role: 'admin' } : mapping,
  )
  for (let turn = 0; !isOver(); turn += 1) {
    await admin.send('PUT', path, { ...rest, mappings: turn % 2 === 0 ? raised : mappings })
    await sleep(PAUSE_MS)
  }
  const saved = await admin.insist('PUT', path, { ...rest, mappings }, () => false)
  requireStatus(saved?.answer ?? null, 200)
  await admin.close()
}

/** A group in a group and out again, which locks the directory exclusively; by two at once, and renamed as well. */
async function nestGroups(scene: Scene, figures: Figures, isOver: () => boolean): Promise<void> {
  const idp = new Sender(balancer.origin, scene.directoryToken, figures)
  const outer = requireStatus(await idp.send('POST', '/scim/v2/Groups', { displayName: 'Everyone' }), 201)
  const path = `/scim/v2/Groups/${outer.body.id}`
  const patch = (...Operations: readonly object[]) => ({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations,
  })
  const inner = scene.groupIds.map((value) => ({ value }))
  const nest = async (rename: string) => {
    for (let turn = 0; !isOver(); turn += 1) {
      const op = turn % 2 === 0 ? 'add' : 'remove'
      await idp.send('PATCH', path, patch({ op, path: 'members', value: inner }))
      await idp.send('PATCH', path, patch({ op: 'replace', value: { displayName: `${rename} ${turn}` } }))
      await sleep(PAUSE_MS)
    }
  }
  await Promise.all([nest('Everyone'), nest('Everybody')])
  await idp.close()
}

test('E4 processes together oversell no seat, lose nothing, and show no client a deadlock', async () => {
  const figures = new Figures(`${PROCESSES} processes on one database`)
  await pushFromAll(await startAll(figures), figures, () => sleep(LOAD_MS))
  expect(figures.count('503')).toBe(0)
  expect(balancer.cutOff).toEqual([])
})

test.skipIf(isShort)(
  'A2 E4 where one process is killed the others go on, and another takes its place',
  async () => {
    const figures = new Figures(`${PROCESSES} processes on one database, one killed ${KILLS} times`)
    await pushFromAll(await startAll(figures), figures, async () => {
      for (let kills = 0; kills < KILLS; kills += 1) {
        const { acknowledged } = figures
        await expect.poll(() => figures.acknowledged, patient).toBeGreaterThan(acknowledged + 100)
        const [killed] = running.splice(0, 1)
        await killed?.end('SIGKILL')
        balancer.remove(killed?.origin ?? '')
        const left = figures.acknowledged
        await expect.poll(() => figures.acknowledged, patient).toBeGreaterThan(left + 50)
        await startOne()
        await expect.poll(balancer.ready, patient).toHaveLength(PROCESSES)
      }
    })
    expect(balancer.cutOff.length).toBeGreaterThan(0)
  },
)
