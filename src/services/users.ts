// Users: what SCIM asks of them. Each write is one transaction, with all that follows from it for members.
import { isId } from '../ids.ts'
import { applyPatch } from '../scim/patch.ts'
import { parsePatch } from '../scim/patch-body.ts'
import type { Projection } from '../scim/project.ts'
import { locationOf } from '../scim/represent.ts'
import type { Attributes } from '../scim/resource.ts'
import { groupType } from '../scim/schemas/group.ts'
import { parseResource } from '../scim/validate.ts'
import { type Database, inTurn } from '../store/database.ts'
import { findReferences } from '../store/references.ts'
import { type DirectoryCaller, writeDirectory } from './directory-write.ts'
import { type ComputedAttribute, type ResourceAnswer, ResourceReader, type View } from './resource-reader.ts'
import { lockVersion, lockVersionWithReferences } from './resource-writing.ts'
import type { Tolerances } from './tolerances.ts'
import { changeUser, createUser, removeUsers, situationsOf } from './user-writing.ts'

export class Users {
  readonly #database: Database
  readonly #tolerances: Tolerances

  constructor(database: Database, tolerances: Tolerances) {
    this.#database = database
    this.#tolerances = tolerances
  }

  async create(caller: DirectoryCaller, body: unknown, projection: Projection): Promise<ResourceAnswer> {
    const attributes = parseResource(body, caller.types.User, this.#tolerances.noteFor(caller.directoryId))
    return writeDirectory(this.#database.write, caller, async (tx, lock) => {
      const user = await createUser(tx, caller, attributes, lock)
      // nobody is in a group yet
      return userReader.showWith([], caller, user, { projection, written: 'all' })
    })
  }

  get(caller: DirectoryCaller, id: string, projection: Projection): Promise<ResourceAnswer> {
    return userReader.get(this.#database, caller, id, projection)
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
    const next = (current: Attributes) => applyPatch(current, operations, caller.types.User, note)
    // what Okta, Entra and others send when somebody is switched on or off
    const isAssignment = operations.every(({ path }) => path.attribute.name === 'active')
    return this.#change(caller, id, ifMatch, view, next, isAssignment)
  }

  async remove(caller: DirectoryCaller, id: string, ifMatch: string | undefined): Promise<void> {
    await writeDirectory(this.#database.write, caller, async (tx) => {
      await lockVersion(tx, caller.directoryId, 'User', id, { intent: 'delete', ifMatch })
      await removeUsers(tx, caller, [id])
    })
  }

  async #change(
    caller: DirectoryCaller,
    id: string,
    ifMatch: string | undefined,
    view: View,
    next: (current: Attributes) => Attributes,
    isAssignment = false,
  ): Promise<ResourceAnswer> {
    return writeDirectory(this.#database.write, caller, async (tx, lock) => {
      const find = () => lockVersionWithReferences(tx, caller.directoryId, 'User', id, ifMatch)
      const findSituations = async () =>
        isAssignment && isId(id) ? situationsOf(tx, caller, id, lock) : null
      const [{ references, ...user }, situations] = await inTurn(tx, find, findSituations)
      const changed = await changeUser(tx, caller, user, next, lock, situations)
      return userReader.showWith(references, caller, changed, view)
    })
  }
}

/** `groups` of users (RFC 7643 section 4.1.2): direct, and through other groups. */
const groupsAttribute: ComputedAttribute = {
  name: 'groups',
  show: ({ value, display, type }, baseUrl) => ({
    value,
    $ref: locationOf(groupType, value, baseUrl),
    display,
    type,
  }),
  isSmall: true,
  findUnasked: (tx, { directoryId }, id) => findReferences(tx, directoryId, 'User', id),
}

export const userReader = new ResourceReader('User', groupsAttribute)
