// Figures of the whole service for its metrics: a few statements over everything there is, each bounded in time.
import { planNames, seatTypesOf } from '../provisioning/catalogue.ts'
import { inTurn, type Tx } from './database.ts'
import { readEnds } from './event-log.ts'

/**
 * So many organizations, and endpoints of webhooks, have figures of their own: those that were made first. The others
 * share one, OTHERS, so that sums are right whatever their number.
 */
export const MAX_APART = 1000
export const OTHERS = 'others'

/** How long one of the statements may take. */
const STATEMENT_TIMEOUT_MS = 5000

export interface OrganizationFigures {
  /** the id of an organization, or OTHERS */
  readonly id: string
  readonly active: number
  readonly waiting: number
  /** who waits for a seat: the waiting, and members who wait for another one (E4) */
  readonly awaitingSeat: number
  /** S5 */
  readonly heldRemovals: number
}

export interface SeatFigures {
  readonly organizationId: string
  readonly seatType: string
  /** null: unlimited, for one at least */
  readonly purchased: number | null
  readonly assigned: number
}

export interface DirectoryFigures {
  readonly id: string
  /** when the identity provider was last heard of, to the minute; null: never */
  readonly lastRequestAt: Date | null
  /** of the newest version of a user or group */
  readonly lastWriteAt: Date | null
}

export interface EndpointFigures {
  /** the id of an endpoint, or OTHERS */
  readonly id: string
  readonly pending: number
  readonly dead: number
  readonly consecutiveFailures: number
  readonly oldestPendingSeconds: number
}

export interface QueueFigures {
  readonly queue: string
  readonly due: number
  readonly oldestDueSeconds: number
}

/** How far a reader is behind the newest event. */
export interface Lag {
  readonly events: number
  readonly seconds: number
}

export interface Figures {
  readonly counts: { readonly organizations: number; readonly directories: number }
  readonly organizations: readonly OrganizationFigures[]
  readonly seats: readonly SeatFigures[]
  readonly directories: readonly DirectoryFigures[]
  readonly endpoints: readonly EndpointFigures[]
  /** enabled endpoints, and those that are not, by why */
  readonly endpointStates: readonly { readonly state: string; readonly count: number }[]
  readonly queues: readonly QueueFigures[]
  /** of who reads the log, and of the webhooks */
  readonly lags: { readonly log: Lag; readonly webhooks: Lag }
}

/** All of them as of one moment, in a transaction of `database.read`. `apart` is for tests. */
export async function readFigures(tx: Tx, apart = MAX_APART): Promise<Figures> {
  await tx.$queryRaw`SELECT set_config('statement_timeout', ${String(STATEMENT_TIMEOUT_MS)}, true)`
  const [[[counts], organizations], [seats, directories]] = await inTurn(
    tx,
    () =>
      inTurn(
        tx,
        () => readCounts(tx),
        () => readOrganizations(tx, apart),
      ),
    () =>
      inTurn(
        tx,
        () => readSeats(tx, apart),
        () => readDirectories(tx, apart),
      ),
  )
  const [endpoints, endpointStates] = await inTurn(
    tx,
    () => readEndpoints(tx, apart),
    () => readEndpointStates(tx),
  )
  return {
    counts: counts ?? { organizations: 0, directories: 0 },
    organizations,
    seats,
    directories,
    endpoints,
    endpointStates,
    queues: await readQueues(tx),
    lags: await readLags(tx),
  }
}

const readCounts = (tx: Tx) =>
  tx.$queryRaw<{ organizations: number; directories: number }[]>`
    SELECT (SELECT count(*) FROM organizations)::int AS organizations,
      (SELECT count(*) FROM directories)::int AS directories`

const plansWithoutSeats = planNames.filter((plan) => seatTypesOf(plan).length === 0)

/** Every member of a plan with seats is on one, and these are counted already: only the others have to be. */
const readOrganizations = (tx: Tx, apart: number) =>
  tx.$queryRaw<OrganizationFigures[]>`
    SELECT CASE WHEN o.place <= ${apart}::int THEN o.id::text ELSE ${OTHERS} END AS id,
      sum(active.count)::int AS active, sum(line.waiting)::int AS waiting,
      sum(line.count)::int AS "awaitingSeat", sum(held.count)::int AS "heldRemovals"
    FROM (SELECT id, plan, row_number() OVER (ORDER BY id) AS place FROM organizations) o
    CROSS JOIN LATERAL (
      SELECT CASE WHEN o.plan = ANY(${plansWithoutSeats}::text[])
        THEN (SELECT count(*) FROM members m WHERE m.organization_id = o.id AND m.status = 'active')
        ELSE (SELECT coalesce(sum(s.assigned), 0) FROM seats s WHERE s.organization_id = o.id) END AS count) active
    CROSS JOIN LATERAL (
      SELECT count(*) AS count, count(*) FILTER (WHERE m.status = 'waiting') AS waiting FROM members m
      WHERE m.organization_id = o.id AND m.wanted_seat IS NOT NULL OFFSET 0) line
    CROSS JOIN LATERAL (
      SELECT count(*) AS count FROM members m
      WHERE m.organization_id = o.id AND m.removal = 'held' OFFSET 0) held
    GROUP BY 1`

const readSeats = (tx: Tx, apart: number) =>
  tx.$queryRaw<SeatFigures[]>`
    SELECT CASE WHEN o.place <= ${apart}::int THEN o.id::text ELSE ${OTHERS} END AS "organizationId",
      s.seat_type AS "seatType", sum(s.assigned)::int AS assigned,
      CASE WHEN count(*) = count(s.purchased) THEN sum(s.purchased)::float8 END AS purchased
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM organizations) o
    JOIN seats s ON s.organization_id = o.id
    GROUP BY 1, 2`

/** Of the directories that were made first: a moment of many together would say nothing. */
const readDirectories = (tx: Tx, apart: number) =>
  tx.$queryRaw<DirectoryFigures[]>`
    SELECT d.id, greatest(
        (SELECT max(t.last_used_at) FROM directory_tokens t WHERE t.directory_id = d.id),
        (SELECT max(w.last_event_at) FROM workos_connections w WHERE w.directory_id = d.id)) AS "lastRequestAt",
      greatest(
        (SELECT max(u.last_modified) FROM users u WHERE u.directory_id = d.id),
        (SELECT max(g.last_modified) FROM groups g WHERE g.directory_id = d.id)) AS "lastWriteAt"
    FROM (SELECT id FROM directories ORDER BY id LIMIT ${apart}) d`

/** The deliveries that are not made: those that are have no part in it, and are most. */
const readEndpoints = (tx: Tx, apart: number) =>
  tx.$queryRaw<EndpointFigures[]>`
    SELECT CASE WHEN w.place <= ${apart}::int THEN w.id::text ELSE ${OTHERS} END AS id,
      coalesce(sum(p.count), 0)::int AS pending, coalesce(sum(d.count), 0)::int AS dead,
      max(w.consecutive_failures)::int AS "consecutiveFailures",
      greatest(coalesce(extract(epoch FROM clock_timestamp() - min(p.oldest)), 0), 0)::float8 AS "oldestPendingSeconds"
    FROM (SELECT id, consecutive_failures, row_number() OVER (ORDER BY id) AS place FROM webhook_endpoints) w
    LEFT JOIN (SELECT endpoint_id, count(*) AS count, min(time) AS oldest FROM webhook_deliveries
      WHERE state = 'pending' GROUP BY 1) p ON p.endpoint_id = w.id
    LEFT JOIN (SELECT endpoint_id, count(*) AS count FROM webhook_deliveries
      WHERE state = 'dead' GROUP BY 1) d ON d.endpoint_id = w.id
    GROUP BY 1`

const readEndpointStates = (tx: Tx) =>
  tx.$queryRaw<{ state: string; count: number }[]>`
    SELECT CASE WHEN enabled THEN 'enabled' ELSE coalesce(disabled_reason, 'disabled') END AS state,
      count(*)::int AS count FROM webhook_endpoints GROUP BY 1`

/** Of the job queue's own tables (worker/queue.ts), where a worker has installed them. */
async function readQueues(tx: Tx): Promise<QueueFigures[]> {
  const [found] = await tx.$queryRaw<{ installed: boolean }[]>`
    SELECT to_regclass('pgboss.job') IS NOT NULL AS installed`
  if (found?.installed !== true) return []
  return tx.$queryRaw<QueueFigures[]>`
    SELECT q.name AS queue, count(j.name)::int AS due,
      greatest(coalesce(extract(epoch FROM clock_timestamp() - min(j.start_after)), 0), 0)::float8
        AS "oldestDueSeconds"
    FROM pgboss.queue q
    LEFT JOIN pgboss.job j ON j.name = q.name AND j.state < 'active' AND j.start_after <= clock_timestamp()
    GROUP BY 1`
}

/** By numbers, some of which were never given to an event, and by the age of the first event that is not yet read. */
async function readLags(tx: Tx): Promise<Figures['lags']> {
  const { last, horizon } = await readEnds(tx)
  const readers = await tx.$queryRaw<{ reader: string; place: bigint; seconds: number }[]>`
    SELECT r.reader, r.place, coalesce((
      SELECT greatest(extract(epoch FROM clock_timestamp() - e.time), 0) FROM events e
      WHERE e.seq > r.place ORDER BY e.seq LIMIT 1), 0)::float8 AS seconds
    FROM (SELECT 'log' AS reader, ${horizon}::bigint AS place
      UNION ALL SELECT 'webhooks', least(min(cursor), ${horizon}::bigint) FROM webhook_endpoints WHERE enabled) r`
  const lagOf = (name: string): Lag => {
    const found = readers.find(({ reader }) => reader === name)
    return { events: last - Number(found?.place ?? last), seconds: found?.seconds ?? 0 }
  }
  return { log: lagOf('log'), webhooks: lagOf('webhooks') }
}
