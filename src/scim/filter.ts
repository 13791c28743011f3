// Filters (RFC 7644 section 3.4.2.2): text → a tree whose names and values are resolved on a schema.
// The only importer of scim2-parse-filter; filter-text.ts mends what it gets wrong.
import { type Filter as Parsed, type AttrExp as ParsedCondition, parse } from 'scim2-parse-filter'
import { invalidFilter } from './errors.ts'
import { type FilterValue, type MendedFilter, mendFilter, quoted } from './filter-text.ts'
import { compareValue } from './filter-value.ts'
import { type Attribute, findSubAttribute, type ResourceType } from './schema.ts'
import { type Place, resolveName } from './search-name.ts'

export { type FilterValue, MAX_FILTER_DEPTH, MAX_FILTER_LENGTH } from './filter-text.ts'

export type CompareOperator = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le'

/**
 * `path` leads from the resource, or inside `any` from one element, to the value: canonical keys of the document.
 * A condition on a multi-valued attribute is an `any`: at least one element meets `filter` (null: whatever it is).
 * `value` is folded as documents are for search (fold.ts); `literal` is the same as the client wrote it.
 */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly kind: 'not'; readonly filter: Filter }
  | {
      readonly kind: 'compare'
      readonly path: readonly string[]
      readonly attribute: Attribute
      readonly operator: CompareOperator
      readonly value: FilterValue
      readonly literal: FilterValue
    }
  | { readonly kind: 'present'; readonly path: readonly string[]; readonly attribute: Attribute }
  | {
      readonly kind: 'any'
      readonly path: readonly string[]
      readonly attribute: Attribute
      readonly filter: Filter | null
    }

/** The most conditions of a filter on memberships: each is a search of its own among all of the directory's. */
export const MAX_MEMBERSHIP_CONDITIONS = 20

/** What names mean: on a resource type, or inside of a value path. Throws invalidFilter for unknown ones. */
type Resolve = (name: string) => Place

/**
 * Reads a filter on resources of a type. Throws invalidFilter.
 * `others` are the further types of a search at the root: a name that only they have finds no value here.
 *
 * @example parseFilter('emails[type eq "work" and value co "@example.com"]', userType)
 */
export function parseFilter(text: string, type: ResourceType, others: readonly ResourceType[] = []): Filter {
  const filter = readText(text, (name) => resolveName(name, { type, others }, invalidFilter))
  const count = membershipConditions(filter)
  if (count <= MAX_MEMBERSHIP_CONDITIONS) return filter
  throw invalidFilter(
    `The filter has ${count} conditions on groups or members; ${MAX_MEMBERSHIP_CONDITIONS} are allowed.`,
  )
}

/** A value path counts once: all that it says is looked for at once. */
function membershipConditions(filter: Filter): number {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.reduce((sum, part) => sum + membershipConditions(part), 0)
    case 'not':
      return membershipConditions(filter.filter)
    default:
      return filter.kind === 'any' && ['groups', 'members'].includes(filter.path.join('.')) ? 1 : 0
  }
}

/**
 * Reads the inside of a value path, e.g. `type eq "work"` on emails: a filter on one element. Throws invalidFilter.
 */
export function parseElementFilter(text: string, attribute: Attribute): Filter {
  return readText(text, onParts(attribute, []))
}

function readText(source: string, resolve: Resolve): Filter {
  const mended = mendFilter(source)
  return read(parseMended(mended), mended, resolve)
}

function parseMended({ text }: MendedFilter): Parsed {
  try {
    return parse(text)
  } catch {
    throw invalidFilter('The filter cannot be read.')
  }
}

/** Names of sub-attributes; `base` is the path to the attribute from where the filter looks. */
function onParts(attribute: Attribute, base: readonly string[]): Resolve {
  return (name) => {
    const part = findSubAttribute(attribute, name)
    if (part === null) throw invalidFilter(`${attribute.name} has no sub-attribute ${quoted(name)}.`)
    if (part.returned === 'never') throw invalidFilter(`${part.name} cannot be searched.`)
    return { path: [...base, part.name], attribute: part, sub: null }
  }
}

function read(node: Parsed, mended: MendedFilter, resolve: Resolve): Filter {
  switch (node.op) {
    case 'and':
    case 'or': {
      const [first, second] = node.filters
      // What follows a value path comes as `and` with the two names joined: `n0[…].n2` → n0[…] and n0.n2.
      if (first?.op === '[]' && second !== undefined && 'attrPath' in second && second.op !== '[]') {
        const suffix = second.attrPath.split('.')[1]
        if (suffix !== undefined) {
          return readValuePath(first, mended, resolve, { ...second, attrPath: suffix })
        }
      }
      return combine(
        node.op,
        node.filters.map((part) => read(part, mended, resolve)),
      )
    }
    case 'not':
      return { kind: 'not', filter: read(node.filter, mended, resolve) }
    case '[]':
      return readValuePath(node, mended, resolve, null)
    default:
      return readCondition(node, mended, resolve)
  }
}

/** `emails[type eq "work"]`, and with a suffix `emails[type eq "work"].value eq "x"`: both on the same element. */
function readValuePath(
  node: Extract<Parsed, { op: '[]' }>,
  mended: MendedFilter,
  resolve: Resolve,
  suffix: ParsedCondition | null,
): Filter {
  const name = nameOf(node.attrPath, mended)
  const { path, attribute, sub } = resolve(name)
  if (sub !== null || attribute.type !== 'complex') {
    throw invalidFilter(`${quoted(name)} has no sub-attributes to filter by.`)
  }
  const parts = onParts(attribute, attribute.multiValued ? [] : path)
  const inside = read(node.valFilter, mended, parts)
  const filter = suffix === null ? inside : combine('and', [inside, readCondition(suffix, mended, parts)])
  return attribute.multiValued ? { kind: 'any', path, attribute, filter } : filter
}

function readCondition(node: ParsedCondition, mended: MendedFilter, resolve: Resolve): Filter {
  const name = nameOf(node.attrPath, mended)
  const place = resolve(name)
  if (node.op === 'pr') return presence(place)
  const given = mended.values[Number(node.compValue)]
  if (given === undefined) throw invalidFilter('The filter cannot be read.')
  return given === null ? nullness(place, node.op, name) : comparison(place, node.op, given, name)
}

function nameOf(placeholder: string, mended: MendedFilter): string {
  const name = mended.names[Number(placeholder.slice(1))]
  if (name === undefined) throw invalidFilter('The filter cannot be read.')
  return name
}

function presence({ path, attribute, sub }: Place): Filter {
  if (!attribute.multiValued) {
    return { kind: 'present', path: sub === null ? path : [...path, sub.name], attribute: sub ?? attribute }
  }
  const filter: Filter | null = sub === null ? null : { kind: 'present', path: [sub.name], attribute: sub }
  return { kind: 'any', path, attribute, filter }
}

/** `eq null` is "has no value", `ne null` is "has one" (RFC 7643 section 2.5: null is unassigned). */
function nullness(place: Place, operator: CompareOperator, name: string): Filter {
  if (operator === 'ne') return presence(place)
  if (operator === 'eq') return { kind: 'not', filter: presence(place) }
  throw invalidFilter(`${quoted(name)} cannot be compared with null by "${operator}".`)
}

/** A complex attribute stands for its `value`: `manager eq "b"` (scim.md section 3). */
function comparison(
  { path, attribute, sub }: Place,
  operator: CompareOperator,
  given: FilterValue,
  name: string,
): Filter {
  const part = sub ?? (attribute.type === 'complex' ? findSubAttribute(attribute, 'value') : null)
  if (part === null && attribute.type === 'complex') {
    throw invalidFilter(`${quoted(name)} is complex: compare one of its sub-attributes.`)
  }
  const compared = part ?? attribute
  const steps = part === null ? [] : [part.name]
  const condition = (at: readonly string[]): Filter => ({
    kind: 'compare',
    path: at,
    attribute: compared,
    operator,
    ...compareValue(compared, operator, given, quoted(name)),
  })
  if (!attribute.multiValued) return condition([...path, ...steps])
  return { kind: 'any', path, attribute, filter: condition(steps) }
}

/** `and` and `or` without one of the same kind directly inside. */
function combine(kind: 'and' | 'or', filters: readonly Filter[]): Filter {
  return { kind, filters: filters.flatMap((part) => (part.kind === kind ? part.filters : [part])) }
}
