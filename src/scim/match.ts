// Whether a folded resource meets a filter (RFC 7644 section 3.4.2.2). The SQL of store/filter-sql.ts must select
// exactly what this says; PATCH selects the elements of a value path with it.
import type { CompareOperator, Filter, FilterValue } from './filter.ts'
import { isArray, isObject, isUnassigned, type Json, type JsonObject } from './resource.ts'

/**
 * Whether the filter holds on a folded resource, or on one folded element of a multi-valued attribute
 * (fold.ts). A value that is missing differs from every value: only `ne` holds on it. `not` is plain negation.
 */
export function matches(filter: Filter, folded: JsonObject): boolean {
  return holds(filter, folded)
}

function holds(filter: Filter, context: Json): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.filters.every((part) => holds(part, context))
    case 'or':
      return filter.filters.some((part) => holds(part, context))
    case 'not':
      return !holds(filter.filter, context)
    case 'present':
      return !isUnassigned(valueAt(context, filter.path))
    case 'compare':
      return compares(valueAt(context, filter.path), filter.operator, filter.value)
    case 'any':
      return hasElement(valueAt(context, filter.path), filter.filter)
  }
}

function hasElement(value: Json | undefined, filter: Filter | null): boolean {
  if (!isArray(value)) return false
  return filter === null ? value.length > 0 : value.some((element) => holds(filter, element))
}

function valueAt(context: Json, path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((held, key) => (isObject(held) ? held[key] : undefined), context)
}

function compares(value: Json | undefined, operator: CompareOperator, wanted: FilterValue): boolean {
  if (operator === 'eq') return value === wanted
  if (operator === 'ne') return value !== wanted
  if (typeof value === 'string' && typeof wanted === 'string') return comparesText(value, operator, wanted)
  if (typeof value !== 'number' || typeof wanted !== 'number') return false
  return isOrdered(value - wanted, operator)
}

function comparesText(text: string, operator: CompareOperator, wanted: string): boolean {
  switch (operator) {
    case 'co':
      return text.includes(wanted)
    case 'sw':
      return text.startsWith(wanted)
    case 'ew':
      return text.endsWith(wanted)
    default:
      return isOrdered(compareText(text, wanted), operator)
  }
}

function isOrdered(difference: number, operator: CompareOperator): boolean {
  switch (operator) {
    case 'gt':
      return difference > 0
    case 'ge':
      return difference >= 0
    case 'lt':
      return difference < 0
    case 'le':
      return difference <= 0
    default:
      return false
  }
}

/** Negative, zero or positive, by Unicode code points: the order of PostgreSQL's collation "C" in UTF-8. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const difference = rank(a.charCodeAt(i)) - rank(b.charCodeAt(i))
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** Halves of surrogate pairs stand for code points above all others, though U+E000 to U+FFFF are larger units. */
const rank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit)
