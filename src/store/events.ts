// The outbox and audit log (A2): rows written in the transaction of the change that they tell.
import { byKind } from './alike.ts'
import { isOurs, type Tx, writeLater } from './database.ts'
import { claimOfNumbers } from './event-log.ts'
import { Prisma } from './generated/client.ts'
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
  'user.erased',
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
  'member.erased',
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
  /** of a member: the user that it is, or null; readers find it in `data` */
  readonly userId?: string | null
  readonly data: Readonly<Record<string, unknown>>
}

/** Events that a transaction has yet to write, and who acts in it. */
interface Pending {
  readonly actor: string
  readonly events: NewEvent[]
}
const pending = new WeakMap<Tx, Pending>()

/** No more than these are kept for the end of a transaction. */
const MOST_PENDING = 1_000

/**
 * Writes events, in this order; on a connection of ours at the end of the transaction, all in one statement. Their
 * numbers are taken under the locks of what changed: so the numbers of one subject are in the order of its history,
 * though not in the order in which transactions began.
 */
export async function appendEvents(tx: Tx, actor: Actor, events: readonly NewEvent[]): Promise<void> {
  if (actor.claim !== undefined) await noteCarriedOut(tx, actor.claim)
  if (events.length === 0) return
  const text = JSON.stringify(recorded(actor))
  if (!isOurs(tx)) return writeLater(tx, insertEvents(tx, text, events))
  const before = pending.get(tx)
  if (before?.actor === text && before.events.length + events.length <= MOST_PENDING) {
    before.events.push(...events)
    return
  }
  if (before === undefined) tx.atEnd(() => flushEvents(tx))
  else writePending(tx, before)
  pending.set(tx, { actor: text, events: [...events] })
}

/** Sends what was kept for the end. */
export function flushEvents(tx: Tx): void {
  const last = pending.get(tx)
  pending.delete(tx)
  if (last !== undefined) writePending(tx, last)
}

function writePending(tx: Tx, { actor, events }: Pending): void {
  void writeLater(tx, insertEvents(tx, actor, events))
}

/** What events of one kind have in common, as JSON; made once for events that share their data. */
function kindTexts(): (event: NewEvent) => string {
  const known = new Map<unknown, { readonly event: NewEvent; readonly text: string }>()
  return (event) => {
    const { type, directoryId, organizationId, data } = event
    const namesUser = event.userId !== undefined
    const before = known.get(data)
    if (before?.event.type === type && before.event.organizationId === organizationId) return before.text
    const text = JSON.stringify({ type, directoryId, organizationId, data, namesUser })
    known.set(data, { event, text })
    return text
  }
}

/** What all but the subject and the user is in events that are alike is sent, read and checked once. */
function insertEvents(tx: Tx, actor: string, events: readonly NewEvent[]): Prisma.Sql {
  const textOf = kindTexts()
  const { kinds, places } = byKind(events, textOf)
  return Prisma.sql`
    WITH claim AS MATERIALIZED (${claimOfNumbers(tx)}), kinds AS MATERIALIZED (
      SELECT k.place, (k.kind->>'directoryId')::uuid AS directory_id,
        (k.kind->>'organizationId')::uuid AS organization_id, k.kind->>'type' AS type, k.kind->'data' AS data,
        (k.kind->'namesUser')::boolean AS names_user
      FROM unnest(${kinds.map(textOf)}::jsonb[]) WITH ORDINALITY AS k(kind, place))
    INSERT INTO events (directory_id, organization_id, type, subject_id, actor, data)
    SELECT k.directory_id, k.organization_id, k.type, x.subject_id, ${actor}::jsonb,
      CASE WHEN k.names_user THEN jsonb_insert(k.data, '{userId}', coalesce(to_jsonb(x.user_id), 'null')) ELSE k.data END
    FROM claim, unnest(${events.map(({ subjectId }) => subjectId)}::uuid[],
      ${events.map(({ userId }) => userId ?? null)}::uuid[], ${places}::int[])
      WITH ORDINALITY AS x(subject_id, user_id, place, position) JOIN kinds k ON k.place = x.place
    ORDER BY x.position`
}
