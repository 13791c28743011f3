// E4 from two instances at once: people begin to wait in a known order, and seats are bought, freed and lowered while
// pushes go on. Whoever waits longest gets the seat, nobody jumps the line, and none is oversold.

import { expect, test } from 'vitest'
import { atOnce, changesOfSavingAgain, names, noChanges, useCluster } from '../support/cluster.ts'
import { type Administrated, answered, eventsOf, type Scene } from '../support/provisioning.ts'

const cluster = useCluster()

interface Waiting {
  readonly position: number
  readonly memberId: string
  readonly userId: string
  readonly email: string
  readonly status: string
  readonly waitsFor: string
  readonly waitingSince: string
}

/** The whole line, two at a time. */
async function line(org: Administrated): Promise<Waiting[]> {
  const all: Waiting[] = []
  for (let after = ''; ; ) {
    const { waiting, next } = (await answered(org.admin.get(org.path(`/waiting?limit=7${after}`)), 200)).body
    all.push(...waiting)
    if (next === null) return all
    after = `&after=${next}`
  }
}

const namesOf = (waiting: readonly Waiting[]) => waiting.map(({ email }) => email.split('@')[0])

/** Holders on all the premium seats there are, and then `count` people who began to wait one after the other. */
async function aLine({ holders, count }: { holders: number; count: number }) {
  const scene = await cluster.scene()
  const { idp, org } = scene
  await org.save()
  await org.buy({ premium: holders, standard: 0 })
  const held: string[] = []
  for (const name of names(holders)) held.push(await idp.user(`h${name}`))
  const waiting: string[] = []
  for (const name of names(count)) waiting.push(await idp.user(name))
  expect(namesOf(await line(org))).toEqual(names(count))
  return { ...scene, held, waiting }
}

/** Members told as added since the line was drawn up, in the order in which it happened. */
async function served({ tenant }: Scene, waiting: readonly string[]): Promise<number[]> {
  const events = await eventsOf(cluster.app, tenant.directoryId)
  return events.flatMap(({ type, data }) => {
    const place = type === 'member.added' ? waiting.indexOf(String(data.userId)) : -1
    return place === -1 ? [] : [place]
  })
}

/** At no event of the log are there more members on a seat type than the log says were purchased, but for lowering. */
async function expectNeverOversold({ tenant, org }: Scene) {
  const assigned = new Map<string, number>()
  const purchased = new Map<string, number>()
  const add = (state: unknown, by: number) => {
    if (typeof state !== 'object' || state === null || !('seatType' in state)) return
    const type = String(state.seatType)
    assigned.set(type, (assigned.get(type) ?? 0) + by)
  }
  for (const { type, organization_id, data } of await eventsOf(cluster.app, tenant.directoryId)) {
    if (organization_id !== org.id) continue
    if (type === 'seats.purchased')
      for (const [seat, count] of Object.entries(data.after ?? {})) purchased.set(seat, Number(count))
    if (!type.startsWith('member.')) continue
    add(data.before, -1)
    add(data.after, 1)
    if (type === 'member.added')
      expect(assigned.get('premium') ?? 0).toBeLessThanOrEqual(purchased.get('premium') ?? 0)
  }
}

/** The list says what the members say, and nobody is out of order. */
async function expectAgreement(scene: Scene) {
  const { org } = scene
  const listed = await line(org)
  const members = await org.members()
  expect(listed.map(({ position }) => position)).toEqual(listed.map((_, i) => i + 1))
  expect(listed.map(({ memberId }) => memberId).sort()).toEqual(
    members.flatMap(({ id, waitsFor }) => (waitsFor === null ? [] : [id])).sort(),
  )
  const since = listed.map(({ waitingSince }) => Date.parse(waitingSince))
  expect(since).toEqual([...since].sort((a, b) => a - b))
  await expectNeverOversold(scene)
  expect(await changesOfSavingAgain(org)).toMatchObject(noChanges)
  expect(namesOf(await line(org))).toEqual(namesOf(listed))
}

test('E4 seats bought, lowered and freed while pushes go on are given to those who wait longest, in their order', async () => {
  const scene = await aLine({ holders: 6, count: 24 })
  const { tenant, org, held, waiting } = scene
  await atOnce([
    // newcomers stand behind everybody
    ...names(10).map((name, i) => () => cluster.idp(tenant, i).user(`new-${name}`)),
    ...held.map((id, i) => () => cluster.idp(tenant, i).setActive(id, false)),
    ...[7, 9, 8, 12, 10].map((premium, i) => () => cluster.admin(org, i).buy({ premium })),
  ])
  await org.buy({ premium: 12 })
  const order = await served(scene, waiting)
  expect(order).toEqual(order.map((_, i) => i))
  expect(order).toHaveLength(12)
  expect(await org.assigned()).toEqual({ premium: 12, standard: 0 })
  expect(namesOf(await line(org)).slice(0, 12)).toEqual(names(24).slice(12))
  await expectAgreement(scene)
})

test('E4 who leaves the line under load loses the place, and who comes back stands at its end', async () => {
  const scene = await aLine({ holders: 4, count: 16 })
  const { tenant, org, held, waiting } = scene
  const leavers = [1, 2, 5]
  await atOnce(leavers.map((place, i) => () => cluster.idp(tenant, i).setActive(`${waiting[place]}`, false)))
  await atOnce([
    ...leavers.map((place, i) => () => cluster.idp(tenant, i).setActive(`${waiting[place]}`, true)),
    ...held.map((id, i) => () => cluster.idp(tenant, i).deleteUser(id)),
  ])
  const stayed = names(16).filter((_, i) => !leavers.includes(i))
  const listed = namesOf(await line(org))
  expect(listed.slice(0, stayed.length - 4)).toEqual(stayed.slice(4))
  expect(new Set(listed.slice(stayed.length - 4))).toEqual(new Set(leavers.map((i) => `p${i}`)))
  expect(await org.assigned()).toEqual({ premium: 4, standard: 0 })
  await expectAgreement(scene)
})

test('E4 lowered below what is assigned nobody gets a seat, however many leave, until there are too few', async () => {
  const scene = await aLine({ holders: 8, count: 8 })
  const { tenant, org, held, waiting } = scene
  await org.buy({ premium: 4 })
  await atOnce(held.slice(0, 4).map((id, i) => () => cluster.idp(tenant, i).deleteUser(id)))
  expect(await served(scene, waiting)).toEqual([])
  await atOnce([
    ...held.slice(4, 7).map((id, i) => () => cluster.idp(tenant, i).setActive(id, false)),
    ...names(4).map((name, i) => () => cluster.idp(tenant, i).user(`new-${name}`)),
  ])
  expect(await served(scene, waiting)).toEqual([0, 1, 2])
  expect(await org.assigned()).toEqual({ premium: 4, standard: 0 })
})

test('E4 syncs, saves and pushes at once change nothing of the order', async () => {
  const scene = await aLine({ holders: 5, count: 15 })
  const { tenant, org, held, waiting } = scene
  const admin = (turn: number) => cluster.admin(org, turn).admin
  await atOnce([
    ...held.map((id, i) => () => cluster.idp(tenant, i).setActive(id, false)),
    ...[0, 1, 2, 3, 4, 5].map((i) => () => answered(admin(i).post(org.path('/sync')), 200)),
    ...[0, 1].map((i) => () => cluster.admin(org, i).save({ acknowledge: ['many_removed'] })),
    ...names(5).map((name, i) => () => cluster.idp(tenant, i).user(`new-${name}`)),
  ])
  expect(await served(scene, waiting)).toEqual([0, 1, 2, 3, 4])
  expect(namesOf(await line(org)).slice(0, 10)).toEqual(names(15).slice(5))
  await expectAgreement(scene)
})
