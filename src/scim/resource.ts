// Resources as values (RFC 7643 section 3): JSON in canonical spelling.
import type { Schema } from './schema.ts'

export type Json = string | number | boolean | null | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json
}

/** What the service keeps of a resource: its attributes, without `id`, `meta` and what is computed. */
export type Attributes = JsonObject

/** `meta` as the service knows it; `version` counts the changes of the resource. */
export interface Meta {
  readonly created: Date
  readonly lastModified: Date
  readonly version: number
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What JSON.parse gave: an object there is a JSON object all the way down. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const isArray = (value: Json | undefined): value is readonly Json[] => Array.isArray(value)

/** Unassigned, `null`, `[]` and an object with nothing in it are the same (RFC 7643 section 2.5). */
export function isUnassigned(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === '') return true
  if (isArray(value)) return value.length === 0
  return isObject(value) && Object.keys(value).length === 0
}

/** The object that holds the attributes of the core schema, or of an extension. */
export function attributesOf(resource: Attributes, extension: Schema | null): JsonObject {
  if (extension === null) return resource
  const held = resource[extension.id]
  return isObject(held) ? held : {}
}

/** The value of a key that compares without case, as names do in SCIM (RFC 7643 section 2.1). */
export function valueOfKey(object: JsonObject, name: string): Json | undefined {
  const wanted = name.toLowerCase()
  const key = name in object ? name : Object.keys(object).find((each) => each.toLowerCase() === wanted)
  return key === undefined ? undefined : object[key]
}

/** The same object with one key set, or left out where the value is unassigned. The input is not changed. */
export function withKey(object: JsonObject, key: string, value: Json | undefined): JsonObject {
  if (value !== undefined && !isUnassigned(value)) return { ...object, [key]: value }
  const { [key]: _removed, ...rest } = object
  return rest
}

/** The resource with one attribute set or removed; an extension left empty goes with its last attribute. */
export function withAttribute(
  resource: Attributes,
  extension: Schema | null,
  name: string,
  value: Json | undefined,
): Attributes {
  if (extension === null) return withKey(resource, name, value)
  return withKey(resource, extension.id, withKey(attributesOf(resource, extension), name, value))
}

/** Whether two JSON values are the same, whatever the order of their keys. */
export function isSame(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (isArray(a) && isArray(b)) return a.length === b.length && a.every((item, i) => isSame(item, b[i]))
  if (!isObject(a) || !isObject(b)) return false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && isSame(a[key], b[key]))
}
