// Searching: filters, pages and projections over HTTP (RFC 7644 sections 3.4.2 and 3.9).
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectScimError } from '../../support/answers.ts'
import { startTestApp, type Tenant, type TestApp } from '../../support/app.ts'
import { enterpriseUrn, groupUrn, listUrn, patchBody, userUrn } from '../../support/protocol.ts'

let app: TestApp
let tenant: Tenant
const ids: string[] = []
let group: string

beforeAll(async () => {
  app = await startTestApp()
  tenant = await app.createTenant()
  for (const [i, name] of ['anna', 'Bertil', 'cecilia', 'david', 'eva'].entries()) {
    const created = await tenant.scim
      .post('/Users', {
        schemas: [userUrn, enterpriseUrn],
        userName: `${name}@example.com`,
        externalId: `E-${i}`,
        name: { givenName: name, familyName: 'Test' },
        active: i !== 4,
        emails: [
          { value: `${name}@example.com`, type: 'work', primary: true },
          { value: `${name}@home.example`, type: 'home' },
        ],
        ...(i === 1 ? { [enterpriseUrn]: { department: 'R&D', manager: { value: ids[0] } } } : {}),
      })
      .expect(201)
    ids.push(created.body.id)
  }
  const body = { schemas: [groupUrn], displayName: 'Team A', members: [{ value: ids[0] }, { value: ids[1] }] }
  group = (await tenant.scim.post('/Groups', body).expect(201)).body.id
})
afterAll(() => app.close())

/** Which of the five users an answer holds, by their place. */
const places = (body: { Resources: { id: string }[] }) => body.Resources.map(({ id }) => ids.indexOf(id))

const search = (endpoint: string, filter: string) =>
  tenant.scim.get(`${endpoint}?filter=${encodeURIComponent(filter)}`)

describe('RFC 7644 3.4.2.2 filters', () => {
  test.each<[string, number[]]>([
    ['userName eq "ANNA@example.com"', [0]],
    ['USERNAME Eq "bertil@example.com"', [1]],
    ['externalId eq "E-2"', [2]],
    ['externalId eq "e-2"', []],
    ['emails[type eq "work"].value eq "david@example.com"', [3]],
    ['emails[type eq "work" and value ew "@home.example"]', []],
    ['emails.value eq "eva@home.example"', [4]],
    ['active eq "False"', [4]],
    ['not (active eq true)', [4]],
    ['name.givenName sw "B" or userName co "ecili"', [1, 2]],
    [`${enterpriseUrn}:department eq "r&d"`, [1]],
    [`${enterpriseUrn}:manager pr`, [1]],
    ['userName eq "nobody"', []],
    ['meta.lastModified gt "2001-01-01T00:00:00Z" and id pr', [0, 1, 2, 3, 4]],
    ['id eq "not a uuid"', []],
    ['groups.display eq "team a"', [0, 1]],
  ])('%s', async (filter, expected) => {
    const { status, body } = await search('/Users', filter)
    expect(status).toBe(200)
    expect(places(body)).toEqual(expected)
    expect(body).toMatchObject({
      schemas: [listUrn],
      totalResults: expected.length,
      itemsPerPage: expected.length,
      startIndex: 1,
    })
  })

  test('scim.md 3 Entra: + for blanks, and who manages or belongs', async () => {
    const plus = await tenant.scim.get('/Users?filter=userName+eq+%22anna@example.com%22')
    expect(places(plus.body)).toEqual([0])
    const managed = `id eq "${ids[1]}" and manager eq "${ids[0]}"`
    expect(places((await search('/Users', managed)).body)).toEqual([1])
    for (const [member, total] of [
      [ids[0], 1],
      [ids[4], 0],
    ] as const) {
      const { body } = await search('/Groups', `id eq "${group}" and members eq "${member}"`)
      expect(body.totalResults).toBe(total)
    }
    const named = await search('/Groups', 'displayName eq "TEAM A"')
    expect(named.body).toMatchObject({ totalResults: 1, Resources: [{ id: group }] })
  })

  test('other parameters are ignored, and parameters compare without case', async () => {
    const { status, body } = await tenant.scim.get(
      '/Users?aadOptscim062020&foo=bar&sortOrder=up&COUNT=2&FILTER=userName%20pr',
    )
    expect([status, body.itemsPerPage, body.totalResults]).toEqual([200, 2, 5])
  })
})

describe('RFC 7644 3.4.2.4 pages', () => {
  test.each<[string, number, number[]]>([
    ['', 1, [0, 1, 2, 3, 4]],
    ['?startIndex=1&count=2', 1, [0, 1]],
    ['?startIndex=3&count=2', 3, [2, 3]],
    ['?startIndex=5&count=2', 5, [4]],
    ['?startIndex=6', 6, []],
    ['?startIndex=9007199254740991', 9007199254740991, []],
    ['?startIndex=0&count=1', 1, [0]],
    ['?startIndex=-3&count=1', 1, [0]],
    ['?count=0', 1, []],
    ['?count=-1', 1, []],
    ['?count=100000', 1, [0, 1, 2, 3, 4]],
    ['?startIndex=&count=', 1, [0, 1, 2, 3, 4]],
  ])('%s', async (query, startIndex, expected) => {
    const { status, body } = await tenant.scim.get(`/Users${query}`)
    expect(status).toBe(200)
    expect(places(body)).toEqual(expected)
    expect(body).toMatchObject({ totalResults: 5, startIndex, itemsPerPage: expected.length })
  })

  test.each([
    'startIndex=x',
    'count=x',
    'count=1.5',
    'startIndex=1e3',
    'count=0x10',
    'count=99999999999999999999',
  ])('%s is 400 invalidValue', async (query) => {
    expect(expectScimError(await tenant.scim.get(`/Users?${query}`), 400, 'invalidValue')).toContain(
      'whole number',
    )
  })

  test('totalResults counts what the filter finds, on every page', async () => {
    const filter = encodeURIComponent('active eq true')
    const pages = [1, 3, 5].map((startIndex) =>
      tenant.scim.get(`/Users?filter=${filter}&startIndex=${startIndex}&count=2`),
    )
    const bodies = (await Promise.all(pages)).map(({ body }) => body)
    expect(bodies.map(({ totalResults }) => totalResults)).toEqual([4, 4, 4])
    expect(bodies.flatMap(places)).toEqual([0, 1, 2, 3])
  })

  test('a page has at most 1000, however many are asked for', async () => {
    const many = await app.createTenant()
    await app.database.client.$executeRaw`
      INSERT INTO users (directory_id, id, user_name, user_name_key, email, email_key, active, resource, search,
        created_at, last_modified)
      SELECT ${many.directoryId}::uuid, gen_random_uuid(), n, n, n, n, true,
        jsonb_build_object('userName', n), jsonb_build_object('userName', n), now(), now()
      FROM (SELECT 'u' || i AS n FROM generate_series(1, 1001) i) names`
    const { body } = await many.scim.get('/Users?count=5000&attributes=id')
    expect(body).toMatchObject({ totalResults: 1001, itemsPerPage: 1000 })
    expect(body.Resources).toHaveLength(1000)
    expect((await many.scim.get('/Users?startIndex=1001&count=5000')).body.itemsPerPage).toBe(1)
    expect((await many.scim.get('/Users')).body.itemsPerPage).toBe(100)
  })
})

describe('RFC 7644 3.9 attributes and excludedAttributes, on every method', () => {
  const only = ['id', 'schemas', 'userName']
  const keys = (body: object) => Object.keys(body).sort()

  test('lists and single resources', async () => {
    const { body } = await tenant.scim.get('/Users?attributes=userName')
    expect(body.Resources.map(keys)).toEqual(ids.map(() => only))
    expect(keys((await tenant.scim.get(`/Users/${ids[0]}?attributes=USERNAME`)).body)).toEqual(only)
    const without = (
      await tenant.scim.get(`/Users/${ids[0]}?excludedAttributes=emails,id,groups,meta,name.familyName`)
    ).body
    expect(keys(without)).toEqual(['active', 'externalId', 'id', 'name', 'schemas', 'userName'])
    expect(without.name).toEqual({ givenName: 'anna' })
    const listed = await tenant.scim.get('/Groups?excludedAttributes=members')
    expect(listed.body.Resources.map(keys)).toEqual([['displayName', 'id', 'meta', 'schemas']])
  })

  test('POST, PUT and PATCH: the headers tell what the body leaves out', async () => {
    const created = await tenant.scim.post('/Users?attributes=userName', {
      schemas: [userUrn],
      userName: 'p',
      title: 'T',
    })
    expect([created.status, keys(created.body)]).toEqual([201, only])
    const { id } = created.body
    expect(created.headers.location).toBe(`${app.origin}/scim/v2/Users/${id}`)
    expect(created.headers.etag).toBe('W/"1"')
    const path = `/Users/${id}?attributes=userName`
    const put = await tenant.scim.put(path, { schemas: [userUrn], userName: 'q', title: 'T' })
    expect([put.status, keys(put.body), put.headers.etag]).toEqual([200, only, 'W/"2"'])
    const patched = await tenant.scim.patch(path, patchBody({ op: 'remove', path: 'title' }))
    expect([patched.status, keys(patched.body), patched.headers.etag]).toEqual([200, only, 'W/"3"'])
    const excluded = await tenant.scim.put(`/Users/${id}?excludedAttributes=meta,active`, {
      schemas: [userUrn],
      userName: 'q',
    })
    expect(keys(excluded.body)).toEqual(only)
    await tenant.scim.delete(`/Users/${id}`).expect(204)
  })

  test('both together are refused by every method, and nothing is changed', async () => {
    const query = '?attributes=userName&excludedAttributes=name'
    const before = (await tenant.scim.get(`/Users/${ids[0]}`)).body
    const body = { schemas: [userUrn], userName: 'changed' }
    const refused = [
      await tenant.scim.get(`/Users${query}`),
      await tenant.scim.get(`/Users/${ids[0]}${query}`),
      await tenant.scim.post(`/Users${query}`, body),
      await tenant.scim.put(`/Users/${ids[0]}${query}`, body),
      await tenant.scim.patch(
        `/Users/${ids[0]}${query}`,
        patchBody({ op: 'replace', path: 'userName', value: 'changed' }),
      ),
      await tenant.scim.patch(`/Groups/${group}${query}`, patchBody({ op: 'remove', path: 'members' })),
    ]
    for (const answer of refused) expectScimError(answer, 400, 'invalidValue')
    expect((await tenant.scim.get(`/Users/${ids[0]}`)).body).toEqual(before)
    expect((await search('/Users', 'userName eq "changed"')).body.totalResults).toBe(0)
  })
})
