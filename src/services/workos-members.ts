// Who is in which of WorkOS's groups: what was said last counts, and counts once both are here.
import { forgetMemberships, type LinkedPair, saveWorkosMembership } from '../store/workos-memberships.ts'
import { findLink, findWorkosObject, type WorkosKey } from '../store/workos-objects.ts'
import { isAfter, type Stamp } from '../workos/stamp.ts'
import { changeGroup } from './group-writing.ts'
import { keyIn, type WorkosWrite } from './workos-write.ts'

/** Memberships forgotten in one statement. */
const CHUNK = 1000

/** Keeps what an event says of a membership and carries it out where both are here; gives whether it was news. */
export async function applyMembership(
  write: WorkosWrite,
  membership: { groupId: string; userId: string; isMember: boolean; stamp: Stamp },
): Promise<boolean> {
  const { tx, connection } = write
  const { groupId, userId, isMember, stamp } = membership
  const [group, user] = [keyIn(write, 'Group', groupId), keyIn(write, 'User', userId)]
  const deletions = [await findWorkosObject(tx, group), await findWorkosObject(tx, user)].map(
    (known) => known?.deletedStamp ?? null,
  )
  // who was deleted since has left every group
  if (!isAfter(stamp, [...deletions, connection.deletedStamp])) return false
  const key = { directoryId: connection.directoryId, connectionId: connection.id }
  if (!(await saveWorkosMembership(tx, key, membership))) return false
  const [groupHere, userHere] = [await findLink(tx, group), await findLink(tx, user)]
  if (groupHere === null || userHere === null) return true
  const pairs = [{ groupId: groupHere, userId: userHere }]
  await (isMember ? addPairs(write, pairs) : removePairs(write, pairs))
  return true
}

/** What was said of the memberships of an object up to its deletion does not count any more. */
export async function forgetOldMemberships(write: WorkosWrite, key: WorkosKey, upTo: Stamp): Promise<void> {
  for (;;) {
    const { held, count } = await forgetMemberships(write.tx, key, upTo, CHUNK)
    await removePairs(write, held)
    if (count < CHUNK) return
  }
}

/** The same for all memberships of the connection, as many as one transaction takes; gives how many there were. */
export async function forgetSomeMemberships(write: WorkosWrite, upTo: Stamp): Promise<number> {
  const { directoryId, id: connectionId } = write.connection
  const { held, count } = await forgetMemberships(write.tx, { directoryId, connectionId }, upTo, CHUNK)
  await removePairs(write, held)
  return count
}

export const addPairs = (write: WorkosWrite, pairs: readonly LinkedPair[]) => stepPairs(write, 'add', pairs)
export const removePairs = (write: WorkosWrite, pairs: readonly LinkedPair[]) =>
  stepPairs(write, 'remove', pairs)

/** One step for each group, in the order of their ids. */
async function stepPairs(
  { tx, lock, caller }: WorkosWrite,
  kind: 'add' | 'remove',
  pairs: readonly LinkedPair[],
): Promise<void> {
  const users = new Map<string, string[]>()
  for (const { groupId, userId } of pairs) {
    const ids = users.get(groupId) ?? []
    ids.push(userId)
    users.set(groupId, ids)
  }
  for (const [groupId, ids] of [...users].sort(([a], [b]) => (a < b ? -1 : 1))) {
    await changeGroup(tx, caller, groupId, {
      lock,
      steps: [{ kind, ids }],
      next: (attributes) => attributes,
    })
  }
}
