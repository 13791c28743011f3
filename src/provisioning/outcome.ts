// What a decision makes of a member: the state that it should be in, to be compared with the one that it is in.
import type { Decision, Member, Source } from './types.ts'

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
  }
  const { id, status, role, seatType, wantedSeat, excluded } = held
  const identity = {
    id,
    userId: user?.id ?? held.userId,
    email: user?.email ?? held.email,
    emailKey: user?.emailKey ?? held.emailKey,
    source: held.source,
    assertedGroupIds: user === null ? held.assertedGroupIds : user.assertedGroupIds,
  }
  switch (decision.kind) {
    case 'join':
      return {
        ...identity,
        ...decision.to,
        status: 'active',
        source,
        wantedSeat: null,
        excluded: false,
      }
    case 'keep':
      return { ...identity, status, role, seatType, wantedSeat: decision.waitsFor, excluded }
    case 'change':
      return { ...identity, ...decision.to, status, wantedSeat: decision.waitsFor, excluded }
    case 'wait':
      return {
        ...identity,
        status: 'waiting',
        role: null,
        seatType: null,
        source,
        wantedSeat: decision.waitsFor,
        excluded: false,
      }
    case 'leave':
      return {
        ...identity,
        status: 'removed',
        role,
        seatType: null,
        wantedSeat: null,
        excluded: false,
      }
    case 'out':
      return { ...identity, status, role, seatType, wantedSeat, excluded: decision.excluded }
  }
}

/** The same before it is carried out: no id is given yet, and the source is of no interest. */
export const foreseenState = (decision: Decision): MemberState | null => stateAfter(decision, '', 'scim')

/** How a decision counts (Y1): what it changes of a person's membership. */
export function outcomeOf({ person, ...decision }: Decision): Outcome {
  switch (decision.kind) {
    case 'join':
      return 'added'
    case 'change':
      return 'changed'
    case 'leave':
      return 'removed'
    case 'wait':
      return person.member?.status === 'waiting' && person.member.wantedSeat === decision.waitsFor
        ? 'unchanged'
        : 'waiting'
    case 'keep': {
      // a member keeps its seat and begins, or ceases, to wait for another
      if (decision.waitsFor === (person.member?.wantedSeat ?? null)) return 'unchanged'
      return decision.waitsFor === null ? 'changed' : 'waiting'
    }
    case 'out':
      return 'unchanged'
  }
}

/** Whether there is anything to write. */
export function isSameState(member: Member | null, state: MemberState): boolean {
  if (member === null) return false
  const { waitingSince: _, ...held } = member
  return keys.every((key) => held[key] === state[key]) && isSameAssertion(member, state)
}

const isSameAssertion = (member: Member, state: MemberState): boolean =>
  JSON.stringify(member.assertedGroupIds) === JSON.stringify(state.assertedGroupIds)

const keys = [
  'id',
  'userId',
  'email',
  'emailKey',
  'status',
  'role',
  'seatType',
  'source',
  'wantedSeat',
  'excluded',
] as const satisfies readonly Exclude<keyof MemberState, 'assertedGroupIds'>[]
