// One parent with several Claude and Console organizations, each with its own mode, mappings and seats: one push
// updates all of them, and it makes no difference whether it comes by SCIM or by WorkOS.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Tenant, TestApp } from '../support/app.ts'
import { startTestApp } from '../support/app.ts'
import { type Administrated, aScene, type Idp } from '../support/provisioning.ts'
import { connectWorkos, WorkosDirectory } from '../support/workos.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

/** What an identity provider does, by names. */
interface Source {
  user(name: string): Promise<void>
  group(name: string): Promise<void>
  add(group: string, user: string): Promise<void>
  drop(group: string, user: string): Promise<void>
  switch(user: string, isActive: boolean): Promise<void>
  remove(user: string): Promise<void>
}

function pushing(idp: Idp): Source {
  const ids = new Map<string, string>()
  const id = (name: string) => ids.get(name) ?? expect.unreachable(`${name} was not pushed`)
  return {
    user: async (name) => {
      const emails = [{ value: `${name}@acme.test`, type: 'work', primary: true }]
      ids.set(name, await idp.user(name, { externalId: `idp-${name}`, emails }))
    },
    group: async (name) => void ids.set(name, await idp.group(name)),
    add: (group, user) => idp.add(id(group), id(user)),
    drop: (group, user) => idp.drop(id(group), id(user)),
    switch: (user, isActive) => idp.setActive(id(user), isActive),
    remove: (user) => idp.deleteUser(id(user)),
  }
}

async function telling(tenant: Tenant): Promise<Source> {
  const workos = await connectWorkos(app, tenant)
  const directory = new WorkosDirectory()
  const tell = async (happen: () => unknown) => {
    happen()
    await workos.send(directory.events.splice(0))
  }
  const [user, group] = [
    (name: string) => `directory_user_${name}`,
    (name: string) => `directory_group_${name}`,
  ]
  return {
    user: (name) => tell(() => directory.user(name)),
    group: (name) => tell(() => directory.group(name)),
    add: (to, name) => tell(() => directory.add(group(to), user(name))),
    drop: (from, name) => tell(() => directory.drop(group(from), user(name))),
    switch: (name, isActive) =>
      tell(() => directory.change(user(name), { state: isActive ? 'active' : 'inactive' })),
    remove: (name) => tell(() => directory.remove(user(name))),
  }
}

const sources: [string, (idp: Idp, tenant: Tenant) => Promise<Source>][] = [
  ['SCIM', async (idp) => pushing(idp)],
  ['WorkOS', (_idp, tenant) => telling(tenant)],
]

/** Six organizations joined to one parent, and what is seen of their members. */
async function aCompany(begin: (idp: Idp, tenant: Tenant) => Promise<Source>) {
  const { tenant, idp, org: research, join } = await aScene(app, 'enterprise_seats')
  const [sales, lab, build] = [
    await join('enterprise_usage'),
    await join('enterprise_usage_single'),
    await join('console'),
  ]
  const [visitors, board] = [await join('enterprise_seats'), await join('console')]
  const source = await begin(idp, tenant)
  for (const name of ['Engineers', 'Leads', 'Finance']) await source.group(name)
  const groups: { id: string; displayName: string }[] = (await tenant.scim.get('/Groups')).body.Resources
  const id = (name: string) =>
    groups.find(({ displayName }) => displayName === name)?.id ?? expect.unreachable(`no group ${name}`)

  await research.map([
    { groupId: id('Engineers'), role: 'user' },
    { groupId: id('Leads'), role: 'owner' },
    { groupId: id('Leads'), seatType: 'premium' },
  ])
  await research.buy({ premium: 1, standard: 1 })
  await sales.map([
    { groupId: id('Finance'), role: 'admin' },
    { groupId: id('Finance'), seatType: 'chat' },
  ])
  await lab.save()
  await build.map([
    { groupId: id('Engineers'), role: 'developer' },
    { groupId: id('Finance'), role: 'billing' },
  ])
  await visitors.save({ mode: 'jit' })
  const all: Record<string, Administrated> = { research, sales, lab, build, visitors, board }
  const seen = async () => {
    const entries = await Promise.all(
      Object.entries(all).map(async ([name, organization]) => [name, await organization.seen()] as const),
    )
    return Object.fromEntries(entries.filter(([, members]) => Object.keys(members).length > 0))
  }
  return { source, seen, visitors, board }
}

describe.each(sources)('domain.md 1, 8 by %s', (_name, begin) => {
  test('one push updates every organization, each by its own mode, mappings and seats', async () => {
    const { source, seen, visitors, board } = await aCompany(begin)
    await board.add({ email: 'ann@acme.test', role: 'admin' })
    const boardOf = { board: { ann: 'admin' } }
    expect(await seen()).toEqual(boardOf)

    // assigned: in at once where mode scim has no mappings, and nowhere else
    for (const name of ['ann', 'ben', 'cyd']) await source.user(name)
    const lab = { ann: 'user enterprise', ben: 'user enterprise', cyd: 'user enterprise' }
    expect(await seen()).toEqual({ ...boardOf, lab })

    // groups: in where they are mapped, as they are mapped there
    await source.add('Leads', 'ann')
    await source.add('Engineers', 'ben')
    await source.add('Finance', 'cyd')
    await source.add('Engineers', 'cyd')
    expect(await seen()).toEqual({
      ...boardOf,
      lab,
      research: { ann: 'owner premium', ben: 'user standard', cyd: 'waiting for any' },
      sales: { cyd: 'admin chat' },
      build: { ben: 'developer', cyd: 'developer' },
    })

    // a sign-in concerns the organization that is signed in to
    expect((await visitors.signIn('ben')).allowed).toBe(true)

    // one is switched off: out of all at once, and the next one has the seat
    await source.switch('ben', false)
    expect(await seen()).toEqual({
      ...boardOf,
      lab: { ann: 'user enterprise', cyd: 'user enterprise' },
      research: { ann: 'owner premium', cyd: 'user standard' },
      sales: { cyd: 'admin chat' },
      build: { cyd: 'developer' },
      visitors: { ben: 'user premium' },
    })
    expect((await visitors.signIn('ben')).allowed).toBe(false)

    // one group is lost: the other one decides, or nothing is left
    await source.drop('Engineers', 'cyd')
    expect(await seen()).toEqual({
      ...boardOf,
      lab: { ann: 'user enterprise', cyd: 'user enterprise' },
      research: { ann: 'owner premium' },
      sales: { cyd: 'admin chat' },
      build: { cyd: 'billing' },
    })

    // on again, with the groups of before; gone for good; added by hand stays
    await source.switch('ben', true)
    await source.remove('ann')
    expect(await seen()).toEqual({
      ...boardOf,
      lab: { ben: 'user enterprise', cyd: 'user enterprise' },
      research: { ben: 'user standard' },
      sales: { cyd: 'admin chat' },
      build: { ben: 'developer', cyd: 'billing' },
    })
  })
})

test('domain.md 8 the same scenario by SCIM and by WorkOS: the same members', async () => {
  const ends = await Promise.all(
    sources.map(async ([, begin]) => {
      const company = await aCompany(begin)
      const { source } = company
      for (const name of ['ann', 'ben', 'cyd', 'dot']) await source.user(name)
      for (const name of ['ann', 'ben', 'cyd']) await source.add('Engineers', name)
      await source.add('Leads', 'dot')
      await source.switch('ann', false)
      await source.remove('ben')
      await source.user('ben')
      await source.drop('Engineers', 'cyd')
      await source.switch('ann', true)
      return company.seen()
    }),
  )
  const [bySCIM, byWorkOS] = ends
  expect(byWorkOS).toEqual(bySCIM)
  expect(bySCIM).toEqual({
    research: { ann: 'user standard', dot: 'owner premium' },
    lab: { ann: 'user enterprise', ben: 'user enterprise', cyd: 'user enterprise', dot: 'user enterprise' },
    build: { ann: 'developer' },
  })
})
