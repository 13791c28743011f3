// Filters on what the membership tables say: `groups` of a user, `members` of a group (RFC 7643 sections 4.1.2
// and 4.2). Each is a set of ids that depends on no outer row: computed once, and reached by indexes when the
// filter names one group or member.
import type { Filter } from '../scim/filter.ts'
import { combineSql } from './filter-sql-document.ts'
import { displayNameOf, hasDisplayName } from './filter-sql-trigram.ts'
import {
  type Column,
  FALSE,
  idColumn,
  referenceColumn,
  TRUE,
  textColumn,
  textSql,
} from './filter-sql-value.ts'
import { Prisma } from './generated/client.ts'

/** Where the rows are, and what the URIs of resources begin with, e.g. `https://host/scim/v2`. */
export interface MembersScope {
  readonly directoryId: string
  readonly baseUrl: string
}

/** The sub-attributes of an element, none of which an element lacks. */
type Element = Readonly<Record<string, Column>>

/** A condition on `groups` of the user in `r`: held directly, or through groups in groups (however they loop). */
export function groupsSql(filter: Filter | null, scope: MembersScope): Prisma.Sql {
  if (filter === null) {
    return Prisma.sql`EXISTS (
      SELECT 1 FROM user_memberships m WHERE m.directory_id = r.directory_id AND m.user_id = r.id)`
  }
  const direct = elementSql(filter, groupElement('direct', scope))
  if (!usesType(filter)) return isAmongSql(usersBelowSql(direct, scope))
  const indirect = elementSql(filter, groupElement('indirect', scope))
  const [members, below] = [directUsersSql(direct, scope), indirectUsersSql(indirect, scope)]
  return isAmongSql(Prisma.sql`(${members}) UNION ALL (${below})`)
}

/**
 * Whether the row in `r` is among the ids. Not `IN`: PostgreSQL joins with EXISTS and with NOT EXISTS, but for
 * NOT IN, and where the ids are too many for its memory, it would walk through all ids for each row. An array, because
 * of one it expects few ids and looks up each; of a recursion it expects hundreds, and would walk through the table.
 */
export const isAmongSql = (ids: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`EXISTS (SELECT 1 FROM unnest(ARRAY(${ids})) AS found (id) WHERE found.id = r.id)`

const groupElement = (type: 'direct' | 'indirect', { baseUrl }: MembersScope): Element => ({
  value: idColumn(Prisma.sql`g.id`),
  $ref: referenceColumn(`${baseUrl}/Groups/`, Prisma.sql`g.id`),
  display: textColumn(Prisma.sql`g.display_name_key`),
  type: textColumn(Prisma.sql`${type}::text`),
})

/** Users anywhere below a group `g` that meets the condition. */
const usersBelowSql = (condition: Prisma.Sql, scope: MembersScope): Prisma.Sql => Prisma.sql`
  WITH RECURSIVE below (group_id) AS (
    SELECT g.id FROM groups g WHERE g.directory_id = ${scope.directoryId}::uuid AND ${condition}
    UNION
    SELECT m.id FROM below b CROSS JOIN LATERAL (${groupsInSql(scope)}) m
  )
  SELECT m.id FROM below b CROSS JOIN LATERAL (${usersInSql(scope)}) m`

/**
 * The direct members of the group in `b`. OFFSET 0: looked up for each group, since PostgreSQL takes a recursion to find
 * so many groups that it would read all memberships.
 */
const groupsInSql = ({ directoryId }: MembersScope): Prisma.Sql => Prisma.sql`
  SELECT m.member_group_id AS id FROM group_memberships m
  WHERE m.directory_id = ${directoryId}::uuid AND m.group_id = b.group_id OFFSET 0`

const usersInSql = ({ directoryId }: MembersScope): Prisma.Sql => Prisma.sql`
  SELECT m.user_id AS id FROM user_memberships m
  WHERE m.directory_id = ${directoryId}::uuid AND m.group_id = b.group_id OFFSET 0`

const directUsersSql = (condition: Prisma.Sql, { directoryId }: MembersScope): Prisma.Sql => Prisma.sql`
  SELECT m.user_id FROM groups g
  JOIN user_memberships m ON m.directory_id = g.directory_id AND m.group_id = g.id
  WHERE g.directory_id = ${directoryId}::uuid AND ${condition}`

/** Users below a group `g` that meets the condition, save its own members: a direct membership wins. */
const indirectUsersSql = (condition: Prisma.Sql, scope: MembersScope): Prisma.Sql => Prisma.sql`
  WITH RECURSIVE below (root_id, group_id) AS (
    SELECT g.id, g.id FROM groups g WHERE g.directory_id = ${scope.directoryId}::uuid AND ${condition}
    UNION
    SELECT b.root_id, m.id FROM below b CROSS JOIN LATERAL (${groupsInSql(scope)}) m
  )
  SELECT m.id FROM below b CROSS JOIN LATERAL (${usersInSql(scope)}) m
  WHERE NOT EXISTS (
    SELECT 1 FROM user_memberships d
    WHERE d.directory_id = ${scope.directoryId}::uuid AND d.group_id = b.root_id AND d.user_id = m.id OFFSET 0)`

/** A condition on `members` of the group in `r`: users and groups. */
export function membersSql(filter: Filter | null, scope: MembersScope): Prisma.Sql {
  if (filter === null) {
    return Prisma.sql`(
      EXISTS (SELECT 1 FROM user_memberships m WHERE m.directory_id = r.directory_id AND m.group_id = r.id)
      OR EXISTS (SELECT 1 FROM group_memberships m WHERE m.directory_id = r.directory_id AND m.group_id = r.id))`
  }
  const inDirectory = Prisma.sql`m.directory_id = ${scope.directoryId}::uuid`
  return isAmongSql(Prisma.sql`
    SELECT m.group_id FROM ${userMembers} WHERE ${inDirectory} AND ${elementSql(filter, userMember(scope))}
    UNION ALL
    SELECT m.group_id FROM ${groupMembers} WHERE ${inDirectory} AND ${elementSql(filter, groupMember(scope))}`)
}

/** A query for the ids of the members of one group that meet the condition. */
export function memberFilterSql(filter: Filter, scope: MembersScope, groupId: string): Prisma.Sql {
  const inGroup = Prisma.sql`m.directory_id = ${scope.directoryId}::uuid AND m.group_id = ${groupId}::uuid`
  return Prisma.sql`
    SELECT m.user_id AS id FROM ${userMembers} WHERE ${inGroup} AND ${elementSql(filter, userMember(scope))}
    UNION ALL
    SELECT m.member_group_id FROM ${groupMembers} WHERE ${inGroup} AND ${elementSql(filter, groupMember(scope))}`
}

const userMembers = Prisma.sql`user_memberships m
  JOIN users u ON u.directory_id = m.directory_id AND u.id = m.user_id`

const groupMembers = Prisma.sql`group_memberships m
  JOIN groups g ON g.directory_id = m.directory_id AND g.id = m.member_group_id`

/** The displayName of a user, else the userName: each has an index, which what COALESCE makes of them has not. */
const userDisplay: Column = (operator, value) => {
  const name = displayNameOf(Prisma.sql`u`)
  const userName = Prisma.sql`u.user_name_key`
  const byUserName = Prisma.sql`(${name} IS NULL AND ${textSql(userName, operator, value)})`
  switch (operator) {
    case 'eq':
      return Prisma.sql`(${hasDisplayName(Prisma.sql`u`, String(value))} OR ${byUserName})`
    case 'co':
    case 'sw':
    case 'ew':
      return Prisma.sql`((${name} IS NOT NULL AND ${textSql(name, operator, value)}) OR ${byUserName})`
    default:
      return textSql(Prisma.sql`COALESCE(${name}, ${userName})`, operator, value)
  }
}

/** All columns are of the user itself, so that an `or` of them can use the indexes of users. */
const userMember = ({ baseUrl }: MembersScope): Element => ({
  value: idColumn(Prisma.sql`u.id`),
  $ref: referenceColumn(`${baseUrl}/Users/`, Prisma.sql`u.id`),
  display: userDisplay,
  type: textColumn(Prisma.sql`'user'`),
})

const groupMember = ({ baseUrl }: MembersScope): Element => ({
  value: idColumn(Prisma.sql`g.id`),
  $ref: referenceColumn(`${baseUrl}/Groups/`, Prisma.sql`g.id`),
  display: textColumn(Prisma.sql`g.display_name_key`),
  type: textColumn(Prisma.sql`'group'`),
})

/** The filter on one element, whose values are columns. */
function elementSql(filter: Filter, element: Element): Prisma.Sql {
  return combineSql(filter, (condition) => {
    const column = element[condition.path[0] ?? '']
    if (column === undefined) return FALSE
    return condition.kind === 'compare' ? column(condition.operator, condition.value) : TRUE
  })
}

function usesType(filter: Filter): boolean {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.some(usesType)
    case 'not':
      return usesType(filter.filter)
    default:
      return filter.path[0] === 'type'
  }
}
