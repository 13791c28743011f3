// What WorkOS said of who is in which group, by its own ids: before both are here, and so that an older word does not
// undo a newer one.
import type { Tx } from './database.ts'
import { Prisma } from './generated/client.ts'
import type { WorkosKey } from './workos-objects.ts'

/** A user and a group of ours, by their ids. */
export interface LinkedPair {
  readonly userId: string
  readonly groupId: string
}

/** Keeps what was said last; gives whether this was it. */
export async function saveWorkosMembership(
  tx: Tx,
  { directoryId, connectionId }: Pick<WorkosKey, 'directoryId' | 'connectionId'>,
  membership: { groupId: string; userId: string; isMember: boolean; stamp: string },
): Promise<boolean> {
  const { groupId, userId, isMember, stamp } = membership
  const saved = await tx.$executeRaw`
    INSERT INTO workos_memberships AS m (directory_id, connection_id, workos_group_id, workos_user_id, is_member, stamp)
    VALUES (${directoryId}::uuid, ${connectionId}::uuid, ${groupId}, ${userId}, ${isMember}, ${stamp})
    ON CONFLICT (directory_id, connection_id, workos_group_id, workos_user_id)
    DO UPDATE SET is_member = EXCLUDED.is_member, stamp = EXCLUDED.stamp WHERE m.stamp < EXCLUDED.stamp`
  return saved > 0
}

/** The memberships of a user or a group, where both are here. */
export async function linkedMemberships(tx: Tx, key: WorkosKey): Promise<LinkedPair[]> {
  const column = Prisma.raw(key.type === 'User' ? 'm.workos_user_id' : 'm.workos_group_id')
  return tx.$queryRaw<LinkedPair[]>`
    SELECT u.user_id AS "userId", g.group_id AS "groupId" FROM workos_memberships m ${links}
    WHERE m.directory_id = ${key.directoryId}::uuid AND m.connection_id = ${key.connectionId}::uuid
      AND ${column} = ${key.workosId} AND m.is_member ORDER BY 2, 1`
}

const links = Prisma.sql`
  JOIN workos_links u ON u.directory_id = m.directory_id AND u.connection_id = m.connection_id
    AND u.resource_type = 'User' AND u.workos_id = m.workos_user_id
  JOIN workos_links g ON g.directory_id = m.directory_id AND g.connection_id = m.connection_id
    AND g.resource_type = 'Group' AND g.workos_id = m.workos_group_id`

/**
 * Forgets what was said of memberships up to a stamp, at most `limit` of them: of one user, one group or the whole
 * connection. Gives those that held and whose user and group are here, and how many were forgotten.
 */
export async function forgetMemberships(
  tx: Tx,
  of: Pick<WorkosKey, 'directoryId' | 'connectionId'> & Partial<Pick<WorkosKey, 'type' | 'workosId'>>,
  upTo: string,
  limit: number,
): Promise<{ readonly held: LinkedPair[]; readonly count: number }> {
  const column = Prisma.raw(of.type === 'User' ? 'workos_user_id' : 'workos_group_id')
  const ofObject = of.workosId === undefined ? Prisma.empty : Prisma.sql`AND ${column} = ${of.workosId}`
  const rows = await tx.$queryRaw<{ userId: string | null; groupId: string | null; isMember: boolean }[]>`
    WITH old AS (
      SELECT workos_group_id, workos_user_id FROM workos_memberships
      WHERE directory_id = ${of.directoryId}::uuid AND connection_id = ${of.connectionId}::uuid ${ofObject}
        AND stamp <= ${upTo} LIMIT ${limit}
    ), m AS (
      DELETE FROM workos_memberships d USING old
      WHERE d.directory_id = ${of.directoryId}::uuid AND d.connection_id = ${of.connectionId}::uuid
        AND d.workos_group_id = old.workos_group_id AND d.workos_user_id = old.workos_user_id
      RETURNING d.directory_id, d.connection_id, d.workos_group_id, d.workos_user_id, d.is_member
    )
    SELECT u.user_id AS "userId", g.group_id AS "groupId", m.is_member AS "isMember" FROM m ${leftLinks}
    ORDER BY 2, 1`
  const held = rows.flatMap(({ userId, groupId, isMember }) =>
    isMember && userId !== null && groupId !== null ? [{ userId, groupId }] : [],
  )
  return { held, count: rows.length }
}

const leftLinks = Prisma.sql`
  LEFT JOIN workos_links u ON u.directory_id = m.directory_id AND u.connection_id = m.connection_id
    AND u.resource_type = 'User' AND u.workos_id = m.workos_user_id
  LEFT JOIN workos_links g ON g.directory_id = m.directory_id AND g.connection_id = m.connection_id
    AND g.resource_type = 'Group' AND g.workos_id = m.workos_group_id`
