// Lock → snapshot → evaluate → apply: what every write that can change a member ends in.
import { evaluate } from '../provisioning/evaluate.ts'
import { personKey } from '../provisioning/identity.ts'
import { type Counts, noCounts } from '../provisioning/outcome.ts'
import type { Decision } from '../provisioning/types.ts'
import { applyDecisions } from '../store/apply.ts'
import type { SignIn } from '../store/asserted-groups.ts'
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
  return sum(counts, await evaluateWaiting(tx, actor, organization, decisions))
}

/**
 * What the evaluator says of one person who signs in; null where nobody is meant. In mode `jit` it is carried out,
 * for which the organization must be locked; in the others a sign-in changes nothing.
 */
export async function evaluateSignIn(
  tx: Tx,
  actor: Actor,
  organization: LockedOrganization,
  signIn: SignIn,
): Promise<Decision | null> {
  const { userId, memberId } = signIn
  const affected: Affected = {
    userIds: userId === null ? [] : [userId],
    memberIds: memberId === null ? [] : [memberId],
    waiting: 'where_freed',
  }
  const people = await readPeople(tx, organization, affected, signIn)
  const decisions = evaluate(people, organization.settings, organization.seats, userId ?? memberId)
  if (organization.mode === 'jit') {
    await applyDecisions(tx, actor, organization, decisions)
    await evaluateWaiting(tx, actor, organization, decisions)
  }
  return decisions.find(({ person }) => personKey(person) === (userId ?? memberId)) ?? null
}

/** Those who wait, after decisions that left them a seat or a place in the line. */
async function evaluateWaiting(
  tx: Tx,
  actor: Actor,
  organization: LockedOrganization,
  decisions: readonly Decision[],
): Promise<Counts> {
  if (!decisions.some(makesRoom)) return noCounts
  const [now] = await lockOrganizations(tx, organization.directoryId, {
    kind: 'one',
    organizationId: organization.id,
  })
  return now === undefined ? noCounts : evaluateOrganization(tx, actor, now, nobody)
}

/** Whether the next of those who wait may have a turn: a seat is free, or one before them waits no more. */
function makesRoom(decision: Decision): boolean {
  const { kind, person } = decision
  if (kind === 'leave') return person.member?.seatType != null || person.member?.status === 'waiting'
  if (kind === 'keep') return person.member?.wantedSeat != null && decision.waitsFor === null
  return kind === 'change' && decision.from.seatType !== decision.to.seatType
}

/** Who is looked at twice counts as unchanged only once. */
const sum = (first: Counts, second: Counts): Counts => ({
  added: first.added + second.added,
  changed: first.changed + second.changed,
  removed: first.removed + second.removed,
  waiting: first.waiting + second.waiting,
  unchanged: first.unchanged,
})
