// Whole conversations as identity providers hold them (scim.md sections 2 to 4), and what they made us tolerate.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectScimError } from '../../support/answers.ts'
import { adminClient, startTestApp, type Tenant, type TestApp } from '../../support/app.ts'
import { enterpriseUrn, groupUrn, patchBody, patchOpUrn, userUrn } from '../../support/protocol.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

/** Which tolerances the directory's IdP needed. */
async function toleratedFrom({ directoryId }: Tenant): Promise<string[]> {
  const { body } = await adminClient(app).get(`/directories/${directoryId}/tolerances`).expect(200)
  return [...new Set<string>(body.tolerances.map(({ tolerance }: { tolerance: string }) => tolerance))].sort()
}

const memberIds = async ({ scim }: Tenant, group: string): Promise<string[]> => {
  const { body } = await scim.get(`/Groups/${group}`).expect(200)
  return (body.members ?? []).map(({ value }: { value: string }) => value)
}

describe('scim.md 2 Okta', () => {
  const user = {
    schemas: [userUrn],
    userName: 'Anna@Example.com',
    name: { givenName: 'Anna', familyName: 'Alm' },
    emails: [{ primary: true, value: 'Anna@Example.com', type: 'work' }],
    displayName: 'Anna Alm',
    locale: 'en-US',
    externalId: '00u1',
    groups: [],
    password: 'not wanted',
    active: true,
  }
  const lookUp = '/Users?filter=userName%20eq%20%22anna%40example.com%22&startIndex=1&count=100'

  test('wizard apps: test, look up, POST, read and PUT everything, reactivate, adopt', async () => {
    const tenant = await app.createTenant()
    const { scim } = tenant
    const connection = await scim.get('/Users?startIndex=1&count=2').expect(200)
    expect(connection.body).toMatchObject({ totalResults: 0, startIndex: 1, itemsPerPage: 0, Resources: [] })
    await scim.get('/Groups?startIndex=1&count=100').expect(200)
    expect((await scim.get(lookUp).expect(200)).body.totalResults).toBe(0)
    const { id } = (await scim.post('/Users', user).set('User-Agent', 'Okta SCIM Client 1.0.0').expect(201))
      .body

    const read = (await scim.get(`/Users/${id}`).expect(200)).body
    const off = (await scim.put(`/Users/${id}`, { ...read, active: false }).expect(200)).body
    expect(off).toMatchObject({ id, active: false, userName: user.userName, emails: user.emails })
    const found = (await scim.get(lookUp).expect(200)).body
    expect(found).toMatchObject({ totalResults: 1, Resources: [{ id, active: false }] })
    expect(found.Resources[0].emails[0].value).toBe('Anna@Example.com')
    const on = (await scim.put(`/Users/${id}`, { ...user, password: undefined }).expect(200)).body
    expect(on).toMatchObject({ id, active: true })
    expectScimError(await scim.post('/Users', user), 409, 'uniqueness')
    expect(await toleratedFrom(tenant)).toEqual([])
  })

  test('catalogue apps: activation by PATCH without path, groups by PATCH', async () => {
    const tenant = await app.createTenant()
    const { scim } = tenant
    const anna = (await scim.post('/Users', user).expect(201)).body.id
    const bob = (await scim.post('/Users', { ...user, userName: 'bob', externalId: '00u2' }).expect(201)).body
      .id
    for (const active of [false, true]) {
      const answer = await scim.patch(`/Users/${anna}`, patchBody({ op: 'replace', value: { active } }))
      expect([answer.status, answer.body.active]).toEqual([200, active])
    }
    const group = (
      await scim.post('/Groups', { schemas: [groupUrn], displayName: 'A', members: [] }).expect(201)
    ).body.id
    const send = (...operations: object[]) =>
      scim.patch(`/Groups/${group}`, patchBody(...operations)).expect(200)
    await send(
      { op: 'replace', value: { id: group, displayName: 'B' } },
      {
        op: 'add',
        path: 'members',
        value: [
          { value: anna, display: 'Anna@Example.com' },
          { value: bob, display: 'bob' },
        ],
      },
    )
    expect(await memberIds(tenant, group)).toEqual([anna, bob])
    await send({ op: 'remove', path: `members[value eq "${anna}"]` })
    expect(await memberIds(tenant, group)).toEqual([bob])
    await send({ op: 'replace', path: 'members', value: [{ value: anna }] })
    expect(await memberIds(tenant, group)).toEqual([anna])
    await send({ op: 'replace', value: { members: [{ value: bob }] } })
    expect(await memberIds(tenant, group)).toEqual([bob])
    await send({ op: 'replace', path: 'members', value: [] })
    expect(await memberIds(tenant, group)).toEqual([])
    expect((await scim.get(`/Groups/${group}`)).body.displayName).toBe('B')
    expect(await toleratedFrom(tenant)).toEqual([])
  })
})

describe('scim.md 3 Entra', () => {
  const user = (userName: string) => ({
    schemas: [userUrn, enterpriseUrn],
    externalId: userName,
    userName,
    active: true,
    emails: [{ primary: true, type: 'work', value: userName }],
    meta: { resourceType: 'User' },
    name: { formatted: 'A B', familyName: 'B', givenName: 'A' },
    roles: [],
    addresses: null,
  })

  test('by default: capitals, text for Booleans, one operation for each attribute, removal by value list', async () => {
    const tenant = await app.createTenant()
    const { scim } = tenant
    const probe = await scim.get('/Users?filter=userName+eq+%22f6a4c0de%22').expect(200)
    expect(probe.body).toMatchObject({ totalResults: 0, Resources: [] })
    const anna = (await scim.post('/Users', user('anna@x')).expect(201)).body.id
    const boss = (await scim.post('/Users', user('boss@x')).expect(201)).body.id
    const changed = await scim.patch(
      `/Users/${anna}`,
      patchBody(
        { op: 'Replace', path: 'active', value: 'False' },
        { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '1' },
        { op: 'Replace', path: 'emails[type eq "work"].value', value: 'new@x' },
        { op: 'Add', path: `${enterpriseUrn}:manager`, value: boss },
        { op: 'Replace', path: 'roles[primary eq "True"].value', value: 'Admin' },
        { op: 'Remove', path: 'name.formatted' },
      ),
    )
    expect(changed.status).toBe(200)
    expect(changed.body).toMatchObject({
      active: false,
      phoneNumbers: [{ type: 'mobile', value: '1' }],
      emails: [{ primary: true, type: 'work', value: 'new@x' }],
      roles: [{ primary: true, value: 'Admin' }],
      name: { familyName: 'B', givenName: 'A' },
      [enterpriseUrn]: { manager: { value: boss } },
    })
    const managed = await scim.get(`/Users?filter=id+eq+%22${anna}%22+and+manager+eq+%22${boss}%22`)
    expect(managed.body.totalResults).toBe(1)

    const created = await scim.post('/Groups', {
      schemas: [groupUrn, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
      displayName: 'G',
      externalId: 'g',
    })
    expect([created.status, created.body.schemas]).toEqual([201, [groupUrn]])
    const group = created.body.id
    const send = (operation: object) => scim.patch(`/Groups/${group}`, patchBody(operation)).expect(200)
    await send({
      op: 'Add',
      path: 'members',
      value: [
        { $ref: null, value: anna },
        { $ref: null, value: boss },
      ],
    })
    await send({ op: 'Remove', path: 'members', value: [{ $ref: null, value: anna }] })
    expect(await memberIds(tenant, group)).toEqual([boss])
    const read = await scim.get(`/Groups/${group}?excludedAttributes=members`).expect(200)
    expect(read.body).not.toHaveProperty('members')

    // reactivated: memberships were kept, nothing is sent again
    await scim
      .patch(`/Users/${boss}`, patchBody({ op: 'Replace', path: 'active', value: 'False' }))
      .expect(200)
    await scim
      .patch(`/Users/${boss}`, patchBody({ op: 'Replace', path: 'active', value: 'True' }))
      .expect(200)
    expect((await scim.get(`/Users/${boss}`)).body).toMatchObject({
      active: true,
      groups: [{ value: group, type: 'direct' }],
    })
    expect(await toleratedFrom(tenant)).toEqual(
      [
        'booleanAsText',
        'elementMade',
        'operationCase',
        'removeByValue',
        'scalarForComplex',
        'unknownSchema',
      ].sort(),
    )
  })

  test('with aadOptscim062020: lower case, many keys in one value, removal by path', async () => {
    const tenant = await app.createTenant()
    const { scim } = tenant
    const anna = (await scim.post('/Users?aadOptscim062020', user('anna@x')).expect(201)).body.id
    const changed = await scim.patch(
      `/Users/${anna}?aadOptscim062020`,
      patchBody({
        op: 'replace',
        value: {
          active: false,
          'name.givenName': 'N',
          [`${enterpriseUrn}:employeeNumber`]: '7',
          displayName: 'D',
        },
      }),
    )
    expect(changed.body).toMatchObject({
      active: false,
      name: { givenName: 'N', familyName: 'B' },
      displayName: 'D',
      schemas: [userUrn, enterpriseUrn],
      [enterpriseUrn]: { employeeNumber: '7' },
    })
    const group = (
      await scim.post('/Groups?aadOptscim062020', {
        schemas: [groupUrn],
        displayName: 'G',
        members: [{ value: anna }],
      })
    ).body.id
    await scim
      .patch(
        `/Groups/${group}?aadOptscim062020`,
        patchBody({ op: 'remove', path: `members[value eq "${anna}"]` }),
      )
      .expect(200)
    expect(await memberIds(tenant, group)).toEqual([])
    expect(await toleratedFrom(tenant)).toEqual(['qualifiedKey'])
  })
})

describe('scim.md 4 others', () => {
  test('OneLogin: filter, POST with id null and active as text, PUT, DELETE; no User-Agent', async () => {
    const tenant = await app.createTenant()
    const { scim } = tenant
    const body = {
      schemas: [userUrn, enterpriseUrn],
      id: null,
      userName: 'o@x',
      active: 'true',
      [enterpriseUrn]: { manager: { managerId: 'm' } },
    }
    const created = await scim.post('/Users', body).unset('User-Agent')
    expect([created.status, created.body.active, created.body[enterpriseUrn]]).toEqual([
      201,
      true,
      { manager: { value: 'm' } },
    ])
    const { id } = created.body
    expect((await scim.put(`/Users/${id}`, { ...body, active: 'false' }).expect(200)).body).toMatchObject({
      id,
      active: false,
    })
    await scim.delete(`/Users/${id}`).expect(204)
    expect(await toleratedFrom(tenant)).toEqual(['booleanAsText', 'managerId'])
  })

  test('JumpCloud: creates and deletes to test; PUT with null and []; removes members by value list', async () => {
    const tenant = await app.createTenant()
    const { scim } = tenant
    const body = { schemas: [userUrn], userName: 'j@x', emails: [{ value: 'j@x', type: 'work' }], title: 'T' }
    const { id } = (await scim.post('/Users', body).expect(201)).body
    const put = await scim
      .put(`/Users/${id}`, { ...body, emails: null, addresses: [], phoneNumbers: [] })
      .expect(200)
    expect(put.body).toMatchObject({ userName: 'j@x', title: 'T' })
    expect(put.body).not.toHaveProperty('emails')
    const group = (
      await scim
        .post('/Groups', { schemas: [groupUrn], displayName: 'J', members: [{ value: id }] })
        .expect(201)
    ).body.id
    const removal = {
      schemas: [patchOpUrn],
      Operations: [{ op: 'remove', path: 'members', value: [{ value: id }] }],
    }
    await scim.patch(`/Groups/${group}`, removal).expect(200)
    expect(await memberIds(tenant, group)).toEqual([])
    await scim.delete(`/Groups/${group}`).expect(204)
    await scim.delete(`/Users/${id}`).expect(204)
  })

  test('PingFederate probes /Users/0, CyberArk reads discovery one by one, Rippling repeats its POST', async () => {
    const { scim } = await app.createTenant()
    expectScimError(await scim.get('/Users/0'), 404)
    for (const path of ['/ServiceProviderConfig', '/ResourceTypes/User', `/Schemas/${userUrn}`]) {
      await scim.get(path).expect(200)
    }
    await scim.post('/Users', { schemas: [userUrn], userName: 'r' }).expect(201)
    expectScimError(await scim.post('/Users', { schemas: [userUrn], userName: 'r' }), 409, 'uniqueness')
    expect((await scim.get('/Users')).body.totalResults).toBe(1)
  })
})
