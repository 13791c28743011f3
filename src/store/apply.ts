// Decisions → rows: members, seats and events, each in one statement over many rows.
import { newId } from '../ids.ts'
import type { SeatType } from '../provisioning/catalogue.ts'
import { type Counts, isSameState, type MemberState, outcomeOf, stateAfter } from '../provisioning/outcome.ts'
import type { Decision, Member, Reason } from '../provisioning/types.ts'
import { groupedBy } from './alike.ts'
import { settled, type Tx } from './database.ts'
import { noteDecisions } from './decision-counts.ts'
import { type Actor, type AlikeEvents, appendAlike, type EventType } from './events.ts'
import type { LockedOrganization } from './locked-organizations.ts'
import { insertMembers, isOfPlaceAlone, placeOf, updateMembers, updatePlaces } from './member-writes.ts'
import { addAssigned, type SeatDifference } from './seats.ts'

/** A member before and after, and why it changed. */
export interface MemberChange {
  readonly before: Member | null
  readonly after: MemberState
  readonly why: readonly Reason[]
}

/** What was decided on people of an organization, which must be locked. */
export interface Decided {
  readonly organization: LockedOrganization
  readonly decisions: readonly Decision[]
}

/** Writes what differs from what is. */
export async function applyDecisions(
  tx: Tx,
  actor: Actor,
  organization: LockedOrganization,
  decisions: readonly Decision[],
): Promise<Counts> {
  const { counts, changes } = changesOf(organization, decisions)
  noteDecisions(tx, decisions)
  await write(tx, actor, changes)
  return counts
}

/** The same for several organizations of a directory at once. */
export async function applyToEach(tx: Tx, actor: Actor, decided: readonly Decided[]): Promise<void> {
  for (const { decisions } of decided) noteDecisions(tx, decisions)
  await write(
    tx,
    actor,
    decided.flatMap(({ organization, decisions }) => changesOf(organization, decisions).changes),
  )
}

/** Writes members, tells the events and counts the seats. */
export const applyChanges = (
  tx: Tx,
  actor: Actor,
  organization: LockedOrganization,
  changes: readonly MemberChange[],
): Promise<void> =>
  write(
    tx,
    actor,
    changes.map((change) => ({ organization, ...change })),
  )

interface OrganizationChange extends MemberChange {
  readonly organization: LockedOrganization
}

function changesOf(organization: LockedOrganization, decisions: readonly Decision[]) {
  const counts = { added: 0, changed: 0, removed: 0, waiting: 0, unchanged: 0 }
  const changes: OrganizationChange[] = []
  for (const decision of decisions) {
    counts[outcomeOf(decision)] += 1
    const { person, why } = decision
    const before = person.member
    // who never was a member and does not become one is most of everybody
    if (before === null && decision.kind === 'out') continue
    const after = stateAfter(decision, before?.id ?? newId(), organization.mode)
    if (after !== null && !isSameState(before, after)) changes.push({ organization, before, after, why })
  }
  return { counts, changes }
}

async function write(tx: Tx, actor: Actor, changes: readonly OrganizationChange[]): Promise<void> {
  if (changes.length === 0) return
  // of very many there are a few kinds
  const kinds = groupedBy(changes, kindOf)
  const others = changes.filter((change) => !isOfPlaceAlone(change))
  await insertMembers(
    tx,
    others.filter(({ before }) => before === null),
  )
  await updateMembers(
    tx,
    others.filter(({ before }) => before !== null),
  )
  await updatePlaces(
    tx,
    kinds.map((kind) => kind.filter(isOfPlaceAlone)),
  )
  // who gives a seat up is told before who gets it: a reader of the events never counts one too many
  const events = kinds.flatMap((kind) => eventsOf(kind) ?? []).sort((a, b) => rank(a) - rank(b))
  await appendAlike(tx, actor, events)
  await addAssigned(tx, seatDifferences(kinds))
  // of very many, who comes next is decided on meanwhile, but not everybody (in-parts.ts)
  if (changes.length > MOST_ON_THE_WAY) await settled(tx)
}

const MOST_ON_THE_WAY = 200

/** What is written of a change, but of whom. */
const kindOf = ({ organization, before, after, why }: OrganizationChange): string =>
  `${organization.id} ${before === null ? '' : placeOf(before)} ${placeOf(after)} ${JSON.stringify(why)}`

/** By how much the changes change the seats of each type in each organization. */
function seatDifferences(kinds: readonly (readonly OrganizationChange[])[]): SeatDifference[] {
  const differences = new Map<string, SeatDifference>()
  for (const kind of kinds) {
    const [first] = kind
    if (first === undefined) continue
    const { organization, before, after } = first
    const add = (seatType: SeatType | null | undefined, count: number) => {
      if (!seatType) return
      const key = `${organization.id} ${seatType}`
      differences.set(key, { organization, seatType, count: (differences.get(key)?.count ?? 0) + count })
    }
    add(before?.seatType, -kind.length)
    add(after.seatType, kind.length)
  }
  return [...differences.values()]
}

/** The events of changes of one kind; none for one that a reader of members cannot see (a link, an address). */
function eventsOf(kind: readonly OrganizationChange[]): AlikeEvents | null {
  const [first] = kind
  if (first === undefined) return null
  const { organization, before, after, why } = first
  if (before !== null && seen.every((key) => before[key] === after[key])) return null
  return {
    type: eventType(before, after),
    directoryId: organization.directoryId,
    organizationId: organization.id,
    subjectIds: kind.map((change) => change.after.id),
    userIds: kind.map((change) => change.after.userId),
    data: { before: before === null ? null : visible(before), after: visible(after), why },
  }
}

const rank = ({ type }: AlikeEvents) => (type === 'member.removed' ? 0 : type === 'member.changed' ? 1 : 2)

/** What a reader of members sees of one. */
const seen = ['status', 'role', 'seatType', 'wantedSeat', 'removal'] as const

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
