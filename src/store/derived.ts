// What is kept beside a resource's document to look it up by, compared with the document: only a hand can have made
// them differ (Y1). The document decides: it is what the identity provider wrote.
import { isJsonObject, isSame, type JsonObject } from '../scim/resource.ts'
import type { ResourceType, ResourceTypeName } from '../scim/schema.ts'
import { type Comparison, isToCompare } from './comparisons.ts'
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

/** The ids of resources to compare after this one: documents are read by id, so that no plan sorts all of them for a page. */
export async function resourceIdsAfter(
  tx: Tx,
  directoryId: string,
  type: ResourceType,
  comparison: Comparison,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT r.id FROM ${tables[type.name]} r
    WHERE r.directory_id = ${directoryId}::uuid AND r.id > ${after}::uuid AND ${isToCompare(comparison)}
    ORDER BY r.id LIMIT ${limit}`
  return rows.map(({ id }) => id)
}

type Kept = Pick<Row, 'resource'> & { readonly kept: JsonObject }

/** Which of these resources have a discrepancy. */
export async function findDiffering(
  tx: Tx,
  directoryId: string,
  type: ResourceType,
  ids: readonly string[],
): Promise<string[]> {
  const rows = await tx.$queryRaw<(Kept & { id: string })[]>`
    SELECT r.id, r.resource, ${kept[type.name]} AS kept FROM ${tables[type.name]} r
    WHERE r.directory_id = ${directoryId}::uuid AND r.id = ANY(${ids}::uuid[])`
  return rows.filter((row) => compare(row, type).names.length > 0).map(({ id }) => id)
}

/** The discrepancies among these resources, which stay as they are until the transaction ends. */
export async function lockDiscrepancies(
  tx: Tx,
  directoryId: string,
  type: ResourceType,
  ids: readonly string[],
): Promise<Discrepancy[]> {
  const rows = await tx.$queryRaw<(Row & Kept)[]>`
    SELECT ${columns}, ${kept[type.name]} AS kept FROM ${tables[type.name]} r
    WHERE r.directory_id = ${directoryId}::uuid AND r.id = ANY(${ids}::uuid[]) ORDER BY r.id FOR NO KEY UPDATE`
  return rows.flatMap((row): Discrepancy[] => {
    const { names, derived } = compare(row, type)
    return names.length === 0 ? [] : [{ resource: toResource(row), names, derived }]
  })
}

function compare({ resource, kept }: Kept, type: ResourceType): Pick<Discrepancy, 'names' | 'derived'> {
  const document = isJsonObject(resource) ? resource : {}
  const derived: JsonObject =
    type.name === 'User' ? derivedFromUser(document, type) : derivedFromGroup(document, type)
  return { names: Object.keys(derived).filter((name) => !isSame(derived[name], kept[name])), derived }
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
