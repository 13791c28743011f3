// What is required (RFC 7643 sections 2.2, 6 and 7): attributes, parts of complex attributes, and whole extensions.
import { invalidValue } from './errors.ts'
import {
  type Attributes,
  attributesOf,
  isArray,
  isObject,
  isSame,
  isUnassigned,
  type Json,
} from './resource.ts'
import type { Attribute, ResourceType } from './schema.ts'

/**
 * Throws invalidValue for what is required and missing in `next`. What `current` lacks already may stay missing: a
 * schema that came to ask for more must not keep anybody from being deactivated.
 */
export function requireAssigned(next: Attributes, type: ResourceType, current: Attributes | null): void {
  requireAttributes(next, current, type.schema.attributes, '')
  for (const { schema, required } of type.extensions) {
    const held = attributesOf(next, schema)
    const before = current === null ? {} : attributesOf(current, schema)
    if (isUnassigned(held)) {
      const isNew = current === null || !isUnassigned(before)
      if (required && isNew) throw invalidValue(`The extension ${schema.id} is required.`)
      continue
    }
    requireAttributes(held, isUnassigned(before) ? null : before, schema.attributes, `${schema.id}:`)
  }
}

/** `before` is what was there, or null where nothing was. */
function requireAttributes(
  held: Attributes,
  before: Attributes | null,
  attributes: readonly Attribute[],
  prefix: string,
): void {
  for (const attribute of attributes) {
    const [value, was] = [held[attribute.name], before?.[attribute.name]]
    const name = `${prefix}${attribute.name}`
    if (value !== undefined) requireParts(value, was, attribute, name)
    else if (attribute.required && (before === null || was !== undefined)) {
      throw invalidValue(`${name} is required.`)
    }
  }
}

function requireParts(value: Json, was: Json | undefined, attribute: Attribute, name: string): void {
  const required = (attribute.subAttributes ?? []).filter((sub) => sub.required)
  if (required.length === 0) return
  const [elements, earlier] = [isArray(value) ? value : [value], isArray(was) ? was : [was]]
  for (const element of elements) {
    const missing = required.find((sub) => isObject(element) && element[sub.name] === undefined)
    if (missing === undefined || earlier.some((each) => isSame(each, element))) continue
    throw invalidValue(`${name}.${missing.name} is required.`)
  }
}
