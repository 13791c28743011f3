// Who is in which group: rows, one for each direct membership (E5 follows them through nested groups).
// Adding or removing one member touches one row, however large the group is.

import { isId } from '../ids.ts'
import type { Filter } from '../scim/filter.ts'
import { inTurn, type Tx } from './database.ts'
import { memberFilterSql } from './filter-sql.ts'
import { Prisma } from './generated/client.ts'

/** Ids of users and of groups, told apart. */
export interface MemberIds {
  readonly userIds: readonly string[]
  readonly groupIds: readonly string[]
}

export interface AddedMembers extends MemberIds {
  /** what is the id of no user and no group of the directory */
  readonly unknown: readonly string[]
}

/** Adds members, and keeps them from being deleted meanwhile; gives those that were not members before. */
export async function addMembers(
  tx: Tx,
  directoryId: string,
  groupId: string,
  ids: readonly string[],
): Promise<AddedMembers> {
  const wellFormed = ids.filter(isId)
  if (wellFormed.length === 0) return { userIds: [], groupIds: [], unknown: ids }
  const users = await addOfType(tx, { directoryId, groupId, ids: wellFormed }, addedUsers)
  const known = new Set(users.map(({ id }) => id))
  const others = wellFormed.filter((id) => !known.has(id))
  const groups =
    others.length === 0 ? [] : await addOfType(tx, { directoryId, groupId, ids: others }, addedGroups)
  for (const { id } of groups) known.add(id)
  return {
    ...toMemberIds(users.filter(isNew), groups.filter(isNew)),
    unknown: ids.filter((id) => !known.has(id)),
  }
}

const addedUsers = {
  table: Prisma.raw('users'),
  memberships: Prisma.raw('user_memberships'),
  member: Prisma.raw('user_id'),
}
const addedGroups = {
  table: Prisma.raw('groups'),
  memberships: Prisma.raw('group_memberships'),
  member: Prisma.raw('member_group_id'),
}

const isNew = ({ added }: { added: boolean }) => added

/** Those of the ids that are there, and whether they were added. */
function addOfType(
  tx: Tx,
  { directoryId, groupId, ids }: { directoryId: string; groupId: string; ids: readonly string[] },
  { table, memberships, member }: typeof addedUsers,
): Promise<{ id: string; added: boolean }[]> {
  return tx.$queryRaw`
    WITH known AS MATERIALIZED (
      SELECT id FROM ${table} WHERE directory_id = ${directoryId}::uuid AND id = ANY(${ids}::uuid[])
      ORDER BY id FOR KEY SHARE
    ), added AS (
      INSERT INTO ${memberships} (directory_id, group_id, ${member})
      SELECT ${directoryId}::uuid, ${groupId}::uuid, id FROM known ON CONFLICT DO NOTHING RETURNING ${member} AS id
    )
    SELECT known.id, added.id IS NOT NULL AS added FROM known LEFT JOIN added ON added.id = known.id`
}

/** Removes the members with these ids; gives those that were members. */
export function removeMembers(
  tx: Tx,
  directoryId: string,
  groupId: string,
  ids: readonly string[],
): Promise<MemberIds> {
  const wellFormed = ids.filter(isId)
  return removeWhere(tx, directoryId, groupId, (column) => Prisma.sql`${column} = ANY(${wellFormed}::uuid[])`)
}

/** Removes every member but these; gives those that were removed. */
export function removeMembersExcept(
  tx: Tx,
  directoryId: string,
  groupId: string,
  ids: readonly string[],
): Promise<MemberIds> {
  const wellFormed = ids.filter(isId)
  return removeWhere(
    tx,
    directoryId,
    groupId,
    (column) => Prisma.sql`NOT ${column} = ANY(${wellFormed}::uuid[])`,
  )
}

/** Removes the members that meet a filter on `members`; gives those that were removed. */
export async function removeMatchingMembers(
  tx: Tx,
  directoryId: string,
  groupId: string,
  filter: Filter,
  baseUrl: string,
): Promise<MemberIds> {
  const rows = await tx.$queryRaw<{ id: string }[]>(
    memberFilterSql(filter, { directoryId, baseUrl }, groupId),
  )
  return removeMembers(
    tx,
    directoryId,
    groupId,
    rows.map(({ id }) => id),
  )
}

async function removeWhere(
  tx: Tx,
  directoryId: string,
  groupId: string,
  condition: (column: Prisma.Sql) => Prisma.Sql,
): Promise<MemberIds> {
  const [userIds, groupIds] = await inTurn(
    tx,
    () => tx.$queryRaw<{ id: string }[]>`
      DELETE FROM user_memberships WHERE directory_id = ${directoryId}::uuid AND group_id = ${groupId}::uuid
        AND ${condition(Prisma.raw('user_id'))} RETURNING user_id AS id`,
    () => tx.$queryRaw<{ id: string }[]>`
      DELETE FROM group_memberships WHERE directory_id = ${directoryId}::uuid AND group_id = ${groupId}::uuid
        AND ${condition(Prisma.raw('member_group_id'))} RETURNING member_group_id AS id`,
  )
  return toMemberIds(userIds, groupIds)
}

const toMemberIds = (users: readonly { id: string }[], groups: readonly { id: string }[]): MemberIds => ({
  userIds: users.map(({ id }) => id),
  groupIds: groups.map(({ id }) => id),
})

/** The groups that have this user, or this group, as a direct member. */
export async function directGroupsOf(tx: Tx, directoryId: string, memberId: string): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT group_id AS id FROM user_memberships WHERE directory_id = ${directoryId}::uuid AND user_id = ${memberId}::uuid
    UNION ALL
    SELECT group_id FROM group_memberships WHERE directory_id = ${directoryId}::uuid AND member_group_id = ${memberId}::uuid`
  return rows.map(({ id }) => id)
}

/** The ids of the groups that have each of these users as a direct member. */
export async function directGroupsOfUsers(
  tx: Tx,
  directoryId: string,
  userIds: readonly string[],
): Promise<Map<string, string[]>> {
  const rows = await tx.$queryRaw<{ user_id: string; group_ids: string[] }[]>`
    SELECT user_id, array_agg(group_id::text) AS group_ids FROM user_memberships
    WHERE directory_id = ${directoryId}::uuid AND user_id = ANY(${userIds}::uuid[]) GROUP BY user_id`
  return new Map(rows.map((row) => [row.user_id, row.group_ids]))
}

/**
 * Every user in the groups, directly or through other groups (E5), in the order of their ids. Looked up group by group
 * (OFFSET 0): as joins PostgreSQL read all nestings of the directory.
 */
export async function usersWithin(
  tx: Tx,
  directoryId: string,
  groupIds: readonly string[],
): Promise<string[]> {
  if (groupIds.length === 0) return []
  // as one text: as many rows as a large group has members take the driver longer than PostgreSQL
  const rows = await tx.$queryRaw<{ ids: string | null }[]>`
    WITH RECURSIVE down(group_id) AS (
      SELECT unnest(${groupIds}::uuid[])
      UNION
      SELECT child.id FROM down CROSS JOIN LATERAL (
        SELECT m.member_group_id AS id FROM group_memberships m
        WHERE m.directory_id = ${directoryId}::uuid AND m.group_id = down.group_id OFFSET 0) child
    )
    SELECT string_agg(id::text, ',') AS ids FROM (
      SELECT DISTINCT member.id FROM down CROSS JOIN LATERAL (
        SELECT m.user_id AS id FROM user_memberships m
        WHERE m.directory_id = ${directoryId}::uuid AND m.group_id = down.group_id OFFSET 0) member
      ORDER BY member.id) users`
  return rows.flatMap(({ ids }) => ids?.split(',') ?? [])
}
