// Backups as docs/operating.md has them: made of a service that is being written to, restored into another database, and a
// service started on that.

import { readFileSync } from 'node:fs'
import supertest from 'supertest'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { KEY_BYTES } from '../src/secret-box.ts'
import { adminClient, scimClient, startTestApp, type TestApp } from './support/app.ts'
import {
  type Backup,
  bySnapshot,
  findPgDump,
  type Means,
  migrationsIn,
  runAfterRestore,
} from './support/backup.ts'
import { createEmptyDatabase, type TestDatabase } from './support/postgres.ts'
import { type ServiceProcess, startProcess } from './support/process.ts'
import { Administrated, answered, aScene, Idp, type Scene } from './support/provisioning.ts'
import { type Receiver, startReceiver } from './support/receiver.ts'
import { anEndpoint } from './support/webhooks.ts'

const pgDump = await findPgDump(inject('database').serverUrl)
const means: [string, Means][] = [['all rows of one snapshot', bySnapshot]]
if (typeof pgDump !== 'string') means.push(['pg_dump and pg_restore', pgDump])
else
  process.stderr.write(
    `Backups are not tried with pg_dump: ${pgDump}. test/backup.sh tries them on its own server.\n`,
  )

let app: TestApp
let receiver: Receiver
beforeAll(async () => {
  app = await startTestApp({ webhooks: { allowedNetworks: ['127.0.0.0/8'] } })
  receiver = await startReceiver()
})
afterAll(async () => {
  await receiver.close()
  await app.close()
})

/** Pushes people into the directory and its groups, several at a time, until it is stopped; gives who was acknowledged. */
function push({ idp }: Scene, groupIds: readonly string[]) {
  const acknowledged: string[] = []
  let isStopped = false
  const one = async (writer: number) => {
    for (let i = 0; !isStopped; i += 1) {
      const id = await idp.user(`w${writer}-${i}`)
      await idp.add(groupIds[(writer + i) % groupIds.length] ?? '', id)
      if (i % 5 === 4) await idp.setActive(id, false)
      acknowledged.push(id)
    }
  }
  const writers = Promise.allSettled([0, 1, 2].map(one))
  return {
    acknowledged,
    /** waits for so many more */
    more: (count: number) => {
      const until = acknowledged.length + count
      return vi.waitUntil(() => acknowledged.length >= until, { timeout: 20_000 })
    },
    stop: async () => {
      isStopped = true
      for (const end of await writers) if (end.status === 'rejected') throw end.reason
    },
  }
}

describe.each(means)('a backup by %s', (_, make) => {
  let scene: Scene
  let hookPath: string
  let backup: Backup
  let restored: TestDatabase
  let service: ServiceProcess
  /** where a reader of the first service's log is */
  let cursor: string
  /** somebody who came after it */
  let late: string
  /** acknowledged before the backup began, and while it was made */
  const acknowledged = { before: 0, while: 0, ids: [''] }

  beforeAll(async () => {
    scene = await aScene(app)
    const { idp, org } = scene
    const hook = await anEndpoint(app, {
      url: receiver.url,
      organizationId: org.id,
      types: ['seats.purchased'],
    })
    hookPath = hook.path
    const [first, second] = [await idp.group('First'), await idp.group('Second')]
    await org.buy({ premium: 4, standard: null })
    await org.map([
      { groupId: first, role: 'admin' },
      { groupId: first, seatType: 'premium' },
      { groupId: second, seatType: 'standard' },
    ])
    const pushing = push(scene, [first, second])
    await pushing.more(12)
    acknowledged.before = pushing.acknowledged.length
    backup = await make(app.databaseUrl)
    acknowledged.while = pushing.acknowledged.length - acknowledged.before
    await pushing.stop()
    acknowledged.ids = pushing.acknowledged
    // what comes after it must not be in it
    late = await idp.user('late')
    restored = await createEmptyDatabase()
    await backup.restore(restored.url)
    const [, sql = ''] = /```sql\n([^`]+)```/.exec(readFileSync('docs/operating.md', 'utf8')) ?? []
    await runAfterRestore(restored.url, sql)
    const readers = await told(scene, app.origin)
    cursor = readers.next
    service = await startProcess({
      DATABASE_URL: restored.url,
      ROLLCALL_ENCRYPTION_KEYS: Buffer.alloc(KEY_BYTES, 7).toString('base64'),
      ROLLCALL_WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
      ROLLCALL_SYNC_INTERVAL_MINUTES: '0',
    })
  })
  afterAll(async () => {
    await service.end('SIGTERM')
    await restored.drop()
    await backup.forget()
  })

  const http = () => supertest(service.origin)
  const scim = () => scimClient(http(), scene.tenant.token)
  const admin = () => adminClient({ http: http(), adminToken: app.adminToken })

  test('the service takes it for its own: migrations as they were, no first start, the same tokens', async () => {
    expect(await migrationsIn(restored.url)).toEqual(await migrationsIn(app.databaseUrl))
    expect(service.output()).not.toContain('migrations applied')
    expect(service.output()).not.toContain('Admin token')
    await http().get('/readyz').expect(200)
    await answered(admin().get('/organizations'), 200)
    await answered(scim().get('/Users?count=1'), 200)
  })

  test('nothing that was acknowledged before is lost, and it ends before what came after', async () => {
    for (const id of acknowledged.ids.slice(0, acknowledged.before)) {
      await answered(scim().get(`/Users/${id}`), 200)
    }
    await answered(scim().get(`/Users/${late}`), 404)
  })

  test('each write is there whole: members are as an evaluation from scratch has them, seats as a recount', async () => {
    const org = new Administrated(admin(), scene.org.id)
    const { counts, mended } = (await answered(org.admin.post(org.path('/sync')), 200)).body
    expect(mended).toEqual({ users: 0, groups: 0, members: 0, seats: 0, unmended: 0 })
    expect(counts).toMatchObject({ added: 0, changed: 0, removed: 0, waiting: 0 })
    expect(counts.unchanged).toBeGreaterThan(acknowledged.before / 2)
    expect((await org.assigned()).premium).toBe(4)
    const { rows } = await told(scene, service.origin)
    const created = rows.filter(({ type }) => type === 'user.created').map(({ subjectId }) => subjectId)
    const { body } = await answered(scim().get('/Users?count=1000&attributes=id'), 200)
    expect(created.sort()).toEqual(body.Resources.map(({ id }: { id: string }) => id).sort())
  })

  test('A2 the log is read on, and what happens now comes after all that happened', async () => {
    const { rows } = await told(scene, service.origin)
    const numbers = rows.map(({ seq }) => seq)
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
    await new Idp(scim()).user('after-the-restore')
    // also for who has read more than the backup has: no number is given twice
    const later = await told(scene, service.origin, cursor)
    expect(later.rows.map(({ type }) => type)).toContain('user.created')
    expect(Math.min(...later.rows.map(({ seq }) => seq))).toBeGreaterThan(Number(cursor))
  })

  test('what is encrypted opens with the key that was kept beside it', async () => {
    const sent = receiver.received.length
    expect((await answered(admin().post(`${hookPath}:test`), 200)).body.delivered).toBe(true)
    expect(receiver.received.length).toBe(sent + 1)
  })

  test('the backup was made while the service was written to', () => {
    expect(acknowledged.while).toBeGreaterThan(0)
  })
})

interface Told {
  readonly seq: number
  readonly type: string
  readonly subjectId: string
}

/** All events of the directory after one, and where to go on. */
async function told({ tenant }: Scene, origin: string, after = '0'): Promise<{ rows: Told[]; next: string }> {
  const admin = adminClient({ http: supertest(origin), adminToken: app.adminToken })
  const rows: Told[] = []
  for (let next = after; ; ) {
    const page: { events: Told[]; next: string } = (
      await answered(admin.get(`/events?directory=${tenant.directoryId}&limit=1000&after=${next}`), 200)
    ).body
    rows.push(...page.events)
    next = page.next
    if (page.events.length < 1000) return { rows, next }
  }
}
