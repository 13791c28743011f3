// Deliveries of events to endpoints (A3): made from the log, claimed when due, settled, and in order per subject.
import type { PrismaTx, Tx } from './database.ts'
import { type EventRow, eventColumns, eventsWithin, type StoredEvent, toEvent } from './event-log.ts'
import { Prisma } from './generated/client.ts'
import { filterOf, type LockedEndpoint, type SealedSecrets } from './webhook-endpoints.ts'

/**
 * Makes deliveries of what happened up to the horizon, at most `limit`, and moves the endpoint's cursor, which must be
 * locked. The first of a subject is due at once, unless an earlier one is pending: then it waits its turn. Gives how
 * many.
 */
export async function fanOut(
  tx: PrismaTx,
  endpoint: LockedEndpoint,
  horizon: number,
  limit: number,
): Promise<number> {
  const within = eventsWithin(filterOf(endpoint), { after: Number(endpoint.cursor), upTo: horizon })
  const [made] = await tx.$queryRaw<{ count: number; last: bigint | null }[]>`
    WITH happened AS MATERIALIZED (
      SELECT ${eventColumns} FROM events
      WHERE ${within} ORDER BY seq LIMIT ${limit}
    ), made AS (
      INSERT INTO webhook_deliveries (endpoint_id, seq, time, type, directory_id, organization_id, subject_id, actor,
        data, next_attempt_at)
      SELECT ${endpoint.id}::uuid, seq, time, type, directory_id, organization_id, subject_id, actor, data,
        CASE WHEN row_number() OVER (PARTITION BY subject_id ORDER BY seq) = 1 AND NOT EXISTS (
          SELECT 1 FROM webhook_deliveries p WHERE p.endpoint_id = ${endpoint.id}::uuid
            AND p.subject_id = happened.subject_id AND p.state = 'pending') THEN now() END
      FROM happened RETURNING seq
    ) SELECT count(*)::int AS count, max(seq) AS last FROM made`
  const count = made?.count ?? 0
  const cursor = count === limit ? (made?.last ?? endpoint.cursor) : BigInt(horizon)
  await tx.webhookEndpoint.update({ where: { id: endpoint.id }, data: { cursor } })
  return count
}

/** A delivery that this process is to attempt, and where to. */
export interface Claim extends SealedSecrets {
  readonly event: StoredEvent
  /** which attempt it is, the first being 1 */
  readonly attempt: number
  readonly url: string
}

/**
 * Takes deliveries that are due, at most `limit`. They are this process's until the lease ends; if it dies, they are due
 * again by then. Others who claim at the same time take others.
 */
export async function claimDeliveries(
  tx: Tx,
  endpointId: string,
  limit: number,
  leaseMs: number,
): Promise<Claim[]> {
  type Row = EventRow & SealedSecrets & { readonly attempt: number; readonly url: string }
  const rows = await tx.$queryRaw<Row[]>`
    UPDATE webhook_deliveries d SET attempts = d.attempts + 1, last_attempt_at = now(),
      next_attempt_at = now() + make_interval(secs => ${leaseMs / 1000}::float8)
    FROM (
      SELECT c.seq, w.url, w.secret, w.previous_secret, w.previous_secret_expires_at
      FROM webhook_endpoints w JOIN webhook_deliveries c ON c.endpoint_id = w.id
      WHERE w.id = ${endpointId}::uuid AND w.enabled AND c.next_attempt_at <= now()
      ORDER BY c.next_attempt_at, c.seq LIMIT ${limit} FOR UPDATE OF c SKIP LOCKED
    ) due
    WHERE d.endpoint_id = ${endpointId}::uuid AND d.seq = due.seq
    RETURNING d.seq, d.time, d.type, d.directory_id, d.organization_id, d.subject_id, d.actor, d.data,
      d.attempts AS attempt, due.url, due.secret, due.previous_secret AS "previousSecret",
      due.previous_secret_expires_at AS "previousSecretExpiresAt"`
  return rows.map((row) => ({
    event: toEvent(row),
    attempt: row.attempt,
    url: row.url,
    secret: row.secret,
    previousSecret: row.previousSecret,
    previousSecretExpiresAt: row.previousSecretExpiresAt,
  }))
}

/** What became of an attempt. */
export interface Settlement {
  readonly seq: number
  readonly attempt: number
  readonly delivered: boolean
  readonly status: number | null
  readonly error: string | null
  /** in how long it is tried again; null: not any more */
  readonly retryMs: number | null
}

/**
 * Writes what became of attempts, and lets those have their turn that waited for them. The endpoint must be locked: a
 * delivery that is made meanwhile would otherwise wait for one that is settled. A failure that comes after another
 * process took over, or somebody asked for a new start, counts no more; a success does.
 */
export async function settleDeliveries(
  tx: Tx,
  endpointId: string,
  settlements: readonly Settlement[],
): Promise<void> {
  await tx.$executeRaw`
    UPDATE webhook_deliveries d SET
      state = x.state, last_status = x.status, last_error = x.error,
      settled_at = CASE WHEN x.state <> 'pending' THEN now() END,
      next_attempt_at = CASE WHEN x.state = 'pending' AND NOT EXISTS (
        SELECT 1 FROM webhook_deliveries p WHERE p.endpoint_id = d.endpoint_id AND p.subject_id = d.subject_id
          AND p.state = 'pending' AND p.seq < d.seq
      ) THEN now() + make_interval(secs => x."retryMs" / 1000) END
    FROM (SELECT *, CASE WHEN delivered THEN 'delivered' WHEN "retryMs" IS NULL THEN 'dead' ELSE 'pending' END AS state
      FROM jsonb_to_recordset(${JSON.stringify(settlements)}::jsonb) AS r(seq bigint, attempt int, delivered boolean,
        status int, error text, "retryMs" float8)) x
    WHERE d.endpoint_id = ${endpointId}::uuid AND d.seq = x.seq AND d.state = 'pending'
      AND (x.delivered OR d.attempts = x.attempt)`
  const seqs = settlements.map(({ seq }) => seq)
  await tx.$executeRaw`
    UPDATE webhook_deliveries d SET next_attempt_at = now()
    FROM (SELECT DISTINCT subject_id FROM webhook_deliveries
      WHERE endpoint_id = ${endpointId}::uuid AND seq = ANY(${seqs}::bigint[])) s
    CROSS JOIN LATERAL (SELECT seq FROM webhook_deliveries
      WHERE endpoint_id = ${endpointId}::uuid AND subject_id = s.subject_id AND state = 'pending'
      ORDER BY seq LIMIT 1) first
    WHERE d.endpoint_id = ${endpointId}::uuid AND d.seq = first.seq AND d.next_attempt_at IS NULL`
}

/** Which deliveries are to be sent again: one, whatever became of it, or all that are dead. */
export type Resend = { readonly kind: 'one'; readonly seq: number } | { readonly kind: 'dead' }

/**
 * Makes deliveries pending again, with all their attempts before them; gives how many. The endpoint must be locked. One
 * that is older than what is pending of its subject goes first.
 */
export async function resendDeliveries(tx: Tx, endpointId: string, resend: Resend): Promise<number> {
  const which = resend.kind === 'one' ? Prisma.sql`seq = ${resend.seq}::bigint` : Prisma.sql`state = 'dead'`
  const count = await tx.$executeRaw`
    UPDATE webhook_deliveries SET state = 'pending', attempts = 0, settled_at = NULL, next_attempt_at = NULL
    WHERE endpoint_id = ${endpointId}::uuid AND ${which}`
  await tx.$executeRaw`
    UPDATE webhook_deliveries d SET next_attempt_at = NULL
    WHERE endpoint_id = ${endpointId}::uuid AND next_attempt_at IS NOT NULL AND EXISTS (
      SELECT 1 FROM webhook_deliveries p WHERE p.endpoint_id = d.endpoint_id AND p.subject_id = d.subject_id
        AND p.state = 'pending' AND p.seq < d.seq)`
  await tx.$executeRaw`
    UPDATE webhook_deliveries d SET next_attempt_at = now()
    FROM (SELECT DISTINCT ON (subject_id) seq FROM webhook_deliveries
      WHERE endpoint_id = ${endpointId}::uuid AND state = 'pending' ORDER BY subject_id, seq) first
    WHERE d.endpoint_id = ${endpointId}::uuid AND d.seq = first.seq AND d.next_attempt_at IS NULL`
  return count
}

/** Lets all that is pending begin anew, now: the endpoint, which must be locked, has been enabled again. */
export async function restartDeliveries(tx: Tx, endpointId: string): Promise<void> {
  await tx.$executeRaw`
    UPDATE webhook_deliveries SET attempts = 0, next_attempt_at = now()
    WHERE endpoint_id = ${endpointId}::uuid AND next_attempt_at IS NOT NULL`
}

export const deliveryStates = ['pending', 'delivered', 'dead'] as const
export type DeliveryState = (typeof deliveryStates)[number]

const shown = {
  seq: true,
  time: true,
  type: true,
  directoryId: true,
  organizationId: true,
  subjectId: true,
  state: true,
  attempts: true,
  nextAttemptAt: true,
  lastAttemptAt: true,
  lastStatus: true,
  lastError: true,
  settledAt: true,
} as const

export type Delivery = Prisma.WebhookDeliveryGetPayload<{ select: typeof shown }>

/** Deliveries in the order of their events, after one of them. */
export function listDeliveries(
  tx: PrismaTx,
  endpointId: string,
  { state, after, limit }: { state: DeliveryState | null; after: number; limit: number },
): Promise<Delivery[]> {
  const where = { endpointId, seq: { gt: after }, ...(state === null ? {} : { state }) }
  return tx.webhookDelivery.findMany({ where, select: shown, orderBy: { seq: 'asc' }, take: limit })
}

export function findDelivery(tx: PrismaTx, endpointId: string, seq: number): Promise<Delivery | null> {
  return tx.webhookDelivery.findUnique({ where: { endpointId_seq: { endpointId, seq } }, select: shown })
}

/** Deletes up to `limit` of those that were delivered, or given up, so many days ago; gives how many. */
export function deleteSettledDeliveries(
  tx: Tx,
  { deliveredDays, deadDays, limit }: { deliveredDays: number; deadDays: number; limit: number },
): Promise<number> {
  return tx.$executeRaw`
    DELETE FROM webhook_deliveries WHERE (endpoint_id, seq) IN (
      SELECT endpoint_id, seq FROM webhook_deliveries
      WHERE (state = 'delivered' AND settled_at < now() - make_interval(days => ${deliveredDays}::int))
        OR (state = 'dead' AND settled_at < now() - make_interval(days => ${deadDays}::int))
      ORDER BY settled_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)`
}
