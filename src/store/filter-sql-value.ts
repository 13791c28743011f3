// One comparison of a filter on one SQL expression (RFC 7644 section 3.4.2.2): text, ids, references, times.
// What a client wrote is a parameter, never part of the statement.
import type { CompareOperator, FilterValue } from '../scim/filter.ts'
import { parseVersionTag } from '../scim/version.ts'
import { Prisma } from './generated/client.ts'

/** Compares a value that no row lacks: the expression is never NULL, and so is the result. */
export type Column = (operator: CompareOperator, value: FilterValue) => Prisma.Sql

export const TRUE = Prisma.sql`TRUE`
export const FALSE = Prisma.sql`FALSE`

/**
 * Compares text, folded on both sides, by code points. NULL only where the expression is.
 * `LIKE` and not starts_with(): only LIKE is served by trigram and text_pattern_ops indexes.
 */
export function textSql(text: Prisma.Sql, operator: CompareOperator, value: FilterValue): Prisma.Sql {
  const wanted = String(value)
  switch (operator) {
    case 'eq':
      return Prisma.sql`${text} = ${wanted}::text`
    case 'ne':
      return Prisma.sql`${text} <> ${wanted}::text`
    case 'co':
      return Prisma.sql`${text} LIKE ${`%${escapeLike(wanted)}%`}::text`
    case 'sw':
      return Prisma.sql`${text} LIKE ${`${escapeLike(wanted)}%`}::text`
    case 'ew':
      return Prisma.sql`${text} LIKE ${`%${escapeLike(wanted)}`}::text`
    default:
      return orderSql(Prisma.sql`${text} COLLATE "C"`, operator, Prisma.sql`${wanted}::text`)
  }
}

/** Compares two expressions whose type PostgreSQL orders as the filter does. */
export function orderSql(left: Prisma.Sql, operator: CompareOperator, right: Prisma.Sql): Prisma.Sql {
  switch (operator) {
    case 'eq':
      return Prisma.sql`${left} = ${right}`
    case 'ne':
      return Prisma.sql`${left} <> ${right}`
    case 'gt':
      return Prisma.sql`${left} > ${right}`
    case 'ge':
      return Prisma.sql`${left} >= ${right}`
    case 'lt':
      return Prisma.sql`${left} < ${right}`
    case 'le':
      return Prisma.sql`${left} <= ${right}`
    default:
      return FALSE
  }
}

export const textColumn =
  (text: Prisma.Sql): Column =>
  (operator, value) =>
    textSql(text, operator, value)

/** A timestamptz column; the value is an ISO 8601 text (scim/date-time.ts). */
export const timeColumn =
  (time: Prisma.Sql): Column =>
  (operator, value) =>
    orderSql(time, operator, Prisma.sql`${String(value)}::timestamptz`)

/** A uuid column: `eq` must find the index, and a text that is no id of ours is just not found. */
export const idColumn =
  (id: Prisma.Sql): Column =>
  (operator, value) => {
    if (operator !== 'eq' && operator !== 'ne') return textSql(Prisma.sql`${id}::text`, operator, value)
    const wanted = String(value)
    if (!isCanonicalUuid(wanted)) return operator === 'eq' ? FALSE : TRUE
    return orderSql(id, operator, Prisma.sql`${wanted}::uuid`)
  }

/** The version of a row, of which clients see a tag: `eq` must find the index, as with ids. */
export const versionColumn =
  (version: Prisma.Sql): Column =>
  (operator, value) => {
    // as version.ts writes it
    const tag = Prisma.sql`('W/"' || ${version}::text || '"')`
    if (operator !== 'eq' && operator !== 'ne') return textSql(tag, operator, value)
    const wanted = parseVersionTag(String(value))
    if (wanted === null) return operator === 'eq' ? FALSE : TRUE
    return orderSql(version, operator, Prisma.sql`${wanted}::int`)
  }

/** A URI that ends in an id, e.g. `https://host/scim/v2/Users/` before a uuid column. */
export const referenceColumn =
  (prefix: string, id: Prisma.Sql): Column =>
  (operator, value) => {
    const wanted = String(value)
    if (operator !== 'eq' && operator !== 'ne') {
      return textSql(Prisma.sql`(${prefix}::text || ${id}::text)`, operator, value)
    }
    return idColumn(id)(operator, wanted.startsWith(prefix) ? wanted.slice(prefix.length) : '')
  }

/** Ids are given in lower case and compare with case: another spelling is another text. */
const isCanonicalUuid = (text: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text)

export const escapeLike = (text: string): string => text.replace(/[\\%_]/g, '\\$&')
