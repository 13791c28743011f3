// Y1: members that somebody changed by hand into what no decision makes of them, and what they should be.
import { baseRole, topRole } from './catalogue.ts'
import { emailKeyOf } from './identity.ts'
import { isSameState, type MemberState, outcomeOf, stateAfter } from './outcome.ts'
import type { Decision, Member, Settings, Source } from './types.ts'

/** Counts by kind what a sync put right beside the people that it evaluated. */
export interface Mended {
  /** users and groups whose columns did not say what their document says */
  readonly users: number
  readonly groups: number
  /** members with a role, a seat or a wish that is none of the plan's, or with another address than their user */
  readonly members: number
  /** seat types whose members were not as many as counted */
  readonly seats: number
  /** users and groups that cannot be put right: another one has the name, or the document has none */
  readonly unmended: number
}

export const nothingMended: Mended = { users: 0, groups: 0, members: 0, seats: 0, unmended: 0 }

export const isMending = ({ users, groups, members, seats }: Mended): boolean =>
  users + groups + members + seats > 0

/**
 * The member as its plan can have it: who has no role of the plan gets the base role, the primary owner the top role
 * (E11). A seat or a wish of another plan is read as none, and as any, so it only has to be written.
 */
export function mendedMember(
  { waitingSince: _waitingSince, ...held }: Member,
  settings: Pick<Settings, 'plan' | 'primaryOwnerId'>,
): MemberState {
  const fallback = held.id === settings.primaryOwnerId ? topRole(settings.plan) : baseRole(settings.plan)
  const role = held.status === 'active' ? (held.role ?? fallback) : held.role
  return { ...held, role, emailKey: emailKeyOf(held.email) }
}

/** What a decision writes of a member although it counts as unchanged. */
export type Silent = 'nothing' | 'link' | 'address'

/**
 * `link`: the member and the user are found to be one person (E7), which any evaluation writes. `address`: of one that
 * was linked before, something that every write keeps as the user has it, so that only a hand can have changed it.
 */
export function silentWrite(decision: Decision, source: Source): Silent {
  if (outcomeOf(decision) !== 'unchanged') return 'nothing'
  const { member } = decision.person
  const state = stateAfter(decision, '', source)
  if (member === null || state === null || isSameState(member, state)) return 'nothing'
  return member.userId === state.userId ? 'address' : 'link'
}
