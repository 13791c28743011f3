// The statement of a search: which resources, in which order, which of them are on the page, and how many there are.
import { type Cursor, complements } from '../scim/cursor.ts'
import type { Filter } from '../scim/filter.ts'
import type { IndexPage } from '../scim/list.ts'
import type { ResourceTypeName } from '../scim/schema.ts'
import type { Sort } from '../scim/sort.ts'
import { filterSql } from './filter-sql.ts'
import { Prisma } from './generated/client.ts'
import { directionOf, keysetSql, keyTextSql, orderSql } from './keyset-sql.ts'
import { referencesSql } from './references.ts'
import { countSql } from './resource-counts.ts'
import { columns, tables } from './resources.ts'
import { type SortKey, sortKeyOf } from './sort-sql.ts'

/** Resources of one type: which of them, and what they are sorted by; by all types of a search or by none. */
export interface SearchTarget {
  readonly type: ResourceTypeName
  readonly filter: Filter | null
  /** null: in the order of the ids */
  readonly sort: Sort | null
}

/** The page at a cursor; null for the first. */
export interface KeysetPage {
  readonly cursor: Cursor | null
  readonly count: number
}

export interface StoreSearch {
  readonly directoryId: string
  readonly baseUrl: string
  readonly targets: readonly SearchTarget[]
  readonly page: IndexPage | KeysetPage
  /** the types whose resources come with their references; where it is not said, none */
  readonly withReferences?: readonly ResourceTypeName[]
}

/** The resources of one type that the search finds. */
interface Found {
  readonly type: ResourceTypeName
  /** of the common table expression that has their `id` and `key` */
  readonly name: Prisma.Sql
  readonly key: SortKey
  readonly list: Prisma.Sql
  /** how many they are */
  readonly total: Prisma.Sql
}

/**
 * One statement, so that the page and the total are of the same moment. Its rows are those of the page, nearest to the
 * cursor first, and at a cursor one more than asked for if there is one; or one row without an id. Each has the `total`,
 * and whether anything is on the `other_side` of the cursor.
 *
 * The rows of the page are looked up by their ids one by one (OFFSET 0 sees to it), however many PostgreSQL expects.
 */
export function searchSql(search: StoreSearch): Prisma.Sql {
  const { directoryId, baseUrl, targets, page } = search
  const sort = targets[0]?.sort ?? null
  const cursor = 'cursor' in page ? page.cursor : null
  const found = targets.map((target) => findSql(target, directoryId, baseUrl))
  const totals = found.map(({ total }) => total)
  const rows = targets.map(({ type }) => rowSql(search, type))
  return Prisma.sql`
    WITH ${Prisma.join(found.map(({ list }) => list))}
    SELECT counted.*, page.type, ${keyTextSql(sort, Prisma.sql`page.key`)} AS key, r.*
    FROM (
      SELECT ${Prisma.join(totals, ' + ')} AS total, ${otherSideSql(sort, cursor, found)} AS other_side) counted
    LEFT JOIN (
      (${pageSql(search, found)}) page CROSS JOIN LATERAL (${Prisma.join(rows, ' UNION ALL ')}) r
    ) ON true
    ORDER BY ${orderSql(sort, directionOf(cursor), Prisma.raw('page'))}`
}

/** The `type`, `id` and `key` of each row of the page: of several types, the nearest among the nearest of each. */
function pageSql({ page, targets }: StoreSearch, found: readonly Found[]): Prisma.Sql {
  const sort = targets[0]?.sort ?? null
  const cursor = 'cursor' in page ? page.cursor : null
  const order = (rows: string) => orderSql(sort, directionOf(cursor), Prisma.raw(rows))
  const nearest = found.map(
    ({ type, name, key }) => Prisma.sql`
      SELECT ${literals[type]} AS type, f.id, f.key FROM ${name} f WHERE ${sideSql(sort, cursor, key)}
      ORDER BY ${order('f')}`,
  )
  const { limit, offset } = extentOf(page)
  const extent = Prisma.sql`LIMIT ${limit}::bigint OFFSET ${offset}::bigint`
  const [only, ...others] = nearest
  if (only !== undefined && others.length === 0) return Prisma.sql`${only} ${extent}`
  const each = nearest.map((rows) => Prisma.sql`(${rows} LIMIT ${offset}::bigint + ${limit}::bigint)`)
  return Prisma.sql`SELECT * FROM (${Prisma.join(each, ' UNION ALL ')}) c ORDER BY ${order('c')} ${extent}`
}

/** The resource of a row of the page, where it is of the type. */
const rowSql = (
  { directoryId, withReferences }: StoreSearch,
  type: ResourceTypeName,
): Prisma.Sql => Prisma.sql`(
  SELECT ${columns}, ${withReferences?.includes(type) ? referencesSql[type](directoryId) : none} AS found
  FROM ${tables[type]} r
  WHERE page.type = ${literals[type]} AND r.directory_id = ${directoryId}::uuid AND r.id = page.id OFFSET 0)`

/** How many rows: at a cursor one more, which tells whether there is another page. */
const extentOf = (page: StoreSearch['page']): { limit: number; offset: number } =>
  'cursor' in page ? { limit: page.count + 1, offset: 0 } : { limit: page.count, offset: page.startIndex - 1 }

/**
 * What a filter finds is found once, since all of it has to be counted: for the page alone PostgreSQL would walk along
 * the order, hoping that the page is soon full. Without a filter there is nothing to find, the order has its index, and
 * how many there are is known.
 */
function findSql({ type, filter, sort }: SearchTarget, directoryId: string, baseUrl: string): Found {
  const scope = { resourceType: type, directoryId, baseUrl }
  const key = sort === null ? noKey : sortKeyOf(sort, scope)
  const name = names[type]
  const condition = filter === null ? Prisma.sql`TRUE` : filterSql(filter, scope)
  const once = Prisma.raw(filter === null ? 'NOT MATERIALIZED' : 'MATERIALIZED')
  const list = Prisma.sql`${name} AS ${once} (
    SELECT r.id, ${key.sql} AS key FROM ${tables[type]} r WHERE r.directory_id = ${directoryId}::uuid AND ${condition})`
  const total = filter === null ? countSql(directoryId, type) : Prisma.sql`(SELECT count(*) FROM ${name})`
  return { type, name, key, list, total }
}

const none = Prisma.raw('NULL::json')

const noKey: SortKey = { sql: Prisma.sql`NULL::text`, isInEveryRow: false }

const literals: Record<ResourceTypeName, Prisma.Sql> = {
  User: Prisma.raw(`'User'::text`),
  Group: Prisma.raw(`'Group'::text`),
}

const names: Record<ResourceTypeName, Prisma.Sql> = {
  User: Prisma.raw('found_users'),
  Group: Prisma.raw('found_groups'),
}

const sideSql = (sort: Sort | null, cursor: Cursor | null, key: SortKey): Prisma.Sql =>
  cursor === null ? Prisma.sql`TRUE` : keysetSql(sort, cursor, key.isInEveryRow)

/** Whether the cursor leaves anything out. */
function otherSideSql(sort: Sort | null, cursor: Cursor | null, found: readonly Found[]): Prisma.Sql {
  if (cursor === null) return Prisma.sql`FALSE`
  const other = { ...cursor, bound: complements[cursor.bound] }
  const parts = found.map(
    ({ name, key }) => Prisma.sql`EXISTS (SELECT 1 FROM ${name} WHERE ${sideSql(sort, other, key)})`,
  )
  return Prisma.join(parts, ' OR ', '(', ')')
}
