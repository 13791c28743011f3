// Endpoints of webhooks (A3): where events go, their sealed secrets, how far in the log they are and how they do.
import type { PrismaTx, Tx } from './database.ts'
import type { EventFilter } from './event-log.ts'
import { Prisma } from './generated/client.ts'

/** Which events an endpoint gets: of an organization, of a directory and all its organizations, or all there are. */
export interface EndpointScope {
  readonly directoryId: string | null
  readonly organizationId: string | null
}

export interface SealedSecrets {
  readonly secret: string
  readonly previousSecret: string | null
  readonly previousSecretExpiresAt: Date | null
}

export interface EndpointHealth {
  readonly lastSuccessAt: Date | null
  readonly lastFailureAt: Date | null
  readonly consecutiveFailures: number
  readonly failingSince: Date | null
}

export interface WebhookEndpoint extends EndpointScope, SealedSecrets, EndpointHealth {
  readonly id: string
  readonly url: string
  readonly description: string
  /** none named: all */
  readonly types: readonly string[]
  readonly enabled: boolean
  readonly disabledReason: string | null
  /** the number of the last event that was looked at */
  readonly cursor: bigint
  readonly createdAt: Date
  readonly updatedAt: Date
  /** the parent organization whose directory it is limited to */
  readonly parentOrganizationId: string | null
}

/** What an endpoint has yet to get, and what it did not. */
export interface Backlog {
  readonly pending: number
  readonly dead: number
  /** the time of the oldest event that is pending */
  readonly oldestPendingAt: Date | null
}

const shown = { include: { directory: { select: { parentOrganizationId: true } } } } as const

type Row = Prisma.WebhookEndpointGetPayload<typeof shown>

function toEndpoint({ directory, ...row }: Row): WebhookEndpoint {
  return { ...row, parentOrganizationId: directory?.parentOrganizationId ?? null }
}

export type NewEndpoint = EndpointScope &
  Pick<WebhookEndpoint, 'id' | 'url' | 'description' | 'types' | 'enabled' | 'secret'> & {
    readonly cursor: number
  }

export async function insertEndpoint(tx: PrismaTx, endpoint: NewEndpoint): Promise<void> {
  await tx.webhookEndpoint.create({ data: { ...endpoint, types: [...endpoint.types] } })
}

/** Endpoints in the order in which they were made, after one of them. */
export async function listEndpoints(
  tx: PrismaTx,
  { after, limit }: { after: string | null; limit: number },
): Promise<WebhookEndpoint[]> {
  const where = after === null ? {} : { id: { gt: after } }
  const rows = await tx.webhookEndpoint.findMany({ where, ...shown, orderBy: { id: 'asc' }, take: limit })
  return rows.map(toEndpoint)
}

export async function findEndpoint(tx: PrismaTx, id: string): Promise<WebhookEndpoint | null> {
  const row = await tx.webhookEndpoint.findUnique({ where: { id }, ...shown })
  return row === null ? null : toEndpoint(row)
}

export type LockedEndpoint = Omit<WebhookEndpoint, 'parentOrganizationId'>

/** The endpoint, which nobody else changes, and whose deliveries nobody settles, until the transaction ends. */
export async function lockEndpoint(tx: Tx, id: string): Promise<LockedEndpoint | null> {
  const [endpoint] = await tx.$queryRaw<LockedEndpoint[]>`
    SELECT id, directory_id AS "directoryId", organization_id AS "organizationId", url, description, types, enabled,
      disabled_reason AS "disabledReason", secret, previous_secret AS "previousSecret",
      previous_secret_expires_at AS "previousSecretExpiresAt", cursor, last_success_at AS "lastSuccessAt",
      last_failure_at AS "lastFailureAt", consecutive_failures AS "consecutiveFailures",
      failing_since AS "failingSince", created_at AS "createdAt", updated_at AS "updatedAt"
    FROM webhook_endpoints WHERE id = ${id}::uuid FOR UPDATE`
  return endpoint ?? null
}

export type EndpointChange = Partial<
  SealedSecrets &
    EndpointHealth &
    Pick<WebhookEndpoint, 'url' | 'description' | 'enabled' | 'disabledReason' | 'updatedAt'> & {
      readonly types: string[]
    }
>

export async function updateEndpoint(tx: PrismaTx, id: string, change: EndpointChange): Promise<void> {
  await tx.webhookEndpoint.update({ where: { id }, data: change })
}

/** Deletes it and its deliveries. */
export async function deleteEndpoint(tx: PrismaTx, id: string): Promise<void> {
  await tx.webhookEndpoint.delete({ where: { id } })
}

export async function readBacklogs(tx: Tx, ids: readonly string[]): Promise<Map<string, Backlog>> {
  const rows = await tx.$queryRaw<{ id: string; pending: number; dead: number; oldest: Date | null }[]>`
    SELECT w.id, p.pending, d.dead, p.oldest FROM unnest(${[...ids]}::uuid[]) AS w(id)
    CROSS JOIN LATERAL (SELECT count(*)::int AS pending, min(time) AS oldest FROM webhook_deliveries
      WHERE endpoint_id = w.id AND state = 'pending') p
    CROSS JOIN LATERAL (SELECT count(*)::int AS dead FROM webhook_deliveries
      WHERE endpoint_id = w.id AND state = 'dead') d`
  return new Map(
    rows.map(({ id, pending, dead, oldest }) => [id, { pending, dead, oldestPendingAt: oldest }]),
  )
}

/** The events that the endpoint is to get. */
export const filterOf = ({ directoryId, organizationId, types }: LockedEndpoint): EventFilter => ({
  scope: { kind: 'all' },
  // an organization's index is the narrower one
  directoryId: organizationId === null ? directoryId : null,
  organizationId,
  subjectId: null,
  types: types.length === 0 ? null : types,
  since: null,
  until: null,
})

/** The same for endpoints `w` of a query and events `e`, from each endpoint's cursor up to the horizon. */
const isDue = (horizon: number) => Prisma.sql`EXISTS (SELECT 1 FROM events e
      WHERE e.seq > w.cursor AND e.seq <= ${horizon}::bigint
        AND (w.directory_id IS NULL OR e.directory_id = w.directory_id)
        AND (w.organization_id IS NULL OR e.organization_id = w.organization_id)
        AND (w.types = '{}' OR e.type = ANY(w.types)))`

/**
 * Moves the cursors of endpoints for which nothing happened up to the horizon: as often as the log grows, and without
 * a look at each. One that somebody else holds is left for the next time.
 */
export async function passOver(tx: Tx, horizon: number): Promise<void> {
  await tx.$executeRaw`
    UPDATE webhook_endpoints SET cursor = ${horizon}::bigint WHERE id = ANY(ARRAY(
      SELECT w.id FROM webhook_endpoints w
      WHERE w.enabled AND w.cursor < ${horizon}::bigint AND NOT ${isDue(horizon)}
      ORDER BY w.id FOR UPDATE SKIP LOCKED))`
}

/** Endpoints for which something happened or something is due, in an order in which none is always the last. */
export async function endpointsWithWork(tx: Tx, horizon: number): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT w.id FROM webhook_endpoints w
    WHERE w.enabled AND (${isDue(horizon)} OR EXISTS (SELECT 1 FROM webhook_deliveries d
      WHERE d.endpoint_id = w.id AND d.next_attempt_at <= now()))
    ORDER BY random()`
  return rows.map(({ id }) => id)
}
