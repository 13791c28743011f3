// Reading resources of one type: one, many that were found, or one that was just written, as a projection shows them.
import { isReturned, type Projection, project, type Written, whole } from '../scim/project.ts'
import { represent } from '../scim/represent.ts'
import type { JsonObject } from '../scim/resource.ts'
import type { ResourceTypeName } from '../scim/schema.ts'
import type { Tx } from '../store/database.ts'
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
  /** its values by the id of the resource, for many resources in one query */
  read(tx: Tx, caller: DirectoryCaller, ids: readonly string[]): Promise<Map<string, JsonObject[]>>
  /** whether one resource has too many values for whoever changes it without asking for them */
  isLarge(tx: Tx, caller: DirectoryCaller, id: string): Promise<boolean>
}

export class ResourceReader {
  readonly name: ResourceTypeName
  readonly #computed: ComputedAttribute

  constructor(name: ResourceTypeName, computed: ComputedAttribute) {
    this.name = name
    this.#computed = computed
  }

  async get(tx: Tx, caller: DirectoryCaller, id: string, projection: Projection): Promise<ResourceAnswer> {
    const resource = await findResource(tx, caller.directoryId, this.name, id)
    if (resource === null) throw new NotFound(this.name, id)
    return this.show(tx, caller, resource, { projection, written: [] })
  }

  async show(tx: Tx, caller: DirectoryCaller, stored: StoredResource, view: View): Promise<ResourceAnswer> {
    const { id, version } = stored
    const { projection, written } = view
    const isLeftOut = projection === null && (await this.#computed.isLarge(tx, caller, id))
    if (isLeftOut) return { id, version, resource: null }
    const [resource = {}] = await this.showAll(tx, caller, [stored], projection ?? whole, written)
    return { id, version, resource }
  }

  /** The values of the computed attribute where the view shows it, read before a write that does not change them. */
  async computedOf(tx: Tx, caller: DirectoryCaller, id: string, { projection }: View): Promise<JsonObject[]> {
    const { name, read } = this.#computed
    const isWanted = isReturned(projection ?? whole, caller.types[this.name], name)
    return isWanted ? ((await read(tx, caller, [id])).get(id) ?? []) : []
  }

  /** What was written, with values of the computed attribute that are known. */
  showWith(
    values: readonly JsonObject[],
    caller: DirectoryCaller,
    stored: StoredResource,
    { projection, written }: View,
  ): ResourceAnswer {
    const type = caller.types[this.name]
    const represented = represent(type, stored, { [this.#computed.name]: [...values] }, caller.baseUrl)
    const resource = project(represented, type, projection ?? whole, written)
    return { id: stored.id, version: stored.version, resource }
  }

  /** What the projection leaves out is not read. */
  async showAll(
    tx: Tx,
    caller: DirectoryCaller,
    resources: readonly StoredResource[],
    projection: Projection,
    written: Written = [],
  ): Promise<JsonObject[]> {
    const { name, read } = this.#computed
    const type = caller.types[this.name]
    const isWanted = isReturned(projection, type, name)
    const values = isWanted
      ? await read(
          tx,
          caller,
          resources.map(({ id }) => id),
        )
      : null
    return resources.map((resource) => {
      const computed = { [name]: values?.get(resource.id) ?? [] }
      return project(represent(type, resource, computed, caller.baseUrl), type, projection, written)
    })
  }
}
