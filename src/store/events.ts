// The outbox and audit log (A2): rows written in the transaction of the change that they tell.
import { extents } from './alike.ts'
import { uuidArray } from './arrays.ts'
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

/** What happened. `data` holds before, after and why; never a personal attribute. */
interface Happening {
  readonly type: EventType
  /** null: of what belongs to no directory */
  readonly directoryId: string | null
  readonly organizationId?: string
  readonly data: Readonly<Record<string, unknown>>
}

/** What happened to which subject. */
export interface NewEvent extends Happening {
  readonly subjectId: string
}

/** The same of many subjects, an event of each. */
export interface AlikeEvents extends Happening {
  readonly subjectIds: readonly string[]
  /** of members: the users that they are, or null; readers find each in `data` */
  readonly userIds?: readonly (string | null)[]
}

/** Events that a transaction has yet to write, and who acts in it. */
interface Pending {
  readonly actor: string
  readonly events: AlikeEvents[]
}
const pending = new WeakMap<Tx, Pending>()

/** No more than these are kept for the end of a transaction. */
const MOST_PENDING = 1_000

/**
 * Writes events, in this order; on a connection of ours at the end of the transaction, all in one statement. Their
 * numbers are taken under the locks of what changed: so the numbers of one subject are in the order of its history,
 * though not in the order in which transactions began.
 */
export const appendEvents = (tx: Tx, actor: Actor, events: readonly NewEvent[]): Promise<void> =>
  appendAlike(
    tx,
    actor,
    events.map(({ subjectId, ...happening }) => ({ ...happening, subjectIds: [subjectId] })),
  )

/** The same for events of many subjects. */
export async function appendAlike(tx: Tx, actor: Actor, events: readonly AlikeEvents[]): Promise<void> {
  if (actor.claim !== undefined) await noteCarriedOut(tx, actor.claim)
  if (events.length === 0) return
  const text = JSON.stringify(recorded(actor))
  if (!isOurs(tx)) return writeLater(tx, insertEvents(tx, text, events))
  const before = pending.get(tx)
  if (before?.actor === text && numberOf(before.events) + numberOf(events) <= MOST_PENDING) {
    before.events.push(...events)
    return
  }
  if (before === undefined) tx.atEnd(() => flushEvents(tx))
  else writePending(tx, before)
  pending.set(tx, { actor: text, events: [...events] })
}

const numberOf = (events: readonly AlikeEvents[]) =>
  events.reduce((number, { subjectIds }) => number + subjectIds.length, 0)

/** Sends what was kept for the end. */
export function flushEvents(tx: Tx): void {
  const last = pending.get(tx)
  pending.delete(tx)
  if (last !== undefined) writePending(tx, last)
}

function writePending(tx: Tx, { actor, events }: Pending): void {
  void writeLater(tx, insertEvents(tx, actor, events))
}

/** What is alike in events is sent, read and checked once. */
function insertEvents(tx: Tx, actor: string, events: readonly AlikeEvents[]): Prisma.Sql {
  const kinds = events.map(({ type, directoryId, organizationId, data, userIds }) =>
    JSON.stringify({ type, directoryId, organizationId, data, ofMembers: userIds !== undefined }),
  )
  const subjects = uuidArray(events.flatMap(({ subjectIds }) => subjectIds))
  const users = uuidArray(events.flatMap(({ subjectIds, userIds }) => userIds ?? subjectIds.map(() => null)))
  const { first, last } = extents(events.map(({ subjectIds }) => subjectIds.length))
  return Prisma.sql`
    WITH claim AS MATERIALIZED (${claimOfNumbers(tx)}), kinds AS MATERIALIZED (
      SELECT (k.kind->>'directoryId')::uuid AS directory_id, (k.kind->>'organizationId')::uuid AS organization_id,
        k.kind->>'type' AS type, k.kind->'data' AS data,
        CASE WHEN (k.kind->'ofMembers')::boolean THEN jsonb_set(k.kind->'data', '{userId}', 'null')
          ELSE k.kind->'data' END AS data_of_no_user,
        k.first, k.last
      FROM unnest(${kinds}::jsonb[], ${first}::int[], ${last}::int[]) AS k(kind, first, last))
    INSERT INTO events (directory_id, organization_id, type, subject_id, user_id, actor, data)
    SELECT k.directory_id, k.organization_id, k.type, x.subject_id, x.user_id, ${actor}::jsonb,
      CASE WHEN x.user_id IS NULL THEN k.data_of_no_user ELSE k.data END
    FROM claim, kinds k, LATERAL unnest((${subjects}::uuid[])[k.first:k.last], (${users}::uuid[])[k.first:k.last])
      AS x(subject_id, user_id)`
}
