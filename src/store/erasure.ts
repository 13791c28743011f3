// Erasing a person: the rows that hold something of one, wherever they are. Who they are is E7's to say, as everywhere.
import type { Attributes } from '../scim/resource.ts'
import { enterpriseUserSchema } from '../scim/schemas/enterprise-user.ts'
import type { Tx } from './database.ts'
import { Prisma } from './generated/client.ts'

/** Who is meant: a user by its id, or whoever has an address, as a primary e-mail or a userName. */
export interface PersonWanted {
  readonly userId: string | null
  /** as E7 compares addresses */
  readonly emailKey: string
  readonly userNameKey: string
}

export interface ErasableUser {
  readonly id: string
  readonly active: boolean
  readonly userNameKey: string
  readonly resource: Attributes
}

/** The users that are meant, locked for deletion. */
export function lockPersonsUsers(tx: Tx, directoryId: string, wanted: PersonWanted): Promise<ErasableUser[]> {
  const { userId, emailKey, userNameKey } = wanted
  return tx.$queryRaw<ErasableUser[]>`
    SELECT u.id, u.active, u.user_name_key AS "userNameKey", u.resource FROM users u
    WHERE u.directory_id = ${directoryId}::uuid AND ${
      userId === null
        ? Prisma.sql`(u.email_key = ${emailKey} OR u.user_name_key = ${userNameKey})`
        : Prisma.sql`u.id = ${userId}::uuid`
    }
    ORDER BY u.id FOR UPDATE`
}

/** A member of a person, in whichever organization of the directory. */
export interface PersonsMember {
  readonly organizationId: string
  readonly memberId: string
  readonly status: string
}

/**
 * The members with these ids or, where no user of the directory is who has them (E7), with these addresses. The
 * organizations must be locked.
 */
export async function findPersonsMembers(
  tx: Tx,
  directoryId: string,
  wanted: { readonly memberIds: readonly string[]; readonly emailKeys: readonly string[] },
): Promise<PersonsMember[]> {
  return tx.$queryRaw<PersonsMember[]>`
    SELECT m.organization_id AS "organizationId", m.id AS "memberId", m.status
    FROM organizations o JOIN members m ON m.organization_id = o.id
    WHERE o.directory_id = ${directoryId}::uuid AND (m.id = ANY(${wanted.memberIds}::uuid[])
      OR (m.user_id IS NULL AND m.email_key = ANY(${wanted.emailKeys}::text[]) AND ${isNobodysAddress}))
    ORDER BY m.organization_id, m.id`
}

/** No user of the directory has the address of the member `m`. */
const isNobodysAddress = Prisma.sql`NOT EXISTS (
  SELECT 1 FROM users u WHERE u.directory_id = m.directory_id AND u.email_key = m.email_key)`

/** Of one organization: the member of this id, or those with an address, each with the directory user that it is. */
export interface FormerMember {
  readonly memberId: string
  readonly status: string
  readonly userId: string | null
}

export function findFormerMembers(
  tx: Tx,
  organizationId: string,
  { memberId, emailKey }: { readonly memberId: string | null; readonly emailKey: string },
): Promise<FormerMember[]> {
  return tx.$queryRaw<FormerMember[]>`
    SELECT m.id AS "memberId", m.status, coalesce(m.user_id, (SELECT u.id FROM users u
      WHERE u.directory_id = m.directory_id AND u.email_key = m.email_key ORDER BY u.id LIMIT 1)) AS "userId"
    FROM members m WHERE m.organization_id = ${organizationId}::uuid
      AND ${memberId === null ? Prisma.sql`m.email_key = ${emailKey}` : Prisma.sql`m.id = ${memberId}::uuid`}
    ORDER BY m.id`
}

export async function deleteMembers(
  tx: Tx,
  organizationId: string,
  memberIds: readonly string[],
): Promise<void> {
  await tx.$executeRaw`
    DELETE FROM members WHERE organization_id = ${organizationId}::uuid AND id = ANY(${memberIds}::uuid[])`
}

/**
 * Deletes members who left so many days ago, and whom the directory does not have, at most `limit`; gives their ids. The
 * organization must be locked.
 */
export async function deleteLongGone(
  tx: Tx,
  organizationId: string,
  { days, limit }: { readonly days: number; readonly limit: number },
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    DELETE FROM members WHERE organization_id = ${organizationId}::uuid AND id = ANY(ARRAY(
      SELECT m.id FROM members m
      WHERE m.organization_id = ${organizationId}::uuid AND ${isLongGone(days)} ORDER BY m.id LIMIT ${limit}))
    RETURNING id`
  return rows.map(({ id }) => id).sort()
}

/** Organizations that have such members, after one of them. */
export async function organizationsWithLongGone(tx: Tx, days: number): Promise<string[]> {
  // an index lookup for each organization: most members of most of them are linked to a user
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT o.id FROM organizations o WHERE EXISTS (
      SELECT 1 FROM members m WHERE m.organization_id = o.id AND ${isLongGone(days)}) ORDER BY o.id`
  return rows.map(({ id }) => id)
}

const isLongGone = (days: number) => Prisma.sql`m.user_id IS NULL AND m.status = 'removed'
  AND m.removed_at < now() - make_interval(days => ${days}::int) AND ${isNobodysAddress}`

/**
 * Users whose manager is named by one of these values. `manager.value` is the id of a user by the RFC (RFC 7643 section
 * 4.3), and what else identity providers know the manager by.
 */
export async function findManagedBy(
  tx: Tx,
  directoryId: string,
  values: readonly string[],
): Promise<string[]> {
  const named = values.map((value) => JSON.stringify({ [enterpriseUserSchema.id]: { manager: { value } } }))
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT DISTINCT u.id FROM unnest(${named}::jsonb[]) AS n(named)
    JOIN users u ON u.search @> n.named WHERE u.directory_id = ${directoryId}::uuid ORDER BY u.id`
  return rows.map(({ id }) => id)
}

/**
 * Forgets what WorkOS told of users: those that these of ours are, and all of these names, which wait for their turn to
 * be them. That it told of them stays, so that an older word does not bring them back. The connections must be locked.
 */
export async function forgetWorkosUsers(
  tx: Tx,
  directoryId: string,
  { userIds, nameKeys }: { readonly userIds: readonly string[]; readonly nameKeys: readonly string[] },
): Promise<void> {
  await tx.$executeRaw`
    WITH forgotten AS (
      UPDATE workos_objects o SET name_key = NULL, resource = NULL
      WHERE o.directory_id = ${directoryId}::uuid AND o.resource_type = 'User' AND (
        o.name_key = ANY(${nameKeys}::text[])
        OR (o.connection_id, o.workos_id) IN (SELECT l.connection_id, l.workos_id FROM workos_links l
          WHERE l.directory_id = ${directoryId}::uuid AND l.user_id = ANY(${userIds}::uuid[])))
      RETURNING o.connection_id, o.workos_id
    )
    DELETE FROM workos_memberships m USING forgotten f
    WHERE m.directory_id = ${directoryId}::uuid AND m.connection_id = f.connection_id
      AND m.workos_user_id = f.workos_id`
}

/** Whether the log tells that this subject was erased. */
export async function isErased(
  tx: Tx,
  type: 'user.erased' | 'member.erased',
  {
    column,
    tenantId,
    subjectId,
  }: { column: 'directory_id' | 'organization_id'; tenantId: string; subjectId: string },
): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM events WHERE subject_id = ${subjectId}::uuid AND type = ${type}
      AND ${Prisma.raw(column)} = ${tenantId}::uuid LIMIT 1`
  return rows.length > 0
}
