// One JSON value against one attribute (RFC 7643 section 2.3): its canonical form, or ScimError invalidValue.
// What IdPs get wrong and we accept is noted (tolerance.ts).
import { canonicalDateTime } from './date-time.ts'
import { invalidValue } from './errors.ts'
import { foldText } from './fold.ts'
import { isArray, isObject, isUnassigned, type Json, type JsonObject, valueOfKey } from './resource.ts'
import { type Attribute, findSubAttribute } from './schema.ts'
import type { Note } from './tolerance.ts'

/** The most characters of a value that must be unique: it is the key of an index. */
export const MAX_UNIQUE_LENGTH = 500

/** The most values that an attribute has: a PATCH may go through all of them for each of its operations. */
export const MAX_VALUES = 1000

/** Throws invalidValue for more values than an attribute has. */
export function requireNotTooMany(values: number, name: string): void {
  if (values > MAX_VALUES) throw invalidValue(`${name} takes at most ${MAX_VALUES} values.`)
}

/**
 * The canonical form of a value to keep, undefined where it unassigns the attribute (`null`, `[]`, `""`) and where the
 * attribute is writeOnly: its value is checked and thrown away.
 * `name` is how the caller's error names the attribute, e.g. `emails.value`.
 */
export function parseValue(attribute: Attribute, value: Json, name: string, note: Note): Json | undefined {
  const canonical = canonicalValue(attribute, value, name, note)
  return attribute.mutability === 'writeOnly' ? undefined : canonical
}

function canonicalValue(attribute: Attribute, value: Json, name: string, note: Note): Json | undefined {
  if (value === '') note('emptyText', name)
  if (isUnassigned(value) && fits(attribute, value)) return undefined
  if (attribute.multiValued) return parseList(attribute, value, name, note)
  if (!isArray(value)) return parseSingle(attribute, value, name, note)
  const only = onlyElement(value, name)
  note('listForSingle', name)
  const single = attribute.type === 'complex' ? only : valueIn(only)
  return isUnassigned(single) ? undefined : parseSingle(attribute, single, name, note)
}

/** Entra wraps what it adds to a plain attribute as if that had several values: `title: [{"value":"x"}]`. */
const valueIn = (only: Json): Json => (isObject(only) ? (valueOfKey(only, 'value') ?? only) : only)

/** An empty object unassigns what is complex; elsewhere it is a wrong type. */
const fits = (attribute: Attribute, value: Json) => attribute.type === 'complex' || !isObject(value)

/** The element of a list of one, itself no list. Throws invalidValue for any other list. */
export function onlyElement(list: readonly Json[], name: string): Json {
  const [only, ...more] = list
  if (only !== undefined && more.length === 0 && !isArray(only)) return only
  throw invalidValue(`${name} takes one value, not a list.`)
}

/** The elements of a multi-valued attribute; of several marked primary, the last stays it (RFC 7643 section 2.4). */
function parseList(attribute: Attribute, value: Json, name: string, note: Note): Json | undefined {
  const values = isArray(value) ? value : [wrapped(attribute, value, name, note)]
  requireNotTooMany(values.length, name)
  const elements = values
    .map((element) => (isUnassigned(element) ? undefined : parseSingle(attribute, element, name, note)))
    .filter((element) => element !== undefined)
  const lastPrimary = elements.findLastIndex(isPrimary)
  const list = elements.map((element, i) => (i === lastPrimary ? element : withoutPrimary(element)))
  return list.length > 0 ? list : undefined
}

function wrapped(attribute: Attribute, value: Json, name: string, note: Note): Json {
  if (attribute.type === 'complex' && !isObject(value) && objectInText(value) === null) {
    throw invalidValue(`${name} takes a list of values.`)
  }
  note('singleForList', name)
  return value
}

export const isPrimary = (element: Json): boolean => isObject(element) && element.primary === true

/** The element with `primary: true` taken back. */
export const withoutPrimary = (element: Json): Json =>
  isObject(element) && element.primary === true ? { ...element, primary: false } : element

function parseSingle(attribute: Attribute, value: Json, name: string, note: Note): Json | undefined {
  switch (attribute.type) {
    case 'complex':
      return parseComplex(attribute, value, name, note)
    case 'boolean':
      return parseBoolean(value, name, note)
    case 'integer':
      return parseInteger(value, name)
    case 'decimal':
      return parseNumber(value, name, Number.isFinite, 'a number')
    case 'dateTime':
      return parseDateTime(value, name)
    case 'string':
    case 'reference':
    case 'binary':
      return parseText(attribute, value, name)
  }
}

function parseComplex(attribute: Attribute, value: Json, name: string, note: Note): Json | undefined {
  const object = asComplexObject(attribute, value, name, note)
  const parsed: Record<string, Json> = {}
  for (const { sub, value: given } of subValues(attribute, object, name, note)) {
    const canonical = parsePart(attribute, sub, given, note, name)
    if (canonical !== undefined) parsed[sub.name] = canonical
  }
  return isUnassigned(parsed) ? undefined : parsed
}

/** The object that a complex value means: itself, JSON inside a string, or a scalar that stands for its `value`. */
export function asComplexObject(attribute: Attribute, value: Json, name: string, note: Note): JsonObject {
  const object = isObject(value) ? value : objectInText(value)
  if (object !== null) {
    if (object !== value) note('objectAsText', name)
    return attribute.multiValued ? unpacked(object, name, note) : object
  }
  if (isArray(value) || findSubAttribute(attribute, 'value') === null) {
    throw invalidValue(`${name} takes an object with sub-attributes.`)
  }
  note('scalarForComplex', name)
  return { value }
}

/** Entra packs an application role into the `value` of an element: `[{"value":"{\"id\":…,\"value\":\"Admin\"}"}]`. */
export function unpacked(element: JsonObject, name: string, note: Note): JsonObject {
  const packed = objectInText(valueOfKey(element, 'value') ?? null)
  if (packed === null || valueOfKey(packed, 'value') === undefined) return element
  note('objectAsText', name)
  const others = Object.entries(element).filter(([key]) => key.toLowerCase() !== 'value')
  return unpacked({ ...Object.fromEntries(others), ...packed }, name, note)
}

/** The canonical value of a sub-attribute. That of an element's `value` may be a whole element, packed. */
export function parsePart(
  attribute: Attribute,
  sub: Attribute,
  value: Json,
  note: Note,
  name = attribute.name,
): Json | undefined {
  const canonical = parseValue(sub, value, `${name}.${sub.name}`, note)
  const packed = attribute.multiValued && sub.name === 'value' ? objectInText(canonical ?? null) : null
  const inside = packed === null ? undefined : valueOfKey(packed, 'value')
  if (inside === undefined) return canonical
  note('objectAsText', name)
  return parsePart(attribute, sub, inside, note, name)
}

/** The object that a text holds as JSON; null where it holds none. */
export function objectInText(value: Json): JsonObject | null {
  if (typeof value !== 'string' || !value.trimStart().startsWith('{')) return null
  try {
    const parsed: Json = JSON.parse(value)
    return isObject(parsed) ? parsed : null
  } catch {
    return null
  }
}

/** The sub-attributes that an object gives: readOnly ones left out, unknown ones noted. */
export function subValues(
  attribute: Attribute,
  object: JsonObject,
  name: string,
  note: Note,
): { sub: Attribute; value: Json }[] {
  return Object.entries(object).flatMap(([key, value]) => {
    const sub = findSubAttribute(attribute, key) ?? aliasOf(attribute, key, note)
    if (sub === null) note('unknownAttribute', noteSubject(`${name}.${key}`))
    return sub === null || sub.mutability === 'readOnly' ? [] : [{ sub, value }]
  })
}

function aliasOf(attribute: Attribute, key: string, note: Note): Attribute | null {
  switch (key.toLowerCase()) {
    case 'managerid':
      if (attribute.name !== 'manager') return null
      note('managerId', 'manager.managerId')
      return findSubAttribute(attribute, 'value')
    case 'displayname': {
      const display = findSubAttribute(attribute, 'display')
      if (display !== null) note('displayNameOfElement', `${attribute.name}.displayName`)
      return display
    }
    default:
      return null
  }
}

function parseBoolean(value: Json, name: string, note: Note): boolean {
  if (typeof value === 'boolean') return value
  const text = typeof value === 'string' ? value.toLowerCase() : null
  if (text !== 'true' && text !== 'false') throw invalidValue(`${name} takes true or false.`)
  note('booleanAsText', name)
  return text === 'true'
}

/** JSON.parse has rounded what is larger: it would be kept as another number. */
function parseInteger(value: Json, name: string): number {
  const integer = parseNumber(value, name, Number.isInteger, 'an integer')
  if (Number.isSafeInteger(integer)) return integer
  throw invalidValue(
    `${name} takes an integer from -${Number.MAX_SAFE_INTEGER} to ${Number.MAX_SAFE_INTEGER}.`,
  )
}

function parseNumber(value: Json, name: string, fits: (n: number) => boolean, kind: string): number {
  if (typeof value === 'number' && fits(value)) return value
  throw invalidValue(`${name} takes ${kind}.`)
}

function parseDateTime(value: Json, name: string): string {
  const canonical = typeof value === 'string' ? canonicalDateTime(value) : null
  if (canonical === null) throw invalidValue(`${name} takes a date and time, e.g. 2011-05-13T04:42:34Z.`)
  return canonical
}

function parseText(attribute: Attribute, value: Json, name: string): string {
  if (typeof value !== 'string') throw invalidValue(`${name} takes a string.`)
  if (!isStorable(value)) throw invalidValue(`${name} holds a character that cannot be stored.`)
  if (attribute.type === 'binary' && !isBase64(value)) throw invalidValue(`${name} takes base64.`)
  if (attribute.uniqueness !== 'none' && isTooLong(value, attribute)) {
    throw invalidValue(`${name} is longer than ${MAX_UNIQUE_LENGTH} characters.`)
  }
  return value
}

/** As it was sent, or as it is kept in the index. */
const isTooLong = (value: string, attribute: Attribute): boolean =>
  Math.max(value.length, foldText(value, attribute).length) > MAX_UNIQUE_LENGTH

/** Either alphabet of RFC 4648, with or without padding and line breaks (RFC 7643 section 2.3.6). */
const isBase64 = (text: string): boolean => {
  const [, digits = '', padding = ''] =
    /^([A-Za-z0-9+/]*|[A-Za-z0-9_-]*)(={0,2})$/.exec(text.replace(/\s+/g, '')) ?? []
  const isWhole = padding === '' || (digits.length + padding.length) % 4 === 0
  return digits !== '' && digits.length % 4 !== 1 && isWhole
}

/** PostgreSQL's text has no U+0000 and no half of a surrogate pair. */
export const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\u0000')

/** A name that a client made up, fit to be recorded: short, and what PostgreSQL can hold. */
export const noteSubject = (name: string): string =>
  isStorable(name) ? name.slice(0, 200).toWellFormed() : '(unprintable)'
