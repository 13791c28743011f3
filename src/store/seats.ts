// Seats of an organization, a row for each type: how many were purchased, and how many members are on it.
import { type PlanName, type SeatType, seatTypesOf } from '../provisioning/catalogue.ts'
import { type PrismaTx, type Tx, writeLater } from './database.ts'
import { flushEvents } from './events.ts'
import { Prisma } from './generated/client.ts'

/** The seat types of the plan, without limit where the organization did not have them before. */
export async function addSeatTypes(tx: PrismaTx, organizationId: string, plan: PlanName): Promise<void> {
  await tx.seat.createMany({
    data: seatTypesOf(plan).map((seatType) => ({ organizationId, seatType })),
    skipDuplicates: true,
  })
}

/** Deletes the seat types that the plan has not; nobody may be on one of them any more. */
export async function deleteOtherSeatTypes(
  tx: PrismaTx,
  organizationId: string,
  plan: PlanName,
): Promise<void> {
  await tx.seat.deleteMany({ where: { organizationId, seatType: { notIn: [...seatTypesOf(plan)] } } })
}

/** Sets what was purchased; null is unlimited. Seat types that are not named stay as they are. */
export async function setPurchased(
  tx: PrismaTx,
  organizationId: string,
  purchased: ReadonlyMap<SeatType, number | null>,
): Promise<void> {
  for (const [seatType, count] of purchased) {
    const key = { organizationId, seatType }
    await tx.seat.upsert({
      where: { organizationId_seatType: key },
      create: { ...key, purchased: count },
      update: { purchased: count },
    })
  }
}

/** By how much the number of members on a seat type of an organization changes. */
export interface SeatDifference {
  readonly organization: { readonly id: string; readonly isShared: boolean }
  readonly seatType: SeatType
  readonly count: number
}

/**
 * Adds to the number of members on each seat type, whose rows are locked in one order. Where the organization is shared
 * others may have given out the last seat meanwhile: then the statement fails, by a count below zero, which the table
 * refuses (isSeatTaken). Where a hand has made the number too small it ends at 0, until the next sync counts anew: nobody
 * stays in for a number that is wrong.
 */
export async function addAssigned(tx: Tx, differences: readonly SeatDifference[]): Promise<void> {
  const changed = differences.filter(({ count }) => count !== 0)
  if (changed.length === 0) return
  // pushes wait for each other here, until the one before is on the disk: what can be written before, is
  flushEvents(tx)
  await writeLater(
    tx,
    Prisma.sql`
      WITH d AS MATERIALIZED (
        SELECT * FROM unnest(${changed.map(({ organization }) => organization.id)}::uuid[],
          ${changed.map(({ seatType }) => seatType)}::text[], ${changed.map(({ count }) => count)}::int[],
          ${changed.map(({ organization }) => organization.isShared)}::boolean[])
          AS d(organization_id, seat_type, count, is_shared)
      ), locked AS (
        SELECT s.organization_id, s.seat_type FROM seats s JOIN d USING (organization_id, seat_type)
        ORDER BY s.organization_id, s.seat_type FOR NO KEY UPDATE OF s)
      UPDATE seats s SET assigned = CASE
        WHEN d.is_shared AND d.count > 0 AND s.assigned + d.count > s.purchased THEN -1
        ELSE greatest(s.assigned + d.count, 0) END
      FROM locked JOIN d USING (organization_id, seat_type)
      WHERE s.organization_id = locked.organization_id AND s.seat_type = locked.seat_type`,
  )
}
