// The steps on a group's members, carried out in order, and who came and went in the end.
import { invalidValue } from '../scim/errors.ts'
import type { MembershipStep } from '../scim/membership-patch.ts'
import { noteSubject } from '../scim/value.ts'
import type { Tx } from '../store/database.ts'
import { findDirectory, type StructureLock } from '../store/directories.ts'
import {
  addMembers,
  type MemberIds,
  removeMatchingMembers,
  removeMembers,
  removeMembersExcept,
} from '../store/memberships.ts'
import { type DirectoryCaller, requireExclusive } from './directory-write.ts'

/** The difference that a write made: ids of users and of groups, and those that named nobody and were skipped. */
export interface MembershipChange {
  readonly isChanged: boolean
  readonly userIds: readonly string[]
  readonly groupIds: readonly string[]
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly skipped: readonly string[]
}

/**
 * Throws invalidValue naming a member that does not exist, unless the directory is set to skip such members
 * (scim.md section 5.8).
 */
export async function changeMembers(
  tx: Tx,
  caller: DirectoryCaller,
  groupId: string,
  steps: readonly MembershipStep[],
  lock: StructureLock,
): Promise<MembershipChange> {
  const difference = new Map<string, { net: number; type: 'user' | 'group' }>()
  const skipped = new Set<string>()
  const count = (ids: MemberIds, by: 1 | -1) => {
    if (ids.groupIds.length > 0) requireExclusive(lock)
    for (const id of ids.userIds)
      difference.set(id, { net: (difference.get(id)?.net ?? 0) + by, type: 'user' })
    for (const id of ids.groupIds)
      difference.set(id, { net: (difference.get(id)?.net ?? 0) + by, type: 'group' })
  }
  const { directoryId, baseUrl } = caller
  for (const step of steps) {
    if (step.kind === 'removeMatching') {
      count(await removeMatchingMembers(tx, directoryId, groupId, step.filter, baseUrl), -1)
      continue
    }
    if (step.kind === 'remove') {
      count(await removeMembers(tx, directoryId, groupId, step.ids), -1)
      continue
    }
    if (step.kind === 'replace') count(await removeMembersExcept(tx, directoryId, groupId, step.ids), -1)
    if (step.ids.length === 0) continue
    const { unknown, ...added } = await addMembers(tx, directoryId, groupId, step.ids)
    count(added, 1)
    if (unknown.length > 0) await requireSkipping(tx, directoryId, unknown)
    for (const id of unknown) skipped.add(noteSubject(id))
  }
  return summary(difference, [...skipped])
}

/** Throws where the directory refuses members that do not exist. */
async function requireSkipping(tx: Tx, directoryId: string, [first = '']: readonly string[]): Promise<void> {
  const directory = await findDirectory(tx, directoryId)
  if (directory?.unknownMembers === 'skip') return
  throw invalidValue(`members: there is no user or group ${JSON.stringify(first.slice(0, 100))}.`)
}

function summary(
  difference: ReadonlyMap<string, { net: number; type: 'user' | 'group' }>,
  skipped: readonly string[],
): MembershipChange {
  const changed = [...difference].filter(([, { net }]) => net !== 0)
  const idsOf = (wanted: (entry: { net: number; type: 'user' | 'group' }) => boolean) =>
    changed.filter(([, entry]) => wanted(entry)).map(([id]) => id)
  return {
    isChanged: changed.length > 0,
    userIds: idsOf(({ type }) => type === 'user'),
    groupIds: idsOf(({ type }) => type === 'group'),
    added: idsOf(({ net }) => net > 0),
    removed: idsOf(({ net }) => net < 0),
    skipped,
  }
}
