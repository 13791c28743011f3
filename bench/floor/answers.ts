// What the floor answers: the same bodies as the service.

export interface Row {
  readonly id: string
  readonly resource: object
  readonly version: number
  readonly created_at: Date
  readonly last_modified: Date
}

export interface UserRow extends Row {
  readonly groups: readonly { readonly value: string; readonly display: string }[]
}

export interface GroupRow extends Row {
  readonly members: readonly { readonly value: string; readonly display: string }[] | null
}

type TypeName = 'User' | 'Group'

export const CONTENT_TYPE = 'application/scim+json; charset=utf-8'

const meta = (type: TypeName, row: Row, base: string) => ({
  resourceType: type,
  created: row.created_at.toISOString(),
  lastModified: row.last_modified.toISOString(),
  location: `${base}/${type}s/${row.id}`,
  version: `W/"${row.version}"`,
})

export function userAnswer(row: UserRow, base: string): object {
  const groups = row.groups.map(({ value, display }) => ({
    value,
    $ref: `${base}/Groups/${value}`,
    display,
    type: 'direct',
  }))
  return {
    ...row.resource,
    ...(groups.length > 0 ? { groups } : {}),
    id: row.id,
    meta: meta('User', row, base),
  }
}

export function groupAnswer(row: GroupRow, base: string): object {
  const members = (row.members ?? []).map(({ value, display }) => ({
    value,
    $ref: `${base}/Users/${value}`,
    type: 'User',
    display,
  }))
  return {
    ...row.resource,
    ...(members.length > 0 ? { members } : {}),
    id: row.id,
    meta: meta('Group', row, base),
  }
}

export const listAnswer = (total: number, startIndex: number, resources: readonly object[]): object => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
  totalResults: total,
  startIndex,
  itemsPerPage: resources.length,
  Resources: resources,
})

/** The headers that name a resource and its version, as the service sends them. */
export function headersOf(type: TypeName, row: Row, base: string): Record<string, string> {
  const location = `${base}/${type}s/${row.id}`
  return { etag: `W/"${row.version}"`, location, 'content-location': location, 'content-type': CONTENT_TYPE }
}
