// The exchanges that RFC 7644 draws but for PATCH (sections 3.3 to 3.6, 3.9, 3.12 and 3.14), with people of ours.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { searchRequestSchema } from '../../../src/scim/search-request.ts'
import { expectScimError } from '../../support/answers.ts'
import { startTestApp, type Tenant, type TestApp } from '../../support/app.ts'
import { groupUrn, listUrn, userUrn } from '../../support/protocol.ts'

let app: TestApp
let tenant: Tenant
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

/** Each group of tests on a directory of its own. */
async function newDirectory(): Promise<void> {
  tenant = await app.createTenant()
}

const create = async (endpoint: '/Users' | '/Groups', body: object) =>
  (await tenant.scim.post(endpoint, body).expect(201)).body

const rosalind = {
  schemas: [userUrn],
  userName: 'rfranklin',
  externalId: 'rfranklin',
  name: { formatted: 'Dr. Rosalind E Franklin', familyName: 'Franklin', givenName: 'Rosalind' },
}

describe('RFC 7644 3.3 creating', () => {
  beforeAll(newDirectory)

  test('RFC 7644 3.3 a POST: 201, the resource, its URI in Location and in meta.location, its version', async () => {
    const { status, headers, body } = await tenant.scim.post('/Users', rosalind)
    const { id, meta, ...rest } = body
    expect([status, rest]).toEqual([201, { ...rosalind, active: true }])
    expect(meta).toEqual({
      resourceType: 'User',
      created: expect.any(String),
      lastModified: meta.created,
      location: `${app.origin}/scim/v2/Users/${id}`,
      version: headers.etag,
    })
    expect(headers.location).toBe(meta.location)
  })

  test('RFC 7644 3.3 the same again is a conflict', async () => {
    expectScimError(await tenant.scim.post('/Users', rosalind), 409, 'uniqueness')
  })

  test('RFC 7644 3.3 null and [] leave an attribute without a value', async () => {
    const cleared = { schemas: [userUrn], userName: 'cleared', title: null, emails: [], active: null }
    const created = await create('/Users', cleared)
    expect(created).toMatchObject({ userName: 'cleared', active: true })
    expect(Object.keys(created).sort()).toEqual(['active', 'id', 'meta', 'schemas', 'userName'])
  })

  test('RFC 7644 3.3.1 the endpoint decides meta.resourceType', async () => {
    const meta = { resourceType: 'Device' }
    const user = await create('/Users', { schemas: [userUrn], userName: 'typed', meta })
    const group = await create('/Groups', { schemas: [groupUrn], displayName: 'typed', meta })
    expect([user.meta.resourceType, group.meta.resourceType]).toEqual(['User', 'Group'])
  })
})

describe('RFC 7644 3.4 retrieving', () => {
  const ids: Record<string, string> = {}
  beforeAll(async () => {
    await newDirectory()
    const emails = [{ value: 'rfranklin@kings.example', type: 'work' }]
    const phoneNumbers = [{ value: '555-555-8377', type: 'work' }]
    ids.rosalind = (
      await create('/Users', { ...rosalind, emails, phoneNumbers, displayName: 'Smithson, R' })
    ).id
    ids.james = (
      await create('/Users', { schemas: [userUrn], userName: 'jsmith', displayName: 'Smith, J' })
    ).id
    ids.other = (await create('/Users', { schemas: [userUrn], userName: 'other', active: false })).id
    ids.family = (await create('/Groups', { schemas: [groupUrn], displayName: 'Smith Family' })).id
  })

  test('RFC 7644 3.4.1 a GET of a known resource', async () => {
    const { headers, body } = await tenant.scim.get(`/Users/${ids.rosalind}`).expect(200)
    expect(body).toMatchObject({ ...rosalind, id: ids.rosalind, phoneNumbers: [{ value: '555-555-8377' }] })
    expect([headers.etag, headers.location]).toEqual([body.meta.version, body.meta.location])
    expect(headers['content-type']).toBe('application/scim+json; charset=utf-8')
  })

  test('RFC 7644 3.4.2 the userName of all users: id comes with it, since it always does', async () => {
    const { body } = await tenant.scim.get('/Users?attributes=userName').expect(200)
    expect(body).toEqual({
      schemas: [listUrn],
      totalResults: 3,
      startIndex: 1,
      itemsPerPage: 3,
      Resources: [
        ['rosalind', 'rfranklin'],
        ['james', 'jsmith'],
        ['other', 'other'],
      ].map(([name = '', userName]) => ({ schemas: [userUrn], id: ids[name], userName })),
    })
  })

  test('RFC 7644 3.4.2.1 a query on one resource answers the resource', async () => {
    const path = `/Users/${ids.rosalind}?attributes=userName`
    const { body } = await tenant.scim.get(path).expect(200)
    expect(body).toEqual({ schemas: [userUrn], id: ids.rosalind, userName: 'rfranklin' })
  })

  test('RFC 7644 3.4.2.2 a defaulted attribute is found by the value that was answered', async () => {
    const find = async (filter: string) => {
      const { body } = await tenant.scim.get(`/Users?filter=${encodeURIComponent(filter)}`).expect(200)
      return body.Resources.map(({ userName }: { userName: string }) => userName)
    }
    expect(await find('active eq true')).toEqual(['rfranklin', 'jsmith'])
    expect(await find('active pr')).toEqual(['rfranklin', 'jsmith', 'other'])
    expect(await find('active ne true')).toEqual(['other'])
  })

  test('RFC 7644 3.4.2.2 an operator that is not known is named', async () => {
    const answer = await tenant.scim.get(`/Users?filter=${encodeURIComponent('userName regex "a.*"')}`)
    expect(expectScimError(answer, 400, 'invalidFilter')).toContain('"regex"')
  })

  test('RFC 7644 3.4.2.2 a complex attribute is filtered by a sub-attribute, not as a whole', async () => {
    const whole = await tenant.scim.get(`/Users?filter=${encodeURIComponent('name eq "Rosalind"')}`)
    expect(expectScimError(whole, 400, 'invalidFilter')).toContain('"name" is complex')
    const filter = encodeURIComponent('name.givenName eq "rosalind"')
    expect((await tenant.scim.get(`/Users?filter=${filter}`).expect(200)).body.totalResults).toBe(1)
  })

  test('RFC 7644 3.4.3 POST /.search: the first page of users and groups, with what was asked for', async () => {
    const { body } = await tenant.scim
      .post('/.search', {
        schemas: [searchRequestSchema],
        attributes: ['displayName', 'userName'],
        filter: 'displayName sw "smith"',
        startIndex: 1,
        count: 2,
      })
      .expect(200)
    expect(body).toEqual({
      schemas: [listUrn],
      totalResults: 3,
      itemsPerPage: 2,
      startIndex: 1,
      Resources: [
        { schemas: [userUrn], id: ids.rosalind, userName: 'rfranklin', displayName: 'Smithson, R' },
        { schemas: [userUrn], id: ids.james, userName: 'jsmith', displayName: 'Smith, J' },
      ],
    })
    const rest = { filter: 'displayName sw "smith"', startIndex: 3, count: 2, attributes: ['displayName'] }
    const last = await tenant.scim.post('/.search', { schemas: [searchRequestSchema], ...rest }).expect(200)
    expect(last.body).toMatchObject({
      totalResults: 3,
      itemsPerPage: 1,
      startIndex: 3,
      Resources: [{ id: ids.family, displayName: 'Smith Family' }],
    })
  })

  test('RFC 7644 3.14 a conditional GET, also with attributes', async () => {
    const path = `/Users/${ids.james}?attributes=displayName`
    const { headers } = await tenant.scim.get(path).expect(200)
    const same = await tenant.scim.get(path).set('If-None-Match', headers.etag ?? '')
    expect([same.status, same.text]).toEqual([304, ''])
  })
})

describe('RFC 7644 3.5.1 replacing', () => {
  beforeAll(newDirectory)

  test('RFC 7644 3.5.1 a PUT of what was read and revised: 200 with all of it', async () => {
    const created = await create('/Users', { ...rosalind, title: 'Dr.', roles: [{ value: 'X' }] })
    const { title, ...read } = created
    const revised = {
      ...read,
      name: { ...rosalind.name, middleName: 'Elsie' },
      roles: [],
      emails: [{ value: 'rfranklin@kings.example' }, { value: 'ros@franklin.example' }],
    }
    const put = await tenant.scim.put(`/Users/${created.id}`, revised).set('If-Match', created.meta.version)
    expect(put.status).toBe(200)
    const { roles, meta, ...expected } = revised
    expect(put.body).toEqual({
      ...expected,
      meta: { ...meta, lastModified: put.body.meta.lastModified, version: put.headers.etag },
    })
    expect(put.headers.etag).not.toBe(created.meta.version)
  })

  test('RFC 7644 3.5.1 what is readOnly is ignored, what is required must be there', async () => {
    const { id, meta } = await create('/Users', { schemas: [userUrn], userName: 'put' })
    const put = await tenant.scim.put(`/Users/${id}`, {
      schemas: [userUrn],
      userName: 'put',
      id: 'other',
      meta: { created: '2001-01-01T00:00:00Z' },
      groups: [{ value: 'x' }],
    })
    expect([put.status, put.body.id, put.body.meta]).toEqual([200, id, meta])
    const nameless = await tenant.scim.put(`/Users/${id}`, { schemas: [userUrn], title: 'T' })
    expect(expectScimError(nameless, 400, 'invalidValue')).toContain('userName')
    expect((await tenant.scim.get(`/Users/${id}`).expect(200)).body).toEqual(put.body)
  })
})

describe('RFC 7644 3.6 deleting', () => {
  beforeAll(newDirectory)

  test('RFC 7644 3.6 a DELETE of the version that was read: 204, and nothing is found any more', async () => {
    const { id, meta } = await create('/Users', rosalind)
    const removed = await tenant.scim.delete(`/Users/${id}`).set('If-Match', meta.version)
    expect([removed.status, removed.text]).toEqual([204, ''])
    expect(expectScimError(await tenant.scim.get(`/Users/${id}`), 404)).toContain(id)
    for (const path of ['/Users', '', `/Users?filter=${encodeURIComponent('userName eq "rfranklin"')}`]) {
      expect((await tenant.scim.get(path).expect(200)).body).toMatchObject({ totalResults: 0, Resources: [] })
    }
    await create('/Users', rosalind)
  })
})
