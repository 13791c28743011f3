// What the brake looks at and leaves behind (S5): how many members pushes removed of late, and whose removal is held.
import { newId } from '../ids.ts'
import { MAX_WITHIN_MINUTES, type RecentRemovals } from '../provisioning/brake.ts'
import { seatTypesOf } from '../provisioning/catalogue.ts'
import type { Tx } from './database.ts'
import { Prisma } from './generated/client.ts'
import type { LockedOrganization } from './locked-organizations.ts'
import type { MemberScope } from './members.ts'

/** What pushes removed within these minutes; the organization must be locked. */
export async function readRecentRemovals(
  tx: Tx,
  organization: LockedOrganization,
  withinMinutes: number,
): Promise<RecentRemovals> {
  const [row] = await tx.$queryRaw<{ removed: number; members: number }[]>`
    SELECT (SELECT coalesce(sum(members), 0) FROM pushed_removals WHERE organization_id = ${organization.id}::uuid
        AND removed_at > clock_timestamp() - make_interval(mins => ${withinMinutes}::int))::int AS removed,
      (${membersSql(organization)})::int AS members`
  return { removed: row?.removed ?? 0, members: row?.members ?? 0 }
}

/** Every member of a plan with seats is on one, and these are counted already: only the others have to be. */
function membersSql({ id, plan, seats }: LockedOrganization): Prisma.Sql {
  if (seatTypesOf(plan).length > 0) {
    const assigned = [...seats.values()].reduce((sum, seat) => sum + seat.assigned, 0)
    return Prisma.sql`${assigned}::int`
  }
  return Prisma.sql`SELECT count(*) FROM members WHERE organization_id = ${id}::uuid AND status = 'active'`
}

/** Remembers that a push removes so many, and forgets what no brake can ask for any more. */
export async function rememberRemovals(tx: Tx, organizationId: string, members: number): Promise<void> {
  await tx.$executeRaw`
    WITH forgotten AS (
      DELETE FROM pushed_removals WHERE organization_id = ${organizationId}::uuid
        AND removed_at < clock_timestamp() - make_interval(mins => ${MAX_WITHIN_MINUTES}::int)
    )
    INSERT INTO pushed_removals (organization_id, id, removed_at, members)
    VALUES (${organizationId}::uuid, ${newId()}::uuid, clock_timestamp(), ${members}::int)`
}

export async function hasHeldRemovals(tx: Tx, { id }: MemberScope): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM members WHERE organization_id = ${id}::uuid AND removal = 'held' LIMIT 1`
  return rows.length > 0
}

/** Ids of members whose removal is held, in their order, from the one after `after` on. */
export async function heldMemberIds(
  tx: Tx,
  { id }: MemberScope,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM members WHERE organization_id = ${id}::uuid AND removal = 'held' AND id > ${after}::uuid
    ORDER BY id LIMIT ${limit}`
  return rows.map((row) => row.id)
}

/** How many removals are held in each organization that has any. */
export async function countHeldRemovals(tx: Tx): Promise<Map<string, number>> {
  // an index lookup for each organization: grouping would read all members of all of them
  const rows = await tx.$queryRaw<{ id: string; held: number }[]>`
    SELECT o.id, h.held FROM organizations o, LATERAL (
      SELECT count(*)::int AS held FROM members m WHERE m.organization_id = o.id AND m.removal = 'held' OFFSET 0) h
    WHERE h.held > 0`
  return new Map(rows.map(({ id, held }) => [id, held]))
}
