// Decisions → rows: members, seats and events, each in one statement over many rows.
import { newId } from '../ids.ts'
import type { SeatType } from '../provisioning/catalogue.ts'
import { type Counts, isSameState, type MemberState, outcomeOf, stateAfter } from '../provisioning/outcome.ts'
import type { Decision, Member, Reason } from '../provisioning/types.ts'
import { settled, type Tx } from './database.ts'
import { noteDecisions } from './decision-counts.ts'
import { type Actor, appendEvents, type EventType, type NewEvent } from './events.ts'
import type { LockedOrganization } from './locked-organizations.ts'
import { insertMembers, updateMembers } from './member-writes.ts'
import { addAssigned } from './seats.ts'

/** A member before and after, and why it changed. */
export interface MemberChange {
  readonly before: Member | null
  readonly after: MemberState
  readonly why: readonly Reason[]
}

/** Writes what differs from what is; the organization must be locked. */
export async function applyDecisions(
  tx: Tx,
  actor: Actor,
  organization: LockedOrganization,
  decisions: readonly Decision[],
): Promise<Counts> {
  const counts = { added: 0, changed: 0, removed: 0, waiting: 0, unchanged: 0 }
  const changes: MemberChange[] = []
  for (const decision of decisions) {
    counts[outcomeOf(decision)] += 1
    const before = decision.person.member
    // who never was a member and does not become one is most of everybody
    if (before === null && decision.kind === 'out') continue
    const after = stateAfter(decision, before?.id ?? newId(), organization.mode)
    if (after !== null && !isSameState(before, after)) changes.push({ before, after, why: decision.why })
  }
  noteDecisions(tx, decisions)
  await applyChanges(tx, actor, organization, changes)
  return counts
}

/** Writes members, counts the seats and tells the events. */
export async function applyChanges(
  tx: Tx,
  actor: Actor,
  organization: LockedOrganization,
  changes: readonly MemberChange[],
): Promise<void> {
  if (changes.length === 0) return
  const { id, directoryId } = organization
  const events = changes.flatMap((change) => memberEvent(organization, change) ?? [])
  // who gives a seat up is told before who gets it: a reader of the events never counts one too many
  events.sort((a, b) => rank(a) - rank(b))
  const appearing = changes.filter(({ before }) => before === null)
  const known = changes.filter(({ before }) => before !== null)
  await insertMembers(tx, directoryId, id, appearing.map(stateOf))
  await updateMembers(tx, id, known.map(stateOf))
  await addAssigned(tx, organization, seatDifference(changes))
  await appendEvents(tx, actor, events)
  // of very many, the next ones are decided on while these are written, and no others
  if (changes.length > MOST_ON_THE_WAY) await settled(tx)
}

const MOST_ON_THE_WAY = 200

const stateOf = ({ after }: MemberChange) => after

function seatDifference(changes: readonly MemberChange[]): Map<SeatType, number> {
  const difference = new Map<SeatType, number>()
  const add = (seatType: SeatType | null | undefined, count: number) => {
    if (seatType) difference.set(seatType, (difference.get(seatType) ?? 0) + count)
  }
  for (const { before, after } of changes) {
    add(before?.seatType, -1)
    add(after.seatType, 1)
  }
  return difference
}

/** The event of a change; none for one that a reader of members cannot see (a link, an address). */
function memberEvent(
  { id, directoryId }: LockedOrganization,
  { before, after, why }: MemberChange,
): NewEvent | null {
  const was = before === null ? null : visible(before)
  const is = visible(after)
  if (was !== null && JSON.stringify(was) === JSON.stringify(is)) return null
  return {
    type: eventType(before, after),
    directoryId,
    organizationId: id,
    subjectId: after.id,
    data: { userId: after.userId, before: was, after: is, why },
  }
}

const rank = ({ type }: NewEvent) => (type === 'member.removed' ? 0 : type === 'member.changed' ? 1 : 2)

const visible = ({ status, role, seatType, wantedSeat, removal }: MemberState) => ({
  status,
  role,
  seatType,
  wantedSeat,
  ...(removal === null ? {} : { removal }),
})

function eventType(before: Member | null, after: MemberState): EventType {
  if (after.status === 'removed') return 'member.removed'
  if (after.status === 'waiting') return 'member.waiting'
  if (before?.status !== 'active') return 'member.added'
  if (after.removal === before.removal || after.removal === null) return 'member.changed'
  return after.removal === 'held' ? 'member.removal_held' : 'member.removal_discarded'
}
