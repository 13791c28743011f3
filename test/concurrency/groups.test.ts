// Groups written at once by two instances: no update is lost (RFC 7644 3.5.2), and everybody who is in or out of a
// mapped group is, or is not, a member in the end (E1, E5), whatever overtook what.

import { expect, test } from 'vitest'
import { atOnce, changesOfSavingAgain, names, noChanges, useCluster } from '../support/cluster.ts'
import { answered, type Idp } from '../support/provisioning.ts'

const cluster = useCluster()

async function membersOf(idp: Idp, groupId: string): Promise<string[]> {
  const { body } = await answered(idp.scim.get(`/Groups/${groupId}`), 200)
  const members: { value: string }[] = body.members ?? []
  return members.map(({ value }) => value).sort()
}

const usersOf = (idp: Idp, count: number) => Promise.all(names(count).map((name) => idp.user(name)))

test('RFC 7644 3.5.2 a group patched by many requests at once loses no update', async () => {
  const { tenant, idp, org } = await cluster.scene()
  const people = await usersOf(idp, 30)
  const staff = await idp.group('Staff', people.slice(0, 10))
  await org.map([{ groupId: staff, role: 'admin' }])
  await atOnce([
    ...people.slice(10).map((id, i) => () => cluster.idp(tenant, i).add(staff, id)),
    ...people.slice(0, 8).map((id, i) => () => cluster.idp(tenant, i).drop(staff, id)),
  ])
  const expected = people.slice(8).sort()
  expect(await membersOf(idp, staff)).toEqual(expected)
  expect((await org.members()).map(({ userId }) => userId ?? '').sort()).toEqual(expected)
  const { body } = await answered(idp.scim.get(`/Groups/${staff}`), 200)
  expect(body.meta.version).toBeDefined()
  expect(await changesOfSavingAgain(org)).toMatchObject(noChanges)
})

test('RFC 7644 3.5.2 one request renames the group while others change its members: both are there', async () => {
  const { tenant, idp } = await cluster.scene()
  const people = await usersOf(idp, 6)
  const staff = await idp.group('Staff')
  await atOnce([
    ...people.map((id, i) => () => cluster.idp(tenant, i).add(staff, id)),
    () =>
      cluster.idp(tenant, 1).patchGroup(staff, { op: 'replace', path: 'displayName', value: 'Everybody' }),
    () => cluster.idp(tenant, 0).patchGroup(staff, { op: 'add', path: 'externalId', value: 'x-1' }),
  ])
  const { body } = await answered(idp.scim.get(`/Groups/${staff}`), 200)
  expect(body).toMatchObject({ displayName: 'Everybody', externalId: 'x-1' })
  expect(await membersOf(idp, staff)).toEqual([...people].sort())
})

test('E2 one user added to groups of different roles at once ends with the most permissive', async () => {
  const { tenant, idp, org } = await cluster.scene('console')
  const people = await usersOf(idp, 4)
  const roles = ['user', 'billing', 'developer', 'admin', 'claude_code_user']
  const groups = await Promise.all(roles.map((role) => idp.group(role)))
  await org.map(roles.map((role, i) => ({ groupId: groups[i] ?? '', role })))
  await atOnce(
    groups.flatMap((groupId, i) => people.map((id, j) => () => cluster.idp(tenant, i + j).add(groupId, id))),
  )
  expect(Object.values(await org.seen())).toEqual(['admin', 'admin', 'admin', 'admin'])
  await atOnce(
    groups.flatMap((groupId, i) =>
      roles[i] === 'billing' ? [] : people.map((id, j) => () => cluster.idp(tenant, i + j).drop(groupId, id)),
    ),
  )
  expect(Object.values(await org.seen())).toEqual(['billing', 'billing', 'billing', 'billing'])
})

test('E5 the nesting of groups changes while users come and go below: the end is as from scratch', async () => {
  const { tenant, idp, org } = await cluster.scene()
  const people = await usersOf(idp, 12)
  const teams = await Promise.all(
    [0, 1, 2, 3].map((i) => idp.group(`Team ${i}`, people.slice(i * 2, i * 2 + 2))),
  )
  const [division, company] = [await idp.group('Division'), await idp.group('Company')]
  await org.map([
    { groupId: company, role: 'admin' },
    { groupId: division, role: 'user' },
  ])
  const team = (i: number) => teams[i % teams.length] ?? ''
  await atOnce([
    () => cluster.idp(tenant, 0).add(company, division),
    () => cluster.idp(tenant, 1).add(division, team(0)),
    () => cluster.idp(tenant, 0).add(division, team(1)),
    () => cluster.idp(tenant, 1).add(team(1), team(2)),
    () => cluster.idp(tenant, 0).add(team(2), division),
    ...people.slice(8).map((id, i) => () => cluster.idp(tenant, i).add(team(i), id)),
    ...people.slice(0, 4).map((id, i) => () => cluster.idp(tenant, i).drop(team(Math.floor(i / 2)), id)),
  ])
  // teams 0, 1 and 2 are below the company; team 3 is not
  expect(await org.seen()).toEqual({
    p4: 'admin premium',
    p5: 'admin premium',
    p8: 'admin premium',
    p9: 'admin premium',
    p10: 'admin premium',
  })
  await atOnce([
    () => cluster.idp(tenant, 0).drop(company, division),
    () => cluster.idp(tenant, 1).add(team(2), people[11] ?? ''),
    () => cluster.idp(tenant, 0).add(team(0), people[6] ?? ''),
    () => cluster.idp(tenant, 1).drop(team(2), people[4] ?? ''),
  ])
  expect(Object.keys(await org.seen()).sort()).toEqual(['p10', 'p11', 'p5', 'p6', 'p8', 'p9'])
  expect(await changesOfSavingAgain(org)).toMatchObject(noChanges)
})

test('S4 a mapped group is deleted while members are added to it: nobody is left in by it', async () => {
  const { tenant, idp, org } = await cluster.scene()
  const people = await usersOf(idp, 8)
  const [staff, leads] = [await idp.group('Staff'), await idp.group('Leads', people.slice(0, 2))]
  await org.map([
    { groupId: staff, role: 'admin' },
    { groupId: leads, role: 'user' },
  ])
  const add = async (id: string, turn: number) => {
    const body = { Operations: [{ op: 'add', path: 'members', value: [{ value: id }] }] }
    await answered(cluster.idp(tenant, turn).scim.patch(`/Groups/${staff}`, body), 200, 404)
  }
  await atOnce([...people.map((id, i) => () => add(id, i)), () => cluster.idp(tenant, 1).deleteGroup(staff)])
  expect(await org.seen()).toEqual({ p0: 'user premium', p1: 'user premium' })
  expect(await changesOfSavingAgain(org)).toMatchObject(noChanges)
})

test('S3 settings saved while pushes arrive: everybody follows the settings that were saved last', async () => {
  const { tenant, idp, org } = await cluster.scene()
  const people = await usersOf(idp, 12)
  const [staff, leads] = [await idp.group('Staff', people.slice(0, 3)), await idp.group('Leads')]
  await org.save()
  const byGroups = [
    { groupId: staff, role: 'user' },
    { groupId: leads, role: 'admin' },
  ]
  // of the twelve, who is in no group yet leaves when mappings are switched on, and joins when it is (S2)
  await atOnce([
    ...people.map((id, i) => () => cluster.idp(tenant, i).add(i % 2 === 0 ? staff : leads, id)),
    () => cluster.admin(org, 0).map(byGroups, ['many_removed']),
    () => cluster.admin(org, 1).save(),
    () => cluster.admin(org, 0).map(byGroups.slice(0, 1), ['many_removed']),
    ...people.slice(0, 3).map((id, i) => () => cluster.idp(tenant, i).setActive(id, false)),
  ])
  expect(await changesOfSavingAgain(org)).toMatchObject(noChanges)
  await org.map(byGroups, ['many_removed'])
  const expected = Object.fromEntries(
    people.flatMap((_, i) => (i < 3 ? [] : [[`p${i}`, i % 2 === 0 ? 'user premium' : 'admin premium']])),
  )
  expect(await org.seen()).toEqual(expected)
})
