// Users written at once by two instances: unique names, and people who are unassigned while they are let in.

import { describe, expect, test } from 'vitest'
import { atOnce, changesOfSavingAgain, names, noChanges, useCluster } from '../support/cluster.ts'
import { answered } from '../support/provisioning.ts'

const cluster = useCluster()

describe('RFC 7644 3.3 uniqueness', () => {
  test('RFC 7644 3.3 two POSTs of one userName at once: one 201, one 409 uniqueness', async () => {
    const { tenant, org } = await cluster.scene()
    await org.save()
    for (const name of names(10)) {
      const answers = await Promise.all(
        [name, name.toUpperCase()].map((userName, i) =>
          answered(cluster.idp(tenant, i).scim.post('/Users', { userName, active: true }), 201, 409),
        ),
      )
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
      expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({ scimType: 'uniqueness' })
    }
    expect(await org.members()).toHaveLength(10)
  })

  test('RFC 7644 3.3 two groups of one displayName at once: one 201, one 409 uniqueness', async () => {
    const { tenant } = await cluster.scene()
    const answers = await Promise.all(
      ['Staff', 'STAFF', 'staff'].map((displayName, i) =>
        answered(cluster.idp(tenant, i).scim.post('/Groups', { displayName }), 201, 409),
      ),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409])
  })

  test('RFC 7644 3.5.1 two users renamed to one userName at once: one gets it', async () => {
    const { tenant, idp } = await cluster.scene()
    const people = await Promise.all(names(4).map((name) => idp.user(name)))
    const answers = await Promise.all(
      people.map((id, i) => {
        const Operations = [{ op: 'replace', path: 'userName', value: 'wanted@acme.test' }]
        return answered(cluster.idp(tenant, i).scim.patch(`/Users/${id}`, { Operations }), 200, 409)
      }),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409])
  })
})

test('E1 a user deactivated while it is added to a mapped group is no member in the end, in any interleaving', async () => {
  const { tenant, idp, org } = await cluster.scene()
  const people = await Promise.all(names(16).map((name) => idp.user(name)))
  const staff = await idp.group('Staff')
  const leads = await idp.group('Leads')
  await org.map([
    { groupId: staff, role: 'user' },
    { groupId: leads, role: 'admin' },
  ])
  await atOnce(
    people.flatMap((id, i) => [
      () => cluster.idp(tenant, i).add(i % 2 === 0 ? staff : leads, id),
      () => cluster.idp(tenant, i + 1).setActive(id, false),
    ]),
  )
  expect(await org.seen()).toEqual({})
  expect(await org.assigned()).toEqual({ premium: 0, standard: 0 })
  await atOnce(people.map((id, i) => () => cluster.idp(tenant, i).setActive(id, true)))
  expect(await org.members()).toHaveLength(16)
})

test('E1 a user deleted while it is added to mapped groups is no member in the end, in any interleaving', async () => {
  const { tenant, idp, org } = await cluster.scene()
  const people = await Promise.all(names(10).map((name) => idp.user(name)))
  const groups = [await idp.group('Staff', people.slice(0, 5)), await idp.group('Leads')]
  await org.map(groups.map((groupId) => ({ groupId, role: 'user' })))
  const add = async (groupId: string, id: string, turn: number) => {
    const body = { Operations: [{ op: 'add', path: 'members', value: [{ value: id }] }] }
    await answered(cluster.idp(tenant, turn).scim.patch(`/Groups/${groupId}`, body), 200, 400)
  }
  await atOnce(
    people.flatMap((id, i) => [
      ...groups.map((groupId, j) => () => add(groupId, id, i + j)),
      () => cluster.idp(tenant, i).deleteUser(id),
    ]),
  )
  expect(await org.seen()).toEqual({})
  expect(await org.assigned()).toEqual({ premium: 0, standard: 0 })
  for (const groupId of groups) {
    const { body } = await answered(idp.scim.get(`/Groups/${groupId}`), 200)
    expect(body.members ?? []).toEqual([])
  }
})

test('E1 users deleted at once while their groups are written: all leave, and the groups keep the others', async () => {
  const { tenant, idp, org } = await cluster.scene()
  const people = await Promise.all(names(14).map((name) => idp.user(name)))
  const groups = await Promise.all(['A', 'B', 'C', 'D'].map((name) => idp.group(name, people.slice(0, 10))))
  await org.map(groups.map((groupId) => ({ groupId, role: 'user' })))
  const group = (i: number) => groups[i % groups.length] ?? ''
  await atOnce([
    ...people.slice(0, 8).map((id, i) => () => cluster.idp(tenant, i).deleteUser(id)),
    ...people.slice(10).map((id, i) => () => cluster.idp(tenant, i).add(group(i), id)),
    ...people.slice(10).map((id, i) => () => cluster.idp(tenant, i + 1).add(group(i + 1), id)),
  ])
  expect(Object.keys(await org.seen())).toEqual(['p10', 'p11', 'p12', 'p13', 'p8', 'p9'])
  const { body } = await answered(idp.scim.get(`/Groups/${group(0)}`), 200)
  const members: { value: string }[] = body.members
  expect(members.map(({ value }) => value).sort()).toEqual([8, 9, 10, 13].map((i) => people[i]).sort())
  expect(await changesOfSavingAgain(org)).toMatchObject(noChanges)
})

test('E8 members deleted as users while an administrator changes them: no request fails for it', async () => {
  const { tenant, idp, org } = await cluster.scene()
  const people = await Promise.all(names(10).map((name) => idp.user(name)))
  const ids = await Promise.all(people.map((userId) => org.add({ userId })))
  await atOnce(
    people.flatMap((userId, i) => [
      () => cluster.admin(org, i).change(ids[i] ?? '', { role: 'admin' }),
      () => cluster.idp(tenant, i).deleteUser(userId),
      () => cluster.admin(org, i + 1).change(ids[i] ?? '', { seatType: 'standard' }),
    ]),
  )
  const members = await org.members()
  expect(members.map(({ userId, role, seatType }) => [userId, role, seatType])).toEqual(
    people.map(() => [null, 'admin', 'standard']),
  )
})

test('E12 an e-mail that changes while an administrator changes the member: both are there', async () => {
  const { tenant, idp, org } = await cluster.scene()
  const people = await Promise.all(names(10).map((name) => idp.user(name)))
  const ids = await Promise.all(people.map((userId) => org.add({ userId })))
  await atOnce(
    people.flatMap((userId, i) => [
      () => cluster.admin(org, i).change(ids[i] ?? '', { role: 'owner' }),
      () =>
        cluster
          .idp(tenant, i)
          .patchUser(userId, { op: 'replace', path: 'userName', value: `new-p${i}@acme.test` }),
    ]),
  )
  const expected = Object.fromEntries(names(10).map((name) => [`new-${name}`, 'owner premium']))
  expect(await org.seen()).toEqual(expected)
})

test('E9 everything at once, from two instances, ends as an evaluation from scratch has it', async () => {
  const { tenant, idp, org, join } = await cluster.scene()
  const other = await join('console')
  const people = await Promise.all(names(20).map((name) => idp.user(name)))
  const groups = await Promise.all(['A', 'B', 'C', 'D'].map((name) => idp.group(name)))
  const group = (i: number) => groups[i % groups.length] ?? ''
  const roles = ['user', 'admin', 'owner']
  await org.buy({ premium: 5, standard: 5 })
  await org.map(groups.slice(0, 3).map((groupId, i) => ({ groupId, role: roles[i] ?? '' })))
  await other.save()
  await atOnce([
    ...people.map((id, i) => () => cluster.idp(tenant, i).add(group(i), id, people[(i + 7) % 20] ?? '')),
    ...people.slice(0, 8).map((id, i) => () => cluster.idp(tenant, i).setActive(id, i % 2 === 0)),
    ...people.slice(16).map((id, i) => () => cluster.idp(tenant, i + 1).patchUser(id, rename(i))),
    ...groups.map((groupId, i) => () => cluster.idp(tenant, i).add(groupId, group(i + 1))),
    () => cluster.idp(tenant, 1).drop(group(0), group(1)),
    () => cluster.admin(org, 0).buy({ premium: 8 }),
    ...names(5).map((name, i) => () => cluster.idp(tenant, i).user(`late-${name}`)),
  ])
  const assigned = await org.assigned()
  const members = await org.members()
  for (const type of ['premium', 'standard']) {
    expect(members.filter(({ seatType }) => seatType === type)).toHaveLength(assigned[type] ?? -1)
  }
  expect(assigned.premium).toBeLessThanOrEqual(8)
  expect(assigned.standard).toBeLessThanOrEqual(5)
  expect(await changesOfSavingAgain(org)).toMatchObject(noChanges)
  expect(await changesOfSavingAgain(other)).toMatchObject(noChanges)
  expect(await other.members()).toHaveLength(21)
})

const rename = (i: number) => ({ op: 'replace', path: 'userName', value: `renamed-${i}@acme.test` })
