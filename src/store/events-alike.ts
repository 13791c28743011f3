// Events of very many subjects that say the same of each: what they have in common is sent, read and checked once.
import type { Tx } from './database.ts'
import { claimOfNumbers } from './event-log.ts'
import { type Actor, type NewEvent, recorded } from './events.ts'
import { noteCarriedOut } from './idempotency-keys.ts'

/** An event whose data name a user. */
export interface UserEvent extends NewEvent {
  readonly data: Readonly<Record<string, unknown>> & { readonly userId: string | null }
}

/** Does what appendEvents() does. */
export async function appendAlike(tx: Tx, actor: Actor, events: readonly UserEvent[]): Promise<void> {
  if (actor.claim !== undefined) await noteCarriedOut(tx, actor.claim)
  if (events.length === 0) return
  // by what all but the subject and the user is
  const kinds = new Map<string, number>()
  const places = events.map(({ subjectId: _subject, data: { userId: _user, ...data }, ...event }) => {
    const text = JSON.stringify({ ...event, data })
    const place = kinds.get(text) ?? kinds.size + 1
    kinds.set(text, place)
    return place
  })
  await tx.$executeRaw`
    WITH claim AS MATERIALIZED (${claimOfNumbers(tx)}), kinds AS MATERIALIZED (
      SELECT k.place, (k.kind->>'directoryId')::uuid AS directory_id,
        (k.kind->>'organizationId')::uuid AS organization_id, k.kind->>'type' AS type, k.kind->'data' AS data
      FROM unnest(${[...kinds.keys()]}::jsonb[]) WITH ORDINALITY AS k(kind, place))
    INSERT INTO events (directory_id, organization_id, type, subject_id, actor, data)
    SELECT k.directory_id, k.organization_id, k.type, x.subject_id, ${JSON.stringify(recorded(actor))}::jsonb,
      jsonb_build_object('userId', x.user_id) || k.data
    FROM claim, unnest(${events.map(({ subjectId }) => subjectId)}::uuid[],
      ${events.map(({ data }) => data.userId)}::uuid[], ${places}::int[])
      WITH ORDINALITY AS x(subject_id, user_id, place, position) JOIN kinds k ON k.place = x.place
    ORDER BY x.position`
}
