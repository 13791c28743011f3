// Seats of an organization, a row for each type: how many were purchased, and how many members are on it.
import { type PlanName, type SeatType, seatTypesOf } from '../provisioning/catalogue.ts'
import type { PrismaTx, Tx } from './database.ts'

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
 * Adds to the number of members on each seat type. Where a hand has made it too small it ends at 0, until the next sync
 * counts anew: nobody stays in for a number that is wrong.
 */
export async function addAssigned(
  tx: Tx,
  organizationId: string,
  difference: ReadonlyMap<SeatType, number>,
): Promise<void> {
  const changed = [...difference].filter(([, count]) => count !== 0)
  if (changed.length === 0) return
  const seatTypes = changed.map(([seatType]) => seatType)
  const counts = changed.map(([, count]) => count)
  await tx.$executeRaw`
    UPDATE seats s SET assigned = greatest(s.assigned + d.count, 0)
    FROM unnest(${seatTypes}::text[], ${counts}::int[]) AS d(seat_type, count)
    WHERE s.organization_id = ${organizationId}::uuid AND s.seat_type = d.seat_type`
}
