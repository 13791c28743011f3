// Organizations, and the provisioning settings and seats of each.
import type { Brake } from '../provisioning/brake.ts'
import {
  findRole,
  findSeatType,
  isMode,
  isPlanName,
  type Mode,
  type PlanName,
  type SeatType,
  seatTypesOf,
} from '../provisioning/catalogue.ts'
import type { Mapping, Seats, Settings } from '../provisioning/types.ts'
import type { AdminScope } from './admin-tokens.ts'
import { inTurn, type PrismaTx, type Tx } from './database.ts'
import { Prisma } from './generated/client.ts'
import type { PageRequest } from './paging.ts'

export interface Organization {
  readonly id: string
  readonly parentOrganizationId: string
  readonly directoryId: string
  readonly name: string
  readonly plan: PlanName
  readonly mode: Mode
  readonly groupMappings: boolean
  readonly settingsVersion: number
  readonly primaryOwnerId: string | null
  readonly createdAt: Date
}

/** An organization whose row is locked, with all that the evaluator must know of it. */
export interface LockedOrganization extends Organization {
  readonly settings: Settings
  /** null: off (S5) */
  readonly brake: Brake | null
  readonly seats: Seats
}

/** Creates an organization in mode `manual`, with unlimited seats of each type of its plan. */
export async function insertOrganization(
  tx: PrismaTx,
  organization: {
    id: string
    parentOrganizationId: string
    directoryId: string
    name: string
    plan: PlanName
  },
): Promise<void> {
  await tx.organization.create({
    data: {
      ...organization,
      seats: { create: seatTypesOf(organization.plan).map((seatType) => ({ seatType })) },
    },
  })
}

/** An organization with its seats, as lists show it: mappings are left out, of which there can be thousands. */
export interface ListedOrganization extends Organization {
  readonly seats: Seats
}

/** A page of the organizations that the scope shows, of one parent where it is given, in the order of their ids. */
export async function listOrganizations(
  tx: PrismaTx,
  scope: AdminScope,
  { after, limit, parentOrganizationId }: PageRequest & { readonly parentOrganizationId: string | null },
): Promise<ListedOrganization[]> {
  const rows = await tx.organization.findMany({
    where: {
      AND: [
        scope.kind === 'all' ? {} : { parentOrganizationId: scope.parentOrganizationId },
        scope.kind === 'organization' ? { id: scope.organizationId } : {},
        parentOrganizationId === null ? {} : { parentOrganizationId },
        after === null ? {} : { id: { gt: after } },
      ],
    },
    include: { seats: true },
    orderBy: { id: 'asc' },
    take: limit,
  })
  return rows.map(({ seats, ...row }) => {
    const organization = toOrganization(row)
    return { ...organization, seats: toSeats(organization.plan, seats) }
  })
}

export async function findParentOf(tx: PrismaTx, id: string): Promise<string | null> {
  const row = await tx.organization.findUnique({ where: { id }, select: { parentOrganizationId: true } })
  return row?.parentOrganizationId ?? null
}

/** The ids of all organizations that are joined to the parent, in their order. */
export async function organizationIdsOf(tx: PrismaTx, parentOrganizationId: string): Promise<string[]> {
  const rows = await tx.organization.findMany({
    where: { parentOrganizationId },
    select: { id: true },
    orderBy: { id: 'asc' },
  })
  return rows.map(({ id }) => id)
}

/** Those of a parent that are in mode `scim`, with their plans. */
export async function organizationsInScim(
  tx: PrismaTx,
  parentOrganizationId: string,
): Promise<Pick<Organization, 'id' | 'plan'>[]> {
  const rows = await tx.organization.findMany({
    where: { parentOrganizationId, mode: 'scim' },
    orderBy: { id: 'asc' },
  })
  return rows.map(toOrganization)
}

type Row = Prisma.OrganizationGetPayload<object>

function toOrganization(row: Row): Organization {
  const { plan, mode, brakeMaxRemovals, brakeMaxRemovedPercent, brakeWithinMinutes, ...rest } = row
  if (!isPlanName(plan) || !isMode(mode))
    throw new Error(`Organization ${row.id} has an unknown plan or mode.`)
  return { ...rest, plan, mode }
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
  const where = Prisma.sql`o.directory_id = ${directoryId}::uuid AND ${concernSql(directoryId, concern)}`
  const [locked, organizations] = await inTurn(
    tx,
    () => tx.$queryRaw<{ id: string }[]>`
      SELECT o.id FROM organizations o WHERE ${where} ORDER BY o.id FOR NO KEY UPDATE`,
    () => readOrganizations(tx, where),
  )
  // one that the change has come to concern meanwhile is not locked: who brought that about evaluates it
  const ids = new Set(locked.map(({ id }) => id))
  return organizations.filter(({ id }) => ids.has(id))
}

/** An organization with its settings and seats, unlocked: for reading. */
export async function readOrganization(tx: Tx, id: string): Promise<LockedOrganization | null> {
  const [organization] = await readOrganizations(tx, Prisma.sql`o.id = ${id}::uuid`)
  return organization ?? null
}

async function readOrganizations(tx: Tx, condition: Prisma.Sql): Promise<LockedOrganization[]> {
  const rows = await tx.$queryRaw<OrganizationRow[]>`
    SELECT o.id, o.parent_organization_id AS "parentOrganizationId", o.directory_id AS "directoryId", o.name, o.plan,
      o.mode, o.group_mappings AS "groupMappings", o.settings_version AS "settingsVersion",
      o.primary_owner_id AS "primaryOwnerId", o.created_at AS "createdAt",
      o.brake_max_removals AS "brakeMaxRemovals", o.brake_max_removed_percent AS "brakeMaxRemovedPercent",
      o.brake_within_minutes AS "brakeWithinMinutes",
      coalesce((SELECT jsonb_agg(jsonb_build_object('groupId', m.group_id, 'role', m.role, 'seatType', m.seat_type)
        ORDER BY m.id) FROM mappings m WHERE m.organization_id = o.id), '[]') AS mappings,
      coalesce((SELECT jsonb_agg(jsonb_build_object('seatType', s.seat_type, 'purchased', s.purchased, 'assigned', s.assigned))
        FROM seats s WHERE s.organization_id = o.id), '[]') AS seats
    FROM organizations o WHERE ${condition} ORDER BY o.id`
  return rows.map(toWhole)
}

interface MappingRow {
  readonly groupId: string
  readonly role: string | null
  readonly seatType: string | null
}

interface SeatRow {
  readonly seatType: string
  readonly purchased: number | null
  readonly assigned: number
}

type OrganizationRow = Prisma.OrganizationGetPayload<object> & {
  readonly mappings: readonly MappingRow[]
  readonly seats: readonly SeatRow[]
}

function toWhole({ mappings, seats, ...row }: OrganizationRow): LockedOrganization {
  const organization = toOrganization(row)
  return {
    ...organization,
    settings: { ...organization, mappings: toMappings(organization.plan, mappings) },
    brake: toBrake(row),
    seats: toSeats(organization.plan, seats),
  }
}

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
            SELECT g.group_id FROM up JOIN group_memberships g
              ON g.directory_id = ${directoryId}::uuid AND g.member_group_id = up.group_id
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

function toSeats(plan: PlanName, rows: readonly SeatRow[]): Seats {
  return new Map(
    seatTypesOf(plan).map((seatType): [SeatType, { purchased: number | null; assigned: number }] => {
      const row = rows.find((candidate) => candidate.seatType === seatType)
      return [seatType, { purchased: row?.purchased ?? null, assigned: row?.assigned ?? 0 }]
    }),
  )
}

export async function renameOrganization(tx: PrismaTx, id: string, name: string): Promise<void> {
  await tx.organization.update({ where: { id }, data: { name } })
}

export async function setPlan(tx: PrismaTx, id: string, plan: PlanName): Promise<void> {
  await tx.organization.update({ where: { id }, data: { plan } })
}

/** With all that belongs to it alone; events belong to nobody. */
export async function deleteOrganization(tx: PrismaTx, id: string): Promise<void> {
  await tx.organization.delete({ where: { id } })
}

export async function setPrimaryOwner(
  tx: PrismaTx,
  organizationId: string,
  memberId: string | null,
): Promise<void> {
  await tx.organization.update({ where: { id: organizationId }, data: { primaryOwnerId: memberId } })
}

/** Writes the settings but the mappings, and counts their version up. */
export async function saveSettings(
  tx: Tx,
  organizationId: string,
  { mode, groupMappings, brake }: { mode: Mode; groupMappings: boolean; brake: Brake | null },
): Promise<void> {
  await tx.$executeRaw`
    UPDATE organizations SET mode = ${mode}, group_mappings = ${groupMappings}::boolean,
      brake_max_removals = ${brake?.maxRemovals ?? null}::int,
      brake_max_removed_percent = ${brake?.maxRemovedPercent ?? null}::int,
      brake_within_minutes = ${brake?.withinMinutes ?? null}::int, settings_version = settings_version + 1
    WHERE id = ${organizationId}::uuid`
}
