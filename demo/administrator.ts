// The administrator's side: a directory with an organization of its own for each scenario, and the requests to the
// admin API that a scenario plays.
import { type Static, type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'
import { type Answer, send } from './http.ts'
import type { Exchange, Expected, IdOf, Wire } from './scenario.ts'

/** A service, and the right to administer it. */
export interface Access {
  readonly origin: string
  readonly adminToken: string
}

export interface Tenant {
  readonly directoryId: string
  readonly directoryToken: string
  readonly directoryTokenId: string
  readonly organizationId: string
}

const NullableText = Type.Union([Type.String(), Type.Null()])
const Created = Type.Object({ id: Type.String() })
const Parent = Type.Object({ id: Type.String(), directoryId: Type.String() })
const Token = Type.Object({ id: Type.String(), token: Type.String() })
const Member = Type.Object({
  id: Type.String(),
  userId: NullableText,
  email: Type.String(),
  status: Type.Union([Type.Literal('active'), Type.Literal('waiting')]),
  role: NullableText,
  seatType: NullableText,
  waitsFor: NullableText,
})
const Members = Type.Object({ members: Type.Array(Member), next: Type.Null() })
const Person = Type.Object({
  explanation: Type.Object({
    reasons: Type.Array(Type.Object({ rule: Type.String(), code: Type.String(), text: Type.String() })),
  }),
})

export type Member = Static<typeof Member>

/** Never touches what the service has: parent organization, directory, token and organization are new. */
export async function createTenant(access: Access, organization: string): Promise<Tenant> {
  const create = async <T extends TSchema>(schema: T, path: string, body: object): Promise<Static<T>> =>
    parse(schema, 201, path, await send(adminPrefix(access), access.adminToken, write('POST', path, body)))
  const { id: parentId, directoryId } = await create(Parent, '/parent-organizations', {
    name: organization,
    plan: 'enterprise',
  })
  const tokens = `/directories/${directoryId}/tokens`
  const { id: directoryTokenId, token: directoryToken } = await create(Token, tokens, { name: 'demo' })
  const { id: organizationId } = await create(Created, `/parent-organizations/${parentId}/organizations`, {
    name: organization,
    plan: 'enterprise_seats',
  })
  return { directoryId, directoryToken, directoryTokenId, organizationId }
}

/** When the week is over nobody may use its token any more. */
export async function revokeToken(access: Access, tenant: Tenant): Promise<void> {
  const path = `/directories/${tenant.directoryId}/tokens/${tenant.directoryTokenId}`
  const { status } = await send(adminPrefix(access), access.adminToken, {
    method: 'DELETE',
    path,
    headers: {},
  })
  if (status !== 204) throw new Error(`DELETE ${path} was answered ${status}.`)
}

export async function readMembers(access: Access, { organizationId }: Tenant): Promise<Member[]> {
  const path = `/organizations/${organizationId}/members?limit=1000`
  return parse(Members, 200, path, await read(access, path)).members
}

/** Why somebody of the directory is a member, or is not: the reasons that decided role and membership. */
export async function readReason(access: Access, tenant: Tenant, userId: string): Promise<string> {
  const path = `/organizations/${tenant.organizationId}/people/${userId}`
  const answer = await read(access, path)
  if (answer.status === 404) return 'Not in the directory any more.'
  const { reasons } = parse(Person, 200, path, answer).explanation
  const deciding = reasons.find(({ rule, code }) => rule === 'E2' && code !== 'role_of_group_lost')
  return (deciding ?? reasons.at(-1))?.text ?? ''
}

/** How many seats of each type are purchased. */
export const setSeats = (seats: Readonly<Record<string, number>>, expected: Partial<Expected> = {}) =>
  exchange(expected, (idOf) => write('PUT', `/organizations/${idOf('organization')}/seats`, seats))

export interface GroupMapping {
  readonly group: string
  readonly role?: string
  readonly seatType?: string
}

/** SCIM mode with these groups mapped. */
export const mapGroups = (mappings: readonly GroupMapping[], expected: Partial<Expected> = {}) =>
  exchange(expected, (idOf) =>
    write('PUT', `/organizations/${idOf('organization')}/provisioning`, {
      mode: 'scim',
      groupMappings: true,
      mappings: mappings.map(({ group, ...target }) => ({ groupId: idOf(group), ...target })),
    }),
  )

export const adminPrefix = ({ origin }: Access): string => `${origin}/v1`

const exchange = (expected: Partial<Expected>, request: (idOf: IdOf) => Wire): Exchange => ({
  api: 'admin',
  request,
  expected: { status: 200, ...expected },
})

const write = (method: 'POST' | 'PUT', path: string, body: object): Wire => ({
  method,
  path,
  headers: { 'Content-Type': 'application/json' },
  body,
})

const read = (access: Access, path: string): Promise<Answer> =>
  send(adminPrefix(access), access.adminToken, { method: 'GET', path, headers: {} })

function parse<T extends TSchema>(schema: T, status: number, path: string, answer: Answer): Static<T> {
  if (answer.status === status && Value.Check(schema, answer.body)) return answer.body
  throw new Error(`${path} was answered ${answer.status}: ${JSON.stringify(answer.body)}`)
}
