// Members by who their users are, very many at a time, as far as the evaluator looks at them.
import type { PlanName } from '../provisioning/catalogue.ts'
import type { Member } from '../provisioning/types.ts'
import type { Tx } from './database.ts'
import { Prisma } from './generated/client.ts'
import { decidedColumns, type MemberScope, placeColumns, type Row, toMember } from './members.ts'
import { isOneOf, type SomeUsers, type UserRow } from './user-ranges.ts'

/** A user, and the member of an organization that is linked to it. */
export interface LinkedUser {
  readonly user: UserRow
  readonly member: Member | null
}

type LinkedRow = UserRow &
  (
    | { readonly member_id: null }
    | (Omit<Row, 'id' | 'user_id' | 'email' | 'email_key'> & {
        readonly member_id: string
        /** null: that of the user, as of nearly everybody */
        readonly member_email: string | null
        readonly member_email_key: string | null
      })
  )

/** These users in the order of their ids, each with the member that is linked to it. */
export async function linkedUsers(
  tx: Tx,
  { id, directoryId, plan }: MemberScope & { readonly directoryId: string },
  users: SomeUsers,
): Promise<LinkedUser[]> {
  const rows = await tx.$queryRaw<LinkedRow[]>`
    SELECT u.id, u.email, u.email_key, u.active, m.id AS member_id, nullif(m.email, u.email) AS member_email,
      nullif(m.email_key, u.email_key) AS member_email_key, ${placeColumns}
    FROM users u LEFT JOIN members m ON m.organization_id = ${id}::uuid AND m.user_id = u.id
      AND ${isOneOf(Prisma.raw('m.user_id'), users)}
    WHERE u.directory_id = ${directoryId}::uuid AND ${isOneOf(Prisma.raw('u.id'), users)} ORDER BY u.id`
  return rows.map((row) => ({ user: row, member: linkedMember(plan, row) }))
}

function linkedMember(plan: PlanName, row: LinkedRow): Member | null {
  if (row.member_id === null) return null
  return toMember(plan, {
    id: row.member_id,
    user_id: row.id,
    email: row.member_email ?? row.email,
    email_key: row.member_email_key ?? row.email_key,
    status: row.status,
    role: row.role,
    seat_type: row.seat_type,
    source: row.source,
    wanted_seat: row.wanted_seat,
    waiting_since: row.waiting_since,
    excluded: row.excluded,
    asserted_group_ids: row.asserted_group_ids,
    removal: row.removal,
  })
}

/** Those without a user whose address is that of one of these users (E7). */
export async function membersByEmail(
  tx: Tx,
  organization: MemberScope & { readonly directoryId: string },
  users: SomeUsers,
): Promise<Member[]> {
  const rows = await tx.$queryRaw<Row[]>`
    SELECT ${decidedColumns} FROM members m
    WHERE m.organization_id = ${organization.id}::uuid AND m.user_id IS NULL AND m.email_key IN (
      SELECT u.email_key FROM users u
      WHERE u.directory_id = ${organization.directoryId}::uuid AND ${isOneOf(Prisma.raw('u.id'), users)})`
  return rows.map((row) => toMember(organization.plan, row))
}

export async function membersById(
  tx: Tx,
  organization: MemberScope,
  ids: readonly string[],
): Promise<Member[]> {
  if (ids.length === 0) return []
  const rows = await tx.$queryRaw<Row[]>`
    SELECT ${decidedColumns} FROM members m
    WHERE m.organization_id = ${organization.id}::uuid AND m.id = ANY(${ids}::uuid[])`
  return rows.map((row) => toMember(organization.plan, row))
}
