// A2 with many writers at once: a reader with a cursor misses nothing and sees nothing twice, and each subject's history
// in the order in which it happened.

import { expect, test } from 'vitest'
import { appendEvents } from '../../src/store/events.ts'
import { adminClient } from '../support/app.ts'
import { atOnce, useCluster } from '../support/cluster.ts'
import { answered, eventsOf } from '../support/provisioning.ts'

const cluster = useCluster()

interface Shown {
  readonly seq: number
  readonly type: string
  readonly subjectId: string
  readonly data: { readonly before?: unknown; readonly after?: unknown }
}

/** A reader of a directory's events that keeps its cursor. */
function aReader(directoryId: string, limit = 1000) {
  const admin = adminClient(cluster.app)
  let cursor = '0'
  return async (): Promise<Shown[]> => {
    const path = `/events?directory=${directoryId}&after=${cursor}&limit=${limit}`
    const { body } = await answered(admin.get(path), 200)
    cursor = body.next
    return body.events
  }
}

const system = { kind: 'system' } as const
const told = (directoryId: string) => [
  { type: 'directory.updated', directoryId, subjectId: directoryId, data: {} } as const,
]

test('A2 what commits late is not skipped: later numbers wait for it, and then come in order', async () => {
  const { tenant, idp } = await cluster.scene()
  const read = aReader(tenant.directoryId)
  await read()
  const [ann, bob] = await cluster.app.database.transaction(async (tx) => {
    await appendEvents(tx, system, told(tenant.directoryId))
    const first = await idp.user('ann')
    // whoever asks for `seq > last` sees this one now, and never again looks below it
    const seen = await eventsOf(cluster.app, tenant.directoryId)
    expect(seen.at(-1)).toMatchObject({ type: 'user.created', subject_id: first })
    expect(await read()).toEqual([])
    const second = await idp.user('bob')
    expect(await read()).toEqual([])
    await appendEvents(tx, system, told(tenant.directoryId))
    return [first, second]
  })
  expect((await read()).map(({ subjectId }) => subjectId)).toEqual([
    tenant.directoryId,
    ann,
    bob,
    tenant.directoryId,
  ])
  expect(await read()).toEqual([])
})

test('A2 what is rolled back holds nobody up, and other writers of the database neither', async () => {
  const { tenant, idp } = await cluster.scene()
  const read = aReader(tenant.directoryId)
  await read()
  await expect(
    cluster.app.database.transaction(async (tx) => {
      await appendEvents(tx, system, told(tenant.directoryId))
      throw new Error('no')
    }),
  ).rejects.toThrow('no')
  await cluster.app.database.transaction(async (tx) => {
    // has a transaction id, and no event
    await tx.$queryRaw`SELECT pg_current_xact_id()::text`
    const ann = await idp.user('ann')
    expect((await read()).map(({ subjectId }) => subjectId)).toEqual([ann])
  })
})

test('A2 a transaction that began first and changes a subject last is told last', async () => {
  const { tenant, idp } = await cluster.scene()
  const read = aReader(tenant.directoryId)
  await read()
  const ann = await idp.user('ann')
  await cluster.app.database.transaction(async (tx) => {
    await tx.$queryRaw`SELECT pg_current_xact_id()::text`
    await idp.setActive(ann, false)
    await appendEvents(tx, system, [
      { type: 'user.deleted', directoryId: tenant.directoryId, subjectId: ann, data: {} },
    ])
  })
  expect((await read()).map(({ type }) => type)).toEqual(['user.created', 'user.updated', 'user.deleted'])
})

test.each([2 ** 31 - 2, 2 ** 32 - 2])('A2 the horizon holds where numbers pass %d', async (last) => {
  const { tenant, idp } = await cluster.scene()
  await cluster.app.database.client.$queryRaw`SELECT setval('events_seq_seq', ${last}::bigint)`
  const read = aReader(tenant.directoryId)
  await read()
  const people = await cluster.app.database.transaction(async (tx) => {
    await appendEvents(tx, system, told(tenant.directoryId))
    const made: string[] = []
    for (const name of ['a', 'b', 'c', 'd']) {
      made.push(await idp.user(name))
      expect(await read()).toEqual([])
    }
    return made
  })
  expect((await read()).map(({ subjectId }) => subjectId)).toEqual([tenant.directoryId, ...people])
})

test('A2 a polling reader sees each event of many writers on two instances once, in the order of each history', async () => {
  const { tenant, org } = await cluster.scene()
  const idp = (turn: number) => cluster.idp(tenant, turn)
  const groups = await Promise.all(['Users', 'Admins', 'Owners'].map((name, i) => idp(i).group(name)))
  const roles = ['user', 'admin', 'owner']
  await org.map(groups.map((groupId, i) => ({ groupId, role: roles[i] ?? 'user' })))
  const people = await Promise.all(Array.from({ length: 6 }, (_, i) => idp(i).user(`p${i}`)))

  const read = aReader(tenant.directoryId, 7)
  const seen: Shown[] = []
  let isWriting = true
  let pagesWhileWriting = 0
  const reading = (async () => {
    for (;;) {
      const wasWriting = isWriting
      const page = await read()
      if (wasWriting && page.length > 0) pagesWhileWriting += 1
      seen.push(...page)
      if (!wasWriting && page.length === 0) return
    }
  })()
  const writer = (turn: number) => async () => {
    for (let round = 0; round < 12; round += 1) {
      const person = people[(turn + round) % people.length] ?? ''
      const group = groups[(turn * 5 + round) % groups.length] ?? ''
      const kind = (turn + round * 3) % 4
      if (kind === 0) await idp(turn).drop(group, person)
      else if (kind === 1) await idp(turn).setActive(person, round % 2 === 0)
      else await idp(turn).add(group, person)
    }
  }
  await atOnce(Array.from({ length: 8 }, (_, turn) => writer(turn)))
  isWriting = false
  await reading

  const written = await eventsOf(cluster.app, tenant.directoryId)
  expect(seen.map(({ seq }) => seq)).toEqual(written.map(({ seq }) => seq))
  expect(pagesWhileWriting).toBeGreaterThan(3)
  // the proof of the order: each member is before an event what it was after the one before
  const states = new Map<string, unknown>()
  const memberEvents = seen.filter(({ type }) => type.startsWith('member.'))
  for (const { subjectId, data } of memberEvents) {
    if (states.has(subjectId)) expect(data.before).toEqual(states.get(subjectId))
    states.set(subjectId, data.after)
  }
  expect(memberEvents.length).toBeGreaterThan(people.length)
})
