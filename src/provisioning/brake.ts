// S5: how many members pushes may remove within a time, and whether the next ones still may be.
import type { Person } from './types.ts'

/** The limit of an organization; with both a number and a share, whichever is reached first. */
export interface Brake {
  readonly maxRemovals: number | null
  /** of a hundred members */
  readonly maxRemovedPercent: number | null
  readonly withinMinutes: number
}

/** Thirty days: what the removals of pushes are remembered for. */
export const MAX_WITHIN_MINUTES = 43_200

/** What an evaluation does with members who would leave: it removes them, or holds their removal. */
export type Removals = 'carried_out' | 'held'

/** What pushes removed within the brake's time, and how many members there are now. */
export interface RecentRemovals {
  readonly removed: number
  readonly members: number
}

/**
 * Whether a push may remove so many more members. All of them or nobody: who of them goes first would be an arbitrary
 * choice. A share is one of the members that there were before pushes removed any.
 */
export function removalsUnder(brake: Brake, { removed, members }: RecentRemovals, leaving: number): Removals {
  const { maxRemovals, maxRemovedPercent } = brake
  const after = removed + leaving
  if (maxRemovals !== null && after > maxRemovals) return 'held'
  if (maxRemovedPercent !== null && after * 100 > maxRemovedPercent * (members + removed)) return 'held'
  return 'carried_out'
}

export const isSameBrake = (a: Brake | null, b: Brake | null): boolean =>
  a === b ||
  (a !== null &&
    b !== null &&
    a.maxRemovals === b.maxRemovals &&
    a.maxRemovedPercent === b.maxRemovedPercent &&
    a.withinMinutes === b.withinMinutes)

/** The same people as if nobody's removal had been held: what is decided on who is released. */
export const withoutHold = (person: Person): Person =>
  person.member === null ? person : { ...person, member: { ...person.member, removal: null } }
