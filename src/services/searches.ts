// Searching users, groups, or both at once (RFC 7644 sections 3.4.2 and 3.4.3).
import { parseFilter } from '../scim/filter.ts'
import { listResponse } from '../scim/list.ts'
import { parseProjection } from '../scim/project.ts'
import type { JsonObject } from '../scim/resource.ts'
import type { ResourceTypeName } from '../scim/schema.ts'
import type { SearchRequest } from '../scim/search-request.ts'
import { parseSort } from '../scim/sort.ts'
import type { Database } from '../store/database.ts'
import { type FoundResource, searchResources } from '../store/search.ts'
import type { DirectoryCaller } from './directory-write.ts'
import { groupReader } from './groups.ts'
import type { ResourceReader } from './resource-reader.ts'
import { userReader } from './users.ts'

const readers: Record<ResourceTypeName, ResourceReader> = { User: userReader, Group: groupReader }

export class Searches {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** One list of the resources of these types: one order, one total, pages across all of them. */
  async search(
    caller: DirectoryCaller,
    names: readonly ResourceTypeName[],
    search: SearchRequest,
  ): Promise<JsonObject> {
    const { directoryId, baseUrl } = caller
    const { page } = search
    const types = names.map((name) => caller.types[name])
    const targets = names.map((name) => {
      const type = caller.types[name]
      const others = types.filter((other) => other !== type)
      const filter = search.filter === undefined ? null : parseFilter(search.filter, type, others)
      return { type: name, filter, sort: parseSort(search.sortBy, search.sortOrder, type, others) }
    })
    const found = await searchResources(this.#database.client, directoryId, { targets, page, baseUrl })
    return listResponse(await this.#show(caller, found.resources, search), found.total, page.startIndex)
  }

  /** The resources as they are answered, in the order in which they were found. */
  async #show(
    caller: DirectoryCaller,
    resources: readonly FoundResource[],
    { attributes, excludedAttributes }: SearchRequest,
  ): Promise<JsonObject[]> {
    const shown = new Map<FoundResource, JsonObject>()
    for (const reader of Object.values(readers)) {
      const projection = parseProjection(attributes, excludedAttributes, caller.types[reader.name])
      const some = resources.filter(({ type }) => type === reader.name)
      const represented = await reader.showAll(this.#database.client, caller, some, projection)
      for (const [i, resource] of some.entries()) shown.set(resource, represented[i] ?? {})
    }
    return resources.map((resource) => shown.get(resource) ?? {})
  }
}
