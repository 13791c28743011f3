// Which mapped groups very many users are in (E5): the groups within the mapped ones are looked up once, from the top,
// and then only who is directly in one of them.
import type { Tx } from './database.ts'
import { Prisma } from './generated/client.ts'
import type { LockedOrganization } from './locked-organizations.ts'
import { isWithin, type SomeUsers } from './user-ranges.ts'

/** Each group that is mapped, or in one that is, with the mapped groups that it stands for. */
export type GroupsWithin = ReadonlyMap<string, readonly string[]>

/** None where the evaluator asks for no groups (P2). */
export async function withinMapped(
  tx: Tx,
  { directoryId, settings }: Pick<LockedOrganization, 'directoryId' | 'settings'>,
): Promise<GroupsWithin> {
  if (settings.mode === 'manual' || !settings.groupMappings || settings.mappings.length === 0)
    return new Map()
  const mapped = [...new Set(settings.mappings.map(({ groupId }) => groupId))]
  const rows = await tx.$queryRaw<{ group_id: string; mapped: string[] }[]>`
    WITH RECURSIVE down(group_id, mapped_id) AS (
      SELECT id, id FROM unnest(${mapped}::uuid[]) AS id
      UNION
      SELECT child.id, down.mapped_id FROM down CROSS JOIN LATERAL (
        SELECT g.member_group_id AS id FROM group_memberships g
        WHERE g.directory_id = ${directoryId}::uuid AND g.group_id = down.group_id OFFSET 0) child
    )
    SELECT group_id, array_agg(mapped_id::text ORDER BY mapped_id) AS mapped FROM down GROUP BY group_id`
  return new Map(rows.map((row) => [row.group_id, row.mapped]))
}

/** More groups than this are not named in a statement: then all that the users are in are read. */
const MOST_NAMED = 500

/**
 * The mapped groups of users, and perhaps of others in their range: in the order of their ids, and the same list for all
 * who are in the same ones.
 */
export async function readGroupIds(
  tx: Tx,
  directoryId: string,
  groups: GroupsWithin,
  users: SomeUsers,
): Promise<Map<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>()
  if (groups.size === 0) return found
  const ofThese =
    groups.size > MOST_NAMED ? Prisma.empty : Prisma.sql`AND m.group_id = ANY(${[...groups.keys()]}::uuid[])`
  const rows = await tx.$queryRaw<{ user_id: string; group_id: string }[]>(
    users.range !== undefined
      ? Prisma.sql`
          SELECT m.user_id, m.group_id FROM user_memberships m
          WHERE m.directory_id = ${directoryId}::uuid AND ${isWithin(Prisma.raw('m.user_id'), users.range)} ${ofThese}`
      : // looked up user by user: otherwise every user is looked for in every group
        Prisma.sql`
          SELECT m.user_id, m.group_id FROM unnest(${users.ids}::uuid[]) AS u(id), LATERAL (
            SELECT user_id, group_id FROM user_memberships
            WHERE directory_id = ${directoryId}::uuid AND user_id = u.id OFFSET 0) m
          WHERE true ${ofThese}`,
  )
  for (const { user_id, group_id } of rows) {
    const mapped = groups.get(group_id)
    if (mapped === undefined) continue
    const before = found.get(user_id)
    found.set(user_id, before === undefined ? mapped : [...new Set([...before, ...mapped])].sort())
  }
  return found
}
