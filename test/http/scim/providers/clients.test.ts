// Tools that speak SCIM as clients (scim.md section 4): AWS's sync client, WorkOS's bridge, authentik, Keycloak.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectScimError } from '../../../support/answers.ts'
import { startTestApp, type TestApp } from '../../../support/app.ts'
import { groupUrn, patchBody, userUrn } from '../../../support/protocol.ts'
import {
  created,
  type Dialect,
  memberIds,
  speaking,
  toleratedFrom,
  where,
  wherePlus,
} from '../../../support/providers.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

const user = (userName: string, more: object = {}) => ({
  schemas: [userUrn],
  userName,
  name: { givenName: 'Eli', familyName: 'Moss' },
  emails: [{ value: userName, type: 'work', primary: true }],
  active: true,
  ...more,
})

describe("scim.md 4 AWS's sync client", () => {
  const aws: Dialect = {
    read: { 'User-Agent': 'Go-http-client/1.1' },
    write: { 'User-Agent': 'Go-http-client/1.1', 'Content-Type': 'application/scim+json' },
  }

  test('a user: found, made, PUT whole, deleted; a group: found, made, asked for a member, deleted', async () => {
    const tenant = await app.createTenant()
    const scim = speaking(app, tenant, aws)
    const total = async (path: string, filter: string) =>
      (await scim.get(`${path}?${wherePlus(filter)}`).expect(200)).body.totalResults
    expect(await total('/Users', 'userName eq "eli@moor.example"')).toBe(0)
    const id = await created(scim, '/Users', user('eli@moor.example', { displayName: 'Eli Moss' }))
    expect(await total('/Users', 'userName eq "eli@moor.example"')).toBe(1)
    const off = await scim.put(`/Users/${id}`, user('eli@moor.example', { id, active: false })).expect(200)
    expect(off.body).toMatchObject({ id, active: false })

    const group = await created(scim, '/Groups', { schemas: [groupUrn], displayName: 'Moor', members: [] })
    expect(await total('/Groups', 'displayName eq "Moor"')).toBe(1)
    const isIn = `id eq "${group}" and members eq "${id}"`
    for (const [op, count] of [
      ['add', 1],
      ['remove', 0],
    ] as const) {
      const change = patchBody({ op, path: 'members', value: [{ value: id }] })
      await scim.patch(`/Groups/${group}`, change).expect(200)
      expect(await total('/Groups', isIn)).toBe(count)
    }
    await scim.delete(`/Groups/${group}`).expect(204)
    await scim.delete(`/Users/${id}`).expect(204)
    expect(await toleratedFrom(app, tenant)).toEqual(['removeByValue'])
  })

  test('at most 100 membership changes in a PATCH; another client sends all in one', async () => {
    const scim = speaking(app, await app.createTenant(), aws)
    const ids: string[] = []
    for (let i = 0; i < 120; i++) ids.push(await created(scim, '/Users', user(`m${i}@moor.example`)))
    const group = await created(scim, '/Groups', { schemas: [groupUrn], displayName: 'Moor' })
    // above 100 members the answer is without a body
    const send = (op: string, some: readonly string[], status: number) => {
      const change = patchBody({ op, path: 'members', value: some.map((value) => ({ value })) })
      return scim.patch(`/Groups/${group}`, change).expect(status)
    }
    await send('add', ids.slice(0, 100), 200)
    await send('add', ids.slice(100), 204)
    expect(await memberIds(scim, group)).toHaveLength(120)
    await send('remove', ids, 200)
    expect(await memberIds(scim, group)).toEqual([])
    const each = ids.map((value) => ({ op: 'add', path: 'members', value: [{ value }] }))
    await scim.patch(`/Groups/${group}`, patchBody(...each)).expect(204)
    expect(await memberIds(scim, group)).toHaveLength(120)
  })
})

describe("scim.md 4 WorkOS's bridge", () => {
  // its bridge writes what any client of the RFC does; here the token's scheme in lower case, as some HTTP tools send it
  const workos: Dialect = {
    read: { Accept: 'application/scim+json' },
    write: { Accept: 'application/scim+json', 'Content-Type': 'application/scim+json' },
    scheme: 'bearer',
  }

  test('users and groups with the ids of its directory as externalId, found again by them', async () => {
    const tenant = await app.createTenant()
    const scim = speaking(app, tenant, workos)
    const id = await created(scim, '/Users', user('eli@moor.example', { externalId: 'directory_user_01X' }))
    const group = await created(scim, '/Groups', {
      schemas: [groupUrn],
      externalId: 'directory_group_01X',
      displayName: 'Moor',
      members: [{ value: id }],
    })
    for (const [path, externalId, found] of [
      ['/Users', 'directory_user_01X', id],
      ['/Groups', 'directory_group_01X', group],
    ]) {
      const { body } = await scim.get(`${path}?${where(`externalId eq "${externalId}"`)}`).expect(200)
      expect(body).toMatchObject({ totalResults: 1, Resources: [{ id: found, externalId }] })
      const other = await scim.get(`${path}?${where(`externalId eq "${externalId?.toLowerCase()}"`)}`)
      expect(other.body.totalResults).toBe(0)
    }
    // suspended there: switched off here, and back with its groups
    for (const active of [false, true]) {
      const change = patchBody({ op: 'replace', path: 'active', value: active })
      expect((await scim.patch(`/Users/${id}`, change).expect(200)).body).toMatchObject({
        active,
        groups: [{ value: group }],
      })
    }
    await scim.delete(`/Users/${id}`).expect(204)
    expect(await memberIds(scim, group)).toEqual([])
    expect(await toleratedFrom(app, tenant)).toEqual([])
  })
})

describe('scim.md authentik and Keycloak', () => {
  const dialect: Dialect = {
    read: { Accept: 'application/scim+json' },
    write: { Accept: 'application/scim+json', 'Content-Type': 'application/scim+json' },
  }

  test('authentik reads the configuration, and after a 409 looks up whom to take over', async () => {
    const scim = speaking(app, await app.createTenant(), dialect)
    const { body } = await scim.get('/ServiceProviderConfig').expect(200)
    expect([body.patch.supported, body.bulk.supported, body.filter.supported]).toEqual([true, true, true])
    const id = await created(scim, '/Users', user('eli'))
    expectScimError(await scim.post('/Users', user('eli', { externalId: 'ak-1' })), 409, 'uniqueness')
    const found = (await scim.get(`/Users?${where('userName eq "eli"')}`).expect(200)).body.Resources[0]
    expect(found.id).toBe(id)
    const put = await scim.put(`/Users/${id}`, user('eli', { id, externalId: 'ak-1' })).expect(200)
    expect(put.body.externalId).toBe('ak-1')
  })

  test("Keycloak's client renames a group by JSON inside a string, beside its members", async () => {
    const tenant = await app.createTenant()
    const scim = speaking(app, tenant, dialect)
    const id = await created(scim, '/Users', user('eli'))
    const group = await created(scim, '/Groups', { schemas: [groupUrn], displayName: 'Moor' })
    const attributes = { schemas: [groupUrn], externalId: 'kc-1', displayName: 'Fen' }
    await scim
      .patch(
        `/Groups/${group}`,
        patchBody(
          { op: 'replace', value: JSON.stringify(attributes) },
          { op: 'add', path: 'members', value: [{ value: id, type: 'User', $ref: `${app.origin}/x` }] },
        ),
      )
      .expect(200)
    const { body } = await scim.get(`/Groups/${group}`).expect(200)
    expect(body).toMatchObject({ displayName: 'Fen', externalId: 'kc-1', members: [{ value: id }] })
    expect(await toleratedFrom(app, tenant)).toEqual(['objectAsText'])
  })
})
