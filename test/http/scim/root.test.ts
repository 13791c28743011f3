// Searching at the root (RFC 7644 sections 3.4.2.1 and 3.4.3): users and groups in one list.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { searchRequestSchema } from '../../../src/scim/search-request.ts'
import { expectScimError } from '../../support/answers.ts'
import { startTestApp, type Tenant, type TestApp } from '../../support/app.ts'
import { enterpriseUrn, groupUrn, listUrn, userUrn } from '../../support/protocol.ts'

let app: TestApp
let tenant: Tenant
const names = new Map<string, string>()
beforeAll(async () => {
  app = await startTestApp()
  tenant = await app.createTenant()
  const create = async (endpoint: string, name: string, body: object) => {
    const { id } = (await tenant.scim.post(endpoint, body).expect(201)).body
    names.set(id, name)
    return id
  }
  const ada = await create('/Users', 'ada', {
    userName: 'ada',
    displayName: 'Ada',
    emails: [{ value: 'ada@x', type: 'work' }],
    [enterpriseUrn]: { department: 'R' },
  })
  await create('/Groups', 'readers', { displayName: 'Readers', externalId: 'x', members: [{ value: ada }] })
  await create('/Users', 'bob', { userName: 'bob', externalId: 'x', active: false })
  await create('/Groups', 'all', { displayName: 'All' })
  await create('/Users', 'cleo', { userName: 'cleo', displayName: 'Bert' })
  const other = await app.createTenant()
  await other.scim.post('/Users', { userName: 'stranger' }).expect(201)
})
afterAll(() => app.close())

const namesOf = ({ Resources }: { Resources: { id: string }[] }): string =>
  Resources.map(({ id }) => names.get(id)).join(' ')

const search = (body: object) => tenant.scim.post('/.search', { schemas: [searchRequestSchema], ...body })

describe('RFC 7644 3.4.2.1 an attribute that a type does not have has no value there', () => {
  test.each([
    ['userName eq "ADA"', 'ada'],
    ['userName ne "ada"', 'readers bob all cleo'],
    ['not (userName eq "ada")', 'readers bob all cleo'],
    ['userName pr', 'ada bob cleo'],
    ['userName eq null', 'readers all'],
    ['not (members pr) and not (userName pr)', 'all'],
    ['userName eq "bob" or displayName eq "readers"', 'readers bob'],
    ['displayName sw "a"', 'ada all'],
    [`${userUrn}:displayName sw "a"`, 'ada'],
    [`${groupUrn}:displayName pr`, 'readers all'],
    [`${enterpriseUrn}:department eq "r"`, 'ada'],
    ['department pr or members pr', 'ada readers'],
    ['emails[type eq "work" and value co "@"]', 'ada'],
    ['emails.value ne "x"', 'ada'],
    ['externalId eq "x"', 'readers bob'],
    ['active eq false', 'bob'],
    ['meta.resourceType eq "User"', 'ada bob cleo'],
    ['meta.resourceType eq "Group"', 'readers all'],
    [`schemas eq "${groupUrn}"`, 'readers all'],
    ['groups.display eq "readers" or members.display eq "ada"', 'ada readers'],
  ])('%s', async (filter, expected) => {
    const { body } = await search({ filter }).expect(200)
    expect(namesOf(body)).toBe(expected)
    expect(body.totalResults).toBe(body.Resources.length)
  })

  test('one that no type has is invalidFilter, and still named', async () => {
    const answer = await search({ filter: 'userName eq "ada" or nope pr' })
    expect(expectScimError(answer, 400, 'invalidFilter')).toContain('"nope"')
    expectScimError(await search({ filter: 'password eq "x"' }), 400, 'invalidFilter')
    expectScimError(await search({ filter: 'active gt true' }), 400, 'invalidFilter')
  })
})

describe('RFC 7644 3.4.2.4 one order, one total, one paging', () => {
  test.each([
    [{}, 'ada readers bob all cleo'],
    [{ startIndex: 2, count: 2 }, 'readers bob'],
    [{ startIndex: 5 }, 'cleo'],
    [{ count: 0 }, ''],
    [{ sortBy: 'displayName' }, 'ada all cleo readers bob'],
    [{ sortBy: 'displayName', sortOrder: 'descending', count: 3 }, 'bob readers cleo'],
    [{ sortBy: 'userName' }, 'ada bob cleo readers all'],
    [{ sortBy: 'meta.resourceType' }, 'readers all ada bob cleo'],
    [{ sortBy: 'meta.created', sortOrder: 'descending' }, 'cleo all bob readers ada'],
    [{ sortBy: 'members' }, 'readers ada bob all cleo'],
  ])('%j', async (body, expected) => {
    const answer = await search(body).expect(200)
    expect(namesOf(answer.body)).toBe(expected)
    expect(answer.body).toMatchObject({
      schemas: [listUrn],
      totalResults: 5,
      itemsPerPage: answer.body.Resources.length,
    })
  })

  test('an unknown sortBy is refused', async () => {
    expect(expectScimError(await search({ sortBy: 'nope' }), 400, 'invalidValue')).toContain('nope')
  })
})

test('each resource is answered as its own endpoint answers it', async () => {
  const { body } = await search({}).expect(200)
  for (const resource of body.Resources) {
    const path = new URL(resource.meta.location).pathname.replace('/scim/v2', '')
    expect((await tenant.scim.get(path).expect(200)).body).toEqual(resource)
  }
})

test('RFC 7644 3.9 attributes of either type', async () => {
  const { body } = await search({ attributes: ['userName', 'members.value'] }).expect(200)
  expect(body.Resources[0]).toEqual({
    schemas: [userUrn, enterpriseUrn],
    id: expect.any(String),
    userName: 'ada',
  })
  expect(body.Resources[1]).toEqual({
    schemas: [groupUrn],
    id: expect.any(String),
    members: [{ value: body.Resources[0].id }],
  })
})

test('RFC 7644 3.4.2.1 GET at the root asks the same', async () => {
  const query = 'filter=displayName%20pr&sortBy=displayName&count=2'
  const posted = await search({ filter: 'displayName pr', sortBy: 'displayName', count: 2 }).expect(200)
  for (const path of [`?${query}`, `/?${query}`]) {
    expect((await tenant.scim.get(path).expect(200)).body).toEqual(posted.body)
  }
})

test('it needs a token, and other methods are refused', async () => {
  expectScimError(await app.http.post('/scim/v2/.search').send({}), 401)
  expectScimError(await app.http.get('/scim/v2'), 401)
  const put = await tenant.scim.put('/.search', {})
  expectScimError(put, 405)
  expect(put.headers.allow).toBe('POST')
  expectScimError(await tenant.scim.post('/', {}), 405)
})
