// OneLogin's conversations (scim.md section 4): bodies from a template of the administrator's, every change a PUT.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectScimError } from '../../../support/answers.ts'
import { startTestApp, type TestApp } from '../../../support/app.ts'
import { enterpriseUrn, groupUrn, patchBody, userUrn } from '../../../support/protocol.ts'
import {
  created,
  type Dialect,
  memberIds,
  speaking,
  toleratedFrom,
  where,
} from '../../../support/providers.ts'

const onelogin: Dialect = { read: {}, write: { 'Content-Type': 'application/scim+json' } }

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

/** What the usual template makes of a user: all values as text, nothing left out. */
const user = (userName: string, active: 'true' | 'false' = 'true') => ({
  schemas: [userUrn, enterpriseUrn],
  id: null,
  userName,
  name: { familyName: 'Sand', givenName: 'Noa', formatted: 'Noa Sand' },
  emails: [{ value: userName, type: 'work', primary: true }],
  active,
  meta: { resourceType: 'User' },
  [enterpriseUrn]: { department: '', manager: { managerId: 'm-1', displayName: 'Mia Boss' } },
})

describe('scim.md 4 OneLogin', () => {
  test('looks up, POSTs with id null and active as text, PUTs, switches off and on, DELETEs; no User-Agent', async () => {
    const tenant = await app.createTenant()
    const scim = speaking(app, tenant, onelogin)
    const lookUp = `/Users?${where('userName eq "noa@dune.example"')}`
    expect((await scim.get(lookUp).expect(200)).body.totalResults).toBe(0)
    const post = await scim.post('/Users', user('noa@dune.example')).expect(201)
    expect(post.body).toMatchObject({ userName: 'noa@dune.example', active: true })
    expect(post.body[enterpriseUrn]).toEqual({ manager: { value: 'm-1' } })
    const { id } = post.body
    expect(id).not.toBeNull()

    for (const active of ['false', 'true'] as const) {
      const put = await scim.put(`/Users/${id}`, user('noa@dune.example', active)).expect(200)
      expect([put.body.id, put.body.active]).toEqual([id, active === 'true'])
    }
    expect((await scim.get(lookUp).expect(200)).body).toMatchObject({ totalResults: 1, Resources: [{ id }] })
    await scim.delete(`/Users/${id}`).expect(204)
    expectScimError(await scim.get(`/Users/${id}`), 404)
    await created(scim, '/Users', user('noa@dune.example'))
    expect(await toleratedFrom(app, tenant)).toEqual(['booleanAsText', 'emptyText', 'managerId'])
  })

  test('manager.managerId in a PATCH means the same', async () => {
    const scim = speaking(app, await app.createTenant(), onelogin)
    const id = await created(scim, '/Users', user('noa@dune.example'))
    const value = { [enterpriseUrn]: { manager: { managerId: 'm-2' } } }
    const { body } = await scim.patch(`/Users/${id}`, patchBody({ op: 'replace', value })).expect(200)
    expect(body[enterpriseUrn]).toEqual({ manager: { value: 'm-2' } })
  })

  test("a template with SCIM 1.1's URN and one e-mail as an object; a URN of something else is still refused", async () => {
    const tenant = await app.createTenant()
    const scim = speaking(app, tenant, onelogin)
    const body = {
      schemas: ['urn:scim:schemas:core:1.0'],
      userName: 'noa@dune.example',
      emails: { value: 'noa@dune.example', type: 'work', primary: true },
    }
    const post = await scim.post('/Users', body).expect(201)
    expect(post.body).toMatchObject({ schemas: [userUrn], emails: [body.emails] })
    expectScimError(await scim.post('/Users', { ...body, schemas: [groupUrn] }), 400, 'invalidSyntax')
    expect(await toleratedFrom(app, tenant)).toEqual(['scim1Schema', 'singleForList'])
  })

  test('groups: found by name, made, members added and removed', async () => {
    const scim = speaking(app, await app.createTenant(), onelogin)
    const id = await created(scim, '/Users', user('noa@dune.example'))
    expect((await scim.get(`/Groups?${where('displayName eq "Dune"')}`)).body.totalResults).toBe(0)
    const group = await created(scim, '/Groups', { schemas: [groupUrn], displayName: 'Dune' })
    const send = (operation: object) => scim.patch(`/Groups/${group}`, patchBody(operation)).expect(200)
    await send({ op: 'add', path: 'members', value: [{ value: id }] })
    expect(await memberIds(scim, group)).toEqual([id])
    await send({ op: 'remove', path: `members[value eq "${id}"]` })
    expect(await memberIds(scim, group)).toEqual([])
  })
})
