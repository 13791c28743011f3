// S5 under load, from two instances at once: never more leave than the limit, nobody is lost between removed and held,
// and an administrator's word counts while pushes go on.

import { expect, test } from 'vitest'
import { brake } from '../support/brake.ts'
import { atOnce, changesOfSavingAgain, names, noChanges, useCluster } from '../support/cluster.ts'
import { type Administrated, answered, eventsOf } from '../support/provisioning.ts'

const cluster = useCluster()

async function counted(org: Administrated) {
  const members = await org.members()
  const on = (seatType: string) => members.filter((member) => member.seatType === seatType).length
  expect(await org.assigned()).toEqual({ premium: on('premium'), standard: on('standard') })
  const held = members.filter(({ removalHeldSince }) => removalHeldSince !== null).length
  const discarded = members.filter(({ removalDiscardedSince }) => removalDiscardedSince !== null).length
  return { members: members.length, held, discarded }
}

async function aCrowd(size: number) {
  const scene = await cluster.scene()
  const ids = await Promise.all(names(size).map((name) => scene.idp.user(name)))
  return { ...scene, ids }
}

test('S5 many deactivated and deleted at once: exactly the limit leaves, all others are held, one alarm', async () => {
  const { tenant, org, ids } = await aCrowd(40)
  await org.save({ brake: brake(7) })
  await atOnce(
    ids.slice(0, 32).map((id, i) => () => {
      const idp = cluster.idp(tenant, i)
      return i % 4 < 2 ? idp.setActive(id, false) : idp.deleteUser(id)
    }),
  )
  expect(await counted(org)).toEqual({ members: 33, held: 25, discarded: 0 })
  const types = (await eventsOf(cluster.app, tenant.directoryId)).map(({ type }) => type)
  const count = (type: string) => types.filter((other) => other === type).length
  expect(count('member.removed')).toBe(7)
  expect(count('member.removal_held')).toBe(25)
  expect(count('brake.engaged')).toBe(1)
  expect(await changesOfSavingAgain(org)).toMatchObject(noChanges)
})

test('S5 pushes to groups that remove several each, at once: each is held or let go as a whole, within the limit', async () => {
  const { tenant, idp, org, ids } = await aCrowd(24)
  const groups = await Promise.all(
    Array.from({ length: 8 }, (_, i) => idp.group(`Group ${i}`, ids.slice(3 * i, 3 * i + 3))),
  )
  const mappings = groups.map((groupId) => ({ groupId, role: 'user' }))
  await org.save({ groupMappings: true, mappings, brake: brake(7) })
  await atOnce(groups.map((id, i) => () => cluster.idp(tenant, i).drop(id, ...ids.slice(3 * i, 3 * i + 3))))
  expect(await counted(org)).toEqual({ members: 18, held: 18, discarded: 0 })
})

test('S5 released and discarded while pushes go on: pushes remove no more than the limit, seats are what they are', async () => {
  const { tenant, org, ids } = await aCrowd(30)
  await org.save({ brake: brake(4) })
  await org.buy({ premium: 30, standard: 0 })
  const released = { removed: 0 }
  const discarded = { discarded: 0 }
  const decide = async (turn: number, what: 'release' | 'discard', choice: object) => {
    const { admin } = cluster.admin(org, turn)
    return (await answered(admin.post(org.path(`/held-removals:${what}`), choice), 200)).body
  }
  const heldIds = async (turn: number): Promise<string[]> => {
    const answer = await answered(cluster.admin(org, turn).admin.get(org.path('/held-removals?limit=2')), 200)
    return answer.body.heldRemovals.map(({ memberId }: { memberId: string }) => memberId)
  }
  const chosen = async (turn: number) => {
    const memberIds = await heldIds(turn)
    return memberIds.length === 0 ? { all: true } : { memberIds }
  }
  await atOnce([
    ...ids.slice(0, 26).map((id, i) => async () => {
      await cluster.idp(tenant, i).setActive(id, false)
      // some come back, whatever became of them
      if (i % 5 === 0) await cluster.idp(tenant, i + 1).setActive(id, true)
    }),
    async () => {
      for (let turn = 0; turn < 8; turn += 1) {
        released.removed += (await decide(turn, 'release', await chosen(turn))).removed
      }
    },
    async () => {
      for (let turn = 1; turn < 9; turn += 1) {
        discarded.discarded += (await decide(turn, 'discard', await chosen(turn))).discarded
      }
    },
  ])
  const after = await counted(org)
  const events = await eventsOf(cluster.app, tenant.directoryId)
  const removed = (kind: string) =>
    events.filter(({ type, actor }) => type === 'member.removed' && actor.kind === kind).length
  expect(removed('directory_token')).toBe(4)
  expect(removed('admin_token')).toBe(released.removed)
  const told = events.filter(({ type }) => type === 'member.removal_discarded').length
  expect(told).toBe(discarded.discarded)
  expect(after.discarded).toBeLessThanOrEqual(told)

  // who is left: whoever is assigned, and whoever is held or was discarded
  const members = await org.members()
  const active = new Set([...ids.slice(0, 26).filter((_, i) => i % 5 === 0), ...ids.slice(26)])
  for (const { userId, removalHeldSince, removalDiscardedSince } of members) {
    const isKept = removalHeldSince !== null || removalDiscardedSince !== null
    expect(isKept).toBe(!active.has(userId ?? ''))
  }
  expect(members.filter(({ userId }) => active.has(userId ?? ''))).toHaveLength(active.size)

  expect(await decide(0, 'release', { all: true })).toMatchObject({ removed: after.held, kept: 0 })
  expect(await counted(org)).toEqual({
    members: active.size + after.discarded,
    held: 0,
    discarded: after.discarded,
  })
  expect(await changesOfSavingAgain(org)).toMatchObject(noChanges)
})

test('S5 several administrators release the same at once: each removal is carried out once', async () => {
  const { tenant, org, ids } = await aCrowd(12)
  await org.save({ brake: brake(0) })
  await atOnce(ids.map((id, i) => () => cluster.idp(tenant, i).deleteUser(id)))
  const answers = await Promise.all(
    [0, 1, 2, 3].map(async (turn) => {
      const { admin } = cluster.admin(org, turn)
      return (await answered(admin.post(org.path('/held-removals:release'), { all: true }), 200)).body.removed
    }),
  )
  expect(answers.reduce((sum: number, removed: number) => sum + removed, 0)).toBe(12)
  expect(await counted(org)).toEqual({ members: 0, held: 0, discarded: 0 })
})
