// Lock → snapshot → evaluate → apply: what every write that can change a member ends in.
import { withoutHold } from '../provisioning/brake.ts'
import { evaluate } from '../provisioning/evaluate.ts'
import { personKey } from '../provisioning/identity.ts'
import { type Counts, isWaiting, makesRoom, noCounts, withCounts } from '../provisioning/outcome.ts'
import { canRunOut } from '../provisioning/seats.ts'
import type { Decision, Person } from '../provisioning/types.ts'
import { applyDecisions, applyToEach, type Decided } from '../store/apply.ts'
import type { SignIn } from '../store/asserted-groups.ts'
import { eachInTurn, inTurn, type Tx } from '../store/database.ts'
import type { StructureLock } from '../store/directories.ts'
import type { Actor } from '../store/events.ts'
import { type Concern, type LockedOrganization, lockOrganizations } from '../store/locked-organizations.ts'
import { lockSituations, type Situation } from '../store/situations.ts'
import { type Affected, readPeople } from '../store/snapshot.ts'
import { lockUsers } from '../store/users.ts'
import { leavingIn, type Origin, removalsFor } from './brake.ts'
import { requireAlone } from './directory-write.ts'
import { AT_ONCE, evaluateMany } from './many-people.ts'

const nobody: Affected = { userIds: [], memberIds: [], waiting: 'where_freed' }

/** Above so many people a write has the organizations for itself: it would keep too many users locked. */
const MOST_SHARED = 20

/**
 * Evaluates users in every organization of the directory that the change concerns. Of two writes that make something of
 * one user, the second must see what the first made: where they share the organization, they wait at the user's row.
 */
export async function evaluateUsers(
  tx: Tx,
  actor: Actor,
  directoryId: string,
  concern: Concern,
  userIds: readonly string[],
  lock: StructureLock,
): Promise<void> {
  if (userIds.length === 0) return
  if (userIds.length > AT_ONCE) {
    for (const organization of await lockOrganizations(tx, directoryId, concern))
      await evaluateMany(tx, actor, organization, userIds, 'push')
    return
  }
  const lockRows = async () => {
    // a write to a user holds its row already; one to a group does not
    if (wayOf(lock, userIds) === 'shared' && concern.kind === 'mapping_around')
      await lockUsers(tx, directoryId, userIds)
  }
  const find = () => findSituations(tx, directoryId, concern, userIds, lock)
  const [, situations] = await inTurn(tx, lockRows, find)
  await evaluateSituations(tx, actor, situations, userIds)
}

const wayOf = (lock: StructureLock, userIds: readonly string[]) =>
  lock === 'shared' && userIds.length <= MOST_SHARED ? 'shared' : 'alone'

/** Locks the organizations that a change concerns, and reads what they are to the users, whose rows must be locked. */
export const findSituations = (
  tx: Tx,
  directoryId: string,
  concern: Concern,
  userIds: readonly string[],
  lock: StructureLock,
): Promise<Situation[]> => lockSituations(tx, directoryId, concern, userIds, wayOf(lock, userIds))

/** What becomes of users whose situations were found, in all organizations at once. */
export async function evaluateSituations(
  tx: Tx,
  actor: Actor,
  situations: readonly Situation[],
  userIds: readonly string[],
): Promise<void> {
  for (const situation of situations) if (!isShareable(situation)) requireAlone(situation.organization)
  const decided: Decided[] = []
  await eachInTurn(tx, situations.filter(isKnown), async ({ organization, people }) => {
    decided.push(await decide(tx, actor, organization, people, 'push'))
  })
  await applyToEach(tx, actor, decided)
  await eachInTurn(tx, decided, async ({ organization, decisions }) => {
    await evaluateWaiting(tx, actor, organization, decisions, 'push')
  })
  const affected: Affected = { userIds, memberIds: [], waiting: 'where_freed' }
  for (const { organization } of situations.filter((situation) => !isKnown(situation)))
    await evaluateWhole(tx, actor, organization, affected)
}

/** Whether all is known already; else the organization is read whole, with others who are concerned. */
const isKnown = ({ organization, isAnybodyWaiting }: Situation): boolean =>
  organization.mode === 'scim' && !(isAnybodyWaiting && canRunOut(organization.seats))

async function evaluateWhole(
  tx: Tx,
  actor: Actor,
  { id, directoryId }: LockedOrganization,
  affected: Affected,
): Promise<void> {
  for (const whole of await lockOrganizations(tx, directoryId, { kind: 'one', organizationId: id }))
    await evaluateOrganization(tx, actor, whole, affected)
}

/** Whether all is so that the organization can be shared, now that it is locked. */
const isShareable = ({ organization, people, isAnybodyWaiting }: Situation): boolean =>
  organization.mode === 'scim' &&
  organization.brake === null &&
  !isAnybodyWaiting &&
  people.every(({ member }) => member === null || member.userId !== null)

/**
 * Evaluates people of an organization that is locked. A seat that somebody moves away from may let the next one
 * move: those who wait are looked at again until nothing moves (E4). What an administrator asks for is carried out; of
 * all else the brake may hold the removals (S5).
 */
export async function evaluateOrganization(
  tx: Tx,
  actor: Actor,
  organization: LockedOrganization,
  affected: Affected,
  origin: Origin = 'push',
): Promise<Counts> {
  if (affected.userIds.length > AT_ONCE)
    return evaluateMany(tx, actor, organization, affected.userIds, origin)
  return carryOut(tx, actor, organization, await readPeople(tx, organization, affected), origin)
}

/** Decides on people of an organization that is locked, and carries out what the brake lets pass. */
async function carryOut(
  tx: Tx,
  actor: Actor,
  organization: LockedOrganization,
  people: readonly Person[],
  origin: Origin,
): Promise<Counts> {
  const { decisions } = await decide(tx, actor, organization, people, origin)
  const counts = await applyDecisions(tx, actor, organization, decisions)
  return withCounts(counts, await evaluateWaiting(tx, actor, organization, decisions, origin))
}

/** What becomes of people, as far as the brake lets it pass. */
async function decide(
  tx: Tx,
  actor: Actor,
  organization: LockedOrganization,
  people: readonly Person[],
  origin: Origin,
): Promise<Decided> {
  const { settings, seats } = organization
  const first = evaluate(people, settings, seats)
  // who finds no seat must be sure that nobody is giving one up
  if (first.some(isWaiting)) requireAlone(organization)
  const removals = await removalsFor(tx, actor, organization, origin, leavingIn(first))
  // a seat that is not given up goes to nobody: who waits is decided on once more
  const decisions = removals === 'held' ? evaluate(people, settings, seats, null, removals) : first
  return { organization, decisions }
}

/** Evaluates members as if their removal were not held: an administrator lets them go (S5). Gives how many left. */
export async function evaluateReleased(
  tx: Tx,
  actor: Actor,
  organization: LockedOrganization,
  memberIds: readonly string[],
): Promise<number> {
  const affected: Affected = { userIds: [], memberIds, waiting: 'where_freed' }
  const people = await readPeople(tx, organization, affected)
  const ids = new Set(memberIds)
  const freed = people.map((person) => (ids.has(person.member?.id ?? '') ? withoutHold(person) : person))
  const decided = evaluate(freed, organization.settings, organization.seats)
  // what is written and told is the difference from what is, not from what was decided on
  const decisions = decided.map((decision, i) => ({ ...decision, person: people[i] ?? decision.person }))
  await applyDecisions(tx, actor, organization, decisions)
  await evaluateWaiting(tx, actor, organization, decisions, 'administrator')
  return decisions.filter(({ kind, person }) => kind === 'leave' && ids.has(person.member?.id ?? '')).length
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
    await evaluateWaiting(tx, actor, organization, decisions, 'administrator')
  }
  return decisions.find(({ person }) => personKey(person) === (userId ?? memberId)) ?? null
}

/** Those who wait, after decisions that left them a seat or a place in the line. */
async function evaluateWaiting(
  tx: Tx,
  actor: Actor,
  organization: LockedOrganization,
  decisions: readonly Decision[],
  origin: Origin,
): Promise<Counts> {
  // whoever makes room was looked at together with the first of those who wait: without one, nobody does
  const hasWaiting = decisions.some(({ person }) => person.member?.wantedSeat != null)
  if (!hasWaiting || !decisions.some(makesRoom)) return noCounts
  const [now] = await lockOrganizations(tx, organization.directoryId, {
    kind: 'one',
    organizationId: organization.id,
  })
  return now === undefined ? noCounts : evaluateOrganization(tx, actor, now, nobody, origin)
}
