// Users: what SCIM asks of them. Each write is one transaction, with all that follows from it for members.
import { emailKeyOf } from '../provisioning/identity.ts'
import { applyPatch } from '../scim/patch.ts'
import { parsePatch } from '../scim/patch-body.ts'
import type { Projection } from '../scim/project.ts'
import { locationOf } from '../scim/represent.ts'
import { type Attributes, isSame, type JsonObject } from '../scim/resource.ts'
import { groupType } from '../scim/schemas/group.ts'
import { parseResource } from '../scim/validate.ts'
import type { Database, Tx } from '../store/database.ts'
import { appendEvents } from '../store/events.ts'
import { touchGroups } from '../store/groups.ts'
import { followEmail, linkMembers, unlinkUser } from '../store/members.ts'
import { directGroupsOf, groupsOfUsers } from '../store/memberships.ts'
import { lockOrganizations } from '../store/organizations.ts'
import { deleteResource } from '../store/resources.ts'
import { insertUser, provisioningFacts, updateUser } from '../store/users.ts'
import { type DirectoryCaller, writeDirectory } from './directory-write.ts'
import { evaluateOrganization, evaluateUsers } from './evaluation.ts'
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

export class Users {
  readonly #database: Database
  readonly #tolerances: Tolerances

  constructor(database: Database, tolerances: Tolerances) {
    this.#database = database
    this.#tolerances = tolerances
  }

  async create(caller: DirectoryCaller, body: unknown, projection: Projection): Promise<ResourceAnswer> {
    const { directoryId, actor, types } = caller
    const attributes = parseResource(body, types.User, this.#tolerances.noteFor(directoryId))
    const user = newResource(attributes)
    return writeDirectory(this.#database, caller, async (tx) => {
      await refusingTaken(insertUser(tx, directoryId, user, types.User), 'User', 'userName', attributes)
      await keepUnique(tx, caller, 'User', null, user)
      const after = { active: provisioningFacts(attributes).active }
      await appendEvents(tx, actor, [
        { type: 'user.created', directoryId, subjectId: user.id, data: { after } },
      ])
      // a new user is in no group yet: no mapping can see it
      await evaluateUsers(tx, actor, directoryId, { kind: 'scim_without_mappings' }, [user.id])
      return userReader.show(tx, caller, user, { projection, written: 'all' })
    })
  }

  get(caller: DirectoryCaller, id: string, projection: Projection): Promise<ResourceAnswer> {
    return userReader.get(this.#database.client, caller, id, projection)
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
      parseResource(body, caller.types.User, note, current),
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
    const operations = parsePatch(body, caller.types.User, note)
    const view = { projection, written: operations.map(({ path }) => path) }
    return this.#change(caller, id, ifMatch, view, (current) =>
      applyPatch(current, operations, caller.types.User, note),
    )
  }

  async remove(caller: DirectoryCaller, id: string, ifMatch: string | undefined): Promise<void> {
    const { directoryId, actor } = caller
    await writeDirectory(this.#database, caller, async (tx) => {
      await lockVersion(tx, directoryId, 'User', id, { intent: 'delete', ifMatch })
      // groups before organizations, as every write to a group has it
      const groupIds = await directGroupsOf(tx, directoryId, id)
      await touchGroups(tx, directoryId, groupIds, new Date())
      const organizations = await lockOrganizations(tx, directoryId, { kind: 'every' })
      const members = await unlinkUser(tx, directoryId, id)
      await deleteResource(tx, directoryId, 'User', id)
      await appendEvents(tx, actor, [
        { type: 'user.deleted', directoryId, subjectId: id, data: { groupIds } },
      ])
      for (const organization of organizations.filter(({ mode }) => mode !== 'manual')) {
        const memberIds = members.filter((member) => member.organizationId === organization.id)
        await evaluateOrganization(tx, actor, organization, {
          userIds: [],
          memberIds: memberIds.map(({ memberId }) => memberId),
          waiting: 'where_freed',
        })
      }
    })
  }

  /** The next version of a user; nothing at all is written where `next` changes nothing. */
  async #change(
    caller: DirectoryCaller,
    id: string,
    ifMatch: string | undefined,
    view: View,
    next: (current: Attributes) => Attributes,
  ): Promise<ResourceAnswer> {
    const { directoryId, actor, types } = caller
    return writeDirectory(this.#database, caller, async (tx) => {
      const user = await lockVersion(tx, directoryId, 'User', id, { intent: 'update', ifMatch })
      const attributes = next(user.attributes)
      if (isSame(attributes, user.attributes)) return userReader.show(tx, caller, user, view)
      const changed = nextVersion(user, attributes)
      await refusingTaken(updateUser(tx, directoryId, changed, types.User), 'User', 'userName', attributes)
      await keepUnique(tx, caller, 'User', user, changed)
      await appendEvents(tx, actor, [
        { type: 'user.updated', directoryId, subjectId: id, data: difference(user.attributes, attributes) },
      ])
      await this.#provision(tx, caller, id, user.attributes, attributes)
      return userReader.show(tx, caller, changed, view)
    })
  }

  /** What a change means for members: nothing, unless the user is switched on or off or its address changes. */
  async #provision(
    tx: Tx,
    caller: DirectoryCaller,
    id: string,
    before: Attributes,
    after: Attributes,
  ): Promise<void> {
    const { directoryId, actor } = caller
    const [was, is] = [provisioningFacts(before), provisioningFacts(after)]
    if (was.active === is.active && was.email === is.email) return
    if (was.email !== is.email) {
      await lockOrganizations(tx, directoryId, { kind: 'every' })
      await linkMembers(tx, directoryId, id, emailKeyOf(was.email))
    }
    await evaluateUsers(tx, actor, directoryId, { kind: 'assignment_of', userId: id }, [id])
    if (was.email === is.email) return
    await followEmail(tx, directoryId, id, { email: is.email, emailKey: emailKeyOf(is.email) })
  }
}

/** `groups` of users (RFC 7643 section 4.1.2): direct, and through other groups. */
const groupsAttribute: ComputedAttribute = {
  name: 'groups',
  async read(tx, { directoryId, baseUrl }, ids) {
    const groups = new Map<string, JsonObject[]>(ids.map((id) => [id, []]))
    for (const { userId, groupId, displayName, isDirect } of await groupsOfUsers(tx, directoryId, ids)) {
      const type = isDirect ? 'direct' : 'indirect'
      const $ref = locationOf(groupType, groupId, baseUrl)
      groups.get(userId)?.push({ value: groupId, $ref, display: displayName, type })
    }
    return groups
  },
  // nobody is in so many
  isLarge: async () => false,
}

export const userReader = new ResourceReader('User', groupsAttribute)
