// What is known of WorkOS's users and groups, and which of ours each of them is.
import type { Attributes } from '../scim/resource.ts'
import type { ResourceTypeName } from '../scim/schema.ts'
import type { PrismaTx, Tx } from './database.ts'
import { Prisma } from './generated/client.ts'

/** Which user or group of which connection. */
export interface WorkosKey {
  readonly directoryId: string
  readonly connectionId: string
  readonly type: ResourceTypeName
  readonly workosId: string
}

/** An object as it is remembered: also one that is gone, which has no name and no attributes any more. */
export interface KnownObject {
  readonly stamp: string | null
  readonly deletedStamp: string | null
  readonly nameKey: string | null
}

/** An object that is there at WorkOS. */
export interface LiveObject extends WorkosKey {
  readonly nameKey: string
  readonly attributes: Attributes
}

interface LiveRow {
  readonly connection_id: string
  readonly workos_id: string
  readonly name_key: string
  readonly resource: Attributes
}

const keyOf = ({ directoryId, connectionId, type, workosId }: WorkosKey) => ({
  directoryId_connectionId_resourceType_workosId: { directoryId, connectionId, resourceType: type, workosId },
})

export async function findWorkosObject(tx: PrismaTx, key: WorkosKey): Promise<KnownObject | null> {
  return tx.workosObject.findUnique({
    where: keyOf(key),
    select: { stamp: true, deletedStamp: true, nameKey: true },
  })
}

export async function saveWorkosObject(
  tx: Tx,
  key: WorkosKey,
  object: { stamp: string; born: string; nameKey: string; attributes: Attributes },
): Promise<void> {
  const { stamp, born, nameKey, attributes } = object
  await tx.$executeRaw`
    INSERT INTO workos_objects (directory_id, connection_id, resource_type, workos_id, stamp, born, name_key, resource)
    VALUES (${key.directoryId}::uuid, ${key.connectionId}::uuid, ${key.type}, ${key.workosId}, ${stamp}, ${born},
      ${nameKey}, ${JSON.stringify(attributes)}::jsonb)
    ON CONFLICT (directory_id, connection_id, resource_type, workos_id) DO UPDATE SET stamp = EXCLUDED.stamp,
      born = EXCLUDED.born, name_key = EXCLUDED.name_key, resource = EXCLUDED.resource`
}

/** Remembers a deletion. `isGone`: nothing later is known, so that what is kept of the object goes. */
export async function saveWorkosDeletion(
  tx: Tx,
  key: WorkosKey,
  { deletedStamp, isGone }: { deletedStamp: string; isGone: boolean },
): Promise<void> {
  const rest = isGone ? Prisma.sql`, name_key = NULL, resource = NULL` : Prisma.empty
  await tx.$executeRaw`
    INSERT INTO workos_objects (directory_id, connection_id, resource_type, workos_id, deleted_stamp)
    VALUES (${key.directoryId}::uuid, ${key.connectionId}::uuid, ${key.type}, ${key.workosId}, ${deletedStamp})
    ON CONFLICT (directory_id, connection_id, resource_type, workos_id)
    DO UPDATE SET deleted_stamp = EXCLUDED.deleted_stamp ${rest}`
}

/** Of the objects with these names the youngest of each name: the one that the resource of that name is. */
export async function ownersOfNames(
  tx: Tx,
  directoryId: string,
  type: ResourceTypeName,
  nameKeys: readonly string[],
): Promise<LiveObject[]> {
  const rows = await tx.$queryRaw<LiveRow[]>`
    SELECT DISTINCT ON (o.name_key) o.connection_id, o.workos_id, o.name_key, o.resource
    FROM workos_objects o JOIN workos_connections c ON c.directory_id = o.directory_id AND c.id = o.connection_id
    WHERE o.directory_id = ${directoryId}::uuid AND o.resource_type = ${type}
      AND o.name_key = ANY(${nameKeys}::text[])
      AND (o.resource_type = 'Group' OR c.deleted_stamp IS NULL OR o.stamp > c.deleted_stamp)
    ORDER BY o.name_key, o.born DESC, o.workos_id COLLATE "C" DESC, o.connection_id DESC`
  return rows.map((row) => ({
    directoryId,
    connectionId: row.connection_id,
    type,
    workosId: row.workos_id,
    nameKey: row.name_key,
    attributes: row.resource,
  }))
}

/** The id of our user or group that the object is; null where it is none. */
export async function findLink(tx: PrismaTx, key: WorkosKey): Promise<string | null> {
  const link = await tx.workosLink.findUnique({ where: keyOf(key), select: { userId: true, groupId: true } })
  return link?.userId ?? link?.groupId ?? null
}

/** The object that a user or group of ours is; null where WorkOS has not brought it. */
export async function findLinked(
  tx: PrismaTx,
  directoryId: string,
  type: ResourceTypeName,
  id: string,
): Promise<WorkosKey | null> {
  const where =
    type === 'User'
      ? { directoryId_userId: { directoryId, userId: id } }
      : { directoryId_groupId: { directoryId, groupId: id } }
  const link = await tx.workosLink.findUnique({ where })
  return link === null
    ? null
    : { directoryId, connectionId: link.connectionId, type, workosId: link.workosId }
}

/** The resource is this object from now on, and no other. */
export async function linkTo(tx: PrismaTx, key: WorkosKey, id: string): Promise<void> {
  const { directoryId, connectionId, type: resourceType, workosId } = key
  const resource = resourceOf(resourceType, id)
  await tx.workosLink.deleteMany({ where: { directoryId, ...resource } })
  await tx.workosLink.create({ data: { directoryId, connectionId, resourceType, workosId, ...resource } })
}

const resourceOf = (resourceType: ResourceTypeName, id: string) =>
  resourceType === 'User' ? { userId: id } : { groupId: id }

/** The users of a connection that its dsync.deleted has left no reason to be here, some at a time. */
export async function orphanedUsers(
  tx: Tx,
  directoryId: string,
  connectionId: string,
  limit: number,
): Promise<{ workosId: string; nameKey: string; userId: string | null }[]> {
  return tx.$queryRaw<{ workosId: string; nameKey: string; userId: string | null }[]>`
    SELECT o.workos_id AS "workosId", o.name_key AS "nameKey", l.user_id AS "userId"
    FROM workos_connections c
    JOIN workos_objects o ON o.directory_id = c.directory_id AND o.connection_id = c.id
    LEFT JOIN workos_links l ON l.directory_id = o.directory_id AND l.connection_id = o.connection_id
      AND l.resource_type = o.resource_type AND l.workos_id = o.workos_id
    WHERE c.directory_id = ${directoryId}::uuid AND c.id = ${connectionId}::uuid
      AND o.resource_type = 'User' AND o.resource IS NOT NULL AND o.stamp <= c.deleted_stamp
    ORDER BY o.workos_id LIMIT ${limit}`
}

/** Forgets what was kept of users that are gone, but not that they are. */
export async function forgetUsers(
  tx: Tx,
  directoryId: string,
  connectionId: string,
  workosIds: readonly string[],
): Promise<void> {
  await tx.$executeRaw`
    UPDATE workos_objects SET name_key = NULL, resource = NULL
    WHERE directory_id = ${directoryId}::uuid AND connection_id = ${connectionId}::uuid AND resource_type = 'User'
      AND workos_id = ANY(${workosIds}::text[])`
}
