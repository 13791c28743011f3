// What an attribute name means in a query, in `filter` and in `sortBy` (RFC 7644 sections 3.4.2.2 and 3.10).
import type { ScimError } from './errors.ts'
import { quoted } from './filter-text.ts'
import { type Attribute, findTarget, type ResourceType, type Target } from './schema.ts'

/** An attribute that a query names: `path` leads to `attribute`, `sub` is one of its sub-attributes. */
export interface Place {
  readonly path: readonly string[]
  readonly attribute: Attribute
  readonly sub: Attribute | null
}

/** Whose resources are searched: those of `type`, and at the root in the same query those of the `others`. */
export interface SearchedTypes {
  readonly type: ResourceType
  readonly others: readonly ResourceType[]
}

/**
 * Resolves a name on resources of a type. Throws what `refuse` makes for a name that no type of the query has, and
 * for an attribute that is never returned: a search would tell its value.
 */
export function resolveName(
  name: string,
  { type, others }: SearchedTypes,
  refuse: (detail: string) => ScimError,
): Place {
  const place = findPlace(name, type) ?? findElsewhere(name, others)
  if (place === null) {
    throw refuse(
      `${[type, ...others].map((each) => each.name).join(' or ')} has no attribute ${quoted(name)}.`,
    )
  }
  const hidden = [place.attribute, place.sub].find((attribute) => attribute?.returned === 'never')
  if (hidden) throw refuse(`${hidden.name} cannot be searched.`)
  return place
}

function findPlace(name: string, type: ResourceType): Place | null {
  const target = findNamed(type, name)
  if (target === null) return null
  const { extension, attribute, sub } = target
  return { path: [...(extension === null ? [] : [extension.id]), attribute.name], attribute, sub }
}

/**
 * An attribute that only another type of the query has: its path begins with the URN of that type, where a resource
 * of this type never has a value (RFC 7644 section 3.4.2.1).
 */
function findElsewhere(name: string, others: readonly ResourceType[]): Place | null {
  for (const other of others) {
    const place = findPlace(name, other)
    if (place !== null) return { ...place, path: [other.schema.id, ...place.path] }
  }
  return null
}

/** An extension's attribute also without its URN, as in Entra's `id eq "a" and manager eq "b"` (scim.md section 3). */
function findNamed(type: ResourceType, name: string): Target | null {
  const qualified = type.extensions.map(({ schema }) => `${schema.id}:${name}`)
  for (const candidate of [name, ...qualified]) {
    const target = findTarget(type, candidate)
    if (target !== null) return target
  }
  return null
}
