// Sign-ins from two instances at once (domain.md section 6): one person is one member, and the last seat goes to one.

import { expect, test } from 'vitest'
import { atOnce, changesOfSavingAgain, names, noChanges, useCluster } from '../support/cluster.ts'
import { eventsOf } from '../support/provisioning.ts'

const cluster = useCluster()

/** An organization in mode `jit` whose directory has these people. */
async function aJitScene(people: readonly string[]) {
  const scene = await cluster.scene()
  await scene.org.save({ mode: 'jit' })
  const ids = await Promise.all(people.map((name) => scene.idp.user(name)))
  return { ...scene, ids }
}

test('E9 many sign-ins of one person at once make one member and one event', async () => {
  const { tenant, org } = await aJitScene(['ann'])
  const names = ['ann', 'Ann', 'ANN', 'aNN', 'anN', 'ann', 'ann', 'ann']
  const answers = await Promise.all(names.map((name, i) => cluster.admin(org, i).signIn(name)))
  expect(answers.every(({ allowed }) => allowed)).toBe(true)
  expect(new Set(answers.map(({ member }) => member?.id)).size).toBe(1)
  expect(await org.seen()).toEqual({ ann: 'user premium' })
  const told = (await eventsOf(cluster.app, tenant.directoryId)).filter(({ type }) =>
    type.startsWith('member.'),
  )
  expect(told.map(({ type }) => type)).toEqual(['member.added'])
})

test('E4 the last seat goes to one of those who sign in at once, and the others wait', async () => {
  const people = names(8)
  const { org } = await aJitScene(people)
  await org.buy({ premium: 1, standard: 0 })
  const answers = await Promise.all(people.map((name, i) => cluster.admin(org, i).signIn(name)))
  expect(answers.filter(({ allowed }) => allowed)).toHaveLength(1)
  expect(answers.map(({ member }) => member?.status).sort()).toEqual(['active', ...Array(7).fill('waiting')])
  expect(await org.assigned()).toEqual({ premium: 1, standard: 0 })
  expect(await changesOfSavingAgain(org)).toMatchObject(noChanges)
})

test('E8 refused sign-ins free seats while others sign in: none is oversold, none free while somebody waits', async () => {
  const people = names(12)
  const { org, idp, ids } = await aJitScene(people)
  await org.buy({ premium: 2, standard: 2 })
  for (const name of people.slice(0, 4)) await org.signIn(name)
  await Promise.all(ids.slice(0, 4).map((id) => idp.setActive(id, false)))
  expect(await org.members()).toHaveLength(4)
  await atOnce(people.map((name, i) => () => cluster.admin(org, i).signIn(name)))
  expect(await org.assigned()).toEqual({ premium: 2, standard: 2 })
  const members = await org.members()
  expect(members.filter(({ status }) => status === 'active')).toHaveLength(4)
  expect(members.filter(({ status }) => status === 'waiting')).toHaveLength(4)
  expect(await changesOfSavingAgain(org)).toMatchObject(noChanges)
})

test('section 6 sign-ins while the same users are switched off, on and deleted: nobody fails, nobody is there twice', async () => {
  const people = names(6)
  const { tenant, org, ids } = await aJitScene(people)
  await atOnce([
    ...people.map((name, i) => () => cluster.admin(org, i).signIn(name)),
    ...ids.slice(0, 3).map((id, i) => () => cluster.idp(tenant, i).setActive(id, false)),
    ...ids.slice(3).map((id, i) => () => cluster.idp(tenant, i).deleteUser(id)),
    ...people.map((name, i) => () => cluster.admin(org, i + 1).signIn(name)),
  ])
  for (const name of people) expect(await org.signIn(name)).toMatchObject({ allowed: false, member: null })
  expect(await org.members()).toEqual([])
  expect(await org.assigned()).toEqual({ premium: 0, standard: 0 })
})

test('section 6 sign-ins while the mode is switched to scim and back: each answer is of one of the two', async () => {
  const people = names(6)
  const { org } = await aJitScene(people)
  await atOnce([
    ...people.map((name, i) => () => cluster.admin(org, i).signIn(name)),
    ...['scim', 'jit', 'scim'].map((mode, i) => () => cluster.admin(org, i).save({ mode })),
    ...people.map((name, i) => () => cluster.admin(org, i + 1).signIn(name)),
  ])
  await org.save()
  expect((await org.members()).map(({ email }) => email.split('@')[0]).sort()).toEqual(people)
})
