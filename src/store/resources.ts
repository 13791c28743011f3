// Reading, locking and deleting the rows that hold SCIM resources: users and groups alike.
import { isId } from '../ids.ts'
import type { Attributes, Meta } from '../scim/resource.ts'
import type { ResourceTypeName } from '../scim/schema.ts'
import type { Tx } from './database.ts'
import { Prisma } from './generated/client.ts'

/** A stored resource: what the client gave, and what the service knows of it. */
export interface StoredResource extends Meta {
  readonly id: string
  readonly attributes: Attributes
}

/** What `columns` select. */
export interface Row {
  readonly id: string
  readonly resource: Attributes
  readonly version: number
  readonly created_at: Date
  readonly last_modified: Date
}

export const tables: Record<ResourceTypeName, Prisma.Sql> = {
  User: Prisma.raw('users'),
  Group: Prisma.raw('groups'),
}
/** Of a row with the alias `r`. */
export const columns = Prisma.raw('r.id, r.resource, r.version, r.created_at, r.last_modified')

export const toResource = (row: Row): StoredResource => ({
  id: row.id,
  attributes: row.resource,
  version: row.version,
  created: row.created_at,
  lastModified: row.last_modified,
})

export async function findResource(
  tx: Tx,
  directoryId: string,
  type: ResourceTypeName,
  id: string,
): Promise<StoredResource | null> {
  if (!isId(id)) return null
  const rows = await tx.$queryRaw<Row[]>`
    SELECT ${columns} FROM ${tables[type]} r WHERE r.directory_id = ${directoryId}::uuid AND r.id = ${id}::uuid`
  return rows[0] === undefined ? null : toResource(rows[0])
}

const nameKeys: Record<ResourceTypeName, Prisma.Sql> = {
  User: Prisma.raw('user_name_key'),
  Group: Prisma.raw('display_name_key'),
}

/** The id of the user with this userName, or the group with this displayName, as they compare. */
export async function findIdByName(
  tx: Tx,
  directoryId: string,
  type: ResourceTypeName,
  nameKey: string,
): Promise<string | null> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT r.id FROM ${tables[type]} r
    WHERE r.directory_id = ${directoryId}::uuid AND r.${nameKeys[type]} = ${nameKey}`
  return rows[0]?.id ?? null
}

/**
 * Locks the row until the end of the transaction. `update` lets others go on naming the resource as a member;
 * `delete` does not, so that no membership appears while the resource goes.
 */
export async function lockResource(
  tx: Tx,
  directoryId: string,
  type: ResourceTypeName,
  id: string,
  intent: 'update' | 'delete',
): Promise<StoredResource | null> {
  if (!isId(id)) return null
  const lock = Prisma.raw(intent === 'update' ? 'FOR NO KEY UPDATE' : 'FOR UPDATE')
  const rows = await tx.$queryRaw<Row[]>`
    SELECT ${columns} FROM ${tables[type]} r
    WHERE r.directory_id = ${directoryId}::uuid AND r.id = ${id}::uuid ${lock}`
  return rows[0] === undefined ? null : toResource(rows[0])
}

/** Locks those of the rows that are there for deletion, in the order of their ids; gives these ids. */
export async function lockForDeletion(
  tx: Tx,
  directoryId: string,
  type: ResourceTypeName,
  ids: readonly string[],
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT r.id FROM ${tables[type]} r WHERE r.directory_id = ${directoryId}::uuid AND r.id = ANY(${ids}::uuid[])
    ORDER BY r.id FOR UPDATE`
  return rows.map(({ id }) => id)
}

/** Deletes the rows; their memberships go with them. */
export async function deleteResources(
  tx: Tx,
  directoryId: string,
  type: ResourceTypeName,
  ids: readonly string[],
): Promise<void> {
  await tx.$executeRaw`
    DELETE FROM ${tables[type]} WHERE directory_id = ${directoryId}::uuid AND id = ANY(${ids}::uuid[])`
}
