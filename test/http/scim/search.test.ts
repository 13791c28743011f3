// POST /.search of a type (RFC 7644 section 3.4.3): the same answers as the query of a URL.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { searchRequestSchema } from '../../../src/scim/search-request.ts'
import { expectScimError } from '../../support/answers.ts'
import { startTestApp, type Tenant, type TestApp } from '../../support/app.ts'

let app: TestApp
let tenant: Tenant
beforeAll(async () => {
  app = await startTestApp()
  tenant = await app.createTenant()
  for (const userName of ['ada', 'bob', 'cleo']) {
    const emails = [{ value: `${userName}@example.com`, type: 'work' }]
    await tenant.scim.post('/Users', { userName, emails }).expect(201)
  }
  await tenant.scim.post('/Groups', { displayName: 'Readers' }).expect(201)
})
afterAll(() => app.close())

const search = (path: string, body: object) =>
  tenant.scim.post(`${path}/.search`, { schemas: [searchRequestSchema], ...body })

test.each([
  [{}, ''],
  [
    { filter: 'emails[type eq "work"].value eq "BOB@example.com"' },
    'filter=emails%5Btype%20eq%20%22work%22%5D.value%20eq%20%22bob@example.com%22',
  ],
  [{ startIndex: 2, count: 1 }, 'startIndex=2&count=1'],
  [{ startIndex: '2', count: '1' }, 'startIndex=2&count=1'],
  [{ attributes: ['userName', 'emails.value'] }, 'attributes=userName,emails.value'],
  [{ excludedAttributes: ['emails'], COUNT: 2 }, 'excludedAttributes=emails&count=2'],
])('%j answers as ?%s', async (body, query) => {
  const posted = await search('/Users', body)
  expect(posted.status).toBe(200)
  expect(posted.body).toEqual((await tenant.scim.get(`/Users?${query}`).expect(200)).body)
})

test('RFC 7644 3.4.3 a body without schemas is a search request', async () => {
  const { body } = await tenant.scim.post('/Users/.search', { filter: 'userName eq "bob"' }).expect(200)
  expect(body).toMatchObject({ totalResults: 1, Resources: [{ userName: 'bob' }] })
})

test('groups are searched too', async () => {
  const found = await search('/Groups', { filter: 'displayName eq "readers"' })
  expect(found.body).toMatchObject({ totalResults: 1, Resources: [{ displayName: 'Readers' }] })
})

test.each([
  [{ filter: 5 }, 'filter', 'invalidSyntax'],
  [{ count: true }, 'count', 'invalidSyntax'],
  [{ count: 'x' }, 'count', 'invalidValue'],
  [{ startIndex: 1.5 }, 'startIndex', 'invalidSyntax'],
  [{ attributes: [1] }, 'attributes', 'invalidSyntax'],
  [{ schemas: ['urn:x'] }, 'schemas', 'invalidSyntax'],
  [{ filter: 'nope eq 1' }, 'nope', 'invalidFilter'],
  [{ attributes: ['id'], excludedAttributes: ['name'] }, 'attributes', 'invalidValue'],
])('%j is refused, naming the field', async (body, name, scimType) => {
  expect(expectScimError(await search('/Users', body), 400, scimType)).toContain(name)
})

test('it needs a token and is a POST', async () => {
  expectScimError(await app.http.post('/scim/v2/Users/.search').send({}), 401)
  expectScimError(await tenant.scim.put('/Users/.search', {}), 405)
})
