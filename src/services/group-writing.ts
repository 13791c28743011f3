// Writing groups in a transaction that is open, with all that follows for members: whoever pushes, by SCIM or by WorkOS.
import { isId } from '../ids.ts'
import type { MembershipStep } from '../scim/membership-patch.ts'
import { type Attributes, isSame } from '../scim/resource.ts'
import { inTurn, type Tx } from '../store/database.ts'
import type { StructureLock } from '../store/directories.ts'
import { appendEvents, type NewEvent } from '../store/events.ts'
import { insertGroup, touchGroups, updateGroup, updateVersion } from '../store/groups.ts'
import { lockOrganizations } from '../store/locked-organizations.ts'
import { dropMappingsOf } from '../store/mappings.ts'
import { directGroupsOf, usersWithin } from '../store/memberships.ts'
import { deleteResources, type StoredResource } from '../store/resources.ts'
import { keepSettings } from '../store/settings-versions.ts'
import type { DirectoryCaller } from './directory-write.ts'
import { evaluateOrganization, evaluateUsers } from './evaluation.ts'
import { changeMembers, type MembershipChange } from './memberships.ts'
import { difference, keepUnique, lockVersion, newResource, nextVersion, taken } from './resource-writing.ts'

/** What a write makes of a group: its attributes, and the steps on its members. */
export interface GroupContent {
  readonly attributes: Attributes
  readonly steps: readonly MembershipStep[]
}

export async function createGroup(
  tx: Tx,
  caller: DirectoryCaller,
  { attributes, steps }: GroupContent,
  lock: StructureLock,
): Promise<StoredResource> {
  const { directoryId, actor, types } = caller
  const group = newResource(attributes)
  await insertGroup(tx, directoryId, group, types.Group, taken('Group', 'displayName', attributes))
  await keepUnique(tx, caller, 'Group', null, group)
  const change = await changeMembers(tx, caller, group.id, steps, lock)
  await appendEvents(tx, actor, [
    { type: 'group.created', directoryId, subjectId: group.id, data: {} },
    ...memberEvents(directoryId, group.id, change),
  ])
  // a new group is mapped nowhere and in no other group: its members' roles stay
  return group
}

export interface GroupWrite {
  readonly ifMatch?: string | undefined
  readonly lock: StructureLock
  readonly steps: readonly MembershipStep[]
  /** what becomes of the attributes */
  readonly next: (current: Attributes) => Attributes
}

/** A group as it was written, and who came and went: they are still to be evaluated. */
export interface WrittenGroup {
  readonly group: StoredResource
  readonly members: MembershipChange
}

/** Changes a group and evaluates whoever came or went. */
export async function changeGroup(
  tx: Tx,
  caller: DirectoryCaller,
  id: string,
  write: GroupWrite,
): Promise<void> {
  const { members } = await writeGroup(tx, caller, id, write)
  await evaluateMembers(tx, caller, id, members, write.lock)
}

/** The next version of a group; nothing but what was skipped is written where `next` changes nothing. */
export async function writeGroup(
  tx: Tx,
  caller: DirectoryCaller,
  id: string,
  { ifMatch, lock, steps, next }: GroupWrite,
): Promise<WrittenGroup> {
  const { directoryId, actor, types } = caller
  const [group, members] = await inTurn(
    tx,
    () => lockVersion(tx, directoryId, 'Group', id, { intent: 'update', ifMatch }),
    () => changeMembers(tx, caller, id, steps, lock),
  )
  const attributes = next(group.attributes)
  const isRenamed = !isSame(attributes, group.attributes)
  if (!isRenamed && !members.isChanged) {
    await appendEvents(tx, actor, memberEvents(directoryId, id, members))
    return { group, members }
  }
  const changed = nextVersion(group, attributes)
  if (isRenamed) {
    const data = difference(group.attributes, attributes)
    await updateGroup(tx, directoryId, changed, types.Group, taken('Group', 'displayName', attributes))
    await keepUnique(tx, caller, 'Group', group, changed)
    await appendEvents(tx, actor, [{ type: 'group.updated', directoryId, subjectId: id, data }])
  } else {
    await updateVersion(tx, directoryId, changed)
  }
  await appendEvents(tx, actor, memberEvents(directoryId, id, members))
  return { group: changed, members }
}

/** Evaluates those who came or went, where the group, or one that it is in, is mapped. */
export async function evaluateMembers(
  tx: Tx,
  { directoryId, actor }: DirectoryCaller,
  groupId: string,
  members: MembershipChange,
  lock: StructureLock,
): Promise<void> {
  if (!members.isChanged) return
  const nested = await usersWithin(tx, directoryId, members.groupIds)
  const userIds = [...new Set([...members.userIds, ...nested])]
  await evaluateUsers(tx, actor, directoryId, { kind: 'mapping_around', groupId }, userIds, lock)
}

/**
 * Deletes a group, for which the directory must be locked exclusively. Its mappings go with it (S4), and everybody in
 * it is evaluated.
 */
export async function removeGroup(
  tx: Tx,
  { directoryId, actor }: DirectoryCaller,
  id: string,
  ifMatch?: string | undefined,
): Promise<void> {
  await lockVersion(tx, directoryId, 'Group', id, { intent: 'delete', ifMatch })
  const userIds = await usersWithin(tx, directoryId, [id])
  const parents = await directGroupsOf(tx, directoryId, id)
  const concerned = await lockOrganizations(tx, directoryId, { kind: 'mapping_around', groupId: id })
  const unmapped = await dropMappingsOf(tx, directoryId, id)
  await keepSettings(tx, actor, unmapped)
  await deleteResources(tx, directoryId, 'Group', [id])
  await touchGroups(tx, directoryId, parents, new Date())
  await appendEvents(tx, actor, [
    { type: 'group.deleted', directoryId, subjectId: id, data: {} },
    ...unmapped.map(
      (organizationId): NewEvent => ({
        type: 'settings.mappings_dropped',
        directoryId,
        organizationId,
        subjectId: organizationId,
        data: { groupId: id, why: 'S4' },
      }),
    ),
  ])
  for (const organization of concerned) {
    const mappings = organization.settings.mappings.filter(({ groupId }) => groupId !== id)
    const settings = { ...organization.settings, mappings }
    const affected = { userIds, memberIds: [], waiting: 'where_freed' } as const
    await evaluateOrganization(tx, actor, { ...organization, settings }, affected)
  }
}

function memberEvents(directoryId: string, subjectId: string, change: MembershipChange): NewEvent[] {
  const { added, removed, skipped } = change
  const events: NewEvent[] = []
  if (change.isChanged) {
    events.push({ type: 'group.members_changed', directoryId, subjectId, data: { added, removed } })
  }
  if (skipped.length > 0) {
    // what is no id may be an address
    const unknown = skipped.map((value) => (isId(value) ? value : '(no id)'))
    events.push({ type: 'group.members_skipped', directoryId, subjectId, data: { unknown } })
  }
  return events
}
