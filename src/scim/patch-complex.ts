// Changing the sub-attributes of one complex value (RFC 7644 section 3.5.2.3).
import { requireUnchanged } from './immutable.ts'
import { isArray, isSame, type Json, type JsonObject, withKey } from './resource.ts'
import type { Attribute } from './schema.ts'
import type { Note } from './tolerance.ts'
import { asComplexObject, onlyElement, parsePart, subValues } from './value.ts'

/** Sub-attributes that the value does not name stay as they are (RFC 7644 section 3.5.2.3). */
export function mergeComplex(attribute: Attribute, held: JsonObject, value: Json, note: Note): JsonObject {
  if (isArray(value)) {
    note('listForSingle', attribute.name)
    return mergeComplex(attribute, held, onlyElement(value, attribute.name), note)
  }
  const object = asComplexObject(attribute, value, attribute.name, note)
  // `$ref` comes last: a new value takes the old reference away, not the one that came with it
  const given = subValues(attribute, object, attribute.name, note).sort(
    (a, b) => Number(a.sub.name === '$ref') - Number(b.sub.name === '$ref'),
  )
  return given.reduce(
    (merged, { sub, value }) => withSub(merged, sub, parsePart(attribute, sub, value, note)),
    held,
  )
}

/**
 * A reference belongs to its value: another value leaves the old `$ref` behind. Throws mutability where the
 * sub-attribute is immutable and has another value.
 */
export function withSub(held: JsonObject, sub: Attribute, value: Json | undefined): JsonObject {
  const before = held[sub.name]
  if (sub.mutability === 'immutable' && before !== undefined) {
    requireUnchanged(sub, sub.name, before, value)
    return held
  }
  const next = withKey(held, sub.name, value)
  return sub.name === 'value' && !isSame(before, value) ? withKey(next, '$ref', undefined) : next
}
