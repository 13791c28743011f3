// Sorted lists over HTTP (RFC 7644 section 3.4.2.3).
import { afterAll, beforeAll, expect, test } from 'vitest'
import { searchRequestSchema } from '../../../src/scim/search-request.ts'
import { expectScimError } from '../../support/answers.ts'
import { startTestApp, type Tenant, type TestApp } from '../../support/app.ts'
import { enterpriseUrn } from '../../support/protocol.ts'

let app: TestApp
let tenant: Tenant
const names = new Map<string, string>()
beforeAll(async () => {
  app = await startTestApp()
  tenant = await app.createTenant()
  const ids: string[] = []
  for (const user of [
    { userName: 'Cleo', title: 'b', emails: [{ value: 'z@x' }, { value: 'A@x', primary: true }] },
    {
      userName: 'ada',
      title: 'B',
      active: false,
      emails: [{ value: 'c@x' }],
      [enterpriseUrn]: { department: 'R' },
    },
    { userName: 'Bob', [enterpriseUrn]: { department: 'a' } },
    { userName: 'dora', title: 'A', name: { givenName: 'Dora' } },
  ]) {
    const { id } = (await tenant.scim.post('/Users', user).expect(201)).body
    names.set(id, user.userName)
    ids.push(id)
  }
  const [cleo, ada] = ids
  for (const [displayName, member] of [
    ['Sales', ada],
    ['all', cleo],
    ['Empty', null],
  ]) {
    const members = member === null ? [] : [{ value: member }]
    const { id } = (await tenant.scim.post('/Groups', { displayName, members }).expect(201)).body
    names.set(id, String(displayName))
  }
})
afterAll(() => app.close())

const namesOf = ({ Resources }: { Resources: { id: string }[] }): string =>
  Resources.map(({ id }) => names.get(id)).join(' ')

test.each([
  ['userName', 'ada Bob Cleo dora'],
  ['userName&sortOrder=descending', 'dora Cleo Bob ada'],
  ['USERNAME&sortorder=DESCENDING&count=2', 'dora Cleo'],
  ['userName&startIndex=2&count=2', 'Bob Cleo'],
  ['title', 'dora Cleo ada Bob'],
  ['title&sortOrder=descending', 'Bob Cleo ada dora'],
  ['title&startIndex=4', 'Bob'],
  ['emails', 'Cleo ada Bob dora'],
  ['emails.value&filter=emails%20pr&sortOrder=descending', 'ada Cleo'],
  [`${enterpriseUrn}:department`, 'Bob ada Cleo dora'],
  ['name.givenName', 'dora Cleo ada Bob'],
  ['active&sortOrder=ascending', 'ada Cleo Bob dora'],
  ['id&sortOrder=descending', 'dora Bob ada Cleo'],
  ['meta.created', 'Cleo ada Bob dora'],
  ['meta.lastModified&sortOrder=descending', 'dora Bob ada Cleo'],
  ['groups.display', 'Cleo ada Bob dora'],
])('RFC 7644 3.4.2.3 /Users?sortBy=%s', async (query, expected) => {
  const { body } = await tenant.scim.get(`/Users?sortBy=${query}`).expect(200)
  expect(namesOf(body)).toBe(expected)
})

test.each([
  ['displayName', 'all Empty Sales'],
  ['members', 'all Sales Empty'],
  ['members.display&sortOrder=descending', 'Empty all Sales'],
  ['members.type', 'Sales all Empty'],
])('RFC 7644 3.4.2.3 /Groups?sortBy=%s', async (query, expected) => {
  const { body } = await tenant.scim.get(`/Groups?sortBy=${query}`).expect(200)
  expect(namesOf(body)).toBe(expected)
})

test('RFC 7644 3.4.3 a search by POST is sorted the same', async () => {
  const request = { schemas: [searchRequestSchema], sortBy: 'title', sortOrder: 'descending', count: 3 }
  const { body } = await tenant.scim.post('/Users/.search', request).expect(200)
  expect(namesOf(body)).toBe('Bob Cleo ada')
  const refused = await tenant.scim.post('/Users/.search', { ...request, sortBy: ['title'] })
  expect(expectScimError(refused, 400, 'invalidSyntax')).toContain('sortBy')
})

test.each([
  ['nope', 'nope'],
  ['password', 'password'],
  ['name', 'name'],
  ['userName&sortOrder=up', 'sortOrder'],
  ["userName'%20OR%201=1--", 'sortBy'],
])('sortBy=%s is refused and named', async (query, name) => {
  const answer = await tenant.scim.get(`/Users?sortBy=${query}`)
  expect(expectScimError(answer, 400, 'invalidValue')).toContain(name)
})

test('RFC 7643 5 ServiceProviderConfig says that lists are sorted', async () => {
  const { body } = await tenant.scim.get('/ServiceProviderConfig').expect(200)
  expect(body.sort).toEqual({ supported: true })
})
