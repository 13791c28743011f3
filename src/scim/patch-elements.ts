// PATCH on the elements of a multi-valued attribute (RFC 7644 section 3.5.2, scim.md sections 3 and 5.2):
// with and without a value path, and never more than one primary.
import { elementKey, keyOfParts } from './element-keys.ts'
import { noTarget } from './errors.ts'
import type { Filter } from './filter.ts'
import { foldElement } from './fold.ts'
import { matches } from './match.ts'
import type { PatchOperation } from './patch-body.ts'
import { mergeComplex, withSub } from './patch-complex.ts'
import { isArray, isObject, isUnassigned, type Json, type JsonObject } from './resource.ts'
import type { Attribute } from './schema.ts'
import type { Note } from './tolerance.ts'
import {
  asComplexObject,
  isPrimary,
  onlyElement,
  parsePart,
  parseValue,
  requireNotTooMany,
  unpacked,
  withoutPrimary,
} from './value.ts'

/**
 * The elements after the operation; the same ones, in the same order, where it changes nothing. Throws invalidValue for
 * more than an attribute has.
 */
export function patchElements(
  attribute: Attribute,
  elements: readonly Json[],
  operation: PatchOperation,
  note: Note,
): readonly Json[] {
  const patched = patchedElements(attribute, elements, operation, note)
  if (patched.length > elements.length) requireNotTooMany(patched.length, attribute.name)
  return patched
}

function patchedElements(
  attribute: Attribute,
  elements: readonly Json[],
  operation: PatchOperation,
  note: Note,
): readonly Json[] {
  if (operation.path.filter !== null)
    return patchMatching(attribute, elements, operation, operation.path.filter, note)
  if (operation.path.sub !== null) return patchEach(attribute, elements, operation, operation.path.sub, note)
  const { kind, value } = operation
  if (kind === 'remove' && (value === undefined || value === null)) return []
  const listed = parseValue(attribute, value ?? null, attribute.name, note)
  const given = isArray(listed) ? listed : []
  if (kind === 'replace') return given
  if (kind === 'add') return withAdded(attribute, elements, given)
  note('removeByValue', attribute.name)
  return withoutListed(attribute, elements, given)
}

/** Adds elements one after the other; one with the same value and type is that element already (RFC 7643 section 2.4). */
function withAdded(attribute: Attribute, elements: readonly Json[], given: readonly Json[]): readonly Json[] {
  let held = elements
  let places = placesOf(attribute, held)
  for (const element of given) {
    const key = elementKey(attribute, element)
    const at = places.get(key) ?? held.length
    held = onePrimary(held.toSpliced(at, 1, merged(attribute, held[at], element)), at)
    // who was primary may be another element now
    if (isPrimary(element)) places = placesOf(attribute, held)
    else places.set(key, at)
  }
  return held
}

/** Where the first of each element is. */
const placesOf = (attribute: Attribute, elements: readonly Json[]): Map<string, number> =>
  new Map(elements.map((element, i) => [elementKey(attribute, element), i] as const).reverse())

/** What an element becomes to which the same one is added. */
function merged(attribute: Attribute, held: Json | undefined, element: Json): Json {
  if (held === undefined || !isObject(held) || !isObject(element)) return held ?? element
  return (attribute.subAttributes ?? [])
    .filter(({ name }) => element[name] !== undefined && name !== 'value' && name !== 'type')
    .reduce((kept, sub) => withSub(kept, sub, element[sub.name]), held)
}

/** Removes the elements that one of the given names: all that it says must hold. */
function withoutListed(
  attribute: Attribute,
  elements: readonly Json[],
  given: readonly Json[],
): readonly Json[] {
  const scalars = new Set<string>()
  const listed = new Map<string, Set<string>>()
  for (const wanted of given) {
    if (!isObject(wanted)) scalars.add(elementKey(attribute, wanted))
    else {
      const names = Object.keys(wanted).sort()
      const keys = listed.get(names.join()) ?? new Set()
      listed.set(names.join(), keys.add(keyOfParts(attribute, wanted, names)))
    }
  }
  return elements.filter((element) =>
    isObject(element)
      ? ![...listed].some(([names, keys]) => keys.has(keyOfParts(attribute, element, names.split(','))))
      : !scalars.has(elementKey(attribute, element)),
  )
}

/** The element at `at` was written last: if it is primary, no other is. */
function onePrimary(elements: readonly Json[], at: number): readonly Json[] {
  const written = elements[at]
  if (written === undefined || !isPrimary(written)) return elements
  return elements.map((element, i) => (i === at ? element : withoutPrimary(element)))
}

/** A path such as `emails.type`: the sub-attribute of every element. */
function patchEach(
  attribute: Attribute,
  elements: readonly Json[],
  { kind, value }: PatchOperation,
  sub: Attribute,
  note: Note,
): readonly Json[] {
  const canonical = kind === 'remove' ? undefined : parsePart(attribute, sub, value ?? null, note)
  const held = elements.length === 0 && canonical !== undefined ? [{}] : elements
  return setOnAll(
    held,
    held.map(() => true),
    sub,
    canonical,
  )
}

/** A value path: remove, set a sub-attribute of, or replace the elements that it selects. */
function patchMatching(
  attribute: Attribute,
  elements: readonly Json[],
  { kind, path, value }: PatchOperation,
  filter: Filter,
  note: Note,
): readonly Json[] {
  const selected = elements.map(
    (element) => isObject(element) && matches(filter, foldElement(element, attribute)),
  )
  const clears = kind === 'remove' || value === undefined || isUnassigned(value)
  if (clears && path.sub === null) return elements.filter((_, i) => !selected[i])
  if (!clears && !selected.includes(true)) {
    const made = madeBy(filter, attribute, note)
    note('elementMade', attribute.name)
    const held = onePrimary([...elements, made], elements.length)
    return patchMatching(attribute, held, { kind, path, value }, filter, note)
  }
  if (value === '' && kind !== 'remove') note('emptyText', attribute.name)
  if (path.sub === null)
    return replaceSelected(attribute, elements, selected, kind, value ?? null, filter, note)
  const canonical = clears ? undefined : parsePart(attribute, path.sub, value, note)
  return setOnAll(elements, selected, path.sub, canonical)
}

/** Sets a sub-attribute of the selected elements; an element left with nothing but its labels goes. */
function setOnAll(
  elements: readonly Json[],
  selected: readonly boolean[],
  sub: Attribute,
  value: Json | undefined,
): readonly Json[] {
  const set = elements.map((element, i) =>
    selected[i] && isObject(element) ? withSub(element, sub, value) : element,
  )
  const lastPrimary = value === true && sub.name === 'primary' ? selected.lastIndexOf(true) : -1
  const one = lastPrimary < 0 ? set : onePrimary(set, lastPrimary)
  return value === undefined ? one.filter((element, i) => !selected[i] || !isBare(element)) : one
}

/** `type` and `primary` alone say nothing: they label a value that is not there. */
const isBare = (element: Json): boolean =>
  isObject(element) && Object.keys(element).every((key) => key === 'type' || key === 'primary')

function replaceSelected(
  attribute: Attribute,
  elements: readonly Json[],
  selected: readonly boolean[],
  kind: PatchOperation['kind'],
  value: Json,
  filter: Filter,
  note: Note,
): readonly Json[] {
  const only = isArray(value) ? onlyElement(value, attribute.name) : value
  const object = asComplexObject(attribute, only, attribute.name, note)
  const kept = Object.keys(equalities(filter) ?? {})
  const written = elements.map((element, i) => {
    if (!selected[i] || !isObject(element)) return element
    const base = kind === 'replace' ? picked(element, kept) : element
    return mergeComplex(attribute, base, object, note)
  })
  return onePrimary(written, selected.lastIndexOf(true)).filter((element) => !isUnassigned(element))
}

const picked = (object: JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([name]) => names.includes(name)))

/**
 * The element that a value path of nothing but `eq` joined by `and` describes. Throws noTarget for any other, and
 * for one that contradicts itself.
 */
function madeBy(filter: Filter, attribute: Attribute, note: Note): JsonObject {
  const described = equalities(filter)
  const isElement = described !== null && !Object.values(described).some(isUnassigned)
  const made = isElement ? unpacked(described, attribute.name, note) : null
  if (made !== null && matches(filter, foldElement(made, attribute))) return made
  throw noTarget(`No value of ${attribute.name} matches the path.`)
}

function equalities(filter: Filter): JsonObject | null {
  if (filter.kind === 'and') {
    const parts = filter.filters.map(equalities)
    return parts.includes(null)
      ? null
      : Object.fromEntries(parts.flatMap((part) => Object.entries(part ?? {})))
  }
  if (filter.kind !== 'compare' || filter.operator !== 'eq') return null
  const [name, ...more] = filter.path
  return name === undefined || more.length > 0 ? null : { [name]: filter.literal }
}
