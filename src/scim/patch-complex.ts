// Changing the sub-attributes of one complex value (RFC 7644 section 3.5.2.3).
import { isArray, isSame, type Json, type JsonObject, withKey } from './resource.ts'
import type { Attribute } from './schema.ts'
import type { Note } from './tolerance.ts'
import { asComplexObject, onlyElement, parseValue, subValues } from './value.ts'

/** Sub-attributes that the value does not name stay as they are (RFC 7644 section 3.5.2.3). */
export function mergeComplex(attribute: Attribute, held: JsonObject, value: Json, note: Note): JsonObject {
  if (isArray(value)) {
    note('listForSingle', attribute.name)
    return mergeComplex(attribute, held, onlyElement(value, attribute.name), note)
  }
  const object = asComplexObject(attribute, value, attribute.name, note)
  return subValues(attribute, object, attribute.name, note).reduce(
    (merged, { sub, value: given }) =>
      withSub(merged, sub, parseValue(sub, given, `${attribute.name}.${sub.name}`, note)),
    held,
  )
}

/** A reference belongs to its value: another value leaves the old `$ref` behind. */
export function withSub(held: JsonObject, sub: Attribute, value: Json | undefined): JsonObject {
  const next = withKey(held, sub.name, value)
  return sub.name === 'value' && !isSame(held.value, value) ? withKey(next, '$ref', undefined) : next
}
