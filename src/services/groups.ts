// Groups: what SCIM asks of them. Members are rows: nothing here grows with the size of a group to change one.
import { isId } from '../ids.ts'
import { type MembershipStep, parseMembers, parseMembershipPatch } from '../scim/membership-patch.ts'
import { applyPatch } from '../scim/patch.ts'
import { parsePatch } from '../scim/patch-body.ts'
import type { Projection } from '../scim/project.ts'
import { locationOf } from '../scim/represent.ts'
import { type Attributes, isSame, type JsonObject } from '../scim/resource.ts'
import { findTarget, type ResourceType } from '../scim/schema.ts'
import { groupType } from '../scim/schemas/group.ts'
import { userType } from '../scim/schemas/user.ts'
import type { Note } from '../scim/tolerance.ts'
import { parseResource, requireObject } from '../scim/validate.ts'
import type { Database, Tx } from '../store/database.ts'
import { lockDirectory } from '../store/directories.ts'
import { appendEvents, type NewEvent } from '../store/events.ts'
import { insertGroup, touchGroups, updateGroup } from '../store/groups.ts'
import { dropMappingsOf } from '../store/mappings.ts'
import {
  directGroupsOf,
  groupsAround,
  hasMoreMembers,
  membersOfGroups,
  usersWithin,
} from '../store/memberships.ts'
import { lockOrganizations } from '../store/organizations.ts'
import { deleteResource } from '../store/resources.ts'
import { keepSettings } from '../store/settings-versions.ts'
import { type DirectoryCaller, writeDirectory } from './directory-write.ts'
import { evaluateOrganization, evaluateUsers } from './evaluation.ts'
import { changeMembers, type MembershipChange } from './memberships.ts'
import { type ComputedAttribute, type ResourceAnswer, ResourceReader, type View } from './resource-reader.ts'
import {
  difference,
  keepUnique,
  lockVersion,
  newResource,
  nextVersion,
  refusingTaken,
} from './resource-writing.ts'
import type { Tolerances } from './tolerances.ts'

/** The most members that a PATCH answers with unasked: a change of one must not read a hundred thousand. */
const MAX_UNASKED_MEMBERS = 100

/** What a write makes of a group: its attributes, and the steps on its members. */
interface GroupChange {
  readonly attributes: Attributes
  readonly steps: readonly MembershipStep[]
}

export class Groups {
  readonly #database: Database
  readonly #tolerances: Tolerances

  constructor(database: Database, tolerances: Tolerances) {
    this.#database = database
    this.#tolerances = tolerances
  }

  async create(caller: DirectoryCaller, body: unknown, projection: Projection): Promise<ResourceAnswer> {
    const { directoryId, actor, types } = caller
    const note = this.#tolerances.noteFor(directoryId)
    const { attributes, steps } = parseGroup(body, types.Group, note, null)
    const group = newResource(attributes)
    return writeDirectory(this.#database, caller, async (tx, lock) => {
      await refusingTaken(
        insertGroup(tx, directoryId, group, types.Group),
        'Group',
        'displayName',
        attributes,
      )
      await keepUnique(tx, caller, 'Group', null, group)
      const change = await changeMembers(tx, caller, group.id, steps, lock)
      await appendEvents(tx, actor, [
        { type: 'group.created', directoryId, subjectId: group.id, data: {} },
        ...memberEvents(directoryId, group.id, change),
      ])
      // a new group is mapped nowhere and in no other group: its members' roles stay
      return groupReader.show(tx, caller, group, { projection, written: 'all' })
    })
  }

  get(caller: DirectoryCaller, id: string, projection: Projection): Promise<ResourceAnswer> {
    return groupReader.get(this.#database.client, caller, id, projection)
  }

  replace(
    caller: DirectoryCaller,
    id: string,
    body: unknown,
    ifMatch: string | undefined,
    projection: Projection,
  ) {
    const note = this.#tolerances.noteFor(caller.directoryId)
    return this.#change(caller, id, ifMatch, { projection, written: 'all' }, (current) =>
      parseGroup(body, caller.types.Group, note, current),
    )
  }

  patch(
    caller: DirectoryCaller,
    id: string,
    body: unknown,
    ifMatch: string | undefined,
    projection: Projection | null,
  ) {
    const note = this.#tolerances.noteFor(caller.directoryId)
    const { Group } = caller.types
    const operations = parsePatch(body, Group, note)
    const isOnMembers = ({ path }: (typeof operations)[number]) =>
      path.extension === null && path.attribute.name === 'members'
    const steps = parseMembershipPatch(operations.filter(isOnMembers), note)
    const others = operations.filter((operation) => !isOnMembers(operation))
    const view = { projection, written: operations.map(({ path }) => path) }
    return this.#change(caller, id, ifMatch, view, (current) => ({
      attributes: applyPatch(current, others, Group, note),
      steps,
    }))
  }

  /** The mappings of the group go with it (S4), and everybody in it is evaluated. */
  async remove(caller: DirectoryCaller, id: string, ifMatch: string | undefined): Promise<void> {
    const { directoryId, actor } = caller
    await this.#database.transaction(async (tx) => {
      await lockDirectory(tx, directoryId, 'exclusive')
      await lockVersion(tx, directoryId, 'Group', id, { intent: 'delete', ifMatch })
      const userIds = await usersWithin(tx, directoryId, [id])
      const around = await groupsAround(tx, directoryId, id)
      const parents = await directGroupsOf(tx, directoryId, id)
      const concerned = await lockOrganizations(tx, directoryId, { kind: 'mapping_any_of', groupIds: around })
      const unmapped = await dropMappingsOf(tx, directoryId, id)
      await keepSettings(tx, actor, unmapped)
      await deleteResource(tx, directoryId, 'Group', id)
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
    })
  }

  async #change(
    caller: DirectoryCaller,
    id: string,
    ifMatch: string | undefined,
    view: View,
    next: (current: Attributes) => GroupChange,
  ): Promise<ResourceAnswer> {
    const { directoryId, actor, types } = caller
    return writeDirectory(this.#database, caller, async (tx, lock) => {
      const group = await lockVersion(tx, directoryId, 'Group', id, { intent: 'update', ifMatch })
      const { attributes, steps } = next(group.attributes)
      const members = await changeMembers(tx, caller, id, steps, lock)
      const isRenamed = !isSame(attributes, group.attributes)
      if (!isRenamed && !members.isChanged) {
        await appendEvents(tx, actor, memberEvents(directoryId, id, members))
        return groupReader.show(tx, caller, group, view)
      }
      const changed = nextVersion(group, attributes)
      await refusingTaken(
        updateGroup(tx, directoryId, changed, types.Group),
        'Group',
        'displayName',
        attributes,
      )
      await keepUnique(tx, caller, 'Group', group, changed)
      const data = difference(group.attributes, attributes)
      await appendEvents(tx, actor, [
        ...(isRenamed ? [{ type: 'group.updated', directoryId, subjectId: id, data } as const] : []),
        ...memberEvents(directoryId, id, members),
      ])
      await this.#provision(tx, caller, id, members)
      return groupReader.show(tx, caller, changed, view)
    })
  }

  /** Evaluates those who came or went, where the group, or one that it is in, is mapped. */
  async #provision(
    tx: Tx,
    { directoryId, actor }: DirectoryCaller,
    groupId: string,
    members: MembershipChange,
  ): Promise<void> {
    if (!members.isChanged) return
    const nested = await usersWithin(tx, directoryId, members.groupIds)
    const groupIds = await groupsAround(tx, directoryId, groupId)
    const userIds = [...new Set([...members.userIds, ...nested])]
    await evaluateUsers(tx, actor, directoryId, { kind: 'mapping_any_of', groupIds }, userIds)
  }
}

/** `members` of groups (RFC 7643 section 4.2): the direct ones, users and groups. */
const membersAttribute: ComputedAttribute = {
  name: 'members',
  async read(tx, { directoryId, baseUrl }, ids) {
    const members = new Map<string, JsonObject[]>(ids.map((id) => [id, []]))
    for (const { groupId, id, type, display } of await membersOfGroups(tx, directoryId, ids)) {
      const $ref = locationOf(type === 'User' ? userType : groupType, id, baseUrl)
      members.get(groupId)?.push({ value: id, $ref, type, display })
    }
    return members
  },
  isLarge: (tx, { directoryId }, id) => hasMoreMembers(tx, directoryId, id, MAX_UNASKED_MEMBERS),
}

export const groupReader = new ResourceReader('Group', membersAttribute)

/** A group's body: its attributes, and its members apart. Members that are omitted are none (scim.md, PUT). */
function parseGroup(body: unknown, type: ResourceType, note: Note, current: Attributes | null): GroupChange {
  const { members, rest } = withoutMembers(requireObject(body), type)
  const attributes = parseResource(rest, type, note, current)
  return { attributes, steps: [{ kind: 'replace', ids: parseMembers(members, note) }] }
}

function withoutMembers(body: JsonObject, type: ResourceType) {
  const isMembers = (name: string) => {
    const target = findTarget(type, name)
    return target?.extension === null && target.sub === null && target.attribute.name === 'members'
  }
  const entries = Object.entries(body)
  return {
    members: entries.find(([name]) => isMembers(name))?.[1],
    rest: Object.fromEntries(entries.filter(([name]) => !isMembers(name))),
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
