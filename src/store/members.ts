// Members: reading them, and keeping their links and addresses. Rows of people who left stay, so that their id is theirs (E8).
import { findRole, findSeatType, isMode, type PlanName, type SeatType } from '../provisioning/catalogue.ts'
import type { Member, SeatWish } from '../provisioning/types.ts'
import type { PrismaTx, Tx } from './database.ts'
import { Prisma } from './generated/client.ts'
import type { PageRequest } from './paging.ts'

export interface StoredMember extends Member {
  readonly since: Date | null
  /** since when its removal is held, or discarded (S5) */
  readonly removalSince: Date | null
}

/** What `decidedColumns` select. */
export interface Row {
  readonly id: string
  readonly user_id: string | null
  readonly email: string
  readonly email_key: string
  readonly status: string
  readonly role: string | null
  readonly seat_type: string | null
  readonly source: string
  readonly wanted_seat: string | null
  readonly waiting_since: number | null
  readonly excluded: boolean
  readonly asserted_group_ids: readonly string[] | null
  readonly removal: string | null
}

export interface StoredRow extends Row {
  readonly since: Date | null
  readonly removal_since: Date | null
}

/** What a member with the alias `m` is, as far as the evaluator asks, but for who it is. */
export const placeColumns = Prisma.raw(`m.status, m.role, m.seat_type, m.source, m.wanted_seat,
  (extract(epoch FROM m.waiting_since) * 1000000)::float8 AS waiting_since, m.excluded,
  m.asserted_group_ids::text[] AS asserted_group_ids, m.removal`)
/** The same with who it is. */
export const decidedColumns = Prisma.sql`m.id, m.user_id, m.email, m.email_key, ${placeColumns}`
export const storedColumns = Prisma.sql`${decidedColumns}, m.since, m.removal_since`

export const toStoredMember = (plan: PlanName, row: StoredRow): StoredMember => ({
  ...toMember(plan, row),
  since: row.since,
  removalSince: row.removal_since,
})

export function toMember(plan: PlanName, row: Row): Member {
  return {
    id: row.id,
    userId: row.user_id,
    email: row.email,
    emailKey: row.email_key,
    status: row.status === 'active' || row.status === 'waiting' ? row.status : 'removed',
    role: row.role === null ? null : findRole(plan, row.role),
    seatType: row.seat_type === null ? null : findSeatType(plan, row.seat_type),
    source: isMode(row.source) ? row.source : 'manual',
    wantedSeat: row.wanted_seat === null ? null : toWish(plan, row.wanted_seat),
    waitingSince: row.waiting_since,
    excluded: row.excluded,
    assertedGroupIds: row.asserted_group_ids,
    removal: row.removal === 'held' || row.removal === 'discarded' ? row.removal : null,
  }
}

const toWish = (plan: PlanName, wish: string): SeatWish => findSeatType(plan, wish) ?? 'any'

/** An organization's id and plan: what is needed to read its members. */
export interface MemberScope {
  readonly id: string
  readonly plan: PlanName
}

/** The members that are these users, by link or by e-mail (E7), and those with these ids. */
export async function findMembersOf(
  tx: Tx,
  organization: MemberScope,
  wanted: {
    readonly userIds: readonly string[]
    readonly emailKeys: readonly string[]
    readonly ids: readonly string[]
  },
): Promise<StoredMember[]> {
  const rows = await tx.$queryRaw<StoredRow[]>`
    SELECT ${storedColumns} FROM members m WHERE m.organization_id = ${organization.id}::uuid AND (
      m.user_id = ANY(${wanted.userIds}::uuid[])
      OR (m.user_id IS NULL AND m.email_key = ANY(${wanted.emailKeys}::text[]))
      OR m.id = ANY(${wanted.ids}::uuid[]))`
  return rows.map((row) => toStoredMember(organization.plan, row))
}

/** The members that these users are, by link or by e-mail (E7), and those with these ids. */
export async function membersBehind(
  tx: Tx,
  organization: MemberScope & { readonly directoryId: string },
  wanted: { readonly userIds: readonly string[]; readonly memberIds: readonly string[] },
): Promise<StoredMember[]> {
  const { id, directoryId, plan } = organization
  const rows = await tx.$queryRaw<StoredRow[]>`
    SELECT ${storedColumns} FROM members m WHERE m.organization_id = ${id}::uuid AND (
      m.user_id = ANY(${wanted.userIds}::uuid[])
      OR (m.user_id IS NULL AND m.email_key = ANY(ARRAY(SELECT u.email_key FROM users u
        WHERE u.directory_id = ${directoryId}::uuid AND u.id = ANY(${wanted.userIds}::uuid[]))))
      OR m.id = ANY(${wanted.memberIds}::uuid[]))`
  return rows.map((row) => toStoredMember(plan, row))
}

/** Members, also former ones, that are linked to no user: a page of them in the order of their ids. */
export async function unlinkedMembers(
  tx: Tx,
  organization: MemberScope,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<StoredMember[]> {
  const rows = await tx.$queryRaw<StoredRow[]>`
    SELECT ${storedColumns} FROM members m
    WHERE m.organization_id = ${organization.id}::uuid AND m.user_id IS NULL AND m.id > ${after}::uuid
    ORDER BY m.id LIMIT ${limit}`
  return rows.map((row) => toStoredMember(organization.plan, row))
}

export async function findMember(
  tx: Tx,
  organization: MemberScope,
  id: string,
): Promise<StoredMember | null> {
  const rows = await tx.$queryRaw<StoredRow[]>`
    SELECT ${storedColumns} FROM members m WHERE m.organization_id = ${organization.id}::uuid AND m.id = ${id}::uuid`
  return rows[0] === undefined ? null : toStoredMember(organization.plan, rows[0])
}

export interface MemberSearch {
  readonly status: 'active' | 'waiting' | null
  readonly role: string | null
  readonly seatType: string | null
  readonly emailKey: string | null
  /** those whom a push would have removed (S5) */
  readonly removal: Member['removal']
  /** the id after which the page begins, in the order of ids */
  readonly after: string | null
  readonly limit: number
}

/** A page of the members that are in or waiting, in the order of their ids. */
export async function searchMembers(
  tx: Tx,
  organization: MemberScope,
  search: MemberSearch,
): Promise<StoredMember[]> {
  const { status, role, seatType, emailKey, removal, after, limit } = search
  const rows = await tx.$queryRaw<StoredRow[]>`
    SELECT ${storedColumns} FROM members m WHERE m.organization_id = ${organization.id}::uuid AND m.status <> 'removed'
      ${status === null ? Prisma.empty : Prisma.sql`AND m.status = ${status}`}
      ${role === null ? Prisma.empty : Prisma.sql`AND m.role = ${role}`}
      ${seatType === null ? Prisma.empty : Prisma.sql`AND m.seat_type = ${seatType}`}
      ${emailKey === null ? Prisma.empty : Prisma.sql`AND m.email_key = ${emailKey}`}
      ${removal === null ? Prisma.empty : Prisma.sql`AND m.removal = ${removal}`}
      ${after === null ? Prisma.empty : Prisma.sql`AND m.id > ${after}::uuid`}
    ORDER BY m.id LIMIT ${limit}`
  return rows.map((row) => toStoredMember(organization.plan, row))
}

/** How many are in or waiting. */
export async function countMembers(tx: PrismaTx, organizationId: string): Promise<number> {
  return tx.member.count({ where: { organizationId, status: { not: 'removed' } } })
}

/** The roles that members have, each with how many have it. */
export async function countRoles(tx: Tx, organizationId: string): Promise<{ role: string; count: number }[]> {
  return tx.$queryRaw<{ role: string; count: number }[]>`
    SELECT role, count(*)::int AS count FROM members
    WHERE organization_id = ${organizationId}::uuid AND status = 'active' GROUP BY role ORDER BY role`
}

/** A page of those who are on no seat of these types, where there are any, or wait for a seat of another one. */
export async function membersOffPlan(
  tx: Tx,
  organization: MemberScope,
  seatTypes: readonly SeatType[],
  { after, limit }: PageRequest,
): Promise<StoredMember[]> {
  const none = seatTypes.length === 0
  const rows = await tx.$queryRaw<StoredRow[]>`
    SELECT ${storedColumns} FROM members m WHERE m.organization_id = ${organization.id}::uuid
      ${after === null ? Prisma.empty : Prisma.sql`AND m.id > ${after}::uuid`} AND (
      (m.status = 'active' AND CASE WHEN ${none}::boolean THEN m.seat_type IS NOT NULL
        ELSE coalesce(m.seat_type <> ALL(${seatTypes}::text[]), true) END)
      OR (m.wanted_seat <> 'any' AND m.wanted_seat <> ALL(${seatTypes}::text[])))
    ORDER BY m.id LIMIT ${limit}`
  return rows.map((row) => toStoredMember(organization.plan, row))
}

/**
 * The user's address changes: members that were this user by the old one (E7) are linked, so that they stay it (E12).
 * The organizations must be locked.
 */
export async function linkMembers(
  tx: Tx,
  directoryId: string,
  userId: string,
  oldEmailKey: string,
): Promise<void> {
  await tx.$executeRaw`
    UPDATE members m SET user_id = ${userId}::uuid FROM organizations o, LATERAL (
      SELECT c.id FROM members c
      WHERE c.organization_id = o.id AND c.user_id IS NULL AND c.email_key = ${oldEmailKey}
      ORDER BY array_position(ARRAY['active', 'waiting', 'removed'], c.status), c.id LIMIT 1) matched
    WHERE o.directory_id = ${directoryId}::uuid AND m.organization_id = o.id AND m.id = matched.id
      AND NOT EXISTS (SELECT 1 FROM members l WHERE l.organization_id = o.id AND l.user_id = ${userId}::uuid)`
}

/** The users are about to be deleted: their members go on without the link. Gives them by organization. */
export async function unlinkUsers(
  tx: Tx,
  directoryId: string,
  userIds: readonly string[],
): Promise<{ organizationId: string; memberId: string }[]> {
  const rows = await tx.$queryRaw<{ organization_id: string; id: string }[]>`
    UPDATE members SET user_id = NULL
    WHERE directory_id = ${directoryId}::uuid AND user_id = ANY(${userIds}::uuid[])
    RETURNING organization_id, id`
  return rows.map((row) => ({ organizationId: row.organization_id, memberId: row.id }))
}

/** Members that are this user in organizations that no evaluation looks at keep its address too (E12). */
export async function followEmail(
  tx: Tx,
  directoryId: string,
  userId: string,
  email: { readonly email: string; readonly emailKey: string },
): Promise<void> {
  await tx.$executeRaw`
    UPDATE members SET email = ${email.email}, email_key = ${email.emailKey}
    WHERE directory_id = ${directoryId}::uuid AND user_id = ${userId}::uuid AND email <> ${email.email}`
}
