// Members by who their users are, very many at a time, as far as the evaluator looks at them.
import type { Member } from '../provisioning/types.ts'
import type { Tx } from './database.ts'
import { Prisma } from './generated/client.ts'
import { decidedColumns, type MemberScope, type Row, toMember } from './members.ts'
import { isOneOf, type SomeUsers } from './user-ranges.ts'

/** Those linked to these users. */
export async function linkedMembers(tx: Tx, organization: MemberScope, users: SomeUsers): Promise<Member[]> {
  const rows = await tx.$queryRaw<Row[]>`
    SELECT ${decidedColumns} FROM members m
    WHERE m.organization_id = ${organization.id}::uuid AND ${isOneOf(Prisma.raw('m.user_id'), users)}`
  return rows.map((row) => toMember(organization.plan, row))
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
