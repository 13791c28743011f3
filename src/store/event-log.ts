// Reading the event log (A2): what a reader with a cursor may see of it, pages of it, and the end of what is kept.
import type { AdminScope } from './admin-tokens.ts'
import type { Tx } from './database.ts'
import type { RecordedActor } from './events.ts'
import { Prisma } from './generated/client.ts'

export interface StoredEvent {
  readonly seq: number
  readonly time: Date
  readonly type: string
  readonly directoryId: string | null
  readonly organizationId: string | null
  readonly subjectId: string
  readonly actor: RecordedActor
  readonly data: Readonly<Record<string, unknown>>
}

export interface EventFilter {
  /** what the reader may see */
  readonly scope: AdminScope
  readonly directoryId: string | null
  readonly organizationId: string | null
  readonly subjectId: string | null
  /** null: of every type */
  readonly types: readonly string[] | null
  /** from this moment on */
  readonly since: Date | null
  /** before this moment */
  readonly until: Date | null
}

export interface EventRange {
  /** the number after which the page begins */
  readonly after: number
  /** the last number that may be read: the horizon */
  readonly upTo: number
  readonly limit: number
}

/**
 * The number up to which the log is complete: whatever will be committed from now on has a greater one. It is the last
 * number that was given, or the floor of the writer that has been at it for longest, if one is (`claimOfNumbers`).
 *
 * The order of the three steps is the proof. Whoever took a number up to `last` had its claim before; so it either has
 * it still, and the horizon is below its numbers, or is committed and seen by every later statement. Hence `last` is
 * read before the claims, and events are read in a later statement than this one, whose snapshot may be older.
 */
export const readHorizon = async (tx: Tx): Promise<number> => (await readEnds(tx)).horizon

/** The same with the last number that was given, to committed events and others. */
export async function readEnds(tx: Tx): Promise<{ readonly last: number; readonly horizon: number }> {
  const [numbers] = await tx.$queryRaw<{ last: bigint }[]>`
    SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS last FROM events_seq_seq`
  const claims = await tx.$queryRaw<{ floor: bigint }[]>`
    SELECT DISTINCT objid::bigint AS floor FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 2 AND classid = ${CLAIM}::oid
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
  const last = Number(numbers?.last ?? 0)
  // a key holds 32 bits of a number: which number is told by the last one, which is less than 2^31 away
  return { last, horizon: Math.min(last, ...claims.map(({ floor }) => last + ((Number(floor) - last) | 0))) }
}

/** The first of the two keys of an advisory lock that is a claim; the second is its floor. */
const CLAIM = 0x52434c4c

const claimants = new WeakSet<Tx>()

/**
 * Before a transaction takes numbers it tells readers that it is about to, by a lock whose key is the last number given
 * so far, its floor. Whatever it takes is greater. The lock is shared, so that no writer waits for another, and ends
 * with the transaction, after the commit can be seen. One claim, the first and so the lowest, serves the transaction.
 *
 * Gives the one row that a statement has to join before it takes numbers.
 */
export function claimOfNumbers(tx: Tx): Prisma.Sql {
  if (claimants.has(tx)) return Prisma.sql`SELECT 1`
  claimants.add(tx)
  return Prisma.sql`
    SELECT pg_advisory_xact_lock_shared(${CLAIM}::int, (CASE WHEN is_called THEN last_value ELSE 0 END)::bit(32)::int)
    FROM events_seq_seq`
}

/** An event as a row holds it: of the log, or of what copies it. */
export interface EventRow {
  readonly seq: bigint
  readonly time: Date
  readonly type: string
  readonly directory_id: string | null
  readonly organization_id: string | null
  readonly subject_id: string
  readonly actor: RecordedActor
  readonly data: Readonly<Record<string, unknown>>
}

/** What a row of `events` tells, with the user where it is of a member. */
export const eventData = Prisma.raw(
  `CASE WHEN user_id IS NULL THEN data ELSE jsonb_set(data, '{userId}', to_jsonb(user_id)) END`,
)

/** The columns of an `EventRow`, of the table `events`. */
export const eventColumns = Prisma.sql`
  seq, time, type, directory_id, organization_id, subject_id, actor, ${eventData} AS data`

/** Events in the order of their numbers. */
export async function readEvents(tx: Tx, filter: EventFilter, range: EventRange): Promise<StoredEvent[]> {
  const rows = await tx.$queryRaw<EventRow[]>`
    SELECT ${eventColumns} FROM events
    WHERE ${eventsWithin(filter, range)} ORDER BY seq LIMIT ${range.limit}`
  return rows.map(toEvent)
}

/** What is true of the rows of `events` that the filter lets through, after one number and up to another. */
export function eventsWithin(filter: EventFilter, { after, upTo }: Omit<EventRange, 'limit'>): Prisma.Sql {
  const { scope, directoryId, organizationId, subjectId, types, since, until } = filter
  return Prisma.sql`seq > ${after}::bigint AND seq <= ${upTo}::bigint
      ${scopeSql(scope)}
      ${directoryId === null ? Prisma.empty : Prisma.sql`AND directory_id = ${directoryId}::uuid`}
      ${organizationId === null ? Prisma.empty : Prisma.sql`AND organization_id = ${organizationId}::uuid`}
      ${subjectId === null ? Prisma.empty : Prisma.sql`AND subject_id = ${subjectId}::uuid`}
      ${types === null ? Prisma.empty : Prisma.sql`AND type = ANY(${types}::text[])`}
      ${since === null ? Prisma.empty : Prisma.sql`AND time >= ${since}::timestamptz`}
      ${until === null ? Prisma.empty : Prisma.sql`AND time < ${until}::timestamptz`}`
}

function scopeSql(scope: AdminScope): Prisma.Sql {
  switch (scope.kind) {
    case 'all':
      return Prisma.empty
    case 'parent':
      return Prisma.sql`AND directory_id = ${scope.directoryId}::uuid`
    case 'organization':
      return Prisma.sql`AND organization_id = ${scope.organizationId}::uuid`
  }
}

export const toEvent = (row: EventRow): StoredEvent => ({
  seq: Number(row.seq),
  time: row.time,
  type: row.type,
  directoryId: row.directory_id,
  organizationId: row.organization_id,
  subjectId: row.subject_id,
  actor: row.actor,
  data: row.data,
})

/** Deletes up to `limit` of the events that are older; gives how many. Processes that do it at once share the work. */
export function deleteEventsOlderThan(tx: Tx, days: number, limit: number): Promise<number> {
  return tx.$executeRaw`
    DELETE FROM events WHERE seq = ANY(ARRAY(
      SELECT seq FROM events WHERE time < now() - make_interval(days => ${days}::int)
      ORDER BY time LIMIT ${limit} FOR UPDATE SKIP LOCKED))`
}
