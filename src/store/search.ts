// Searching users, groups, or both (RFC 7644 sections 3.4.2 and 3.4.2.1): a page of those that meet a filter, in a
// stable order, and how many there are in all.
import type { Filter } from '../scim/filter.ts'
import type { Page } from '../scim/list.ts'
import type { ResourceTypeName } from '../scim/schema.ts'
import type { Sort } from '../scim/sort.ts'
import type { Tx } from './database.ts'
import { filterSql } from './filter-sql.ts'
import { Prisma } from './generated/client.ts'
import { columns, type Row, type StoredResource, tables, toResource } from './resources.ts'
import { orderSql, sortKeySql } from './sort-sql.ts'

/** Resources of one type: which of them, and what they are sorted by; by all types of a search or by none. */
export interface SearchTarget {
  readonly type: ResourceTypeName
  readonly filter: Filter | null
  /** null: in the order of the ids */
  readonly sort: Sort | null
}

export interface StoreSearch {
  readonly targets: readonly SearchTarget[]
  readonly page: Page
  readonly baseUrl: string
}

export interface FoundResource extends StoredResource {
  readonly type: ResourceTypeName
}

interface FoundRow extends Row {
  readonly type: ResourceTypeName
}

/** The left join gives one row without a resource where the page is empty. */
interface NoRow {
  readonly id: null
}

/** One statement, so that the page and the total are of the same moment. */
export async function searchResources(
  tx: Tx,
  directoryId: string,
  search: StoreSearch,
): Promise<{ total: number; resources: FoundResource[] }> {
  const { page, targets, baseUrl } = search
  const arms = targets.map((target) => armSql(target, directoryId, baseUrl))
  const counts = arms.map(({ found }) => Prisma.sql`(SELECT count(*) FROM ${found})`)
  const found = arms.map(({ selected }) => selected)
  const order = orderSql(targets[0]?.sort?.order ?? null, Prisma.raw('key'), Prisma.raw('id'))
  const rows = await tx.$queryRaw<({ total: bigint } & (FoundRow | NoRow))[]>`
    SELECT counted.total, page.* FROM (SELECT ${Prisma.join(counts, ' + ')} AS total) counted
    LEFT JOIN (
      SELECT * FROM (${Prisma.join(found, ' UNION ALL ')}) found
      ORDER BY ${order} LIMIT ${page.count} OFFSET ${page.startIndex - 1}
    ) page ON true
    ORDER BY ${order}`
  return {
    total: Number(rows[0]?.total ?? 0),
    resources: rows.flatMap((row) => (row.id === null ? [] : { ...toResource(row), type: row.type })),
  }
}

/** What follows FROM for the resources of one type, and the query for them with their key. */
function armSql({ type, filter, sort }: SearchTarget, directoryId: string, baseUrl: string) {
  const scope = { resourceType: type, directoryId, baseUrl }
  const condition = filter === null ? Prisma.sql`TRUE` : filterSql(filter, scope)
  const found = Prisma.sql`${tables[type]} r WHERE r.directory_id = ${directoryId}::uuid AND ${condition}`
  const key = sort === null ? Prisma.sql`NULL` : sortKeySql(sort, scope)
  return {
    found,
    selected: Prisma.sql`SELECT ${type}::text AS type, ${columns}, ${key} AS key FROM ${found}`,
  }
}
