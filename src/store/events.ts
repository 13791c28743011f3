// The outbox and audit log (A2): rows written in the transaction of the change that they tell.
import type { Tx } from './database.ts'
import { claimOfNumbers } from './event-log.ts'
import { type KeyClaim, noteCarriedOut } from './idempotency-keys.ts'

/** Who acted: a token, a connection to WorkOS, or the service itself; and the request, or WorkOS event, of it. */
export interface RecordedActor {
  readonly kind: 'directory_token' | 'admin_token' | 'workos_connection' | 'system'
  readonly id?: string
  readonly requestId?: string
}

export interface Actor extends RecordedActor {
  /** of the Idempotency-Key that the request came with: what the actor writes happens once */
  readonly claim?: KeyClaim
}

/** The actor as it is kept with what it did. */
export const recorded = ({ claim: _claim, ...actor }: Actor): RecordedActor => actor

export const eventTypes = [
  'user.created',
  'user.updated',
  'user.deleted',
  'group.created',
  'group.updated',
  'group.deleted',
  'group.members_changed',
  'group.members_skipped',
  'member.added',
  'member.changed',
  'member.removed',
  'member.waiting',
  'member.removal_held',
  'member.removal_discarded',
  'parent_organization.created',
  'parent_organization.updated',
  'parent_organization.deleted',
  'organization.created',
  'sync.finished',
  'organization.updated',
  'organization.deleted',
  'settings.saved',
  'settings.mappings_dropped',
  'brake.engaged',
  'seats.purchased',
  'primary_owner.named',
  'directory.created',
  'directory.updated',
  'directory.mended',
  'directory.deleted',
  'schema.created',
  'schema.updated',
  'schema.deleted',
  'directory_token.created',
  'directory_token.updated',
  'directory_token.revoked',
  'webhook_endpoint.created',
  'webhook_endpoint.updated',
  'webhook_endpoint.secret_rotated',
  'webhook_endpoint.disabled',
  'webhook_endpoint.deleted',
  'workos_connection.created',
  'workos_connection.updated',
  'workos_connection.deleted',
  'workos_connection.secret_added',
  'workos_connection.secret_removed',
  'workos_connection.activated',
  'workos_connection.disconnected',
  'admin_token.created',
  'admin_token.updated',
  'admin_token.revoked',
] as const
export type EventType = (typeof eventTypes)[number]

/** What happened to which subject. `data` holds before, after and why; never a personal attribute. */
export interface NewEvent {
  readonly type: EventType
  /** null: of what belongs to no directory */
  readonly directoryId: string | null
  readonly organizationId?: string
  readonly subjectId: string
  readonly data: Readonly<Record<string, unknown>>
}

/**
 * Writes events, in this order. Their numbers are taken here, under the locks of what changed: so the numbers of one
 * subject are in the order of its history, though not in the order in which transactions began.
 */
export async function appendEvents(tx: Tx, actor: Actor, events: readonly NewEvent[]): Promise<void> {
  if (actor.claim !== undefined) await noteCarriedOut(tx, actor.claim)
  if (events.length === 0) return
  const rows = events.map((event, position) => ({
    position,
    directory_id: event.directoryId,
    organization_id: event.organizationId ?? null,
    type: event.type,
    subject_id: event.subjectId,
    data: event.data,
  }))
  await tx.$executeRaw`
    WITH claim AS MATERIALIZED (${claimOfNumbers(tx)})
    INSERT INTO events (directory_id, organization_id, type, subject_id, actor, data)
    SELECT x.directory_id, x.organization_id, x.type, x.subject_id, ${JSON.stringify(recorded(actor))}::jsonb, x.data
    FROM claim, jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      AS x(position int, directory_id uuid, organization_id uuid, type text, subject_id uuid, data jsonb)
    ORDER BY x.position`
}
