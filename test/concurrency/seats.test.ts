// E4 from two instances at once: the last seats are raced for and never oversold, and none is lost.

import { expect, test } from 'vitest'
import { atOnce, changesOfSavingAgain, names, noChanges, useCluster } from '../support/cluster.ts'
import { type Administrated, answered } from '../support/provisioning.ts'

const cluster = useCluster()

/** How many hold each seat type, counted, and how many wait; the count that is kept must agree. */
async function counted(org: Administrated) {
  const members = await org.members()
  const on = (seatType: string) => members.filter((member) => member.seatType === seatType).length
  expect(await org.assigned()).toEqual({ premium: on('premium'), standard: on('standard') })
  return {
    premium: on('premium'),
    standard: on('standard'),
    waiting: members.filter(({ status }) => status === 'waiting').length,
  }
}

test('E4 users created at once by two instances take the seats that there are, and the rest wait', async () => {
  const { tenant, org } = await cluster.scene()
  await org.save()
  await org.buy({ premium: 3, standard: 4 })
  await atOnce(names(24).map((name, i) => () => cluster.idp(tenant, i).user(name)))
  expect(await counted(org)).toEqual({ premium: 3, standard: 4, waiting: 17 })
  expect(await changesOfSavingAgain(org)).toMatchObject(noChanges)
})

test('E4 one seat raced for by people of different groups goes to one of them', async () => {
  const { tenant, idp, org } = await cluster.scene()
  await org.buy({ premium: 1, standard: 0 })
  const people = await Promise.all(names(8).map((name) => idp.user(name)))
  const groups = await Promise.all(people.map((_, i) => idp.group(`Group ${i}`)))
  await org.map(groups.map((groupId) => ({ groupId, role: 'user' })))
  await atOnce(people.map((id, i) => () => cluster.idp(tenant, i).add(groups[i] ?? '', id)))
  expect(await counted(org)).toEqual({ premium: 1, standard: 0, waiting: 7 })
})

test('E4 holders leave while others join: no seat is oversold, none stays free while somebody waits', async () => {
  const { tenant, idp, org } = await cluster.scene()
  await org.save()
  await org.buy({ premium: 4, standard: 2 })
  const first = await Promise.all(names(10).map((name) => idp.user(name)))
  expect(await counted(org)).toEqual({ premium: 4, standard: 2, waiting: 4 })
  await atOnce([
    ...first.slice(0, 4).map((id, i) => () => cluster.idp(tenant, i).deleteUser(id)),
    ...first.slice(4, 8).map((id, i) => () => cluster.idp(tenant, i).setActive(id, false)),
    ...names(6).map((name, i) => () => cluster.idp(tenant, i).user(`new ${name}`.replace(' ', '-'))),
  ])
  expect(await counted(org)).toEqual({ premium: 4, standard: 2, waiting: 2 })
  expect(await changesOfSavingAgain(org)).toMatchObject(noChanges)
})

test('E4 seats bought and given back while users arrive: each seat is given out, none twice', async () => {
  const { tenant, org } = await cluster.scene()
  await org.save()
  await org.buy({ premium: 0, standard: 0 })
  await atOnce([
    ...names(14).map((name, i) => () => cluster.idp(tenant, i).user(name)),
    ...[1, 2, 3, 4, 5].map((premium, i) => () => cluster.admin(org, i).buy({ premium })),
    ...[1, 2, 3].map((standard, i) => () => cluster.admin(org, i).buy({ standard })),
  ])
  await org.buy({ premium: 5, standard: 3 })
  expect(await counted(org)).toEqual({ premium: 5, standard: 3, waiting: 6 })
  expect(await changesOfSavingAgain(org)).toMatchObject(noChanges)
})

test('E4 administrators add by hand at once: as many as there are seats, the others are told', async () => {
  const { org } = await cluster.scene()
  await org.buy({ premium: 2, standard: 1 })
  const statuses = await Promise.all(
    names(9).map(async (name, i) => {
      const { admin } = cluster.admin(org, i)
      const body = { email: `${name}@acme.test` }
      return (await answered(admin.post(org.path('/members'), body), 201, 409)).status
    }),
  )
  expect(statuses.filter((status) => status === 201)).toHaveLength(3)
  expect(await counted(org)).toEqual({ premium: 2, standard: 1, waiting: 0 })
})

test('E4 administrators move members to the last seat at once: one gets it', async () => {
  const { org } = await cluster.scene()
  await org.buy({ premium: 0, standard: 5 })
  const ids = await Promise.all(names(5).map((name) => org.add({ email: `${name}@acme.test` })))
  await org.buy({ premium: 1 })
  const statuses = await Promise.all(
    ids.map(async (id, i) => {
      const request = cluster.admin(org, i).admin.patch(org.path(`/members/${id}`), { seatType: 'premium' })
      return (await answered(request, 200, 409)).status
    }),
  )
  expect(statuses.filter((status) => status === 200)).toHaveLength(1)
  expect(await counted(org)).toEqual({ premium: 1, standard: 4, waiting: 0 })
})

test('E7 one person added by hand many times at once is one member', async () => {
  const { org } = await cluster.scene()
  const statuses = await Promise.all(
    ['ann', 'Ann', 'ANN', 'aNN', 'anN'].map(async (name, i) => {
      const { admin } = cluster.admin(org, i)
      const body = { email: `${name}@acme.test` }
      return (await answered(admin.post(org.path('/members'), body), 201, 409)).status
    }),
  )
  expect(statuses.filter((status) => status === 201)).toHaveLength(1)
  expect(await org.members()).toHaveLength(1)
})
