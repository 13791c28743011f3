// Searching users and groups (RFC 7644 section 3.4.2): a page of those that meet a filter, in a stable order, and how
// many there are in all.
import type { Filter } from '../scim/filter.ts'
import type { Page } from '../scim/list.ts'
import type { Sort } from '../scim/sort.ts'
import type { Tx } from './database.ts'
import { filterSql } from './filter-sql.ts'
import { Prisma } from './generated/client.ts'
import {
  columns,
  type ResourceTypeName,
  type Row,
  type StoredResource,
  tables,
  toResource,
} from './resources.ts'
import { orderSql, sortKeySql } from './sort-sql.ts'

export interface StoreSearch {
  readonly type: ResourceTypeName
  readonly filter: Filter | null
  /** null: in the order of the ids */
  readonly sort: Sort | null
  readonly page: Page
  readonly baseUrl: string
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
): Promise<{ total: number; resources: StoredResource[] }> {
  const { type, filter, sort, page, baseUrl } = search
  const scope = { resourceType: type, directoryId, baseUrl }
  const condition = filter === null ? Prisma.sql`TRUE` : filterSql(filter, scope)
  const found = Prisma.sql`${tables[type]} r WHERE r.directory_id = ${directoryId}::uuid AND ${condition}`
  const key = sort === null ? Prisma.sql`NULL` : sortKeySql(sort, scope)
  const order = orderSql(sort?.order ?? null, Prisma.raw('key'), Prisma.raw('id'))
  const rows = await tx.$queryRaw<({ total: bigint } & (Row | NoRow))[]>`
    SELECT counted.total, page.* FROM (SELECT count(*) AS total FROM ${found}) counted
    LEFT JOIN (
      SELECT * FROM (SELECT ${columns}, ${key} AS key FROM ${found}) found
      ORDER BY ${order} LIMIT ${page.count} OFFSET ${page.startIndex - 1}
    ) page ON true
    ORDER BY ${order}`
  return {
    total: Number(rows[0]?.total ?? 0),
    resources: rows.flatMap((row) => (row.id === null ? [] : toResource(row))),
  }
}
