// Users: what SCIM asks of them. Each write is one transaction, with all that follows from it for members.
import { newId } from '../ids.ts'
import { emailKeyOf } from '../provisioning/identity.ts'
import { uniqueness } from '../scim/errors.ts'
import { parseFilter } from '../scim/filter.ts'
import { listResponse } from '../scim/list.ts'
import { applyPatch } from '../scim/patch.ts'
import { parsePatch } from '../scim/patch-body.ts'
import { isReturned, type Projection, project } from '../scim/project.ts'
import { locationOf, represent } from '../scim/represent.ts'
import { type Attributes, isSame, type JsonObject } from '../scim/resource.ts'
import { groupType } from '../scim/schemas/group.ts'
import { userType } from '../scim/schemas/user.ts'
import { parseResource } from '../scim/validate.ts'
import { requireVersion } from '../scim/version.ts'
import type { Database, Tx } from '../store/database.ts'
import { DuplicateError } from '../store/errors.ts'
import { appendEvents } from '../store/events.ts'
import { touchGroups } from '../store/groups.ts'
import { followEmail, linkMembers, unlinkUser } from '../store/members.ts'
import { directGroupsOf, groupsOfUsers } from '../store/memberships.ts'
import { lockOrganizations } from '../store/organizations.ts'
import {
  deleteResource,
  findResource,
  lockResource,
  type StoredResource,
  searchResources,
} from '../store/resources.ts'
import { insertUser, provisioningFacts, updateUser } from '../store/users.ts'
import { type DirectoryCaller, writeDirectory } from './directory-write.ts'
import { NotFound } from './errors.ts'
import { evaluateOrganization, evaluateUsers } from './evaluation.ts'
import type { ResourceAnswer, Search } from './scim-requests.ts'
import type { Tolerances } from './tolerances.ts'

export class Users {
  readonly #database: Database
  readonly #tolerances: Tolerances

  constructor(database: Database, tolerances: Tolerances) {
    this.#database = database
    this.#tolerances = tolerances
  }

  async create(caller: DirectoryCaller, body: unknown, projection: Projection): Promise<ResourceAnswer> {
    const { directoryId, actor } = caller
    const attributes = parseResource(body, userType, this.#tolerances.noteFor(directoryId))
    const now = new Date()
    const user: StoredResource = { id: newId(), attributes, version: 1, created: now, lastModified: now }
    return writeDirectory(this.#database, directoryId, async (tx) => {
      await refusingTakenName(insertUser(tx, directoryId, user), attributes)
      const after = { active: provisioningFacts(attributes).active }
      await appendEvents(tx, actor, [
        { type: 'user.created', directoryId, subjectId: user.id, data: { after } },
      ])
      // a new user is in no group yet: no mapping can see it
      await evaluateUsers(tx, actor, directoryId, { kind: 'scim_without_mappings' }, [user.id])
      return this.#show(tx, caller, user, projection)
    })
  }

  async get(caller: DirectoryCaller, id: string, projection: Projection): Promise<ResourceAnswer> {
    const user = await findResource(this.#database.client, caller.directoryId, 'User', id)
    if (user === null) throw new NotFound('User', id)
    return this.#show(this.#database.client, caller, user, projection)
  }

  async search(caller: DirectoryCaller, search: Search): Promise<JsonObject> {
    const { page, projection } = search
    const { client } = this.#database
    const filter = search.filter === undefined ? null : parseFilter(search.filter, userType)
    const { directoryId, baseUrl } = caller
    const { total, resources } = await searchResources(client, directoryId, 'User', { filter, page, baseUrl })
    const shown = await this.#showAll(client, caller, resources, projection)
    return listResponse(shown, total, page.startIndex)
  }

  replace(
    caller: DirectoryCaller,
    id: string,
    body: unknown,
    ifMatch: string | undefined,
    projection: Projection,
  ) {
    const note = this.#tolerances.noteFor(caller.directoryId)
    return this.#change(caller, id, ifMatch, projection, (current) =>
      parseResource(body, userType, note, current),
    )
  }

  patch(
    caller: DirectoryCaller,
    id: string,
    body: unknown,
    ifMatch: string | undefined,
    projection: Projection,
  ) {
    const note = this.#tolerances.noteFor(caller.directoryId)
    const operations = parsePatch(body, userType, note)
    return this.#change(caller, id, ifMatch, projection, (current) =>
      applyPatch(current, operations, userType, note),
    )
  }

  async remove(caller: DirectoryCaller, id: string, ifMatch: string | undefined): Promise<void> {
    const { directoryId, actor } = caller
    await writeDirectory(this.#database, directoryId, async (tx) => {
      const user = await lockResource(tx, directoryId, 'User', id, 'delete')
      if (user === null) throw new NotFound('User', id)
      requireVersion(user.version, ifMatch)
      // groups before organizations, as every write to a group has it
      const groupIds = await directGroupsOf(tx, directoryId, id)
      await touchGroups(tx, directoryId, groupIds, new Date())
      const organizations = await lockOrganizations(tx, directoryId, { kind: 'every' })
      const members = await unlinkUser(tx, directoryId, id)
      await deleteResource(tx, directoryId, 'User', id)
      await appendEvents(tx, actor, [
        { type: 'user.deleted', directoryId, subjectId: id, data: { groupIds } },
      ])
      for (const organization of organizations.filter(({ mode }) => mode === 'scim')) {
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
    projection: Projection,
    next: (current: Attributes) => Attributes,
  ): Promise<ResourceAnswer> {
    const { directoryId, actor } = caller
    return writeDirectory(this.#database, directoryId, async (tx) => {
      const user = await lockResource(tx, directoryId, 'User', id, 'update')
      if (user === null) throw new NotFound('User', id)
      requireVersion(user.version, ifMatch)
      const attributes = next(user.attributes)
      if (isSame(attributes, user.attributes)) return this.#show(tx, caller, user, projection)
      const changed = { ...user, attributes, version: user.version + 1, lastModified: new Date() }
      await refusingTakenName(updateUser(tx, directoryId, changed), attributes)
      await appendEvents(tx, actor, [
        { type: 'user.updated', directoryId, subjectId: id, data: difference(user.attributes, attributes) },
      ])
      await this.#provision(tx, caller, id, user.attributes, attributes)
      return this.#show(tx, caller, changed, projection)
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
    await evaluateUsers(tx, actor, directoryId, { kind: 'scim' }, [id])
    if (was.email === is.email) return
    await followEmail(tx, directoryId, id, { email: is.email, emailKey: emailKeyOf(is.email) })
  }

  async #show(
    tx: Tx,
    caller: DirectoryCaller,
    user: StoredResource,
    projection: Projection,
  ): Promise<ResourceAnswer> {
    const [resource = {}] = await this.#showAll(tx, caller, [user], projection)
    return { id: user.id, version: user.version, resource }
  }

  async #showAll(
    tx: Tx,
    { directoryId, baseUrl }: DirectoryCaller,
    users: readonly StoredResource[],
    projection: Projection,
  ): Promise<JsonObject[]> {
    const wanted = isReturned(projection, userType, 'groups') ? users.map(({ id }) => id) : []
    const groups = new Map<string, JsonObject[]>(users.map(({ id }) => [id, []]))
    for (const { userId, groupId, displayName, isDirect } of await groupsOfUsers(tx, directoryId, wanted)) {
      const type = isDirect ? 'direct' : 'indirect'
      const $ref = locationOf(groupType, groupId, baseUrl)
      groups.get(userId)?.push({ value: groupId, $ref, display: displayName, type })
    }
    return users.map((user) => {
      const computed = { groups: groups.get(user.id) ?? [] }
      return project(represent(userType, user, computed, baseUrl), userType, projection)
    })
  }
}

async function refusingTakenName(write: Promise<void>, attributes: Attributes): Promise<void> {
  try {
    await write
  } catch (error) {
    if (!(error instanceof DuplicateError)) throw error
    throw uniqueness(`A user with the userName ${JSON.stringify(attributes.userName)} is there already.`)
  }
}

/** For the audit log: which attributes changed, and whether the user is active; no personal attribute. */
export function difference(before: Attributes, after: Attributes) {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  const changed = names.filter((name) => !isSame(before[name], after[name])).sort()
  const active =
    before.active === after.active
      ? {}
      : { before: { active: before.active }, after: { active: after.active } }
  return { changed, ...active }
}
