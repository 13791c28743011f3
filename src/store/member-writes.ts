// Writing members, many at once: one statement for those who appear and one for those who are there. Columns travel as
// arrays, which PostgreSQL reads in a fifth of the time that it takes for the same as JSON.
import type { MemberState } from '../provisioning/outcome.ts'
import { type Tx, writeLater } from './database.ts'
import { Prisma } from './generated/client.ts'

/** What a member of an organization is, or is to be. */
export interface MemberRow {
  readonly organization: { readonly id: string; readonly directoryId: string }
  readonly state: MemberState
}

/** Members that are not there yet. Times are the database's own, taken under the organization's lock. */
export async function insertMembers(tx: Tx, rows: readonly MemberRow[]): Promise<void> {
  if (rows.length === 0) return
  await writeLater(
    tx,
    Prisma.sql`
    INSERT INTO members (organization_id, id, directory_id, user_id, email, email_key, status, role, seat_type, source,
      since, wanted_seat, waiting_since, removed_at, excluded, asserted_group_ids, removal, removal_since)
    SELECT x.organization_id, x.id, x.directory_id, x.user_id, x.email, x.email_key, x.status, x.role,
      x.seat_type, x.source, CASE WHEN x.status = 'active' THEN clock.now END, x.wanted_seat,
      CASE WHEN x.wanted_seat IS NOT NULL THEN clock.now + x.position * interval '1 microsecond' END,
      CASE WHEN x.status = 'removed' THEN clock.now END, x.excluded, x.asserted_group_ids::uuid[], x.removal,
      CASE WHEN x.removal IS NOT NULL THEN clock.now END
    FROM ${asRows(rows)}, (SELECT clock_timestamp() AS now) clock ORDER BY x.position`,
  )
}

/** Members that are there: what they are now. Since when they are it stays, as long as they are it. */
export async function updateMembers(tx: Tx, rows: readonly MemberRow[]): Promise<void> {
  if (rows.length === 0) return
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
    FROM ${asRows(rows)}, (SELECT clock_timestamp() AS now) clock
    WHERE m.organization_id = x.organization_id AND m.id = x.id`,
  )
}

/** The rows `x`, each with its position. */
function asRows(rows: readonly MemberRow[]): Prisma.Sql {
  const column = <K extends keyof MemberState>(key: K) => rows.map(({ state }) => state[key])
  const asserted = column('assertedGroupIds').map((ids) => (ids === null ? null : `{${ids.join(',')}}`))
  return Prisma.sql`unnest(${rows.map(({ organization }) => organization.id)}::uuid[],
    ${rows.map(({ organization }) => organization.directoryId)}::uuid[], ${column('id')}::uuid[], ${column('userId')}::uuid[], ${column('email')}::text[],
    ${column('emailKey')}::text[], ${column('status')}::text[], ${column('role')}::text[],
    ${column('seatType')}::text[], ${column('source')}::text[], ${column('wantedSeat')}::text[],
    ${column('excluded')}::boolean[], ${asserted}::text[], ${column('removal')}::text[])
    WITH ORDINALITY AS x(organization_id, directory_id, id, user_id, email, email_key, status, role, seat_type, source, wanted_seat, excluded,
      asserted_group_ids, removal, position)`
}
