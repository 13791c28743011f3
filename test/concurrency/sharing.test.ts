// Writes that share an organization (E4, E7): what becomes of people who are written at the same time by two instances is
// what becomes of them one after the other, whether they had to wait for each other or not.
import { expect, test } from 'vitest'
import { atOnce, changesOfSavingAgain, names, noChanges, useCluster } from '../support/cluster.ts'

const cluster = useCluster()

test('E7 people who were invited arrive at once, two of each address: each member is one of the two', async () => {
  const { tenant, org } = await cluster.scene()
  const invited = await Promise.all(names(8).map((name) => org.add({ email: `${name}@acme.test` })))
  // they are not assigned, and leave; who comes back is who they were (E8)
  await org.save()
  await atOnce(
    names(8).flatMap((name, i) =>
      ['one', 'two'].map((which) => () => {
        const emails = [{ value: `${name}@acme.test`, primary: true }]
        return cluster.idp(tenant, i).user(`${which}-${name}`, { emails })
      }),
    ),
  )
  const members = await org.members()
  expect(members).toHaveLength(16)
  for (const id of invited) {
    expect(members.find((member) => member.id === id)).toMatchObject({ userId: expect.any(String) })
  }
  expect(new Set(members.map(({ userId }) => userId)).size).toBe(16)
  expect(await changesOfSavingAgain(org)).toMatchObject(noChanges)
})

test('E4 the same people switched off and on, and moved between groups, at once, with seats to spare', async () => {
  const { tenant, idp, org } = await cluster.scene()
  await org.buy({ premium: 6, standard: 12 })
  const people = await Promise.all(names(12).map((name) => idp.user(name)))
  const staff = await idp.group('Staff', people)
  const leads = await idp.group('Leads')
  await org.map([
    { groupId: staff, role: 'user' },
    { groupId: staff, seatType: 'standard' },
    { groupId: leads, role: 'admin' },
    { groupId: leads, seatType: 'premium' },
  ])
  await atOnce(
    people.flatMap((id, i) => [
      () => cluster.idp(tenant, i).setActive(id, false),
      () => cluster.idp(tenant, i + 1).add(leads, id),
      () => cluster.idp(tenant, i).setActive(id, true),
    ]),
  )
  await atOnce(people.map((id, i) => () => cluster.idp(tenant, i).setActive(id, i < 6)))
  expect(await org.assigned()).toEqual({ premium: 6, standard: 0 })
  expect(Object.values(await org.seen())).toEqual(Array(6).fill('admin premium'))
  expect(await changesOfSavingAgain(org)).toMatchObject(noChanges)
})

test('E4 the last seats of both types at once, from both sides: none is oversold, none is free while somebody waits', async () => {
  const { tenant, idp, org } = await cluster.scene()
  await org.buy({ premium: 4, standard: 4 })
  const people = await Promise.all(names(10).map((name) => idp.user(name)))
  const staff = await idp.group('Staff', people)
  const leads = await idp.group('Leads', people.slice(0, 4))
  await org.map([
    { groupId: staff, seatType: 'standard' },
    { groupId: leads, seatType: 'premium' },
  ])
  for (let round = 0; round < 3; round += 1) {
    await atOnce(
      people.map((id, i) => () => {
        const turn = cluster.idp(tenant, i + round)
        return (i + round) % 2 === 0 ? turn.add(leads, id) : turn.drop(leads, id)
      }),
    )
    const assigned = await org.assigned()
    expect(assigned.premium).toBeLessThanOrEqual(4)
    expect(assigned.standard).toBeLessThanOrEqual(4)
    expect(await changesOfSavingAgain(org)).toMatchObject(noChanges)
  }
})
