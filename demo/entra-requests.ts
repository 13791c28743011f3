// Requests in the form that Microsoft Entra ID sends them by default: operations begin with a capital, Booleans are
// text, groups are read without their members and made without any.
import type { Account, Exchange, Expected, IdOf, Wire } from './scenario.ts'

const userSchemas = [
  'urn:ietf:params:scim:schemas:core:2.0:User',
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
]
const groupSchemas = [
  'urn:ietf:params:scim:schemas:core:2.0:Group',
  'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group',
]
const patchSchema = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

const readHeaders = { Accept: 'application/scim+json' }
const writeHeaders = { 'Content-Type': 'application/scim+json; charset=utf-8' }

const exchange = (expected: Expected, request: (idOf: IdOf) => Wire): Exchange => ({
  api: 'scim',
  request,
  expected,
})

const get = (path: string): Wire => ({ method: 'GET', path, headers: readHeaders })

/** A filter as Entra writes it into a URL, with `+` for spaces. */
const encoded = (filter: string) => encodeURIComponent(filter).replaceAll('%20', '+')

/** Entra looks for a user whom nobody can have: an empty list says that the connection works. */
export const testConnection = (): Exchange => findUser('6f1c0e52-3b7a-4d0e-9a55-2c7be1f0d9a4', [])

export const findUser = (userName: string, found: readonly string[]): Exchange =>
  exchange({ status: 200, found }, () => get(`/Users?filter=${encoded(`userName eq "${userName}"`)}`))

/** Looked up, not found, created. */
export const provision = (name: string, account: Account): Exchange[] => [
  findUser(account.userName, []),
  exchange({ status: 201, saves: name }, () => ({
    method: 'POST',
    path: '/Users',
    headers: writeHeaders,
    body: {
      schemas: userSchemas,
      externalId: account.externalId,
      userName: account.userName,
      active: true,
      displayName: `${account.givenName} ${account.familyName}`,
      emails: [{ primary: true, type: 'work', value: account.userName }],
      meta: { resourceType: 'User' },
      name: {
        formatted: `${account.givenName} ${account.familyName}`,
        familyName: account.familyName,
        givenName: account.givenName,
      },
      roles: [],
    },
  })),
]

export const getUser = (name: string): Exchange =>
  exchange({ status: 200 }, (idOf) => get(`/Users/${idOf(name)}`))

/** One operation for each attribute; text for all values. */
export const updateUser = (
  name: string,
  attributes: Readonly<Record<string, string>>,
  expected: Partial<Expected> = {},
): Exchange =>
  exchange({ status: 200, ...expected }, (idOf) =>
    patch(
      `/Users/${idOf(name)}`,
      Object.entries(attributes).map(([path, value]) => ({ op: 'Replace', path, value })),
    ),
  )

/** Sent only when the account is gone for good. */
export const deleteUser = (name: string, expected: Partial<Expected> = {}): Exchange =>
  exchange({ status: 204, ...expected }, (idOf) => remove(`/Users/${idOf(name)}`))

export const createGroup = (displayName: string, externalId: string): Exchange[] => [
  exchange({ status: 200, found: [] }, () =>
    get(`/Groups?excludedAttributes=members&filter=${encoded(`displayName eq "${displayName}"`)}`),
  ),
  exchange({ status: 201, saves: displayName }, () => ({
    method: 'POST',
    path: '/Groups',
    headers: writeHeaders,
    body: { schemas: groupSchemas, externalId, displayName, meta: { resourceType: 'Group' } },
  })),
]

export const getGroup = (group: string): Exchange =>
  exchange({ status: 200 }, (idOf) => get(`/Groups/${idOf(group)}?excludedAttributes=members`))

/** Whether somebody is in a group; `found` is the group, or nothing. */
export const findMembership = (group: string, name: string, found: readonly string[]): Exchange =>
  exchange({ status: 200, found }, (idOf) => {
    const filter = encoded(`id eq "${idOf(group)}" and members eq "${idOf(name)}"`)
    return get(`/Groups?filter=${filter}&excludedAttributes=members`)
  })

export const addMember = (group: string, name: string, expected: Partial<Expected>): Exchange =>
  changeMember('Add', group, name, expected)

/** `Remove` with a list means these members only. */
export const removeMember = (group: string, name: string, expected: Partial<Expected>): Exchange =>
  changeMember('Remove', group, name, expected)

const changeMember = (
  op: 'Add' | 'Remove',
  group: string,
  name: string,
  expected: Partial<Expected>,
): Exchange =>
  exchange({ status: 200, ...expected }, (idOf) =>
    patch(`/Groups/${idOf(group)}`, [{ op, path: 'members', value: [{ $ref: null, value: idOf(name) }] }]),
  )

export const renameGroup = (group: string, displayName: string): Exchange =>
  exchange({ status: 200 }, (idOf) =>
    patch(`/Groups/${idOf(group)}`, [{ op: 'Replace', path: 'displayName', value: displayName }]),
  )

export const deleteGroup = (group: string, expected: Partial<Expected>): Exchange =>
  exchange({ status: 204, ...expected }, (idOf) => remove(`/Groups/${idOf(group)}`))

const patch = (path: string, operations: readonly object[]): Wire => ({
  method: 'PATCH',
  path,
  headers: writeHeaders,
  body: { schemas: [patchSchema], Operations: operations },
})

const remove = (path: string): Wire => ({ method: 'DELETE', path, headers: {} })
