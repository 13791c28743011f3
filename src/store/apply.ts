// Decisions → rows: members, seats and events, each in one statement over many rows.
import { newId } from '../ids.ts'
import type { SeatType } from '../provisioning/catalogue.ts'
import { type Counts, isSameState, type MemberState, outcomeOf, stateAfter } from '../provisioning/outcome.ts'
import type { Decision, Member, Reason } from '../provisioning/types.ts'
import { sharing } from './alike.ts'
import { settled, type Tx } from './database.ts'
import { noteDecisions } from './decision-counts.ts'
import { type Actor, appendEvents, type EventType, type NewEvent } from './events.ts'
import type { LockedOrganization } from './locked-organizations.ts'
import { insertMembers, type MemberRow, updateMembers } from './member-writes.ts'
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

interface Changed {
  readonly organization: LockedOrganization
  readonly changes: readonly MemberChange[]
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
  await applyChanges(tx, actor, organization, changes)
  return counts
}

/** The same for several organizations of a directory at once. */
export async function applyToEach(tx: Tx, actor: Actor, decided: readonly Decided[]): Promise<void> {
  for (const { decisions } of decided) noteDecisions(tx, decisions)
  const changed = decided.map(({ organization, decisions }) => ({
    organization,
    changes: changesOf(organization, decisions).changes,
  }))
  await write(tx, actor, changed)
}

function changesOf({ mode }: LockedOrganization, decisions: readonly Decision[]) {
  const counts = { added: 0, changed: 0, removed: 0, waiting: 0, unchanged: 0 }
  const changes: MemberChange[] = []
  for (const decision of decisions) {
    counts[outcomeOf(decision)] += 1
    const before = decision.person.member
    // who never was a member and does not become one is most of everybody
    if (before === null && decision.kind === 'out') continue
    const after = stateAfter(decision, before?.id ?? newId(), mode)
    if (after !== null && !isSameState(before, after)) changes.push({ before, after, why: decision.why })
  }
  return { counts, changes }
}

/** Writes members, tells the events and counts the seats. */
export const applyChanges = (
  tx: Tx,
  actor: Actor,
  organization: LockedOrganization,
  changes: readonly MemberChange[],
): Promise<void> => write(tx, actor, [{ organization, changes }])

async function write(tx: Tx, actor: Actor, changed: readonly Changed[]): Promise<void> {
  const all = changed.flatMap(({ organization, changes }) =>
    changes.map((change) => ({ organization, ...change })),
  )
  if (all.length === 0) return
  // who gives a seat up is told before who gets it: a reader of the events never counts one too many
  const share = sharing<NewEvent['data']>()
  const events = all.flatMap((change) => memberEvent(change, share) ?? []).sort((a, b) => rank(a) - rank(b))
  await insertMembers(tx, all.filter(({ before }) => before === null).map(rowOf))
  await updateMembers(
    tx,
    all.flatMap((change) => (change.before === null ? [] : [{ ...rowOf(change), before: change.before }])),
  )
  await appendEvents(tx, actor, events)
  await addAssigned(tx, changed.flatMap(seatDifferences))
  // of very many, the next ones are decided on while these are written, and no others
  if (all.length > MOST_ON_THE_WAY) await settled(tx)
}

const MOST_ON_THE_WAY = 200

type OrganizationChange = MemberChange & Pick<Changed, 'organization'>

const rowOf = ({ organization, after }: OrganizationChange): MemberRow => ({ organization, state: after })

function seatDifferences({ organization, changes }: Changed): SeatDifference[] {
  const difference = new Map<SeatType, number>()
  const add = (seatType: SeatType | null | undefined, count: number) => {
    if (seatType) difference.set(seatType, (difference.get(seatType) ?? 0) + count)
  }
  for (const { before, after } of changes) {
    add(before?.seatType, -1)
    add(after.seatType, 1)
  }
  return [...difference].map(([seatType, count]) => ({ organization, seatType, count }))
}

/** The event of a change; none for one that a reader of members cannot see (a link, an address). */
function memberEvent(
  { organization, before, after, why }: OrganizationChange,
  share: ReturnType<typeof sharing<NewEvent['data']>>,
): NewEvent | null {
  if (before !== null && seen.every((key) => before[key] === after[key])) return null
  return {
    type: eventType(before, after),
    directoryId: organization.directoryId,
    organizationId: organization.id,
    subjectId: after.id,
    userId: after.userId,
    data: share(`${shown(before)} ${shown(after)} ${why.map((reason) => Object.entries(reason))}`, () => ({
      before: before === null ? null : visible(before),
      after: visible(after),
      why,
    })),
  }
}

const rank = ({ type }: NewEvent) => (type === 'member.removed' ? 0 : type === 'member.changed' ? 1 : 2)

/** What a reader of members sees of one. */
const seen = ['status', 'role', 'seatType', 'wantedSeat', 'removal'] as const

const shown = (state: MemberState | null) => (state === null ? '' : seen.map((key) => state[key]).join())

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
