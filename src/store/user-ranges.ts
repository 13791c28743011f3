// Users of a directory in the order of their ids, some of them at a time, as far as the evaluator looks at them.
import { BEFORE_ALL_IDS } from '../ids.ts'
import { uuidArray } from './arrays.ts'
import type { Tx } from './database.ts'
import { Prisma } from './generated/client.ts'

/** From the id after the one to the other. */
export interface Range {
  readonly after: string
  readonly upTo: string
}

/** Some users: those in a range, or those with these ids, which may be known to be in a range. */
export type SomeUsers =
  | { readonly range: Range; readonly ids?: undefined }
  | { readonly ids: readonly string[]; readonly range?: Range }

export interface UserRow {
  readonly id: string
  readonly email: string
  readonly email_key: string
  readonly active: boolean
}

const LAST = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

/** Ranges with so many users each, that together hold every id: what is in a range can be asked for at once. */
export async function rangesOfUsers(tx: Tx, directoryId: string, size: number): Promise<Range[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM (
      SELECT id, row_number() OVER (ORDER BY id) AS position FROM users WHERE directory_id = ${directoryId}::uuid) u
    WHERE position % ${size}::int = 0 ORDER BY id`
  const ends = [...rows.map(({ id }) => id), LAST]
  return ends.map((upTo, i) => ({ after: ends[i - 1] ?? BEFORE_ALL_IDS, upTo }))
}

/** What is true of the ids of these users. */
export const isOneOf = (column: Prisma.Sql, { ids, range }: SomeUsers): Prisma.Sql =>
  ids === undefined ? isWithin(column, range) : Prisma.sql`${column} = ANY(${uuidArray(ids)}::uuid[])`

export const isWithin = (column: Prisma.Sql, { after, upTo }: Range): Prisma.Sql =>
  Prisma.sql`${column} > ${after}::uuid AND ${column} <= ${upTo}::uuid`

export function readUsers(tx: Tx, directoryId: string, some: SomeUsers): Promise<UserRow[]> {
  return tx.$queryRaw<UserRow[]>`
    SELECT u.id, u.email, u.email_key, u.active FROM users u
    WHERE u.directory_id = ${directoryId}::uuid AND ${isOneOf(Prisma.raw('u.id'), some)} ORDER BY u.id`
}
