// What a hand can have broken in an organization beside who is a member (Y1): the counts of its seats, and members that
// its plan cannot have.
import { BEFORE_ALL_IDS } from '../ids.ts'
import { rolesOf, seatTypesOf } from '../provisioning/catalogue.ts'
import { emailKeyOf } from '../provisioning/identity.ts'
import type { Tx } from './database.ts'
import { Prisma } from './generated/client.ts'
import { findMembersOf, type StoredMember, unlinkedMembers } from './members.ts'
import type { Organization } from './organizations.ts'

const counted = ({ id, plan }: Organization) => Prisma.sql`
  SELECT t.seat_type, count(m.id)::int AS assigned FROM unnest(${[...seatTypesOf(plan)]}::text[]) AS t(seat_type)
  LEFT JOIN members m ON m.organization_id = ${id}::uuid AND m.seat_type = t.seat_type GROUP BY t.seat_type`

/** How many seat types have another number of members than is kept, or no row. */
export async function countWrongSeats(tx: Tx, organization: Organization): Promise<number> {
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM (${counted(organization)}) c LEFT JOIN seats s
      ON s.organization_id = ${organization.id}::uuid AND s.seat_type = c.seat_type
    WHERE s.assigned IS DISTINCT FROM c.assigned`
  return rows.length
}

/**
 * Counts the members on each seat type anew; the organization must be locked. A row that is missing comes back without
 * limit, as it was read while it was gone. Gives how many were wrong.
 */
export async function recountSeats(tx: Tx, organization: Organization): Promise<number> {
  return tx.$executeRaw`
    INSERT INTO seats (organization_id, seat_type, assigned)
    SELECT ${organization.id}::uuid, c.seat_type, c.assigned FROM (${counted(organization)}) c ORDER BY c.seat_type
    ON CONFLICT (organization_id, seat_type) DO UPDATE SET assigned = excluded.assigned
      WHERE seats.assigned <> excluded.assigned`
}

const CHUNK = 2000

/** Members that no write of ours leaves like this, some at a time: each may be written before the next are read. */
export async function* wrongMembers(tx: Tx, organization: Organization): AsyncGenerator<StoredMember[]> {
  for (let after = BEFORE_ALL_IDS; ; ) {
    const ids = await unknownToPlan(tx, organization, after)
    if (ids.length === 0) break
    yield await findMembersOf(tx, organization, { userIds: [], emailKeys: [], ids })
    after = ids.at(-1) ?? after
  }
  for (let after = BEFORE_ALL_IDS; ; ) {
    const members = await unlinkedMembers(tx, organization, { after, limit: CHUNK })
    const wrong = members.filter(({ email, emailKey }) => emailKey !== emailKeyOf(email))
    if (wrong.length > 0) yield wrong
    const last = members.at(-1)
    if (last === undefined) break
    after = last.id
  }
}

async function unknownToPlan(tx: Tx, { id, plan }: Organization, after: string): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT m.id FROM members m WHERE m.organization_id = ${id}::uuid AND m.id > ${after}::uuid AND (
      (m.status = 'active' AND m.role <> ALL(${[...rolesOf(plan)]}::text[]))
      OR m.seat_type <> ALL(${[...seatTypesOf(plan)]}::text[])
      OR m.wanted_seat <> ALL(${[...seatTypesOf(plan), 'any']}::text[]))
    ORDER BY m.id LIMIT ${CHUNK}`
  return rows.map((row) => row.id)
}
