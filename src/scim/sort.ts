// Sorting (RFC 7644 section 3.4.2.3): what `sortBy` and `sortOrder` mean, and the order itself. The SQL of
// store/sort-sql.ts must give exactly this order.
import { invalidValue } from './errors.ts'
import { quoted } from './filter-text.ts'
import { compareText } from './match.ts'
import { isArray, isObject, isUnassigned, type Json, type JsonObject } from './resource.ts'
import { type Attribute, findSubAttribute, type ResourceType } from './schema.ts'
import { resolveName } from './search-name.ts'

export type SortOrder = 'ascending' | 'descending'

export interface Sort {
  /** leads from the resource to the value, or to the list of a multi-valued attribute */
  readonly path: readonly string[]
  /** leads from the chosen element of the list to the value; null where the attribute has one value */
  readonly inElement: readonly string[] | null
  /** whose values are compared */
  readonly attribute: Attribute
  readonly order: SortOrder
}

/** Text is compared by this many characters (code points): longer ones would not fit into a cursor. */
export const MAX_KEY_LENGTH = 1000

/** What a resource is sorted by; null where it has no value. */
export type SortKey = string | number | null

/**
 * Reads the two parameters; without sortBy there is nothing to sort by. Throws invalidValue.
 * `others` are the further types of a search at the root: a name that only they have finds no value here.
 */
export function parseSort(
  sortBy: string | undefined,
  sortOrder: string | undefined,
  type: ResourceType,
  others: readonly ResourceType[] = [],
): Sort | null {
  if (sortBy === undefined || sortBy.trim() === '') return null
  const order = parseOrder(sortOrder)
  const name = sortBy.trim()
  const refuse = (detail: string) => invalidValue(`sortBy: ${detail}`)
  const { path, attribute, sub } = resolveName(name, { type, others }, refuse)
  // A complex attribute stands for its `value`, as in filters.
  const part = sub ?? findSubAttribute(attribute, 'value')
  if (part === null && attribute.type === 'complex') {
    throw invalidValue(`sortBy: ${quoted(name)} is complex: sort by one of its sub-attributes.`)
  }
  const steps = part === null ? [] : [part.name]
  const compared = part ?? attribute
  if (attribute.multiValued) return { path, inElement: steps, attribute: compared, order }
  return { path: [...path, ...steps], inElement: null, attribute: compared, order }
}

function parseOrder(text: string | undefined): SortOrder {
  const order = text?.trim().toLowerCase() ?? ''
  if (order === '' || order === 'ascending') return 'ascending'
  if (order === 'descending') return 'descending'
  throw invalidValue('sortOrder must be "ascending" or "descending".')
}

/** How keys are compared: ids and times by what they are, not by their text. */
export type KeyKind = 'text' | 'number' | 'id' | 'time'

export function keyKindOf(sort: Sort): KeyKind {
  if (isNumeric(sort)) return 'number'
  const name = sort.path.join('.')
  if (name === 'id') return 'id'
  return name === 'meta.created' || name === 'meta.lastModified' ? 'time' : 'text'
}

export const isNumeric = ({ attribute: { type } }: Sort): boolean => type === 'integer' || type === 'decimal'

/**
 * What a folded resource (fold.ts) is sorted by. Of a multi-valued attribute its primary element counts, else its
 * first. dateTimes and Booleans are texts whose order is theirs.
 */
export function sortKeyOf(sort: Sort, folded: JsonObject): SortKey {
  const held = valueAt(folded, sort.path)
  const value = sort.inElement === null ? held : valueAt(chosenElement(held), sort.inElement)
  if (isUnassigned(value)) return null
  if (isNumeric(sort)) return typeof value === 'number' ? value : null
  return [...String(value)].slice(0, MAX_KEY_LENGTH).join('')
}

function chosenElement(list: Json | undefined): Json | undefined {
  if (!isArray(list)) return undefined
  return list.find((element) => isObject(element) && element.primary === true) ?? list[0]
}

const valueAt = (context: Json | undefined, path: readonly string[]): Json | undefined =>
  path.reduce<Json | undefined>((held, key) => (isObject(held) ? held[key] : undefined), context)

/**
 * The order of two folded resources: by what they are sorted by, missing values last when ascending and first when
 * descending; else, and by default, by their ids.
 */
export function compareResources(sort: Sort | null, a: JsonObject, b: JsonObject): number {
  const byId = compareText(String(a.id), String(b.id))
  if (sort === null) return byId
  const ascending = compareKeys(sortKeyOf(sort, a), sortKeyOf(sort, b))
  return (sort.order === 'ascending' ? ascending : -ascending) || byId
}

function compareKeys(a: SortKey, b: SortKey): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return compareText(String(a), String(b))
}
