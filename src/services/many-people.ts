// Evaluating very many people whom one write concerns: what evaluateOrganization() does at once, some hundreds at a
// time, in the same transaction. The memory that it takes does not grow with them.
import { type Counts, makesRoom, noCounts, withCounts } from '../provisioning/outcome.ts'
import { affectedPeople } from '../store/affected.ts'
import { applyDecisions } from '../store/apply.ts'
import type { Tx } from '../store/database.ts'
import type { Actor } from '../store/events.ts'
import { CHUNK } from '../store/everybody.ts'
import { type LockedOrganization, lockOrganizations } from '../store/locked-organizations.ts'
import { type Origin, removalsFor } from './brake.ts'
import { countLeaving, decideOn } from './everybody.ts'

/** As many are evaluated at once. */
export const AT_ONCE = CHUNK

/**
 * Evaluates these users, and whoever waits for a seat that gets free, until nothing moves (E4). The organization must be
 * locked. All removals are held or none (S5): with a brake they are counted in a look of its own.
 */
export async function evaluateMany(
  tx: Tx,
  actor: Actor,
  organization: LockedOrganization,
  userIds: readonly string[],
  origin: Origin,
  chunk = CHUNK,
): Promise<Counts> {
  const parts = () => affectedPeople(tx, organization, userIds, chunk)
  const isBraked = organization.brake !== null && origin === 'push'
  const leaving = isBraked ? await countLeaving(parts(), organization) : 0
  const removals = await removalsFor(tx, actor, organization, origin, leaving)
  let counts = noCounts
  let isRoomMade = false
  let written = Promise.resolve(noCounts)
  for await (const decisions of decideOn(tx, organization, parts(), removals)) {
    isRoomMade ||= decisions.some(makesRoom)
    // sent while those before are written: PostgreSQL has always something to do, and never more than that
    const before = written
    written = applyDecisions(tx, actor, organization, decisions)
    // a failure is told when the next ones are decided on
    written.catch(() => {})
    counts = withAll(counts, await before)
  }
  counts = withAll(counts, await written)
  if (!isRoomMade) return counts
  const { id, directoryId } = organization
  const [now] = await lockOrganizations(tx, directoryId, { kind: 'one', organizationId: id })
  return now === undefined
    ? counts
    : withCounts(counts, await evaluateMany(tx, actor, now, [], origin, chunk))
}

const withAll = (first: Counts, second: Counts): Counts => ({
  ...withCounts(first, second),
  unchanged: first.unchanged + second.unchanged,
})
