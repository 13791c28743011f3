// `co`, `sw` and `ew` on what people are searched by and what is in no column of its own: a user's displayName and
// e-mail. The expressions are those of the trigram indexes in prisma/migrations, to the letter.
import type { Filter } from '../scim/filter.ts'
import { isEquality } from './filter-sql-document.ts'
import { type Column, escapeLike, textSql } from './filter-sql-value.ts'
import { Prisma } from './generated/client.ts'

/** The displayName of a user row with the alias `user`, NULL where there is none. */
export const displayNameOf = (user: Prisma.Sql): Prisma.Sql => Prisma.sql`(${user}.search ->> 'displayName')`

/** Compares the displayName of the user in `r`; one that is missing differs from every value. */
export const displayNameColumn: Column = (operator, value) => {
  const name = displayNameOf(Prisma.sql`r`)
  if (operator === 'eq') return hasDisplayName(Prisma.sql`r`, String(value))
  if (operator === 'ne') return Prisma.sql`NOT ${hasDisplayName(Prisma.sql`r`, String(value))}`
  // not COALESCE, in which no index is found
  return Prisma.sql`(${name} IS NOT NULL AND ${textSql(name, operator, value)})`
}

/** Containment, as everywhere in the document; and equality, of which PostgreSQL knows how rare it is. */
export const hasDisplayName = (user: Prisma.Sql, name: string): Prisma.Sql => Prisma.sql`(
  ${user}.search @> ${JSON.stringify({ displayName: name })}::jsonb AND ${displayNameOf(user)} = ${name}::text)`

/** The values of all e-mails of the user in `r`, as JSON: `["a@example.com", "b@example.com"]`. */
const emailValues = Prisma.sql`jsonb_path_query_array(r.search, '$.emails[*].value')::text`

/**
 * What the user in `r` must have if one of its e-mails meets the filter, in a form that the trigram index finds; null
 * where the filter does not ask for a part of a value. It lets too many through: the filter itself is to follow.
 */
export function emailPrefilter(filter: Filter): Prisma.Sql | null {
  switch (filter.kind) {
    case 'and': {
      // an equality has its own index
      const parts = filter.filters
        .filter((part) => !isEquality(part))
        .flatMap((part) => emailPrefilter(part) ?? [])
      return parts.length === 0 ? null : Prisma.join(parts, ' AND ', '(', ')')
    }
    case 'or': {
      const parts = filter.filters.map(emailPrefilter)
      const known = parts.flatMap((part) => part ?? [])
      return known.length < parts.length ? null : Prisma.join(known, ' OR ', '(', ')')
    }
    case 'compare': {
      const pattern = filter.path[0] === 'value' ? jsonPattern(filter) : null
      return pattern === null ? null : Prisma.sql`${emailValues} LIKE ${pattern}::text`
    }
    default:
      return null
  }
}

type Comparison = Extract<Filter, { kind: 'compare' }>

/** Finds the value in JSON, where both we and PostgreSQL escape the same characters in the same way. */
function jsonPattern({ operator, value }: Comparison): string | null {
  const quoted = escapeLike(JSON.stringify(value))
  const [begun, ended] = [quoted.slice(0, -1), quoted.slice(1)]
  switch (operator) {
    case 'eq':
      return `%${quoted}%`
    case 'co':
      return `%${quoted.slice(1, -1)}%`
    case 'sw':
      return `%${begun}%`
    case 'ew':
      return `%${ended}%`
    default:
      return null
  }
}
