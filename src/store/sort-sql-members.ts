// Sorting by what the membership tables say: the first of `groups` of a user, of `members` of a group, in the order
// in which they are answered (memberships.ts). Neither has a primary.
import type { MembersScope } from './filter-sql-members.ts'
import { Prisma } from './generated/client.ts'

/** A sub-attribute of the first group of the user in `r`: directly, or through groups in groups. */
export const firstGroupSql = (part: string, { baseUrl }: MembersScope): Prisma.Sql => Prisma.sql`(
  WITH RECURSIVE up (group_id) AS (
    SELECT m.group_id FROM user_memberships m WHERE m.directory_id = r.directory_id AND m.user_id = r.id
    UNION
    SELECT parent.group_id FROM up CROSS JOIN LATERAL (
      SELECT m.group_id FROM group_memberships m
      WHERE m.directory_id = r.directory_id AND m.member_group_id = up.group_id OFFSET 0) parent
  )
  SELECT ${groupPart(part, baseUrl)} FROM (SELECT group_id FROM up ORDER BY group_id LIMIT 1) first
  JOIN groups g ON g.directory_id = r.directory_id AND g.id = first.group_id)`

function groupPart(part: string, baseUrl: string): Prisma.Sql {
  switch (part) {
    case 'value':
      return Prisma.sql`g.id::text`
    case '$ref':
      return Prisma.sql`(${`${baseUrl}/Groups/`}::text || g.id::text)`
    case 'display':
      return Prisma.sql`g.display_name_key`
    case 'type':
      return Prisma.sql`CASE WHEN EXISTS (
        SELECT 1 FROM user_memberships d
        WHERE d.directory_id = r.directory_id AND d.group_id = g.id AND d.user_id = r.id
      ) THEN 'direct' ELSE 'indirect' END`
    default:
      return Prisma.sql`NULL::text`
  }
}

/** A sub-attribute of the first member of the group in `r`: users come before groups. */
export const firstMemberSql = (part: string, { baseUrl }: MembersScope): Prisma.Sql => Prisma.sql`COALESCE(
  (SELECT ${userPart(part, baseUrl)} FROM user_memberships m
    JOIN users u ON u.directory_id = m.directory_id AND u.id = m.user_id
    WHERE m.directory_id = r.directory_id AND m.group_id = r.id ORDER BY m.user_id LIMIT 1),
  (SELECT ${memberGroupPart(part, baseUrl)} FROM group_memberships m
    JOIN groups g ON g.directory_id = m.directory_id AND g.id = m.member_group_id
    WHERE m.directory_id = r.directory_id AND m.group_id = r.id ORDER BY m.member_group_id LIMIT 1))`

function userPart(part: string, baseUrl: string): Prisma.Sql {
  switch (part) {
    case 'value':
      return Prisma.sql`u.id::text`
    case '$ref':
      return Prisma.sql`(${`${baseUrl}/Users/`}::text || u.id::text)`
    case 'display':
      return Prisma.sql`COALESCE(u.search ->> 'displayName', u.user_name_key)`
    case 'type':
      return Prisma.sql`'user'`
    default:
      return Prisma.sql`NULL::text`
  }
}

const memberGroupPart = (part: string, baseUrl: string): Prisma.Sql =>
  part === 'type' ? Prisma.sql`'group'` : groupPart(part, baseUrl)
