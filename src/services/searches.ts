// Searching users, groups, or both at once (RFC 7644 sections 3.4.2 and 3.4.3), by pages with an index or with cursors
// (RFC 9865).
import { isId } from '../ids.ts'
import { type Cursor, type CursorTools, parseCursor, writeCursor } from '../scim/cursor.ts'
import { parseFilter } from '../scim/filter.ts'
import { cursorListResponse, listResponse } from '../scim/list.ts'
import { parseProjection } from '../scim/project.ts'
import type { JsonObject } from '../scim/resource.ts'
import type { ResourceTypeName } from '../scim/schema.ts'
import type { SearchRequest } from '../scim/search-request.ts'
import { parseSort } from '../scim/sort.ts'
import { fingerprint } from '../secrets.ts'
import type { Database } from '../store/database.ts'
import {
  type FoundResource,
  isKeyedSearch,
  isLookupSearch,
  type SearchTarget,
  searchResources,
} from '../store/search.ts'
import type { DirectoryCaller } from './directory-write.ts'
import { groupReader } from './groups.ts'
import type { Presenter, ResourceReader } from './resource-reader.ts'
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
    const presenters = presentersOf(caller, names, search)
    const query = {
      directoryId,
      baseUrl,
      targets: targetsOf(caller, names, search),
      withReferences: names.filter((name) => presenters.get(name)?.needsReferences),
    }
    const { keyed, lookups, statements } = this.#database
    const tx = isKeyedSearch(query) ? keyed : isLookupSearch(query) ? lookups : statements
    const show = (resources: readonly FoundResource[]): JsonObject[] =>
      resources.map((resource) => presenters.get(resource.type)?.present(resource) ?? {})
    if (!('cursor' in page)) {
      const found = await searchResources(tx, { ...query, page })
      return listResponse(show(found.resources), found.total, page.startIndex)
    }
    const tools: CursorTools = { now: new Date(), fingerprint, isId }
    const cursor = page.cursor === '' ? null : parseCursor(page.cursor, query, tools)
    const found = await searchResources(tx, { ...query, page: { cursor, count: page.count } })
    const write = (at: Cursor | null) => (at === null ? null : writeCursor(at, query, tools))
    return cursorListResponse(show(found.resources), found.total, {
      next: write(found.next),
      previous: write(found.previous),
    })
  }
}

/** How the resources of each type are answered. */
const presentersOf = (
  caller: DirectoryCaller,
  names: readonly ResourceTypeName[],
  { attributes, excludedAttributes }: SearchRequest,
): Map<ResourceTypeName, Presenter> =>
  new Map(
    names.map((name) => {
      const projection = parseProjection(attributes, excludedAttributes, caller.types[name])
      return [name, readers[name].presenter(caller, projection)]
    }),
  )

function targetsOf(
  { types }: DirectoryCaller,
  names: readonly ResourceTypeName[],
  search: SearchRequest,
): SearchTarget[] {
  return names.map((name) => {
    const type = types[name]
    const others = names.filter((other) => other !== name).map((other) => types[other])
    const filter = search.filter === undefined ? null : parseFilter(search.filter, type, others)
    return { type: name, filter, sort: parseSort(search.sortBy, search.sortOrder, type, others) }
  })
}
