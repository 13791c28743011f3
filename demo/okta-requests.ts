// Requests in the form that Okta sends them (User-Agent "Okta SCIM Client 1.0.0"): a catalogue app PATCHes activation
// and groups and PUTs other user changes; an app made with Okta's wizard PUTs everything.
import type { Account, Exchange, Expected, IdOf, Wire } from './scenario.ts'

const userSchema = 'urn:ietf:params:scim:schemas:core:2.0:User'
const groupSchema = 'urn:ietf:params:scim:schemas:core:2.0:Group'
const patchSchema = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

const readHeaders = {
  'User-Agent': 'Okta SCIM Client 1.0.0',
  Accept: 'application/scim+json',
  'Accept-Charset': 'utf-8',
}
const writeHeaders = { ...readHeaders, 'Content-Type': 'application/scim+json; charset=utf-8' }

const exchange = (expected: Expected, request: (idOf: IdOf) => Wire): Exchange => ({
  api: 'scim',
  request,
  expected,
})

const get = (path: string): Wire => ({ method: 'GET', path, headers: readHeaders })

const write = (method: 'POST' | 'PUT' | 'PATCH', path: string, body: object): Wire => ({
  method,
  path,
  headers: writeHeaders,
  body,
})

const search = (endpoint: string, filter: string) =>
  get(`${endpoint}?filter=${encodeURIComponent(filter)}&startIndex=1&count=100`)

export const testConnection = (): Exchange[] => [
  exchange({ status: 200, found: [] }, () => get('/Users?startIndex=1&count=2')),
  exchange({ status: 200, found: [] }, () => get('/Groups?startIndex=1&count=100')),
]

/** The look-up before each assignment; `found` is who must be there already. */
export const findUser = (userName: string, found: readonly string[]): Exchange =>
  exchange({ status: 200, found }, () => search('/Users', `userName eq "${userName}"`))

/** Looked up, not found, created. */
export const assign = (name: string, account: Account): Exchange[] => [
  findUser(account.userName, []),
  exchange({ status: 201, saves: name }, () =>
    write('POST', '/Users', {
      schemas: [userSchema],
      userName: account.userName,
      name: nameOf(account),
      emails: [{ primary: true, value: account.userName, type: 'work' }],
      displayName: `${account.givenName} ${account.familyName}`,
      locale: 'en-US',
      externalId: account.externalId,
      groups: [],
      password: '7hq2xkd0',
      active: true,
    }),
  ),
]

export const getUser = (name: string): Exchange =>
  exchange({ status: 200 }, (idOf) => get(`/Users/${idOf(name)}`))

/** The whole user over what is there: a changed profile, or somebody found who is assigned again. */
export const putUser = (name: string, account: Account, expected: Partial<Expected> = {}): Exchange =>
  exchange({ status: 200, ...expected }, (idOf) =>
    write('PUT', `/Users/${idOf(name)}`, {
      schemas: [userSchema],
      id: idOf(name),
      userName: account.userName,
      externalId: account.externalId,
      name: nameOf(account),
      displayName: `${account.givenName} ${account.familyName}`,
      emails: [{ primary: true, value: account.userName, type: 'work', display: account.userName }],
      active: true,
      groups: [],
      meta: { resourceType: 'User' },
    }),
  )

/** PATCH without a path. */
export const deactivate = (name: string, expected: Partial<Expected>): Exchange =>
  exchange({ status: 200, ...expected }, (idOf) =>
    write('PATCH', `/Users/${idOf(name)}`, {
      schemas: [patchSchema],
      Operations: [{ op: 'replace', value: { active: false } }],
    }),
  )

/** A group that is pushed for the first time: looked up, not found, created empty. */
export const createGroup = (displayName: string): Exchange[] => [
  exchange({ status: 200, found: [] }, () => search('/Groups', `displayName eq "${displayName}"`)),
  exchange({ status: 201, saves: displayName }, () =>
    write('POST', '/Groups', { schemas: [groupSchema], displayName, members: [] }),
  ),
]

/** A group's members, all of them. */
export const pushMembers = (group: string, members: readonly string[], expected: Partial<Expected> = {}) =>
  patchGroup(group, expected, (idOf) => [
    { op: 'replace', path: 'members', value: members.map((name) => ({ value: idOf(name), display: name })) },
  ])

/** Okta repeats id and name of the group beside a change of its members. */
export const addMember = (group: string, name: string, expected: Partial<Expected>) =>
  patchGroup(group, expected, (idOf) => [
    { op: 'replace', value: { id: idOf(group), displayName: group } },
    { op: 'add', path: 'members', value: [{ value: idOf(name), display: name }] },
  ])

export const removeMember = (group: string, name: string, expected: Partial<Expected>) =>
  patchGroup(group, expected, (idOf) => [{ op: 'remove', path: `members[value eq "${idOf(name)}"]` }])

export const renameGroup = (group: string, displayName: string) =>
  patchGroup(group, {}, (idOf) => [{ op: 'replace', value: { id: idOf(group), displayName } }])

/** What an app made with Okta's wizard sends for any change of a group. */
export const putGroup = (
  group: string,
  displayName: string,
  members: readonly string[],
  expected: Partial<Expected>,
): Exchange =>
  exchange({ status: 200, ...expected }, (idOf) =>
    write('PUT', `/Groups/${idOf(group)}`, {
      schemas: [groupSchema],
      id: idOf(group),
      displayName,
      members: members.map((name) => ({ value: idOf(name), display: name })),
    }),
  )

export const deleteGroup = (group: string, expected: Partial<Expected>): Exchange =>
  exchange({ status: 204, ...expected }, (idOf) => ({
    method: 'DELETE',
    path: `/Groups/${idOf(group)}`,
    headers: readHeaders,
  }))

const patchGroup = (
  group: string,
  expected: Partial<Expected>,
  operations: (idOf: IdOf) => object[],
): Exchange =>
  exchange({ status: 200, ...expected }, (idOf) =>
    write('PATCH', `/Groups/${idOf(group)}`, { schemas: [patchSchema], Operations: operations(idOf) }),
  )

const nameOf = ({ givenName, familyName }: Account) => ({ givenName, familyName })
