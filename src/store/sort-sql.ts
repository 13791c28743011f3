// Sorting (RFC 7644 section 3.4.2.3) → SQL on the users and groups tables. It gives exactly the order of
// scim/sort.ts: a property test holds the two together.
import { isNumeric, MAX_KEY_LENGTH, type Sort } from '../scim/sort.ts'
import type { FilterScope } from './filter-sql.ts'
import { valueSql } from './filter-sql-document.ts'
import { Prisma } from './generated/client.ts'
import { firstGroupSql, firstMemberSql } from './sort-sql-members.ts'

/** What a row with the alias `r` is sorted by. */
export interface SortKey {
  /** its order is one that PostgreSQL knows; NULL where the row has no value */
  readonly sql: Prisma.Sql
  /** whether every row has one: then an index can find a place in the order */
  readonly isInEveryRow: boolean
}

export function sortKeyOf(sort: Sort, scope: FilterScope): SortKey {
  const name = sort.path.join('.')
  const part = sort.inElement?.[0]
  if (part !== undefined && name === 'groups' && scope.resourceType === 'User') {
    return { sql: textKey(firstGroupSql(part, scope)), isInEveryRow: false }
  }
  if (part !== undefined && name === 'members' && scope.resourceType === 'Group') {
    return { sql: textKey(firstMemberSql(part, scope)), isInEveryRow: false }
  }
  const column = columnKey(name, scope)
  if (column !== null) return { sql: column, isInEveryRow: true }
  return { sql: documentKey(sort), isInEveryRow: false }
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
      return resourceType === 'User' ? Prisma.sql`r.user_name_key` : null
    case 'displayName':
      return resourceType === 'Group' ? Prisma.sql`r.display_name_key` : null
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
