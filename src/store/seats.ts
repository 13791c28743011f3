// Seats of an organization, a row for each type: how many were purchased, and how many members are on it.
import { type PlanName, type SeatType, seatTypesOf } from '../provisioning/catalogue.ts'
import { type PrismaTx, type Tx, writeLater } from './database.ts'
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

/**
 * Adds to the number of members on each seat type, whose rows are locked in one order. Where the organization is shared
 * others may have given out the last seat meanwhile: then the statement fails, by a count below zero, which the table
 * refuses (isSeatTaken). Where a hand has made the number too small it ends at 0, until the next sync counts anew: nobody
 * stays in for a number that is wrong.
 */
export async function addAssigned(
  tx: Tx,
  { id, isShared }: { readonly id: string; readonly isShared: boolean },
  difference: ReadonlyMap<SeatType, number>,
): Promise<void> {
  const changed = [...difference].filter(([, count]) => count !== 0)
  if (changed.length === 0) return
  const seatTypes = changed.map(([seatType]) => seatType)
  const counts = changed.map(([, count]) => count)
  const isTaken = isShared
    ? Prisma.sql`d.count > 0 AND s.assigned + d.count > s.purchased`
    : Prisma.sql`false`
  await writeLater(
    tx,
    Prisma.sql`
      WITH locked AS (
        SELECT seat_type FROM seats
        WHERE organization_id = ${id}::uuid AND seat_type = ANY(${seatTypes}::text[])
        ORDER BY seat_type FOR NO KEY UPDATE)
      UPDATE seats s SET assigned = CASE WHEN ${isTaken} THEN -1 ELSE greatest(s.assigned + d.count, 0) END
      FROM locked, unnest(${seatTypes}::text[], ${counts}::int[]) AS d(seat_type, count)
      WHERE s.organization_id = ${id}::uuid AND s.seat_type = locked.seat_type AND s.seat_type = d.seat_type`,
  )
}
