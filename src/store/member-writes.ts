// Writing members, many at once: a statement for those who appear, one for those of whom only what they are changes, and one
// for all others who are there. Columns travel as arrays, which PostgreSQL reads in a fifth of the time of the same as JSON.
import { isSamePerson, type MemberState } from '../provisioning/outcome.ts'
import type { Member } from '../provisioning/types.ts'
import { byKind, extents } from './alike.ts'
import { uuidArray } from './arrays.ts'
import { type Tx, writeLater } from './database.ts'
import { Prisma } from './generated/client.ts'

/** What a member of an organization is to be. */
export interface MemberRow {
  readonly organization: { readonly id: string; readonly directoryId: string }
  readonly after: MemberState
}

/** Members that are not there yet. Times are the database's own, taken under the organization's lock. */
export async function insertMembers(tx: Tx, rows: readonly MemberRow[]): Promise<void> {
  if (rows.length === 0) return
  const { kinds, places } = byKind(rows, kindOf)
  await writeLater(
    tx,
    Prisma.sql`
    INSERT INTO members (organization_id, id, directory_id, user_id, email, email_key, status, role, seat_type, source,
      since, wanted_seat, waiting_since, removed_at, excluded, asserted_group_ids, removal, removal_since)
    SELECT k.organization_id, x.id, k.directory_id, x.user_id, x.email, x.email_key, k.status, k.role,
      k.seat_type, k.source, CASE WHEN k.status = 'active' THEN clock.now END, k.wanted_seat,
      CASE WHEN k.wanted_seat IS NOT NULL THEN clock.now + x.position * interval '1 microsecond' END,
      CASE WHEN k.status = 'removed' THEN clock.now END, k.excluded, x.asserted_group_ids::uuid[], k.removal,
      CASE WHEN k.removal IS NOT NULL THEN clock.now END
    FROM ${asPeople(rows, places)} JOIN ${asKinds(kinds)} ON k.place = x.place,
      (SELECT clock_timestamp() AS now) clock ORDER BY x.position`,
  )
}

/** The same with what it is, if it is there. */
export interface MemberUpdate extends MemberRow {
  readonly before: Member | null
}

/**
 * Whether the member stays who it is, which is what members are looked up by, and only what it is is written. Those who
 * wait for a seat do so in an order, each at a place of its own.
 */
export const isOfPlaceAlone = ({ before, after }: MemberUpdate): boolean =>
  before !== null && after.wantedSeat === null && isSamePerson(before, after)

/** What members are now: those of one kind, which is that of `placeOf`, are found at once by the list of their ids. */
export async function updatePlaces(tx: Tx, kinds: readonly (readonly MemberRow[])[]): Promise<void> {
  const some = kinds.filter(({ length }) => length > 0)
  if (some.length === 0) return
  const ids = uuidArray(some.flatMap((kind) => kind.map(({ after }) => after.id)))
  const { first, last } = extents(some.map(({ length }) => length))
  await writeLater(
    tx,
    Prisma.sql`
    UPDATE members m SET ${place}
    FROM ${asKinds(some.flatMap(([one]) => one ?? []))}
      JOIN unnest(${first}::int[], ${last}::int[]) WITH ORDINALITY AS x(first, last, position) ON x.position = k.place,
      (SELECT clock_timestamp() AS now) clock
    WHERE m.organization_id = k.organization_id AND m.id = ANY((${ids}::uuid[])[x.first:x.last])`,
  )
}

/** Who members are now, and what. Since when they are it stays, as long as they are it. */
export async function updateMembers(tx: Tx, rows: readonly MemberRow[]): Promise<void> {
  if (rows.length === 0) return
  const { kinds, places } = byKind(rows, kindOf)
  await writeLater(
    tx,
    Prisma.sql`
    UPDATE members m SET user_id = x.user_id, email = x.email, email_key = x.email_key,
      asserted_group_ids = x.asserted_group_ids::uuid[], ${place}
    FROM ${asPeople(rows, places)} JOIN ${asKinds(kinds)} ON k.place = x.place,
      (SELECT clock_timestamp() AS now) clock
    WHERE m.organization_id = k.organization_id AND m.id = x.id`,
  )
}

/** All of the member `m` but who it is, from its kind `k`; who begins to wait does so in the order of `x`. */
const place = Prisma.raw(`status = k.status, role = k.role, seat_type = k.seat_type, source = k.source,
  since = CASE WHEN k.status <> 'active' THEN NULL WHEN m.status = 'active' THEN m.since ELSE clock.now END,
  wanted_seat = k.wanted_seat,
  waiting_since = CASE WHEN k.wanted_seat IS NOT NULL
    THEN coalesce(m.waiting_since, clock.now + x.position * interval '1 microsecond') END,
  removed_at = CASE WHEN k.status = 'removed' THEN coalesce(m.removed_at, clock.now) END,
  excluded = k.excluded, removal = k.removal,
  removal_since = CASE WHEN m.removal = k.removal THEN m.removal_since
    WHEN k.removal IS NOT NULL THEN clock.now END`)

/** All of a member but who it is, as a key. */
export const placeOf = (member: MemberState): string =>
  `${member.status} ${member.role} ${member.seatType} ${member.source} ${member.wantedSeat} ${member.excluded} ${member.removal}`

/** Of all that `asKinds` sends. */
const kindOf = ({ organization, after }: MemberRow): string => `${organization.id} ${placeOf(after)}`

/** The rows `k`: where members are, and as what. */
function asKinds(kinds: readonly MemberRow[]): Prisma.Sql {
  const column = <K extends keyof MemberState>(key: K) => kinds.map(({ after }) => after[key])
  return Prisma.sql`unnest(${kinds.map(({ organization }) => organization.id)}::uuid[],
    ${kinds.map(({ organization }) => organization.directoryId)}::uuid[], ${column('status')}::text[],
    ${column('role')}::text[], ${column('seatType')}::text[], ${column('source')}::text[],
    ${column('wantedSeat')}::text[], ${column('excluded')}::boolean[], ${column('removal')}::text[])
    WITH ORDINALITY AS k(organization_id, directory_id, status, role, seat_type, source, wanted_seat, excluded, removal,
      place)`
}

/** The rows `x`: who members are, each with its position and the place of its kind. */
function asPeople(rows: readonly MemberRow[], places: readonly number[]): Prisma.Sql {
  const column = <K extends keyof MemberState>(key: K) => rows.map(({ after }) => after[key])
  const asserted = column('assertedGroupIds').map((ids) => (ids === null ? null : `{${ids.join(',')}}`))
  return Prisma.sql`unnest(${column('id')}::uuid[], ${column('userId')}::uuid[], ${column('email')}::text[],
    ${column('emailKey')}::text[], ${asserted}::text[], ${places}::int[])
    WITH ORDINALITY AS x(id, user_id, email, email_key, asserted_group_ids, place, position)`
}
