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

/**
 * Resolves a name on resources of a type. Throws what `refuse` makes for a name that no type has, and for an
 * attribute that is never returned: a search would tell its value.
 */
export function resolveName(name: string, type: ResourceType, refuse: (detail: string) => ScimError): Place {
  const target = findNamed(type, name)
  if (target === null) throw refuse(`${type.name} has no attribute ${quoted(name)}.`)
  const { extension, attribute, sub } = target
  if (attribute.returned === 'never') throw refuse(`${attribute.name} cannot be searched.`)
  return { path: [...(extension === null ? [] : [extension.id]), attribute.name], attribute, sub }
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
