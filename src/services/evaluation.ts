// Lock → snapshot → evaluate → apply: what every write that can change a member ends in.
import { evaluate } from '../provisioning/evaluate.ts'
import type { Decision } from '../provisioning/types.ts'
import { applyDecisions, type Counts } from '../store/apply.ts'
import type { Tx } from '../store/database.ts'
import type { Actor } from '../store/events.ts'
import { type Concern, type LockedOrganization, lockOrganizations } from '../store/organizations.ts'
import { type Affected, readPeople } from '../store/snapshot.ts'

const nobody: Affected = { userIds: [], memberIds: [], waiting: 'where_freed' }

/** Evaluates users in every organization of the directory that the change concerns. */
export async function evaluateUsers(
  tx: Tx,
  actor: Actor,
  directoryId: string,
  concern: Concern,
  userIds: readonly string[],
): Promise<void> {
  if (userIds.length === 0) return
  for (const organization of await lockOrganizations(tx, directoryId, concern)) {
    await evaluateOrganization(tx, actor, organization, { userIds, memberIds: [], waiting: 'where_freed' })
  }
}

/**
 * Evaluates people of an organization that is locked. A seat that somebody moves away from may let the next one
 * move: those who wait are looked at again until nothing moves (E4).
 */
export async function evaluateOrganization(
  tx: Tx,
  actor: Actor,
  organization: LockedOrganization,
  affected: Affected,
): Promise<Counts> {
  const decisions = evaluate(
    await readPeople(tx, organization, affected),
    organization.settings,
    organization.seats,
  )
  const counts = await applyDecisions(tx, actor, organization, decisions)
  if (affected === 'everyone' || !decisions.some(freesSeat)) return counts
  const [now] = await lockOrganizations(tx, organization.directoryId, {
    kind: 'one',
    organizationId: organization.id,
  })
  if (now === undefined) return counts
  return sum(counts, await evaluateOrganization(tx, actor, now, nobody))
}

function freesSeat(decision: Decision): boolean {
  if (decision.kind === 'leave') return decision.person.member?.seatType != null
  return decision.kind === 'change' && decision.from.seatType !== decision.to.seatType
}

/** Who is looked at twice counts as unchanged only once. */
const sum = (first: Counts, second: Counts): Counts => ({
  added: first.added + second.added,
  changed: first.changed + second.changed,
  removed: first.removed + second.removed,
  waiting: first.waiting + second.waiting,
  unchanged: first.unchanged,
})
