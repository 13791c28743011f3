// Sorting (RFC 7644 section 3.4.2.3) → SQL on the users and groups tables. It gives exactly the order of
// scim/sort.ts: a property test holds the two together.
import { isNumeric, MAX_KEY_LENGTH, type Sort, type SortOrder } from '../scim/sort.ts'
import type { FilterScope } from './filter-sql.ts'
import { valueSql } from './filter-sql-document.ts'
import { Prisma } from './generated/client.ts'
import { firstGroupSql, firstMemberSql } from './sort-sql-members.ts'

/** An expression on a row with the alias `r` whose order PostgreSQL knows; NULL where the row has no value. */
export function sortKeySql(sort: Sort, scope: FilterScope): Prisma.Sql {
  const name = sort.path.join('.')
  const part = sort.inElement?.[0]
  if (part !== undefined && name === 'groups' && scope.resourceType === 'User') {
    return textKey(firstGroupSql(part, scope))
  }
  if (part !== undefined && name === 'members' && scope.resourceType === 'Group') {
    return textKey(firstMemberSql(part, scope))
  }
  return columnKey(name, scope) ?? documentKey(sort)
}

/** What is in columns and not, or not only, in the document. */
function columnKey(name: string, { resourceType, baseUrl }: FilterScope): Prisma.Sql | null {
  switch (name) {
    case 'id':
      return Prisma.sql`r.id`
    case 'meta.resourceType':
      return textKey(Prisma.sql`${resourceType}::text`)
    case 'meta.created':
      return Prisma.sql`r.created_at`
    case 'meta.lastModified':
      return Prisma.sql`r.last_modified`
    case 'meta.location':
      return textKey(Prisma.sql`(${`${baseUrl}/${resourceType}s/`}::text || r.id::text)`)
    case 'meta.version':
      // as version.ts writes it
      return textKey(Prisma.sql`('W/"' || r.version::text || '"')`)
    case 'userName':
      return resourceType === 'User' ? Prisma.sql`r.user_name_key COLLATE "C"` : null
    case 'displayName':
      return resourceType === 'Group' ? Prisma.sql`r.display_name_key COLLATE "C"` : null
    default:
      return null
  }
}

function documentKey(sort: Sort): Prisma.Sql {
  const held = valueSql(Prisma.sql`r.search`, sort.path)
  const value = sort.inElement === null ? held : valueSql(chosenElement(held), sort.inElement)
  if (isNumeric(sort)) {
    return Prisma.sql`CASE WHEN jsonb_typeof(${value}) = 'number' THEN ${value}::numeric END`
  }
  return textKey(Prisma.sql`(${value} #>> '{}')`)
}

/** The primary element of a list, else its first. */
const chosenElement = (list: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`COALESCE(jsonb_path_query_first(${list}, '$[*] ? (@.primary == true)'), ${list} -> 0)`

const textKey = (text: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`left(NULLIF(${text}, ''), ${MAX_KEY_LENGTH}::int) COLLATE "C"`

/** The order of rows by their key, missing ones last when ascending and first when descending, and by their ids. */
export function orderSql(order: SortOrder | null, key: Prisma.Sql, id: Prisma.Sql): Prisma.Sql {
  if (order === null) return id
  return order === 'ascending'
    ? Prisma.sql`${key} ASC NULLS LAST, ${id} ASC`
    : Prisma.sql`${key} DESC NULLS FIRST, ${id} ASC`
}
