// Filters (RFC 7644 section 3.4.2.2) → SQL on the users and groups tables. It selects exactly what scim/match.ts
// selects: a property test holds the two together. Values are parameters, and no result is NULL, so NOT is safe.
import type { Filter } from '../scim/filter.ts'
import { groupSchema } from '../scim/schemas/group.ts'
import { userSchema } from '../scim/schemas/user.ts'
import { type AnyCondition, type Condition, documentSql, isEquality } from './filter-sql-document.ts'
import { groupsSql, isAmongSql, type MembersScope, membersSql } from './filter-sql-members.ts'
import { displayNameColumn, emailPrefilter } from './filter-sql-trigram.ts'
import {
  type Column,
  FALSE,
  idColumn,
  referenceColumn,
  TRUE,
  textColumn,
  timeColumn,
  versionColumn,
} from './filter-sql-value.ts'
import { Prisma } from './generated/client.ts'
import { tables } from './resources.ts'

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
  switch (filter.kind) {
    case 'and':
      return Prisma.join(conjunctsSql(filter.filters, scope), ' AND ', '(', ')')
    case 'or':
      return filter.filters.some((part) => asksMembers(part, scope))
        ? unionSql(filter.filters, scope)
        : Prisma.join(
            filter.filters.map((part) => filterSql(part, scope)),
            ' OR ',
            '(',
            ')',
          )
    case 'not':
      return Prisma.sql`(NOT ${filterSql(filter.filter, scope)})`
    default:
      return Prisma.sql`(${conditionSql(filter, scope)})`
  }
}

/**
 * `and` with several things that the membership tables answer: PostgreSQL expects few ids of each, and would compare all
 * ids of one with all of the next. So what they have in common is found first.
 */
function conjunctsSql(parts: readonly Filter[], scope: FilterScope): Prisma.Sql[] {
  const asking = parts.filter((part) => asksMembers(part, scope))
  if (asking.length < 2) return parts.map((part) => filterSql(part, scope))
  const others = parts.filter((part) => !asking.includes(part))
  return [combinedSql(asking, 'INTERSECT', scope), ...others.map((part) => filterSql(part, scope))]
}

/**
 * `or` with something that the membership tables answer: PostgreSQL would ask them for each row. So each side is found
 * by its own indexes, and the row is looked for among all that were found.
 */
const unionSql = (sides: readonly Filter[], scope: FilterScope): Prisma.Sql =>
  combinedSql(sides, 'UNION ALL', scope)

function combinedSql(
  sides: readonly Filter[],
  operator: 'UNION ALL' | 'INTERSECT',
  scope: FilterScope,
): Prisma.Sql {
  const found = sides.map(
    (side) => Prisma.sql`
      SELECT r.id FROM ${tables[scope.resourceType]} r
      WHERE r.directory_id = ${scope.directoryId}::uuid AND ${filterSql(side, scope)}`,
  )
  return isAmongSql(
    operator === 'INTERSECT' ? Prisma.join(found, ' INTERSECT ') : Prisma.join(found, ' UNION ALL '),
  )
}

function asksMembers(filter: Filter, scope: FilterScope): boolean {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.some((part) => asksMembers(part, scope))
    case 'not':
      return asksMembers(filter.filter, scope)
    default:
      return filter.kind === 'any' && membersAttribute[scope.resourceType] === filter.path.join('.')
  }
}

/**
 * Whether a filter asks for what is equal in the documents, such as an externalId: their index finds it, and which value
 * it is makes no difference to how.
 */
export function isLookup(filter: Filter, scope: FilterScope): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.filters.some((part) => isLookup(part, scope))
    case 'or':
      return filter.filters.every((part) => isLookup(part, scope))
    case 'compare':
      return isValue(filter) && columnOf(filter.path.join('.'), scope) === null
    case 'any':
      return filter.filter !== null && !asksMembers(filter, scope) && isLookup(filter.filter, scope)
    default:
      return false
  }
}

/** Whether a filter finds no more than one resource, by the name that no other has. */
export function isKeyed(filter: Filter, { resourceType }: Pick<FilterScope, 'resourceType'>): boolean {
  if (filter.kind === 'and') return filter.filters.some((part) => isKeyed(part, { resourceType }))
  return filter.kind === 'compare' && isValue(filter) && filter.path.join('.') === uniqueName[resourceType]
}

const uniqueName = { User: 'userName', Group: 'displayName' } as const

/** What half of all resources may have is no value to look up. */
const isValue = ({ operator, value }: Extract<Filter, { kind: 'compare' }>): boolean =>
  operator === 'eq' && typeof value === 'string'

/** The attribute that the membership tables have. */
const membersAttribute = { User: 'groups', Group: 'members' } as const

function conditionSql(condition: Condition, scope: FilterScope): Prisma.Sql {
  if (condition.path[0] === elsewhere[scope.resourceType]) return holdsWithoutValue(condition) ? TRUE : FALSE
  if (condition.kind === 'any') return anySql(condition, scope)
  const name = condition.path.join('.')
  if (condition.kind === 'present' && name === 'meta') return TRUE
  const column = columnOf(name, scope)
  if (column !== null)
    return condition.kind === 'present' ? TRUE : column(condition.operator, condition.value)
  if (condition.kind === 'compare' && name === 'displayName' && scope.resourceType === 'User') {
    return displayNameColumn(condition.operator, condition.value)
  }
  return documentSql(condition, Prisma.sql`r.search`)
}

/** What the path of an attribute begins with that only the other type has (scim/search-name.ts). */
const elsewhere = { User: groupSchema.id, Group: userSchema.id } as const

/** A value that is missing differs from every value (scim/match.ts). */
const holdsWithoutValue = (condition: Condition): boolean =>
  condition.kind === 'compare' && condition.operator === 'ne'

function anySql(condition: AnyCondition, scope: FilterScope): Prisma.Sql {
  const { filter } = condition
  const name = condition.path.join('.')
  if (name === membersAttribute[scope.resourceType]) {
    return scope.resourceType === 'User' ? groupsSql(filter, scope) : membersSql(filter, scope)
  }
  const exact = documentSql(condition, Prisma.sql`r.search`)
  if (name !== 'emails' || filter === null || isEquality(filter)) return exact
  if (filter.kind === 'or') {
    // each side by its own index
    const sides = filter.filters.map((side) => anySql({ ...condition, filter: side }, scope))
    return Prisma.join(sides, ' OR ', '(', ')')
  }
  const prefilter = emailPrefilter(filter)
  return prefilter === null ? exact : Prisma.sql`(${prefilter} AND ${exact})`
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
      return versionColumn(Prisma.sql`r.version`)
    case 'userName':
      return resourceType === 'User' ? textColumn(Prisma.sql`r.user_name_key`) : null
    case 'displayName':
      return resourceType === 'Group' ? textColumn(Prisma.sql`r.display_name_key`) : null
    default:
      return null
  }
}
