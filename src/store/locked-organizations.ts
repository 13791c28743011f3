// Organizations with their provisioning settings and seats, locked for whoever changes members, or only read.
import type { Brake } from '../provisioning/brake.ts'
import { findRole, findSeatType, type PlanName } from '../provisioning/catalogue.ts'
import type { Mapping, Seats, Settings } from '../provisioning/types.ts'
import { inTurn, type Tx } from './database.ts'
import { Prisma } from './generated/client.ts'
import { type Organization, type Row, type SeatRow, toOrganization, toSeats } from './organizations.ts'

/** An organization whose row is locked, with all that the evaluator must know of it. */
export interface LockedOrganization extends Organization {
  readonly settings: Settings
  /** null: off (S5) */
  readonly brake: Brake | null
  readonly seats: Seats
  /** whether others may write to it at the same time (`sharing`) */
  readonly isShared: boolean
}

const toBrake = ({ brakeMaxRemovals, brakeMaxRemovedPercent, brakeWithinMinutes }: Row): Brake | null =>
  brakeWithinMinutes === null
    ? null
    : {
        maxRemovals: brakeMaxRemovals,
        maxRemovedPercent: brakeMaxRemovedPercent,
        withinMinutes: brakeWithinMinutes,
      }

/** Which organizations of a directory a change can concern. */
export type Concern =
  | { readonly kind: 'every' }
  | { readonly kind: 'assignment_of'; readonly userId: string }
  | { readonly kind: 'scim_without_mappings' }
  | { readonly kind: 'mapping_around'; readonly groupId: string }
  | { readonly kind: 'one'; readonly organizationId: string }

/**
 * Locks the organizations in the order of their ids, then reads their settings and seats in a later statement: what
 * is read is what is true once the lock is held, and seats cannot be oversold (E4).
 */
export async function lockOrganizations(
  tx: Tx,
  directoryId: string,
  concern: Concern,
): Promise<LockedOrganization[]> {
  const where = concernedBy(directoryId, concern)
  return locking(tx, where, () => readOrganizations(tx, where))
}

/** How an organization is locked: whether others may write to it at the same time. */
interface Locked {
  readonly id: string
  readonly isShared: boolean
}

/** Locks the organizations that meet the condition, then reads what is true of them under the lock. */
export function locking<T extends { readonly id: string }>(
  tx: Tx,
  condition: Prisma.Sql,
  read: () => Promise<T[]>,
): Promise<(T & Locked)[]> {
  const lock = () => tx.$queryRaw<Locked[]>`
    SELECT row.id, false AS "isShared", o.lock FROM (
      SELECT o.id, pg_advisory_xact_lock(${lockKey})::text AS lock
      FROM (SELECT o.id FROM organizations o WHERE ${condition} ORDER BY o.id) o OFFSET 0) o
    CROSS JOIN LATERAL (SELECT r.id FROM organizations r WHERE r.id = o.id FOR NO KEY UPDATE) row`
  return behind(tx, lock, read)
}

/**
 * The same for a write to some users whose rows are locked, or that nobody else sees yet. Where nobody waits for a seat
 * (E4), no removals are counted (S5) and nobody has to be found by e-mail (E7), what becomes of them is between them and
 * the seats that there are: such writes share the organization, and wait only for whoever has it for itself. Says which
 * are shared; that it may be must be looked at once more in what is read.
 */
export function sharing<T extends { readonly id: string }>(
  tx: Tx,
  condition: Prisma.Sql,
  userIds: readonly string[],
  read: () => Promise<T[]>,
): Promise<(T & Locked)[]> {
  const lock = () => tx.$queryRaw<Locked[]>`
    SELECT o.id, o.is_shared AS "isShared", o.lock FROM (
      SELECT o.id, o.is_shared, CASE WHEN o.is_shared THEN pg_advisory_xact_lock_shared(${lockKey})::text
        ELSE pg_advisory_xact_lock(${lockKey})::text END AS lock
      FROM (
        SELECT o.id, o.mode = 'scim' AND o.brake_within_minutes IS NULL
          AND NOT EXISTS (SELECT 1 FROM members m WHERE m.organization_id = o.id AND m.wanted_seat IS NOT NULL)
          AND NOT EXISTS (SELECT 1 FROM users u CROSS JOIN LATERAL (
            SELECT m.user_id FROM members m WHERE m.organization_id = o.id AND m.email_key = u.email_key OFFSET 0) m
            WHERE u.directory_id = o.directory_id AND u.id = ANY(${userIds}::uuid[])
              AND m.user_id IS NULL) AS is_shared
        FROM organizations o WHERE ${condition} ORDER BY o.id) o OFFSET 0) o
    LEFT JOIN LATERAL (
      SELECT r.id FROM organizations r WHERE r.id = o.id AND NOT o.is_shared FOR NO KEY UPDATE) row ON true`
  return behind(tx, lock, read)
}

/** What a later statement reads of the organizations that were locked. */
async function behind<T extends { readonly id: string }>(
  tx: Tx,
  lock: () => Promise<Locked[]>,
  read: () => Promise<T[]>,
): Promise<(T & Locked)[]> {
  const [locked, found] = await inTurn(tx, lock, read)
  const ways = new Map(locked.map(({ id, isShared }) => [id, isShared]))
  return found.flatMap((organization) => {
    const isShared = ways.get(organization.id)
    // one that the change has come to concern meanwhile is not locked: who brought that about evaluates it
    return isShared === undefined ? [] : [{ ...organization, isShared }]
  })
}

/**
 * Of an organization `o`: whoever has this lock, and behind it the one of its row, has the organization for itself. Those
 * who share it and those who do not wait in one line.
 */
const lockKey = Prisma.raw(`hashtextextended('organization ' || o.id, 0)`)

/** An organization with its settings and seats, unlocked: for reading. */
export async function readOrganization(tx: Tx, id: string): Promise<LockedOrganization | null> {
  const [organization] = await readOrganizations(tx, Prisma.sql`o.id = ${id}::uuid`)
  return organization ?? null
}

/** Of an organization with the alias `o`: itself and its seats. */
export const organizationColumns =
  Prisma.raw(`o.id, o.parent_organization_id AS "parentOrganizationId", o.directory_id AS "directoryId", o.name, o.plan,
  o.mode, o.group_mappings AS "groupMappings", o.settings_version AS "settingsVersion",
  o.primary_owner_id AS "primaryOwnerId", o.created_at AS "createdAt", o.brake_max_removals AS "brakeMaxRemovals",
  o.brake_max_removed_percent AS "brakeMaxRemovedPercent", o.brake_within_minutes AS "brakeWithinMinutes",
  (SELECT json_agg(json_build_object('seatType', s.seat_type, 'purchased', s.purchased, 'assigned', s.assigned))
    FROM seats s WHERE s.organization_id = o.id) AS seats`)

/** Mappings with the alias `m` as a JSON list; NULL where there are none. */
export const mappingList = Prisma.raw(
  `json_agg(json_build_object('groupId', m.group_id, 'role', m.role, 'seatType', m.seat_type) ORDER BY m.id)`,
)

async function readOrganizations(tx: Tx, condition: Prisma.Sql): Promise<LockedOrganization[]> {
  const rows = await tx.$queryRaw<OrganizationRow[]>`
    SELECT ${organizationColumns},
      (SELECT ${mappingList} FROM mappings m WHERE m.organization_id = o.id) AS mappings
    FROM organizations o WHERE ${condition} ORDER BY o.id`
  return rows.map((row) => toWhole(row, false))
}

interface MappingRow {
  readonly groupId: string
  readonly role: string | null
  readonly seatType: string | null
}

export type OrganizationRow = Row & {
  readonly mappings: readonly MappingRow[] | null
  readonly seats: readonly SeatRow[] | null
}

export function toWhole({ mappings, seats, ...row }: OrganizationRow, isShared: boolean): LockedOrganization {
  const organization = toOrganization(row)
  return {
    ...organization,
    settings: { ...organization, mappings: toMappings(organization.plan, mappings ?? []) },
    brake: toBrake(row),
    seats: toSeats(organization.plan, seats ?? []),
    isShared,
  }
}

/** The condition on organizations `o` of the directory that a change can concern. */
export const concernedBy = (directoryId: string, concern: Concern): Prisma.Sql =>
  Prisma.sql`o.directory_id = ${directoryId}::uuid AND ${concernSql(directoryId, concern)}`

function concernSql(directoryId: string, concern: Concern): Prisma.Sql {
  switch (concern.kind) {
    case 'every':
      return Prisma.sql`true`
    case 'assignment_of':
      // between sign-ins it matters in mode jit to whom waits, and to whom an administrator removed (E4, E6)
      return Prisma.sql`(o.mode = 'scim' OR (o.mode = 'jit' AND EXISTS (
        SELECT 1 FROM members m WHERE m.organization_id = o.id AND m.user_id = ${concern.userId}::uuid
          AND (m.wanted_seat IS NOT NULL OR m.excluded))))`
    case 'scim_without_mappings':
      return Prisma.sql`o.mode = 'scim' AND NOT o.group_mappings`
    case 'mapping_around':
      // the group, or one that it is in, directly or through others (E5)
      return Prisma.sql`o.mode = 'scim' AND o.group_mappings AND o.id IN (
        SELECT m.organization_id FROM mappings m WHERE m.directory_id = ${directoryId}::uuid AND m.group_id IN (
          WITH RECURSIVE up(group_id) AS (
            SELECT ${concern.groupId}::uuid
            UNION
            SELECT parent.id FROM up CROSS JOIN LATERAL (
              SELECT g.group_id AS id FROM group_memberships g
              WHERE g.directory_id = ${directoryId}::uuid AND g.member_group_id = up.group_id OFFSET 0) parent
          ) SELECT group_id FROM up))`
    case 'one':
      return Prisma.sql`o.id = ${concern.organizationId}::uuid`
  }
}

function toMappings(plan: PlanName, rows: readonly MappingRow[]): Mapping[] {
  return rows.flatMap(({ groupId, role, seatType }): Mapping[] => {
    const knownRole = role === null ? null : findRole(plan, role)
    if (knownRole !== null) return [{ groupId, role: knownRole, seatType: null }]
    const knownSeat = seatType === null ? null : findSeatType(plan, seatType)
    return knownSeat === null ? [] : [{ groupId, role: null, seatType: knownSeat }]
  })
}
