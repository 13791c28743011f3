// Groups: what SCIM asks of them. Members are rows: nothing here grows with the size of a group to change one.
import { type MembershipStep, parseMembers, parseMembershipPatch } from '../scim/membership-patch.ts'
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
import { type Database, inTurn } from '../store/database.ts'
import { lockDirectory } from '../store/directories.ts'
import { findMembersUpTo } from '../store/references.ts'
import { type DirectoryCaller, writeDirectory } from './directory-write.ts'
import { createGroup, evaluateMembers, type GroupWrite, removeGroup, writeGroup } from './group-writing.ts'
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
    const { rest, steps } = partsOf(body, caller.types.Group, note)
    const attributes = parseResource(rest, caller.types.Group, note, null)
    return writeDirectory(this.#database.write, caller, async (tx, lock) => {
      const group = await createGroup(tx, caller, { attributes, steps }, lock)
      return groupReader.show(tx, caller, group, { projection, written: 'all' })
    })
  }

  get(caller: DirectoryCaller, id: string, projection: Projection): Promise<ResourceAnswer> {
    return groupReader.get(this.#database, caller, id, projection)
  }

  replace(
    caller: DirectoryCaller,
    id: string,
    body: unknown,
    ifMatch: string | undefined,
    projection: Projection,
  ) {
    const note = this.#tolerances.noteFor(caller.directoryId)
    const { rest, steps } = partsOf(body, caller.types.Group, note)
    const next = (current: Attributes) => parseResource(rest, caller.types.Group, note, current)
    return this.#change(caller, id, ifMatch, { projection, written: 'all' }, { steps, next })
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
    const next = (current: Attributes) => applyPatch(current, others, Group, note)
    return this.#change(caller, id, ifMatch, view, { steps, next })
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
    change: Pick<GroupWrite, 'steps' | 'next'>,
  ): Promise<ResourceAnswer> {
    return writeDirectory(this.#database.write, caller, async (tx, lock) => {
      const { group, members } = await writeGroup(tx, caller, id, { ...change, ifMatch, lock })
      const [answer] = await inTurn(
        tx,
        () => groupReader.show(tx, caller, group, view),
        () => evaluateMembers(tx, caller, id, members, lock),
      )
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
  isSmall: false,
  findUnasked: (tx, { directoryId }, id) => findMembersUpTo(tx, directoryId, id, MAX_UNASKED_MEMBERS),
}

export const groupReader = new ResourceReader('Group', membersAttribute)

/** A group's body: what its attributes are read from, and its members. Omitted ones are none (scim.md, PUT). */
function partsOf(body: unknown, type: ResourceType, note: Note) {
  const { members, rest } = withoutMembers(requireObject(body), type)
  const steps: MembershipStep[] = [{ kind: 'replace', ids: parseMembers(members, note) }]
  return { rest, steps }
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
