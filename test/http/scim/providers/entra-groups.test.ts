// Microsoft Entra ID's groups, as it sends them by default (scim.md section 3).
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { expectScimError } from '../../../support/answers.ts'
import { type Client, startTestApp, type Tenant, type TestApp } from '../../../support/app.ts'
import { groupUrn, patchBody, userUrn } from '../../../support/protocol.ts'
import { created, entra, memberIds, speaking, toleratedFrom, wherePlus } from '../../../support/providers.ts'

let app: TestApp
let tenant: Tenant
let scim: Client
beforeAll(async () => {
  app = await startTestApp()
})
beforeEach(async () => {
  tenant = await app.createTenant()
  scim = speaking(app, tenant, entra)
})
afterAll(() => app.close())

const user = (userName: string) => ({ schemas: [userUrn], userName, active: true })

describe('scim.md 3 Entra groups', () => {
  let people: string[]
  let group: string
  beforeEach(async () => {
    people = []
    for (const name of ['a', 'b', 'c'])
      people.push(await created(scim, '/Users', user(`${name}@harbour.example`)))
    group = await created(scim, '/Groups', {
      schemas: [groupUrn, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
      externalId: 'obj-1',
      displayName: 'Pilots',
      meta: { resourceType: 'Group' },
    })
  })
  const send = async (...operations: object[]) => {
    const { status } = await scim.patch(`/Groups/${group}`, patchBody(...operations))
    // above 100 members the answer is without a body
    expect([200, 204]).toContain(status)
  }
  const refs = (ids: readonly string[]) => ids.map((value) => ({ $ref: null, value }))
  const groupsFound = async (filter: string): Promise<number> => {
    const { body } = await scim.get(`/Groups?excludedAttributes=members&${wherePlus(filter)}`).expect(200)
    for (const found of body.Resources) expect(found).not.toHaveProperty('members')
    return body.totalResults
  }

  test('read without members, matched by name, the foreign schema dropped, a second one 409', async () => {
    const { body } = await scim.get(`/Groups/${group}?excludedAttributes=members`).expect(200)
    expect(body).toMatchObject({ schemas: [groupUrn], id: group, externalId: 'obj-1', displayName: 'Pilots' })
    expect(body).not.toHaveProperty('members')
    expect(await groupsFound('displayName eq "PILOTS"')).toBe(1)
    expect(await groupsFound('displayName eq "nobody"')).toBe(0)
    expectScimError(
      await scim.post('/Groups', { schemas: [groupUrn], displayName: 'pilots' }),
      409,
      'uniqueness',
    )
    expect(await toleratedFrom(app, tenant)).toEqual(['unknownSchema'])
  })

  test('renamed: 200, members kept; a name that is taken: 409', async () => {
    await send({ op: 'Add', path: 'members', value: refs(people) })
    await send({ op: 'Replace', path: 'displayName', value: 'Helmsmen' })
    expect((await scim.get(`/Groups/${group}`)).body).toMatchObject({ displayName: 'Helmsmen' })
    expect(await memberIds(scim, group)).toHaveLength(3)
    await created(scim, '/Groups', { schemas: [groupUrn], displayName: 'Cooks' })
    const taken = patchBody({ op: 'Replace', path: 'displayName', value: 'cooks' })
    expectScimError(await scim.patch(`/Groups/${group}`, taken), 409, 'uniqueness')
  })

  test('Remove with a value takes these members only, and none who is not in', async () => {
    const [a = '', b = '', c = ''] = people
    await send({ op: 'Add', path: 'members', value: refs([a, b]) })
    await send({ op: 'Remove', path: 'members', value: refs([a, c]) })
    expect(await memberIds(scim, group)).toEqual([b])
    await send({ op: 'Remove', path: 'members', value: [{ value: a }] })
    expect(await memberIds(scim, group)).toEqual([b])
    await send({ op: 'Remove', path: 'members', value: [] })
    expect(await memberIds(scim, group)).toEqual([b])
    expect(await toleratedFrom(app, tenant)).toEqual(['operationCase', 'removeByValue', 'unknownSchema'])
  })

  test('is somebody in the group: id and members together', async () => {
    const [a = '', b = ''] = people
    await send({ op: 'Add', path: 'members', value: refs([a]) })
    expect(await groupsFound(`id eq "${group}" and members eq "${a}"`)).toBe(1)
    expect(await groupsFound(`id eq "${group}" and members eq "${b}"`)).toBe(0)
    expect(await groupsFound(`Id Eq "${group}" And Members Eq "${a}"`)).toBe(1)
  })

  test('hundreds of members in one PATCH, and again: nobody doubled, no new version', async () => {
    const many: string[] = []
    for (let i = 0; i < 300; i++) many.push(await created(scim, '/Users', user(`m${i}@harbour.example`)))
    await send({ op: 'Add', path: 'members', value: refs(many) })
    const before = (await scim.get(`/Groups/${group}?excludedAttributes=members`)).body.meta.version
    await send({ op: 'Add', path: 'members', value: refs(many) })
    expect((await scim.get(`/Groups/${group}?excludedAttributes=members`)).body.meta.version).toBe(before)
    expect((await memberIds(scim, group)).sort()).toEqual([...many].sort())
    await send({ op: 'Remove', path: 'members', value: refs(many.slice(1)) })
    expect(await memberIds(scim, group)).toEqual([many[0]])
  })

  test('renamed, one added and removed, in one PATCH and in order', async () => {
    const [a = '', b = ''] = people
    await send({ op: 'Add', path: 'members', value: refs([b]) })
    await send(
      { op: 'Replace', path: 'displayName', value: 'Crew' },
      { op: 'Add', path: 'members', value: refs([a]) },
      { op: 'Remove', path: 'members', value: refs([a]) },
    )
    expect(await memberIds(scim, group)).toEqual([b])
    await scim.delete(`/Groups/${group}`).expect(204)
    expectScimError(await scim.delete(`/Groups/${group}`), 404)
  })
})
