// Searching users, groups, or both (RFC 7644 sections 3.4.2 and 3.4.2.1): a page of those that meet a filter, in a
// stable order, how many there are in all, and at a cursor what is around the page (RFC 9865).
import { type Cursor, complements, type Position } from '../scim/cursor.ts'
import type { ResourceTypeName } from '../scim/schema.ts'
import type { Tx } from './database.ts'
import { isKeyed, isLookup } from './filter-sql.ts'
import { directionOf } from './keyset-sql.ts'
import type { Reference, ResourceWithReferences } from './references.ts'
import { type Row, toResource } from './resources.ts'
import { type StoreSearch, searchSql } from './search-sql.ts'

export type { KeysetPage, SearchTarget, StoreSearch } from './search-sql.ts'

/** The references are none where they were not asked for. */
export interface FoundResource extends ResourceWithReferences {
  readonly type: ResourceTypeName
}

export interface FoundPage {
  readonly total: number
  readonly resources: FoundResource[]
  /** the cursors of the pages around this one, null where nothing is there; of a page with an index both null */
  readonly next: Cursor | null
  readonly previous: Cursor | null
}

interface Counted {
  readonly total: bigint
  readonly other_side: boolean
}

interface FoundRow extends Counted, Row {
  readonly type: ResourceTypeName
  readonly key: string | null
  readonly found: readonly Reference[] | null
}

/** The left join gives one row without a resource where the page is empty. */
interface NoRow extends Counted {
  readonly id: null
}

/** Whether every type is looked up by what is in its documents (database.lookups). */
export const isLookupSearch = ({
  targets,
  directoryId,
  baseUrl,
}: Pick<StoreSearch, 'targets' | 'directoryId' | 'baseUrl'>): boolean =>
  targets.every(
    ({ type, filter }) => filter !== null && isLookup(filter, { resourceType: type, directoryId, baseUrl }),
  )

/** Whether the one resource that may be found is soon read (database.keyed): a group may have any number of members. */
export const isKeyedSearch = ({
  targets,
  withReferences,
}: Pick<StoreSearch, 'targets' | 'withReferences'>): boolean =>
  targets.every(({ type, filter }) => filter !== null && isKeyed(filter, { resourceType: type })) &&
  !withReferences?.includes('Group')

export async function searchResources(tx: Tx, search: StoreSearch): Promise<FoundPage> {
  const { page } = search
  const rows = await tx.$queryRaw<(FoundRow | NoRow)[]>(searchSql(search))
  const nearest = rows.flatMap((row) => (row.id === null ? [] : [row]))
  const kept = nearest.slice(0, page.count)
  const direction = directionOf('cursor' in page ? page.cursor : null)
  const found = direction === 'forward' ? kept : kept.toReversed()
  const total = Number(rows[0]?.total ?? 0)
  const resources = found.map((row) => ({ ...toResource(row), type: row.type, references: row.found ?? [] }))
  if (!('cursor' in page)) return { total, resources, next: null, previous: null }

  const isMore = nearest.length > kept.length
  const isOther = rows[0]?.other_side ?? false
  const [isNext, isPrevious] = direction === 'forward' ? [isMore, isOther] : [isOther, isMore]
  return {
    total,
    resources,
    next: isNext ? cursorAt('after', found.at(-1), page.cursor) : null,
    previous: isPrevious ? cursorAt('before', found[0], page.cursor) : null,
  }
}

/** Goes on from a row of the page; from an empty page, with all that its own cursor left out. */
function cursorAt(
  bound: 'after' | 'before',
  position: Position | undefined,
  asked: Cursor | null,
): Cursor | null {
  if (position !== undefined) return { bound, position: { key: position.key, id: position.id } }
  return asked === null ? null : { ...asked, bound: complements[asked.bound] }
}
