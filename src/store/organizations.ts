// Organizations: those that there are, and what is told of them without their settings.
import type { Brake } from '../provisioning/brake.ts'
import {
  isMode,
  isPlanName,
  type Mode,
  type PlanName,
  type SeatType,
  seatTypesOf,
} from '../provisioning/catalogue.ts'
import type { Seats } from '../provisioning/types.ts'
import type { AdminScope } from './admin-tokens.ts'
import type { PrismaTx, Tx } from './database.ts'
import type { Prisma } from './generated/client.ts'
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

/** A row as Prisma gives it, and as `organizationColumns` select it. */
export type Row = Prisma.OrganizationGetPayload<object>

export function toOrganization(row: Row): Organization {
  const { plan, mode, brakeMaxRemovals, brakeMaxRemovedPercent, brakeWithinMinutes, ...rest } = row
  if (!isPlanName(plan) || !isMode(mode))
    throw new Error(`Organization ${row.id} has an unknown plan or mode.`)
  return { ...rest, plan, mode }
}

export interface SeatRow {
  readonly seatType: string
  readonly purchased: number | null
  readonly assigned: number
}

export function toSeats(plan: PlanName, rows: readonly SeatRow[]): Seats {
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
