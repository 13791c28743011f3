// The rows of a directory as a few numbers, by which two servers are seen to write the same.
import type pg from 'pg'

export type Ledger = Readonly<Record<string, number>>

const statement = `
  SELECT (SELECT count(*) FROM users)::int AS users, (SELECT sum(version) FROM users)::int AS "versions of users",
    (SELECT count(*) FROM users WHERE active)::int AS "active users",
    (SELECT sum(version) FROM groups)::int AS "versions of groups",
    (SELECT count(*) FROM user_memberships)::int AS memberships,
    (SELECT count(*) FROM members)::int AS "rows of members",
    (SELECT count(*) FROM members WHERE status = 'active')::int AS members,
    (SELECT count(*) FROM members WHERE role = 'admin')::int AS admins,
    (SELECT sum(assigned) FROM seats WHERE seat_type = 'premium')::int AS premium,
    (SELECT sum(assigned) FROM seats WHERE seat_type = 'standard')::int AS standard,
    (SELECT count(*) FROM events WHERE type LIKE 'user.%')::int AS "events of users",
    (SELECT count(*) FROM events WHERE type LIKE 'group.%')::int AS "events of groups",
    (SELECT count(*) FROM events WHERE type LIKE 'member.%')::int AS "events of members"`

export async function readLedger(client: pg.ClientBase): Promise<Ledger> {
  const { rows } = await client.query<Record<string, number>>(statement)
  return rows[0] ?? {}
}

/** What came to each number from one ledger to the next, only where something did. */
export const cameTo = (before: Ledger, after: Ledger): Ledger =>
  Object.fromEntries(
    Object.entries(after)
      .map(([name, count]) => [name, count - (before[name] ?? 0)] as const)
      .filter(([, difference]) => difference !== 0),
  )

/** How many transactions the whole server has numbered: each that writes takes one. */
export async function transactionsSoFar(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ next: string }>(
    'SELECT pg_snapshot_xmax(pg_current_snapshot()) AS next',
  )
  return Number(rows[0]?.next)
}
