// S1, S2: what a save would do, counted, and the warnings by name that it must acknowledge.
import { type PlanName, type Role, rolesOf, topRole } from './catalogue.ts'
import { type Counts, noCounts, outcomeOf } from './outcome.ts'
import type { Decision, Person } from './types.ts'

/** A closed set: what a save must not do by mistake. */
export const warningNames = ['no_top_role', 'self_demoted', 'self_removed', 'many_removed'] as const
export type WarningName = (typeof warningNames)[number]

/** A warning, in words and in data. */
export type Warning = { readonly text: string } & (
  | { readonly name: 'no_top_role'; readonly role: Role; readonly holders: number }
  | { readonly name: 'self_demoted'; readonly memberId: string; readonly from: Role; readonly to: Role }
  | { readonly name: 'self_removed'; readonly memberId: string }
  | {
      readonly name: 'many_removed'
      readonly removed: number
      readonly members: number
      readonly maxRemovedPercent: number
    }
)

/** What the request states: who saves, if it says so, and how many may be removed without a word. */
export interface Caution {
  readonly actingMemberId: string | null
  readonly maxRemovedPercent: number
}

export const DEFAULT_MAX_REMOVED_PERCENT = 20
const FEWEST_MEMBERS = 10

/** What decisions do, as far as the guard looks at it. */
export interface Effects {
  readonly counts: Counts
  /** members before, who waits for a seat not being one */
  readonly members: number
  readonly membersRemoved: number
  readonly topBefore: number
  readonly topAfter: number
  /** the role of the member who saves, before and after; null: none */
  readonly acting: { readonly before: Role | null; readonly after: Role | null }
}

export const noEffects: Effects = {
  counts: noCounts,
  members: 0,
  membersRemoved: 0,
  topBefore: 0,
  topAfter: 0,
  acting: { before: null, after: null },
}

/** Adds decisions to what is known of others: everybody can be gone through some at a time. */
export function withEffects(
  effects: Effects,
  decisions: readonly Decision[],
  plan: PlanName,
  { actingMemberId }: Pick<Caution, 'actingMemberId'>,
): Effects {
  const counts = { ...effects.counts }
  let { members, membersRemoved, topBefore, topAfter, acting } = effects
  const top = topRole(plan)
  for (const decision of decisions) {
    counts[outcomeOf(decision)] += 1
    const before = roleBefore(decision.person)
    const after = roleAfter(decision)
    if (before !== null) members += 1
    if (before !== null && after === null) membersRemoved += 1
    if (before === top) topBefore += 1
    if (after === top) topAfter += 1
    if (actingMemberId !== null && decision.person.member?.id === actingMemberId) acting = { before, after }
  }
  return { counts, members, membersRemoved, topBefore, topAfter, acting }
}

const roleBefore = ({ member }: Person): Role | null => (member?.status === 'active' ? member.role : null)

function roleAfter(decision: Decision): Role | null {
  if (decision.kind === 'join' || decision.kind === 'change') return decision.to.role
  return decision.kind === 'keep' || decision.kind === 'hold' ? roleBefore(decision.person) : null
}

/** S2: the warnings that stand against these effects. */
export function warningsOf(effects: Effects, plan: PlanName, caution: Caution): Warning[] {
  return [
    ...topRoleWarning(effects, plan),
    ...selfWarning(effects, plan, caution),
    ...countWarning(effects, caution),
  ]
}

/** An organization that has nobody in the top role before the save is not made worse by it. */
function topRoleWarning({ topBefore, topAfter }: Effects, plan: PlanName): Warning[] {
  if (topBefore === 0 || topAfter > 0) return []
  const role = topRole(plan)
  const text = `Nobody would have the role ${role} any more: ${topBefore} ${topBefore === 1 ? 'member has' : 'members have'} it now.`
  return [{ name: 'no_top_role', role, holders: topBefore, text }]
}

function selfWarning({ acting }: Effects, plan: PlanName, { actingMemberId: memberId }: Caution): Warning[] {
  const { before, after } = acting
  if (memberId === null || before === null) return []
  if (after === null) {
    return [{ name: 'self_removed', memberId, text: 'You would be removed from the organization yourself.' }]
  }
  const roles = rolesOf(plan)
  if (roles.indexOf(after) <= roles.indexOf(before)) return []
  const text = `Your own role would go from ${before} to ${after}.`
  return [{ name: 'self_demoted', memberId, from: before, to: after, text }]
}

function countWarning(
  { members, membersRemoved: removed }: Effects,
  { maxRemovedPercent }: Caution,
): Warning[] {
  if (members < FEWEST_MEMBERS || removed * 100 <= maxRemovedPercent * members) return []
  const text = `${removed} of ${members} members would be removed: more than ${maxRemovedPercent} %.`
  return [{ name: 'many_removed', removed, members, maxRemovedPercent, text }]
}

/** S2: the warnings that the request does not acknowledge. */
export const unacknowledged = (
  warnings: readonly Warning[],
  acknowledged: readonly WarningName[],
): Warning[] => warnings.filter(({ name }) => !acknowledged.includes(name))
