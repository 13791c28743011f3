// Groups: what SCIM asks of them. Members are rows: nothing here grows with the size of a group to change one.
import { parseMembers, parseMembershipPatch } from '../scim/membership-patch.ts'
import { applyPatch } from '../scim/patch.ts'
import { parsePatch } from '../scim/patch-body.ts'
import type { Projection } from '../scim/project.ts'
import { locationOf } from '../scim/represent.ts'
import type { Attributes, JsonObject } from '../scim/resource.ts'
import { findTarget, type ResourceType } from '../scim/schema.ts'
import { groupType } from '../scim/schemas/group.ts'
import { userType } from '../scim/schemas/user.ts'
import type { Note } from '../scim/tolerance.ts'
import { parseResource, requireObject } from '../scim/validate.ts'
import type { Database } from '../store/database.ts'
import { lockDirectory } from '../store/directories.ts'
import { hasMoreMembers } from '../store/memberships.ts'
import { type DirectoryCaller, writeDirectory } from './directory-write.ts'
import { createGroup, evaluateMembers, type GroupContent, removeGroup, writeGroup } from './group-writing.ts'
import { type ComputedAttribute, type ResourceAnswer, ResourceReader, type View } from './resource-reader.ts'
import type { Tolerances } from './tolerances.ts'

/** The most members that a PATCH answers with unasked: a change of one must not read a hundred thousand. */
const MAX_UNASKED_MEMBERS = 100

export class Groups {
  readonly #database: Database
  readonly #tolerances: Tolerances

  constructor(database: Database, tolerances: Tolerances) {
    this.#database = database
    this.#tolerances = tolerances
  }

  async create(caller: DirectoryCaller, body: unknown, projection: Projection): Promise<ResourceAnswer> {
    const note = this.#tolerances.noteFor(caller.directoryId)
    const content = parseGroup(body, caller.types.Group, note, null)
    return writeDirectory(this.#database.write, caller, async (tx, lock) => {
      const group = await createGroup(tx, caller, content, lock)
      return groupReader.show(tx, caller, group, { projection, written: 'all' })
    })
  }

  get(caller: DirectoryCaller, id: string, projection: Projection): Promise<ResourceAnswer> {
    return groupReader.get(this.#database.statements, caller, id, projection)
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

  async remove(caller: DirectoryCaller, id: string, ifMatch: string | undefined): Promise<void> {
    const { directoryId } = caller
    await this.#database.write(async (tx) => {
      await lockDirectory(tx, directoryId, 'exclusive')
      await removeGroup(tx, caller, id, ifMatch)
    })
  }

  async #change(
    caller: DirectoryCaller,
    id: string,
    ifMatch: string | undefined,
    view: View,
    next: (current: Attributes) => GroupContent,
  ): Promise<ResourceAnswer> {
    return writeDirectory(this.#database.write, caller, async (tx, lock) => {
      const { group, members } = await writeGroup(tx, caller, id, { ifMatch, lock, next })
      // before the evaluation, which others of the organization wait for
      const answer = await groupReader.show(tx, caller, group, view)
      await evaluateMembers(tx, caller, id, members)
      return answer
    })
  }
}

/** `members` of groups (RFC 7643 section 4.2): the direct ones, users and groups. */
const membersAttribute: ComputedAttribute = {
  name: 'members',
  show: ({ value, display, type }, baseUrl) => ({
    value,
    $ref: locationOf(type === 'User' ? userType : groupType, value, baseUrl),
    type,
    display,
  }),
  isLarge: (tx, { directoryId }, id) => hasMoreMembers(tx, directoryId, id, MAX_UNASKED_MEMBERS),
}

export const groupReader = new ResourceReader('Group', membersAttribute)

/** A group's body: its attributes, and its members apart. Members that are omitted are none (scim.md, PUT). */
function parseGroup(body: unknown, type: ResourceType, note: Note, current: Attributes | null): GroupContent {
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
