// Members by the ids of their users, a range of ids at a time, as far as the evaluator looks at them.
import type { Member } from '../provisioning/types.ts'
import type { Tx } from './database.ts'
import { decidedColumns, type MemberScope, type Row, toMember } from './members.ts'
import type { Range } from './user-ranges.ts'

/** Those linked to users with these ids. */
export async function membersWithin(
  tx: Tx,
  organization: MemberScope,
  { after, upTo }: Range,
): Promise<Member[]> {
  const rows = await tx.$queryRaw<Row[]>`
    SELECT ${decidedColumns} FROM members m WHERE m.organization_id = ${organization.id}::uuid
      AND m.user_id > ${after}::uuid AND m.user_id <= ${upTo}::uuid`
  return rows.map((row) => toMember(organization.plan, row))
}

/** Those without a user whose address is that of a user with one of these ids (E7). */
export async function unlinkedMembersWithin(
  tx: Tx,
  organization: MemberScope & { readonly directoryId: string },
  { after, upTo }: Range,
): Promise<Member[]> {
  const rows = await tx.$queryRaw<Row[]>`
    SELECT ${decidedColumns} FROM members m
    WHERE m.organization_id = ${organization.id}::uuid AND m.user_id IS NULL AND m.email_key IN (
      SELECT u.email_key FROM users u WHERE u.directory_id = ${organization.directoryId}::uuid
        AND u.id > ${after}::uuid AND u.id <= ${upTo}::uuid)`
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
