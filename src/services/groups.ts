// Groups: what SCIM asks of them. Members are rows: nothing here grows with the size of a group to change one.
import { newId } from '../ids.ts'
import { uniqueness } from '../scim/errors.ts'
import { parseFilter } from '../scim/filter.ts'
import { listResponse } from '../scim/list.ts'
import { type MembershipStep, parseMembers, parseMembershipPatch } from '../scim/membership-patch.ts'
import { applyPatch } from '../scim/patch.ts'
import { parsePatch } from '../scim/patch-body.ts'
import { isReturned, type Projection, project } from '../scim/project.ts'
import { represent } from '../scim/represent.ts'
import { type Attributes, isSame, type JsonObject } from '../scim/resource.ts'
import { groupType } from '../scim/schemas/group.ts'
import type { Note } from '../scim/tolerance.ts'
import { parseResource, requireObject } from '../scim/validate.ts'
import { requireVersion } from '../scim/version.ts'
import type { Database, Tx } from '../store/database.ts'
import { lockDirectory } from '../store/directories.ts'
import { DuplicateError } from '../store/errors.ts'
import { appendEvents, type NewEvent } from '../store/events.ts'
import { insertGroup, touchGroups, updateGroup } from '../store/groups.ts'
import { dropMappingsOf } from '../store/mappings.ts'
import { directGroupsOf, groupsAround, membersOfGroups, usersWithin } from '../store/memberships.ts'
import { lockOrganizations } from '../store/organizations.ts'
import {
  deleteResource,
  findResource,
  lockResource,
  type StoredResource,
  searchResources,
} from '../store/resources.ts'
import { type DirectoryCaller, writeDirectory } from './directory-write.ts'
import { NotFound } from './errors.ts'
import { evaluateOrganization, evaluateUsers } from './evaluation.ts'
import { changeMembers, type MembershipChange } from './memberships.ts'
import type { ResourceAnswer, Search } from './scim-requests.ts'
import type { Tolerances } from './tolerances.ts'
import { difference } from './users.ts'

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
    const { directoryId, actor } = caller
    const { attributes, steps } = parseGroup(body, this.#tolerances.noteFor(directoryId), null)
    const now = new Date()
    const group: StoredResource = { id: newId(), attributes, version: 1, created: now, lastModified: now }
    return writeDirectory(this.#database, directoryId, async (tx, lock) => {
      await refusingTakenName(insertGroup(tx, directoryId, group), attributes)
      const change = await changeMembers(tx, caller, group.id, steps, lock)
      await appendEvents(tx, actor, [
        { type: 'group.created', directoryId, subjectId: group.id, data: {} },
        ...memberEvents(directoryId, group.id, change),
      ])
      // a new group is mapped nowhere and in no other group: its members' roles stay
      return this.#show(tx, caller, group, projection)
    })
  }

  async get(caller: DirectoryCaller, id: string, projection: Projection): Promise<ResourceAnswer> {
    const group = await findResource(this.#database.client, caller.directoryId, 'Group', id)
    if (group === null) throw new NotFound('Group', id)
    return this.#show(this.#database.client, caller, group, projection)
  }

  async search(caller: DirectoryCaller, search: Search): Promise<JsonObject> {
    const { page, projection } = search
    const { client } = this.#database
    const filter = search.filter === undefined ? null : parseFilter(search.filter, groupType)
    const { directoryId, baseUrl } = caller
    const { total, resources } = await searchResources(client, directoryId, 'Group', {
      filter,
      page,
      baseUrl,
    })
    return listResponse(await this.#showAll(client, caller, resources, projection), total, page.startIndex)
  }

  replace(
    caller: DirectoryCaller,
    id: string,
    body: unknown,
    ifMatch: string | undefined,
    projection: Projection,
  ) {
    const note = this.#tolerances.noteFor(caller.directoryId)
    return this.#change(caller, id, ifMatch, projection, (current) => parseGroup(body, note, current))
  }

  patch(
    caller: DirectoryCaller,
    id: string,
    body: unknown,
    ifMatch: string | undefined,
    projection: Projection,
  ) {
    const note = this.#tolerances.noteFor(caller.directoryId)
    const operations = parsePatch(body, groupType, note)
    const isOnMembers = ({ path }: (typeof operations)[number]) => path.attribute.name === 'members'
    const steps = parseMembershipPatch(operations.filter(isOnMembers), note)
    const others = operations.filter((operation) => !isOnMembers(operation))
    return this.#change(caller, id, ifMatch, projection, (current) => ({
      attributes: applyPatch(current, others, groupType, note),
      steps,
    }))
  }

  /** The mappings of the group go with it (S4), and everybody in it is evaluated. */
  async remove(caller: DirectoryCaller, id: string, ifMatch: string | undefined): Promise<void> {
    const { directoryId, actor } = caller
    await this.#database.transaction(async (tx) => {
      await lockDirectory(tx, directoryId, 'exclusive')
      const group = await lockResource(tx, directoryId, 'Group', id, 'delete')
      if (group === null) throw new NotFound('Group', id)
      requireVersion(group.version, ifMatch)
      const userIds = await usersWithin(tx, directoryId, [id])
      const around = await groupsAround(tx, directoryId, id)
      const parents = await directGroupsOf(tx, directoryId, id)
      const concerned = await lockOrganizations(tx, directoryId, { kind: 'mapping_any_of', groupIds: around })
      const unmapped = await dropMappingsOf(tx, directoryId, id)
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
    projection: Projection,
    next: (current: Attributes) => GroupChange,
  ): Promise<ResourceAnswer> {
    const { directoryId, actor } = caller
    return writeDirectory(this.#database, directoryId, async (tx, lock) => {
      const group = await lockResource(tx, directoryId, 'Group', id, 'update')
      if (group === null) throw new NotFound('Group', id)
      requireVersion(group.version, ifMatch)
      const { attributes, steps } = next(group.attributes)
      const members = await changeMembers(tx, caller, id, steps, lock)
      const isRenamed = !isSame(attributes, group.attributes)
      if (!isRenamed && !members.isChanged) {
        await appendEvents(tx, actor, memberEvents(directoryId, id, members))
        return this.#show(tx, caller, group, projection)
      }
      const changed = { ...group, attributes, version: group.version + 1, lastModified: new Date() }
      await refusingTakenName(updateGroup(tx, directoryId, changed), attributes)
      const data = difference(group.attributes, attributes)
      await appendEvents(tx, actor, [
        ...(isRenamed ? [{ type: 'group.updated', directoryId, subjectId: id, data } as const] : []),
        ...memberEvents(directoryId, id, members),
      ])
      await this.#provision(tx, caller, id, members)
      return this.#show(tx, caller, changed, projection)
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

  async #show(
    tx: Tx,
    caller: DirectoryCaller,
    group: StoredResource,
    projection: Projection,
  ): Promise<ResourceAnswer> {
    const [resource = {}] = await this.#showAll(tx, caller, [group], projection)
    return { id: group.id, version: group.version, resource }
  }

  async #showAll(
    tx: Tx,
    { directoryId, baseUrl }: DirectoryCaller,
    groups: readonly StoredResource[],
    projection: Projection,
  ): Promise<JsonObject[]> {
    const wanted = isReturned(projection, groupType, 'members') ? groups.map(({ id }) => id) : []
    const members = new Map<string, JsonObject[]>(groups.map(({ id }) => [id, []]))
    for (const { groupId, id, type, display } of await membersOfGroups(tx, directoryId, wanted)) {
      members.get(groupId)?.push({ value: id, $ref: `${baseUrl}/${type}s/${id}`, type, display })
    }
    return groups.map((group) => {
      const computed = { members: members.get(group.id) ?? [] }
      return project(represent(groupType, group, computed, baseUrl), groupType, projection)
    })
  }
}

/** A group's body: its attributes, and its members apart. Members that are omitted are none (scim.md, PUT). */
function parseGroup(body: unknown, note: Note, current: Attributes | null): GroupChange {
  const { members, rest } = withoutMembers(requireObject(body))
  const attributes = parseResource(rest, groupType, note, current)
  return { attributes, steps: [{ kind: 'replace', ids: parseMembers(members, note) }] }
}

function withoutMembers(body: JsonObject) {
  const isMembers = (name: string) => name.toLowerCase() === 'members'
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
    events.push({ type: 'group.members_skipped', directoryId, subjectId, data: { unknown: skipped } })
  }
  return events
}

async function refusingTakenName(write: Promise<void>, attributes: Attributes): Promise<void> {
  try {
    await write
  } catch (error) {
    if (!(error instanceof DuplicateError)) throw error
    throw uniqueness(
      `A group with the displayName ${JSON.stringify(attributes.displayName)} is there already.`,
    )
  }
}
