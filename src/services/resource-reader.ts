// Reading resources of one type: one, many that were found, or one that was just written, as a projection shows them.
import { isReturned, type Projection, projector, type Written, whole } from '../scim/project.ts'
import { represent } from '../scim/represent.ts'
import type { JsonObject } from '../scim/resource.ts'
import type { ResourceTypeName } from '../scim/schema.ts'
import type { Database, Tx } from '../store/database.ts'
import { findReferences, findWithReferences, type Reference } from '../store/references.ts'
import { findResource, type StoredResource } from '../store/resources.ts'
import type { DirectoryCaller } from './directory-write.ts'
import { NotFound } from './errors.ts'

/** A resource as the projection shows it; id and version also where it does not show them. Null: too large, unasked. */
export interface ResourceAnswer {
  readonly id: string
  readonly version: number
  readonly resource: JsonObject | null
}

/** What the answer to a write shows. */
export interface View {
  /** null: the client asked for nothing in particular, and can do without what is too large */
  readonly projection: Projection | null
  readonly written: Written
}

/** The attribute that no client writes into the resource: `groups` of a user, `members` of a group. */
export interface ComputedAttribute {
  readonly name: string
  /** one of its values, as clients see it */
  show(reference: Reference, baseUrl: string): JsonObject
  /** whether nothing has so many that who reads something else should not wait for them */
  readonly isSmall: boolean
  /** its values for whoever changed the resource without asking for them; null where there are too many */
  findUnasked(tx: Tx, caller: DirectoryCaller, id: string): Promise<readonly Reference[] | null>
}

export interface Presenter {
  /** what is not shown need not be read */
  readonly needsReferences: boolean
  /** the resource as clients see it, with its references where they were read */
  present(resource: StoredResource & { readonly references?: readonly Reference[] }): JsonObject
}

export class ResourceReader {
  readonly name: ResourceTypeName
  readonly #computed: ComputedAttribute

  constructor(name: ResourceTypeName, computed: ComputedAttribute) {
    this.name = name
    this.#computed = computed
  }

  async get(
    { keyed, statements }: Database,
    caller: DirectoryCaller,
    id: string,
    projection: Projection,
  ): Promise<ResourceAnswer> {
    const { needsReferences, present } = this.presenter(caller, projection)
    const find = needsReferences ? findWithReferences : findResource
    const tx = needsReferences && !this.#computed.isSmall ? statements : keyed
    const found = await find(tx, caller.directoryId, this.name, id)
    if (found === null) throw new NotFound(this.name, id)
    return { id, version: found.version, resource: present(found) }
  }

  async show(tx: Tx, caller: DirectoryCaller, stored: StoredResource, view: View): Promise<ResourceAnswer> {
    const { id, version } = stored
    const references = await (view.projection === null
      ? this.#computed.findUnasked(tx, caller, id)
      : this.#referencesOf(tx, caller, id, view))
    return references === null
      ? { id, version, resource: null }
      : this.showWith(references, caller, stored, view)
  }

  /** What a resource refers to, where the view shows it. */
  async #referencesOf(
    tx: Tx,
    caller: DirectoryCaller,
    id: string,
    { projection }: View,
  ): Promise<readonly Reference[]> {
    const isWanted = isReturned(projection ?? whole, caller.types[this.name], this.#computed.name)
    return isWanted ? findReferences(tx, caller.directoryId, this.name, id) : []
  }

  /** What was written, with references that are known. */
  showWith(
    references: readonly Reference[],
    caller: DirectoryCaller,
    stored: StoredResource,
    { projection, written }: View,
  ): ResourceAnswer {
    const { present } = this.presenter(caller, projection ?? whole, written)
    return { id: stored.id, version: stored.version, resource: present({ ...stored, references }) }
  }

  /** How resources of the type are answered under a projection. */
  presenter({ types, baseUrl }: DirectoryCaller, projection: Projection, written: Written = []): Presenter {
    const { name, show } = this.#computed
    const type = types[this.name]
    const project = projector(type, projection, written)
    return {
      needsReferences: isReturned(projection, type, name),
      present: (resource) => {
        const values = (resource.references ?? []).map((reference) => show(reference, baseUrl))
        return project(resource.attributes, represent(type, resource, { name, values }, baseUrl))
      },
    }
  }
}
