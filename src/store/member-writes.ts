// Writing members, many at once: one statement for those who appear and one for those who are there. Columns travel as
// arrays, which PostgreSQL reads in a fifth of the time that it takes for the same as JSON.
import type { MemberState } from '../provisioning/outcome.ts'
import { type Tx, writeLater } from './database.ts'
import { Prisma } from './generated/client.ts'

/** Members that are not there yet. Times are the database's own, taken under the organization's lock. */
export async function insertMembers(
  tx: Tx,
  directoryId: string,
  organizationId: string,
  states: readonly MemberState[],
): Promise<void> {
  if (states.length === 0) return
  await writeLater(
    tx,
    Prisma.sql`
    INSERT INTO members (organization_id, id, directory_id, user_id, email, email_key, status, role, seat_type, source,
      since, wanted_seat, waiting_since, removed_at, excluded, asserted_group_ids, removal, removal_since)
    SELECT ${organizationId}::uuid, x.id, ${directoryId}::uuid, x.user_id, x.email, x.email_key, x.status, x.role,
      x.seat_type, x.source, CASE WHEN x.status = 'active' THEN clock.now END, x.wanted_seat,
      CASE WHEN x.wanted_seat IS NOT NULL THEN clock.now + x.position * interval '1 microsecond' END,
      CASE WHEN x.status = 'removed' THEN clock.now END, x.excluded, x.asserted_group_ids::uuid[], x.removal,
      CASE WHEN x.removal IS NOT NULL THEN clock.now END
    FROM ${asRows(states)}, (SELECT clock_timestamp() AS now) clock ORDER BY x.position`,
  )
}

/** Members that are there: what they are now. Since when they are it stays, as long as they are it. */
export async function updateMembers(
  tx: Tx,
  organizationId: string,
  states: readonly MemberState[],
): Promise<void> {
  if (states.length === 0) return
  await writeLater(
    tx,
    Prisma.sql`
    UPDATE members m SET user_id = x.user_id, email = x.email, email_key = x.email_key, status = x.status,
      role = x.role, seat_type = x.seat_type, source = x.source,
      since = CASE WHEN x.status <> 'active' THEN NULL WHEN m.status = 'active' THEN m.since ELSE clock.now END,
      wanted_seat = x.wanted_seat,
      waiting_since = CASE WHEN x.wanted_seat IS NOT NULL
        THEN coalesce(m.waiting_since, clock.now + x.position * interval '1 microsecond') END,
      removed_at = CASE WHEN x.status = 'removed' THEN coalesce(m.removed_at, clock.now) END,
      excluded = x.excluded, asserted_group_ids = x.asserted_group_ids::uuid[], removal = x.removal,
      removal_since = CASE WHEN m.removal = x.removal THEN m.removal_since
        WHEN x.removal IS NOT NULL THEN clock.now END
    FROM ${asRows(states)}, (SELECT clock_timestamp() AS now) clock
    WHERE m.organization_id = ${organizationId}::uuid AND m.id = x.id`,
  )
}

/** The states as rows `x`, each with its position. */
function asRows(states: readonly MemberState[]): Prisma.Sql {
  const column = <K extends keyof MemberState>(key: K) => states.map((state) => state[key])
  const asserted = states.map(({ assertedGroupIds: ids }) => (ids === null ? null : `{${ids.join(',')}}`))
  return Prisma.sql`unnest(${column('id')}::uuid[], ${column('userId')}::uuid[], ${column('email')}::text[],
    ${column('emailKey')}::text[], ${column('status')}::text[], ${column('role')}::text[],
    ${column('seatType')}::text[], ${column('source')}::text[], ${column('wantedSeat')}::text[],
    ${column('excluded')}::boolean[], ${asserted}::text[], ${column('removal')}::text[])
    WITH ORDINALITY AS x(id, user_id, email, email_key, status, role, seat_type, source, wanted_seat, excluded,
      asserted_group_ids, removal, position)`
}
