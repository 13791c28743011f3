// The brake (S5): whether what a push removes is carried out or held, decided under the organization's lock.
import { type Removals, removalsUnder } from '../provisioning/brake.ts'
import type { Decision } from '../provisioning/types.ts'
import type { Tx } from '../store/database.ts'
import { type Actor, appendEvents } from '../store/events.ts'
import type { LockedOrganization } from '../store/locked-organizations.ts'
import { hasHeldRemovals, readRecentRemovals, rememberRemovals } from '../store/removals.ts'

/** Whose doing an evaluation is: what pushes brought, now or, for a sync, before; or an administrator's. */
export type Origin = 'push' | 'administrator'

/** How many members these decisions remove; who waits for a seat is none. */
export const leavingIn = (decisions: readonly Decision[]): number =>
  decisions.filter(({ kind, person }) => kind === 'leave' && person.member?.status === 'active').length

/**
 * What becomes of so many members who would leave. Those of pushes are counted at once: the caller must write what is
 * decided in this transaction. Asks the database only where the brake is on and somebody leaves.
 */
export async function removalsFor(
  tx: Tx,
  actor: Actor,
  organization: LockedOrganization,
  origin: Origin,
  leaving: number,
): Promise<Removals> {
  const { brake, id } = organization
  if (brake === null || origin === 'administrator' || leaving === 0) return 'carried_out'
  const recent = await readRecentRemovals(tx, organization, brake.withinMinutes)
  const removals = removalsUnder(brake, recent, leaving)
  if (removals === 'carried_out') {
    await rememberRemovals(tx, id, leaving)
    return removals
  }
  // told once: while removals are held, others that join them alarm nobody again
  if (!(await hasHeldRemovals(tx, organization))) {
    const { directoryId } = organization
    const data = { brake, removed: recent.removed, members: recent.members, held: leaving }
    await appendEvents(tx, actor, [
      { type: 'brake.engaged', directoryId, organizationId: id, subjectId: id, data },
    ])
  }
  return removals
}
