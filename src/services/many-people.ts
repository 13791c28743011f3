// Evaluating very many people whom one write concerns: what evaluateOrganization() does at once, some hundreds at a
// time, in the same transaction. The memory that it takes does not grow with them.
import { type Counts, makesRoom, noCounts, withCounts } from '../provisioning/outcome.ts'
import type { Decision } from '../provisioning/types.ts'
import { affectedPeople } from '../store/affected.ts'
import { applyDecisions } from '../store/apply.ts'
import type { Tx } from '../store/database.ts'
import type { Actor } from '../store/events.ts'
import { CHUNK } from '../store/everybody.ts'
import { UnderWay } from '../store/in-parts.ts'
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
  const write = async (decisions: readonly Decision[]) => {
    const written = await applyDecisions(tx, actor, organization, decisions)
    counts = withAll(counts, written)
  }
  const underWay = new UnderWay()
  for await (const decisions of decideOn(tx, organization, parts(), removals)) {
    isRoomMade ||= decisions.some(makesRoom)
    await underWay.add(write(decisions))
  }
  await underWay.ended()
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
