// A2 the events over HTTP: pages from a cursor, filters, the live tail, retention, and no personal attribute in them.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectProblem } from '../../support/answers.ts'
import { adminClient, type Client, startTestApp, type TestApp } from '../../support/app.ts'
import { answered, aScene, eventsOf, type Scene } from '../../support/provisioning.ts'
import { type ServerSentEvent, streamOf } from '../../support/streams.ts'

let app: TestApp
let admin: Client
beforeAll(async () => {
  app = await startTestApp()
  admin = adminClient(app)
})
afterAll(() => app.close())

interface Shown {
  readonly seq: number
  readonly time: string
  readonly type: string
  readonly subjectId: string
}

const page = async (query: string): Promise<{ events: Shown[]; next: string }> =>
  (await answered(admin.get(`/events?${query}`), 200)).body

/** A directory in which something has happened. */
async function aHistory() {
  const scene = await aScene(app)
  const { tenant, idp, org } = scene
  await org.save()
  const ann = await idp.user('ann')
  await idp.setActive(ann, false)
  return { ...scene, ann, all: await eventsOf(app, tenant.directoryId) }
}

describe('A2 pages', () => {
  test('A2 what was written is shown, in order, a page at a time; and what comes next from the cursor', async () => {
    const { tenant, idp, all } = await aHistory()
    const seen: Shown[] = []
    let after = '0'
    for (;;) {
      const { events, next } = await page(`directory=${tenant.directoryId}&limit=2&after=${after}`)
      expect(events.length).toBeLessThanOrEqual(2)
      if (events.length === 0) break
      seen.push(...events)
      after = next
    }
    expect(seen.map(({ seq, type, subjectId }) => [seq, type, subjectId])).toEqual(
      all.map(({ seq, type, subject_id }) => [seq, type, subject_id]),
    )
    const bob = await idp.user('bob')
    const { events } = await page(`directory=${tenant.directoryId}&after=${after}`)
    expect(events.map(({ type, subjectId }) => [type, subjectId])).toContainEqual(['user.created', bob])
    expect(events.every(({ seq }) => seq > Number(after))).toBe(true)
  })

  test('A2 one event has its number, time, place, actor and data', async () => {
    const { tenant, org, ann } = await aHistory()
    const { events } = await page(`organization=${org.id}&type=member.removed`)
    expect(events).toEqual([
      {
        seq: expect.any(Number),
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        type: 'member.removed',
        directoryId: tenant.directoryId,
        organizationId: org.id,
        subjectId: expect.any(String),
        actor: { kind: 'directory_token', id: expect.any(String), requestId: expect.any(String) },
        data: expect.objectContaining({ userId: ann, why: [{ rule: 'E1', code: 'inactive' }] }),
      },
    ])
  })

  test('A2 filters: directory, organization, subject, type and types, since and until', async () => {
    const { tenant, org, ann, all } = await aHistory()
    const other = await aHistory()
    const seqs = async (query: string) => (await page(query)).events.map(({ seq }) => seq)
    const written = (keep: (event: (typeof all)[number]) => boolean) => all.filter(keep).map(({ seq }) => seq)
    const directory = `directory=${tenant.directoryId}`
    expect(await seqs(`organization=${org.id}`)).toEqual(written((event) => event.organization_id === org.id))
    expect(await seqs(`subject=${ann}`)).toEqual(written((event) => event.subject_id === ann))
    expect(await seqs(`${directory}&type=user.updated`)).toEqual(
      written(({ type }) => type === 'user.updated'),
    )
    expect(await seqs(`${directory}&type=user.updated,user.created`)).toEqual(
      written(({ type }) => type === 'user.updated' || type === 'user.created'),
    )
    expect(await seqs(`${directory}&subject=${other.ann}`)).toEqual([])
    const { events } = await page(directory)
    const from = events.find(({ type }) => type === 'user.created')?.time ?? ''
    const [early, late] = [await seqs(`${directory}&until=${from}`), await seqs(`${directory}&since=${from}`)]
    expect([...early, ...late]).toEqual(written(() => true))
    expect(early.length).toBeGreaterThan(0)
    expect(late.length).toBeGreaterThan(0)
  })

  test('A2 a page that no event fits goes on from the end of the log', async () => {
    const { tenant, all } = await aHistory()
    const { events, next } = await page(`directory=${tenant.directoryId}&type=schema.deleted`)
    expect(events).toEqual([])
    expect(Number(next)).toBeGreaterThanOrEqual(all.at(-1)?.seq ?? Number.NaN)
  })

  test.each([
    ['directory=x', 'directory'],
    ['subject=1', 'subject'],
    ['type=user.exploded', 'type'],
    ['type=', 'type'],
    ['since=yesterday', 'since'],
    ['until=2026-06-30T23:59:60Z', 'until'],
    // years that PostgreSQL has not, or writes in another way
    ['since=0000-01-01T00:00:00Z', 'since'],
    ['until=0001-01-01T00:00:00%2B23:59', 'until'],
    ['since=9999-12-31T23:59:59-23:59', 'since'],
    ['after=-1', 'after'],
    ['after=banana', 'after'],
    ['after=99999999999999999999', 'after'],
    ['limit=many', 'limit'],
    ['organisation=x', 'organisation'],
  ])('A2 %s is refused, naming the field', async (query, field) => {
    expectProblem(await admin.get(`/events?${query}`), 400, { field })
  })

  test('A2 only an administrator may read them', async () => {
    const { tenant } = await aScene(app)
    expectProblem(await app.http.get('/v1/events'), 401)
    expectProblem(await app.http.get('/v1/events').set('Authorization', `Bearer ${tenant.token}`), 401)
  })
})

describe('A2 the live tail', () => {
  const tail = (query: string, headers: Record<string, string> = {}) =>
    streamOf(`${app.origin}/v1/events?${query}`, { authorization: `Bearer ${app.adminToken}`, ...headers })
  const dataOf = (event: ServerSentEvent | null): Shown => JSON.parse(event?.data ?? 'null')

  test('A2 begins with now, says where that is, and tells what happens from then on', async () => {
    const { tenant, idp, all } = await aHistory()
    const stream = await tail(`directory=${tenant.directoryId}`)
    expect(stream.headers.get('content-type')).toMatch(/^text\/event-stream/)
    const start = await stream.next()
    expect(start?.data).toBe(null)
    expect(Number(start?.id)).toBeGreaterThanOrEqual(all.at(-1)?.seq ?? Number.NaN)
    const bob = await idp.user('bob')
    const created = await stream.next()
    expect(created?.event).toBe('user.created')
    expect(dataOf(created)).toMatchObject({ subjectId: bob, type: 'user.created', seq: Number(created?.id) })
    expect((await stream.next())?.event).toBe('member.added')
    await stream.cancel()
  })

  test('A2 goes on after Last-Event-ID, which counts for more than `after`, and filters', async () => {
    const { tenant, all } = await aHistory()
    const query = `directory=${tenant.directoryId}&type=user.created,user.updated&after=0`
    const whole = await tail(query)
    const kinds = ['user.created', 'user.updated']
    const ids = all.filter(({ type }) => kinds.includes(type)).map(({ seq }) => String(seq))
    await whole.next()
    const first = await whole.next()
    expect(first?.id).toBe(ids[0])
    await whole.cancel()
    const rest = await tail(query, { 'last-event-id': first?.id ?? '' })
    expect((await rest.next())?.id).toBe(first?.id)
    expect((await rest.next())?.id).toBe(ids[1])
    await rest.cancel()
    const answer = await admin
      .get('/events')
      .set('Accept', 'text/event-stream')
      .set('Last-Event-ID', 'banana')
    expectProblem(answer, 400, { field: 'Last-Event-ID' })
  })

  test('A2 many tails at once each see all', async () => {
    const { tenant, idp } = await aHistory()
    const streams = await Promise.all(
      Array.from({ length: 20 }, () => tail(`directory=${tenant.directoryId}`)),
    )
    for (const stream of streams) await stream.next()
    const bob = await idp.user('bob')
    for (const stream of streams) {
      expect(dataOf(await stream.next()).subjectId).toBe(bob)
      await stream.cancel()
    }
  })

  test('A2 ends when the database does not answer, rather than be silent', async () => {
    const failing = await startTestApp()
    const stream = await streamOf(`${failing.origin}/v1/events`, {
      authorization: `Bearer ${failing.adminToken}`,
    })
    await stream.next()
    await failing.database.client.$executeRaw`ALTER SEQUENCE events_seq_seq RENAME TO gone`
    // some clients see an error, others the end
    expect(await stream.next().catch(() => null)).toBe(null)
    await failing.close()
  })

  test('A2 ends when the service stops', async () => {
    const stopping = await startTestApp()
    const stream = await streamOf(`${stopping.origin}/v1/events`, {
      authorization: `Bearer ${stopping.adminToken}`,
    })
    await stream.next()
    const closed = stopping.close()
    expect(await stream.next()).toBe(null)
    await closed
  })
})

test('A2 events past their time are deleted, by several processes at once, and no others', async () => {
  const { tenant, all } = await aHistory()
  await app.database.client.$executeRaw`
    INSERT INTO events (time, directory_id, type, subject_id, actor, data)
    SELECT now() - interval '31 days', ${tenant.directoryId}::uuid, 'user.updated', gen_random_uuid(), '{}', '{}'
    FROM generate_series(1, 12000)`
  const { signal } = new AbortController()
  const deleted = await Promise.all([1, 2].map(() => app.services.events.deleteOlderThan(30, signal)))
  // one of them may find the rows of the other locked and leave them to it
  expect(deleted.reduce((sum, count) => sum + count)).toBe(12_000)
  expect((await eventsOf(app, tenant.directoryId)).map(({ seq }) => seq)).toEqual(all.map(({ seq }) => seq))
  expect(await app.services.events.deleteOlderThan(30, signal)).toBe(0)
})

test('A2 no personal attribute is in the events of a whole scenario', async () => {
  const { tenant, idp, org }: Scene = await aScene(app)
  const personal = {
    userName: 'secretname@secret.test',
    externalId: 'secret-external',
    displayName: 'Secret Display',
    name: { givenName: 'Secretgiven', familyName: 'Secretfamily' },
    emails: [{ value: 'secret-mail@secret.test', primary: true }],
    phoneNumbers: [{ value: '+49-secret-1' }],
    password: 'secret-password',
  }
  await answered(admin.patch(`/directories/${tenant.directoryId}`, { unknownMembers: 'skip' }), 200)
  const ann = await idp.user('ann', personal)
  const staff = await idp.group('Secret Group', [ann])
  await idp.add(staff, 'stranger@secret.test')
  await org.add({ email: 'by-hand-secret@secret.test' })
  await org.map([{ groupId: staff, role: 'admin' }])
  await idp.patchUser(ann, { op: 'replace', path: 'emails[primary eq true].value', value: 'new@secret.test' })
  await idp.patchUser(ann, { op: 'replace', path: 'displayName', value: 'Other Secret' })
  await idp.setActive(ann, false)
  await idp.setActive(ann, true)
  await org.save({ mode: 'jit' })
  await answered(
    admin.post(org.path('/sign-ins'), { email: 'new@secret.test', groups: ['Secret Group', 'Secret Lunch'] }),
    200,
  )
  await idp.deleteUser(ann)
  await idp.deleteGroup(staff)
  const { events } = await page(`directory=${tenant.directoryId}&limit=1000`)
  expect(events.length).toBeGreaterThan(12)
  expect(events.filter((event) => /secret|@/i.test(JSON.stringify(event)))).toEqual([])
})
