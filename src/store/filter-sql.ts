// Filters (RFC 7644 section 3.4.2.2) → SQL on the users and groups tables. It selects exactly what scim/match.ts
// selects: a property test holds the two together. Values are parameters, and no result is NULL, so NOT is safe.
import type { Filter } from '../scim/filter.ts'
import { type Condition, combineSql, documentSql } from './filter-sql-document.ts'
import { groupsSql, type MembersScope, membersSql } from './filter-sql-members.ts'
import { type Column, idColumn, referenceColumn, TRUE, textColumn, timeColumn } from './filter-sql-value.ts'
import { Prisma } from './generated/client.ts'

export { memberFilterSql } from './filter-sql-members.ts'

/** Whose resources are searched; `baseUrl` is what their URIs begin with, e.g. `https://host/scim/v2`. */
export interface FilterScope extends MembersScope {
  readonly resourceType: 'User' | 'Group'
}

/**
 * A condition on a row of users or groups with the alias `r`. The directory is for the caller to restrict as well.
 *
 * @example
 * tx.$queryRaw`SELECT id FROM users r WHERE r.directory_id = ${directoryId}::uuid AND ${filterSql(filter, scope)}`
 */
export function filterSql(filter: Filter, scope: FilterScope): Prisma.Sql {
  return combineSql(filter, (condition) => conditionSql(condition, scope))
}

function conditionSql(condition: Condition, scope: FilterScope): Prisma.Sql {
  const name = condition.path.join('.')
  if (condition.kind === 'any') {
    if (name === 'groups' && scope.resourceType === 'User') return groupsSql(condition.filter, scope)
    if (name === 'members' && scope.resourceType === 'Group') return membersSql(condition.filter, scope)
    return documentSql(condition, Prisma.sql`r.search`)
  }
  if (condition.kind === 'present' && name === 'meta') return TRUE
  const column = columnOf(name, scope)
  if (column === null) return documentSql(condition, Prisma.sql`r.search`)
  return condition.kind === 'present' ? TRUE : column(condition.operator, condition.value)
}

/** What is in columns and not, or not only, in the document: no row lacks any of these. */
function columnOf(name: string, { resourceType, baseUrl }: FilterScope): Column | null {
  switch (name) {
    case 'id':
      return idColumn(Prisma.sql`r.id`)
    case 'meta.resourceType':
      return textColumn(Prisma.sql`${resourceType}::text`)
    case 'meta.created':
      return timeColumn(Prisma.sql`r.created_at`)
    case 'meta.lastModified':
      return timeColumn(Prisma.sql`r.last_modified`)
    case 'meta.location':
      return referenceColumn(`${baseUrl}/${resourceType}s/`, Prisma.sql`r.id`)
    case 'meta.version':
      // as version.ts writes it
      return textColumn(Prisma.sql`('W/"' || r.version::text || '"')`)
    case 'userName':
      return resourceType === 'User' ? textColumn(Prisma.sql`r.user_name_key`) : null
    case 'displayName':
      return resourceType === 'Group' ? textColumn(Prisma.sql`r.display_name_key`) : null
    default:
      return null
  }
}
