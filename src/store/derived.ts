// What is kept beside a resource's document to look it up by, compared with the document: only a hand can have made
// them differ (Y1). The document decides: it is what the identity provider wrote.
import { isJsonObject, isSame, type JsonObject } from '../scim/resource.ts'
import type { ResourceType, ResourceTypeName } from '../scim/schema.ts'
import type { Tx } from './database.ts'
import { Prisma } from './generated/client.ts'
import { derivedFromGroup, updateGroup } from './groups.ts'
import { columns, type Row, type StoredResource, tables, toResource } from './resources.ts'
import { derivedFromUser, updateUser } from './users.ts'

/** A resource of which something else is kept than its document says. */
export interface Discrepancy {
  readonly resource: StoredResource
  /** what differs */
  readonly names: readonly string[]
  /** what it should be */
  readonly derived: JsonObject
}

const kept: Record<ResourceTypeName, Prisma.Sql> = {
  User: Prisma.raw(`jsonb_build_object('userName', r.user_name, 'userNameKey', r.user_name_key, 'email', r.email,
    'emailKey', r.email_key, 'active', r.active, 'search', r.search)`),
  Group: Prisma.raw(`jsonb_build_object('displayName', r.display_name, 'displayNameKey', r.display_name_key,
    'search', r.search)`),
}
const uniqueKey: Record<ResourceTypeName, Prisma.Sql> = {
  User: Prisma.raw('user_name_key'),
  Group: Prisma.raw('display_name_key'),
}

/** The ids of resources after this one: documents are read by id, so that no plan sorts all of them for a page. */
export async function resourceIdsAfter(
  tx: Tx,
  directoryId: string,
  type: ResourceType,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT r.id FROM ${tables[type.name]} r
    WHERE r.directory_id = ${directoryId}::uuid AND r.id > ${after}::uuid ORDER BY r.id LIMIT ${limit}`
  return rows.map(({ id }) => id)
}

/** The discrepancies among these resources; `locked`, they stay as they are until the transaction ends. */
export async function findDiscrepancies(
  tx: Tx,
  directoryId: string,
  type: ResourceType,
  { ids, lock }: { readonly ids: readonly string[]; readonly lock: 'locked' | 'unlocked' },
): Promise<Discrepancy[]> {
  const locking = lock === 'locked' ? Prisma.sql`FOR NO KEY UPDATE` : Prisma.empty
  const rows = await tx.$queryRaw<(Row & { kept: JsonObject })[]>`
    SELECT ${columns}, ${kept[type.name]} AS kept FROM ${tables[type.name]} r
    WHERE r.directory_id = ${directoryId}::uuid AND r.id = ANY(${ids}::uuid[]) ORDER BY r.id ${locking}`
  return rows.flatMap((row): Discrepancy[] => {
    const resource = toResource(row)
    const derived = derive(resource, type)
    const names = Object.keys(derived).filter((name) => !isSame(derived[name], row.kept[name]))
    return names.length === 0 ? [] : [{ resource, names, derived }]
  })
}

function derive({ attributes }: StoredResource, type: ResourceType): JsonObject {
  const document = isJsonObject(attributes) ? attributes : {}
  return type.name === 'User' ? derivedFromUser(document, type) : derivedFromGroup(document, type)
}

/** Whether the document can be followed: it has a name, and no other resource has that name already. */
export async function isMendable(
  tx: Tx,
  directoryId: string,
  type: ResourceType,
  { resource, derived }: Discrepancy,
): Promise<boolean> {
  const key = derived[type.name === 'User' ? 'userNameKey' : 'displayNameKey']
  if (typeof key !== 'string' || !isJsonObject(resource.attributes)) return false
  // a group may be named by the empty text, a user may not
  if (key === '' && type.name === 'User') return false
  const others = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM ${tables[type.name]} WHERE directory_id = ${directoryId}::uuid
      AND ${uniqueKey[type.name]} = ${key} AND id <> ${resource.id}::uuid`
  return others.length === 0
}

/** Writes the columns anew, as the next version: what clients and caches know of the resource may be from before. */
export async function rewrite(
  tx: Tx,
  directoryId: string,
  type: ResourceType,
  resource: StoredResource,
): Promise<void> {
  if (type.name === 'User') await updateUser(tx, directoryId, resource, null, type)
  else await updateGroup(tx, directoryId, resource, type)
}
