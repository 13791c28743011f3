// E4: those who wait for a seat, in the order in which they began.
import { seatTypesOf } from '../provisioning/catalogue.ts'
import type { SeatWish } from '../provisioning/types.ts'
import type { Tx } from './database.ts'
import { Prisma } from './generated/client.ts'
import {
  findMembersOf,
  type MemberScope,
  type StoredMember,
  type StoredRow,
  storedColumns,
  toStoredMember,
} from './members.ts'

/** A place in the line: since when, in microseconds since 1970, and whose of those who began at once. */
export interface Place {
  readonly since: string
  readonly key: string
}

export interface Waiting {
  /** 1 is who has waited longest, whatever for */
  readonly position: number
  readonly member: StoredMember
  readonly place: Place
}

/** Among those who began at the same moment the evaluator takes the smaller id of the user, or of who has none. */
const line = Prisma.raw(`m.waiting_since, coalesce(m.user_id, m.id)`)

/** A page of the line after this place, of those who wait for this, or for whatever it is. */
export async function readLine(
  tx: Tx,
  organization: MemberScope,
  page: { readonly waitsFor: SeatWish | null; readonly after: Place | null; readonly limit: number },
): Promise<Waiting[]> {
  const { waitsFor, after, limit } = page
  const rows = await tx.$queryRaw<{ id: string; position: number; since: string; key: string }[]>`
    SELECT id, position, (extract(epoch FROM waiting_since) * 1000000)::bigint::text AS since, key FROM (
      SELECT m.id, m.waiting_since, m.wanted_seat, coalesce(m.user_id, m.id) AS key,
        row_number() OVER (ORDER BY ${line})::int AS position
      FROM members m WHERE m.organization_id = ${organization.id}::uuid AND m.wanted_seat IS NOT NULL) w
    WHERE ${waitsFor === null ? Prisma.sql`true` : Prisma.sql`w.wanted_seat = ${waitsFor}`}
      AND ${after === null ? Prisma.sql`true` : isBehind(after)}
    ORDER BY position LIMIT ${limit}`
  const ids = rows.map(({ id }) => id)
  const members = await findMembersOf(tx, organization, { userIds: [], emailKeys: [], ids })
  const byId = new Map(members.map((member) => [member.id, member]))
  return rows.flatMap(({ id, position, since, key }) => {
    const member = byId.get(id)
    return member === undefined ? [] : [{ position, member, place: { since, key } }]
  })
}

const isBehind = ({ since, key }: Place) => Prisma.sql`
  (w.waiting_since, w.key) > ('epoch'::timestamptz + ${since}::bigint * interval '1 microsecond', ${key}::uuid)`

/** For each of the wishes, those who have waited longest for it, at most `limit` of them (E4). */
export async function waitingMembers(
  tx: Tx,
  organization: MemberScope,
  limit: number,
): Promise<StoredMember[]> {
  const rows = await tx.$queryRaw<StoredRow[]>(longestWaiting(organization, limit, storedColumns))
  return rows.map((row) => toStoredMember(organization.plan, row))
}

/** The ids of the same: of very many, these suffice. */
export async function waitingMemberIds(tx: Tx, organization: MemberScope, limit: number): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>(longestWaiting(organization, limit, Prisma.raw('m.id')))
  return rows.map(({ id }) => id)
}

function longestWaiting({ id, plan }: MemberScope, limit: number, columns: Prisma.Sql): Prisma.Sql {
  const wishes: SeatWish[] = [...seatTypesOf(plan), 'any']
  return Prisma.sql`
    SELECT m.* FROM unnest(${wishes}::text[]) AS wish, LATERAL (
      SELECT ${columns} FROM members m
      WHERE m.organization_id = ${id}::uuid AND m.wanted_seat = wish
      ORDER BY ${line} LIMIT ${limit}) m`
}
