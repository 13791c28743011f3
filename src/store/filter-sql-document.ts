// Filters on a search document in jsonb (scim/fold.ts): `eq` is containment, which the GIN index answers, also
// inside of value paths; the rest reads the values. No result is NULL.
import type { Filter } from '../scim/filter.ts'
import type { Json } from '../scim/resource.ts'
import { FALSE, orderSql, textSql } from './filter-sql-value.ts'
import { Prisma } from './generated/client.ts'

/** A leaf of a filter: what is left when `and`, `or` and `not` are taken away. */
export type Condition = Exclude<Filter, { kind: 'and' | 'or' | 'not' }>

/** A condition on a multi-valued attribute. */
export type AnyCondition = Extract<Filter, { kind: 'any' }>

type Comparison = Extract<Filter, { kind: 'compare' }>

/** `and`, `or` and `not` in SQL around the conditions. */
export function combineSql(filter: Filter, conditionSql: (condition: Condition) => Prisma.Sql): Prisma.Sql {
  switch (filter.kind) {
    case 'and':
    case 'or': {
      const parts = filter.filters.map((part) => combineSql(part, conditionSql))
      return Prisma.join(parts, filter.kind === 'and' ? ' AND ' : ' OR ', '(', ')')
    }
    case 'not':
      return Prisma.sql`(NOT ${combineSql(filter.filter, conditionSql)})`
    default:
      return Prisma.sql`(${conditionSql(filter)})`
  }
}

/** A condition on the document, or on one element of it, that `root` is. */
export function documentSql(condition: Condition, root: Prisma.Sql): Prisma.Sql {
  switch (condition.kind) {
    case 'present':
      return presentSql(valueSql(root, condition.path))
    case 'compare':
      return compareSql(condition, root)
    case 'any':
      return condition.filter === null
        ? presentSql(valueSql(root, condition.path))
        : anySql(condition.path, condition.filter, root)
  }
}

/** Empty text, an empty list and an object with nothing in it are unassigned (RFC 7643 section 2.5). */
const presentSql = (value: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`COALESCE(${value} NOT IN ('null'::jsonb, '""'::jsonb, '[]'::jsonb, '{}'::jsonb), FALSE)`

function compareSql({ path, operator, value }: Comparison, root: Prisma.Sql): Prisma.Sql {
  if (operator === 'eq') return containsSql(root, nested(path, value))
  if (operator === 'ne') return Prisma.sql`NOT ${containsSql(root, nested(path, value))}`
  const held = valueSql(root, path)
  if (typeof value === 'number') {
    const ordered = orderSql(Prisma.sql`${held}::numeric`, operator, Prisma.sql`${String(value)}::numeric`)
    return Prisma.sql`CASE WHEN jsonb_typeof(${held}) = 'number' THEN ${ordered} ELSE FALSE END`
  }
  return Prisma.sql`COALESCE(${textSql(Prisma.sql`(${held} #>> '{}')`, operator, value)}, FALSE)`
}

/** Some element meets the filter. `or` is taken outside, so that each side can use the index. */
function anySql(path: readonly string[], filter: Filter, root: Prisma.Sql): Prisma.Sql {
  if (filter.kind === 'or') {
    const parts = filter.filters.map((part) => anySql(path, part, root))
    return Prisma.join(parts, ' OR ', '(', ')')
  }
  const conditions = filter.kind === 'and' ? filter.filters : [filter]
  const equalities = conditions.filter(isEquality)
  const element = elementWith(equalities)
  if (element === null) return FALSE
  if (equalities.length === conditions.length) return containsSql(root, nested(path, [element]))
  const search = elementSql(valueSql(root, path), filter)
  if (equalities.length === 0) return search
  return Prisma.sql`(${containsSql(root, nested(path, [element]))} AND ${search})`
}

export const isEquality = (filter: Filter): filter is Comparison =>
  filter.kind === 'compare' && filter.operator === 'eq'

/** What an element has that meets all of these; null where two of them exclude each other. */
function elementWith(equalities: readonly Comparison[]): Json {
  const values = new Map<string | undefined, Json>()
  for (const { path, value } of equalities) {
    const [name] = path
    if (values.has(name) && values.get(name) !== value) return null
    values.set(name, value)
  }
  // An element that is not complex is its own value: its path is empty.
  const own = values.get(undefined)
  if (own !== undefined) return own
  return Object.fromEntries(
    [...values].flatMap(([name, value]) => (name === undefined ? [] : [[name, value]])),
  )
}

function elementSql(list: Prisma.Sql, filter: Filter): Prisma.Sql {
  const holds = combineSql(filter, (condition) => documentSql(condition, Prisma.sql`e.value`))
  return Prisma.sql`EXISTS (
    SELECT 1 FROM jsonb_array_elements(CASE jsonb_typeof(${list}) WHEN 'array' THEN ${list} ELSE '[]' END) AS e (value)
    WHERE ${holds})`
}

const containsSql = (root: Prisma.Sql, part: Json): Prisma.Sql =>
  Prisma.sql`${root} @> ${JSON.stringify(part)}::jsonb`

/** The value at a path of the document, as jsonb; NULL where there is none. */
export const valueSql = (root: Prisma.Sql, path: readonly string[]): Prisma.Sql =>
  path.reduce((held, key) => Prisma.sql`(${held} -> ${key}::text)`, root)

/** `nested(['name', 'givenName'], 'x')` is `{ name: { givenName: 'x' } }`. */
const nested = (path: readonly string[], value: Json): Json =>
  path.reduceRight<Json>((held, key) => ({ [key]: held }), value)
