// References between the operations of a bulk (RFC 7644 section 3.7.2): `bulkId:x` in a value or a path stands for the
// resource that the POST with the bulkId x creates.
import type { BulkOperation } from './bulk.ts'
import { ScimError } from './errors.ts'
import { isArray, isObject, type Json, type JsonObject } from './resource.ts'

const PREFIX = 'bulkId:'

/** No attribute lies deeper: what does is left as it is. */
const MAX_DEPTH = 12

/** The bulkId that a text refers to; null where it is no reference. */
export function referenceIn(value: Json | undefined): string | null {
  const isReference = typeof value === 'string' && value.startsWith(PREFIX) && value.length > PREFIX.length
  return isReference ? value.slice(PREFIX.length) : null
}

/** The bulkIds that an operation refers to, in its path and anywhere in its data. */
export function referencesOf({ work }: BulkOperation): ReadonlySet<string> {
  const found = new Set<string>()
  if (work instanceof ScimError) return found
  if (work.id !== null) collect(work.id, found)
  if (work.data !== undefined) collect(work.data, found)
  return found
}

function collect(value: Json, found: Set<string>, depth = 0): void {
  const reference = referenceIn(value)
  if (reference !== null) found.add(reference)
  if (depth === MAX_DEPTH || typeof value !== 'object' || value === null) return
  for (const held of Object.values(value)) collect(held, found, depth + 1)
}

/** The value with an id in the place of each reference. */
export function resolved(value: Json, idOf: (bulkId: string) => string, depth = 0): Json {
  const reference = referenceIn(value)
  if (reference !== null) return idOf(reference)
  if (depth === MAX_DEPTH) return value
  if (isArray(value)) return value.map((element) => resolved(element, idOf, depth + 1))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, held]) => [key, resolved(held, idOf, depth + 1)]),
  )
}

/** Data in two parts: what a resource can be created with, and what is to be added once the others are there. */
export interface Postponed {
  readonly now: Json
  /** the value of an `add` without path; null where nothing is left to add */
  readonly later: JsonObject | null
}

/**
 * Takes out what refers to resources that do not exist yet: of lists whole elements, such as members, of objects
 * single attributes, such as the `value` of a manager.
 */
export function postpone(data: Json, isMissing: (bulkId: string) => boolean): Postponed {
  if (!isObject(data)) return { now: data, later: null }
  const [now, later] = splitObject(data, isMissing, 0)
  return { now, later: Object.keys(later).length > 0 ? later : null }
}

function splitObject(
  object: JsonObject,
  isMissing: (bulkId: string) => boolean,
  depth: number,
): [JsonObject, JsonObject] {
  const now: Record<string, Json> = {}
  const later: Record<string, Json> = {}
  for (const [key, value] of Object.entries(object)) {
    if (!refersTo(value, isMissing, depth)) now[key] = value
    else if (isArray(value)) {
      now[key] = value.filter((element) => !refersTo(element, isMissing, depth + 1))
      later[key] = value.filter((element) => refersTo(element, isMissing, depth + 1))
    } else if (isObject(value)) [now[key], later[key]] = splitObject(value, isMissing, depth + 1)
    else later[key] = value
  }
  return [now, later]
}

function refersTo(value: Json, isMissing: (bulkId: string) => boolean, depth: number): boolean {
  const found = new Set<string>()
  collect(value, found, depth + 1)
  return [...found].some(isMissing)
}
