// Users of a directory in the order of their ids, a range of ids at a time, as far as the evaluator looks at them.
import type { Tx } from './database.ts'

/** From the id after the one to the other. */
export interface Range {
  readonly after: string
  readonly upTo: string
}

export interface UserRow {
  readonly id: string
  readonly email: string
  readonly email_key: string
  readonly active: boolean
}

const FIRST = '00000000-0000-0000-0000-000000000000'
const LAST = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

/** Ranges with so many users each, that together hold every id: what is in a range can be asked for at once. */
export async function rangesOfUsers(tx: Tx, directoryId: string, size: number): Promise<Range[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM (
      SELECT id, row_number() OVER (ORDER BY id) AS position FROM users WHERE directory_id = ${directoryId}::uuid) u
    WHERE position % ${size}::int = 0 ORDER BY id`
  const ends = [...rows.map(({ id }) => id), LAST]
  return ends.map((upTo, i) => ({ after: ends[i - 1] ?? FIRST, upTo }))
}

export function usersWithin(tx: Tx, directoryId: string, { after, upTo }: Range): Promise<UserRow[]> {
  return tx.$queryRaw<UserRow[]>`
    SELECT u.id, u.email, u.email_key, u.active FROM users u
    WHERE u.directory_id = ${directoryId}::uuid AND u.id > ${after}::uuid AND u.id <= ${upTo}::uuid ORDER BY u.id`
}

export function usersOfIds(tx: Tx, directoryId: string, ids: readonly string[]): Promise<UserRow[]> {
  return tx.$queryRaw<UserRow[]>`
    SELECT u.id, u.email, u.email_key, u.active FROM users u
    WHERE u.directory_id = ${directoryId}::uuid AND u.id = ANY(${ids}::uuid[])`
}
