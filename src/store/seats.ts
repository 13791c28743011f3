// Seats of an organization, a row for each type: how many were purchased, and how many members are on it.
import { type PlanName, type SeatType, seatTypesOf } from '../provisioning/catalogue.ts'
import type { Tx } from './database.ts'

/** The seat types of the plan, without limit where the organization did not have them before. */
export async function addSeatTypes(tx: Tx, organizationId: string, plan: PlanName): Promise<void> {
  await tx.seat.createMany({
    data: seatTypesOf(plan).map((seatType) => ({ organizationId, seatType })),
    skipDuplicates: true,
  })
}

/** Deletes the seat types that the plan has not; nobody may be on one of them any more. */
export async function deleteOtherSeatTypes(tx: Tx, organizationId: string, plan: PlanName): Promise<void> {
  await tx.seat.deleteMany({ where: { organizationId, seatType: { notIn: [...seatTypesOf(plan)] } } })
}

/** Sets what was purchased; null is unlimited. Seat types that are not named stay as they are. */
export async function setPurchased(
  tx: Tx,
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

/** Adds to the number of members on each seat type. */
export async function addAssigned(
  tx: Tx,
  organizationId: string,
  difference: ReadonlyMap<SeatType, number>,
): Promise<void> {
  for (const [seatType, count] of difference) {
    if (count === 0) continue
    const key = { organizationId, seatType }
    await tx.seat.update({
      where: { organizationId_seatType: key },
      data: { assigned: { increment: count } },
    })
  }
}
