// What a decision makes of a member: the state that it should be in, to be compared with the one that it is in.
import type { Decision, Member, ReasonCode, Source } from './types.ts'

/** A member without what only the database knows. */
export type MemberState = Omit<Member, 'waitingSince'>

export const outcomes = ['added', 'changed', 'removed', 'waiting', 'unchanged'] as const
export type Outcome = (typeof outcomes)[number]

/** How many people a set of decisions added, changed, removed, left waiting, and left as they were (Y1). */
export type Counts = Readonly<Record<Outcome, number>>

export const noCounts: Counts = { added: 0, changed: 0, removed: 0, waiting: 0, unchanged: 0 }

/**
 * The member after the decision; null for somebody who never was one. `newId` is for one who appears now: who comes
 * back keeps the id from before (E8). `source` is the mode that decided.
 */
export function stateAfter(decision: Decision, newId: string, source: Source): MemberState | null {
  const { person } = decision
  const { user, member } = person
  if (member === null && (decision.kind === 'out' || decision.kind === 'leave')) return null
  const held = member ?? {
    id: newId,
    userId: null,
    email: '',
    emailKey: '',
    status: 'removed' as const,
    role: null,
    seatType: null,
    source,
    wantedSeat: null,
    excluded: false,
    assertedGroupIds: null,
    removal: null,
  }
  const place = placeAfter(decision, held, source)
  // one literal for all: spreading objects into objects takes most of the time of a large evaluation
  return {
    id: held.id,
    userId: user?.id ?? held.userId,
    email: user?.email ?? held.email,
    emailKey: user?.emailKey ?? held.emailKey,
    status: place.status,
    role: place.role,
    seatType: place.seatType,
    source: place.source,
    wantedSeat: place.wantedSeat,
    excluded: place.excluded,
    assertedGroupIds: user === null ? held.assertedGroupIds : user.assertedGroupIds,
    removal: place.removal,
  }
}

type Place = Omit<MemberState, 'id' | 'userId' | 'email' | 'emailKey' | 'assertedGroupIds'>

/** What of the member the decision is about: all but who it is. */
function placeAfter(decision: Decision, held: Place, decidedBy: Source): Place {
  const { status, role, seatType, source, wantedSeat, excluded } = held
  switch (decision.kind) {
    case 'join': {
      const { to } = decision
      return {
        status: 'active',
        role: to.role,
        seatType: to.seatType,
        source: decidedBy,
        wantedSeat: null,
        excluded: false,
        removal: null,
      }
    }
    case 'keep': {
      const { waitsFor } = decision
      return { status, role, seatType, source, wantedSeat: waitsFor, excluded, removal: null }
    }
    case 'hold':
      return { status, role, seatType, source, wantedSeat: null, excluded, removal: decision.removal }
    case 'change': {
      const { to, waitsFor } = decision
      return {
        status,
        role: to.role,
        seatType: to.seatType,
        source,
        wantedSeat: waitsFor,
        excluded,
        removal: null,
      }
    }
    case 'wait':
      return {
        status: 'waiting',
        role: null,
        seatType: null,
        source: decidedBy,
        wantedSeat: decision.waitsFor,
        excluded: false,
        removal: null,
      }
    case 'leave':
      return {
        status: 'removed',
        role,
        seatType: null,
        source,
        wantedSeat: null,
        excluded: false,
        removal: null,
      }
    case 'out':
      return { status, role, seatType, source, wantedSeat, excluded: decision.excluded, removal: null }
  }
}

/** The same before it is carried out: no id is given yet, and the source is of no interest. */
export const foreseenState = (decision: Decision): MemberState | null => stateAfter(decision, '', 'scim')

/** How a decision counts (Y1): what it changes of a person's membership. */
export function outcomeOf(decision: Decision): Outcome {
  const { member } = decision.person
  switch (decision.kind) {
    case 'join':
      return 'added'
    case 'change':
      return 'changed'
    case 'leave':
      return 'removed'
    case 'wait':
      return member?.status === 'waiting' && member.wantedSeat === decision.waitsFor ? 'unchanged' : 'waiting'
    case 'keep': {
      // a member keeps its seat and begins, or ceases, to wait for another; or it is entitled again (S5)
      if (decision.waitsFor !== (member?.wantedSeat ?? null)) {
        return decision.waitsFor === null ? 'changed' : 'waiting'
      }
      return (member?.removal ?? null) === null ? 'unchanged' : 'changed'
    }
    case 'hold':
      return decision.removal === member?.removal ? 'unchanged' : 'changed'
    case 'out':
      return 'unchanged'
  }
}

/** The one reason that says most of a decision (E10): what changed, what was missing, else whether there is a claim. */
export function decisiveReason(decision: Decision): ReasonCode | 'none' {
  const { kind, why } = decision
  const changed = kind === 'change' && decision.from.role !== decision.to.role ? 'E2' : 'E3'
  const decisive =
    kind === 'change'
      ? why.find(({ rule }) => rule === changed)
      : why.at(kind === 'wait' || kind === 'hold' ? -1 : 0)
  return decisive?.code ?? 'none'
}

/** Who is looked at twice counts as unchanged only once. */
export const withCounts = (first: Counts, second: Counts): Counts => ({
  added: first.added + second.added,
  changed: first.changed + second.changed,
  removed: first.removed + second.removed,
  waiting: first.waiting + second.waiting,
  unchanged: first.unchanged,
})

/** Whether the next of those who wait may have a turn: a seat is free, or one before them waits no more (E4). */
export function makesRoom(decision: Decision): boolean {
  const { kind, person } = decision
  if (kind === 'leave') return person.member?.seatType != null || person.member?.status === 'waiting'
  if (kind === 'hold') return person.member?.wantedSeat != null
  if (kind === 'keep') return person.member?.wantedSeat != null && decision.waitsFor === null
  return kind === 'change' && decision.from.seatType !== decision.to.seatType
}

/** Whether somebody did not get the seat that they should have (E4). */
export const isWaiting = (decision: Decision): boolean => 'waitsFor' in decision && decision.waitsFor !== null

/** Whether there is anything to write. */
export function isSameState(member: Member | null, state: MemberState): boolean {
  if (member === null) return false
  return isSamePlace(member, state) && isSamePerson(member, state)
}

// comparing key by key in a loop takes ten times as long, for each of very many
const isSamePlace = (member: Member, state: MemberState): boolean =>
  member.status === state.status &&
  member.role === state.role &&
  member.seatType === state.seatType &&
  member.source === state.source &&
  member.wantedSeat === state.wantedSeat &&
  member.excluded === state.excluded &&
  member.removal === state.removal

/** Whether the member stays the one that it is: with its link, its address, and what its last sign-in asserted. */
export const isSamePerson = (member: Member, state: MemberState): boolean =>
  member.id === state.id &&
  member.userId === state.userId &&
  member.email === state.email &&
  member.emailKey === state.emailKey &&
  isSameAssertion(member, state)

const isSameAssertion = (member: Member, state: MemberState): boolean =>
  member.assertedGroupIds === state.assertedGroupIds ||
  JSON.stringify(member.assertedGroupIds) === JSON.stringify(state.assertedGroupIds)
