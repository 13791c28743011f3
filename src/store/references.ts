// What a resource's row does not hold, as one JSON column beside it: `groups` of a user, direct and through other groups
// (RFC 7643 section 4.1.2), `members` of a group, the direct ones (section 4.2). One statement reads both.
import { isId } from '../ids.ts'
import type { ResourceTypeName } from '../scim/schema.ts'
import type { Tx } from './database.ts'
import { Prisma } from './generated/client.ts'
import { columns, type Row, type StoredResource, tables, toResource } from './resources.ts'

/** A group that a user is in, or a member of a group. */
export interface Reference {
  readonly value: string
  readonly display: string
  /** of a group: how the user is in it; of a member: its resource type */
  readonly type: 'direct' | 'indirect' | 'User' | 'Group'
}

export interface ResourceWithReferences extends StoredResource {
  readonly references: readonly Reference[]
}

/**
 * The groups of the user `r`, in the order of their ids. Where no groups are nested the direct ones are all, and a
 * recursion would be half of what reading a user costs.
 */
const groupsSql = (directoryId: string): Prisma.Sql => Prisma.sql`
  CASE WHEN EXISTS (SELECT 1 FROM group_memberships n WHERE n.directory_id = ${directoryId}::uuid)
    THEN nested_groups_of(r.directory_id, r.id) ELSE ${directGroups} END`

/** Names are looked up one by one: as a join PostgreSQL read all groups for each user. */
const directGroups = Prisma.raw(`(
  SELECT json_agg(json_build_object('value', m.group_id, 'display', ${nameOf('m.group_id')}, 'type', 'direct')
    ORDER BY m.group_id)
  FROM user_memberships m WHERE m.directory_id = r.directory_id AND m.user_id = r.id)`)

/** The direct members of the group `r`, users first, in the order of their ids. */
const members = Prisma.raw(`(
  SELECT json_agg(json_build_object('value', x.id, 'display', x.display, 'type', x.type) ORDER BY x.type DESC, x.id)
  FROM (
    SELECT m.user_id AS id, 'User' AS type, (
      SELECT coalesce(u.resource->>'displayName', u.user_name) FROM users u
      WHERE u.directory_id = m.directory_id AND u.id = m.user_id) AS display
    FROM user_memberships m WHERE m.directory_id = r.directory_id AND m.group_id = r.id
    UNION ALL
    SELECT m.member_group_id, 'Group', ${nameOf('m.member_group_id')}
    FROM group_memberships m WHERE m.directory_id = r.directory_id AND m.group_id = r.id) x)`)

function nameOf(groupId: string): string {
  return `(SELECT g.display_name FROM groups g WHERE g.directory_id = r.directory_id AND g.id = ${groupId})`
}

/** SQL: the references of a row of the directory, with the alias `r`, as a JSON list; NULL where it is empty. */
export const referencesSql: Record<ResourceTypeName, (directoryId: string) => Prisma.Sql> = {
  User: groupsSql,
  Group: () => members,
}

/** A resource with its references, in one statement. */
export const findWithReferences = (
  tx: Tx,
  directoryId: string,
  type: ResourceTypeName,
  id: string,
): Promise<ResourceWithReferences | null> => readWithReferences(tx, directoryId, type, id, Prisma.empty)

/** The same, locked as lockResource() does for an update. */
export const lockWithReferences = (
  tx: Tx,
  directoryId: string,
  type: ResourceTypeName,
  id: string,
): Promise<ResourceWithReferences | null> =>
  readWithReferences(tx, directoryId, type, id, Prisma.sql`FOR NO KEY UPDATE OF r`)

async function readWithReferences(
  tx: Tx,
  directoryId: string,
  type: ResourceTypeName,
  id: string,
  lock: Prisma.Sql,
): Promise<ResourceWithReferences | null> {
  if (!isId(id)) return null
  const [row] = await tx.$queryRaw<(Row & { readonly found: Reference[] | null })[]>`
    SELECT ${columns}, ${referencesSql[type](directoryId)} AS found FROM ${tables[type]} r
    WHERE r.directory_id = ${directoryId}::uuid AND r.id = ${id}::uuid ${lock}`
  return row === undefined ? null : { ...toResource(row), references: row.found ?? [] }
}

/** What a resource that is there refers to. */
export async function findReferences(
  tx: Tx,
  directoryId: string,
  type: ResourceTypeName,
  id: string,
): Promise<readonly Reference[]> {
  const [row] = await tx.$queryRaw<{ found: Reference[] | null }[]>`
    SELECT ${referencesSql[type](directoryId)} AS found FROM ${tables[type]} r
    WHERE r.directory_id = ${directoryId}::uuid AND r.id = ${id}::uuid`
  return row?.found ?? []
}

/** The members of a group that is there; null where it has more than `most`, of which no more are looked at. */
export async function findMembersUpTo(
  tx: Tx,
  directoryId: string,
  groupId: string,
  most: number,
): Promise<readonly Reference[] | null> {
  const [row] = await tx.$queryRaw<{ found: Reference[] | null; more: boolean }[]>`
    SELECT few.more, CASE WHEN NOT few.more THEN ${members} END AS found
    FROM groups r, LATERAL (
      SELECT count(*) > ${most}::int AS more FROM (
        SELECT 1 FROM user_memberships m WHERE m.directory_id = r.directory_id AND m.group_id = r.id
        UNION ALL
        SELECT 1 FROM group_memberships m WHERE m.directory_id = r.directory_id AND m.group_id = r.id
        LIMIT ${most}::int + 1) one OFFSET 0) few
    WHERE r.directory_id = ${directoryId}::uuid AND r.id = ${groupId}::uuid`
  return row?.more === true ? null : (row?.found ?? [])
}
