// Attributes that are immutable (RFC 7643 sections 2.2 and 7): once assigned, they stay.
import { mutability } from './errors.ts'
import { foldValue } from './fold.ts'
import {
  type Attributes,
  attributesOf,
  isArray,
  isObject,
  isSame,
  type Json,
  withAttribute,
  withKey,
} from './resource.ts'
import type { Attribute, ResourceType, Schema } from './schema.ts'

/**
 * `next` with each immutable attribute that `current` has: left out is kept, as with all that a PUT may not change.
 * Throws mutability where the two differ. Elements of a multi-valued attribute come and go whole: their parts are
 * guarded where a PATCH changes one in place.
 */
export function withImmutable(next: Attributes, type: ResourceType, current: Attributes): Attributes {
  const schemas: (Schema | null)[] = [null, ...type.extensions.map(({ schema }) => schema)]
  return schemas.reduce<Attributes>((kept, extension) => {
    const attributes = extension === null ? type.schema.attributes : extension.attributes
    return attributes.reduce((held, attribute) => {
      const before = attributesOf(current, extension)[attribute.name]
      const after = attributesOf(held, extension)[attribute.name]
      const value = keptValue(attribute, before, after)
      return value === after ? held : withAttribute(held, extension, attribute.name, value)
    }, kept)
  }, next)
}

function keptValue(
  attribute: Attribute,
  before: Json | undefined,
  after: Json | undefined,
): Json | undefined {
  if (attribute.mutability === 'immutable') return unchanged(attribute, attribute.name, before, after)
  if (!isObject(before) || !isObject(after)) return after
  const parts = (attribute.subAttributes ?? []).filter((sub) => sub.mutability === 'immutable')
  return parts.reduce<Json>((held, sub) => {
    if (!isObject(held)) return held
    const value = unchanged(sub, `${attribute.name}.${sub.name}`, before[sub.name], held[sub.name])
    return value === held[sub.name] ? held : withKey(held, sub.name, value)
  }, after)
}

/** The value that stays. Throws mutability where `after` is another. */
function unchanged(
  attribute: Attribute,
  name: string,
  before: Json | undefined,
  after: Json | undefined,
): Json | undefined {
  if (before === undefined) return after
  if (after !== undefined) requireUnchanged(attribute, name, before, after)
  return before
}

/** Throws mutability where what was assigned would become another value, or none. */
export function requireUnchanged(
  attribute: Attribute,
  name: string,
  before: Json,
  after: Json | undefined,
): void {
  if (after !== undefined && compareAsEqual(attribute, before, after)) return
  throw mutability(`${name} is immutable and already has a value.`)
}

/** Text as caseExact says, several values in any order (RFC 7643 sections 2.2 and 2.4). */
function compareAsEqual(attribute: Attribute, a: Json, b: Json): boolean {
  const [one, other] = [foldValue(a, attribute), foldValue(b, attribute)]
  if (!isArray(one) || !isArray(other)) return isSame(one, other)
  const left = [...other]
  for (const element of one) {
    const at = left.findIndex((each) => isSame(each, element))
    if (at < 0) return false
    left.splice(at, 1)
  }
  return left.length === 0
}
