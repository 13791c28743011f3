// Whether resources that were written under one version of an extension's schema are still right under another.
import { type Attribute, findAttribute, type Schema } from './schema.ts'

/** What decides how a value is kept, compared and found: it cannot change under values that are there. */
const fixed = ['type', 'multiValued', 'caseExact', 'uniqueness'] as const

/**
 * The changes that values of the schema forbid, each as the attribute's name and what changes, e.g.
 * `badge.type`. Empty where every resource written under `before` fits `after`: attributes may be added, and other
 * characteristics changed.
 */
export function forbiddenChanges(before: Schema, after: Schema): string[] {
  return ofAttributes(before.attributes, after.attributes, '')
}

function ofAttributes(before: readonly Attribute[], after: readonly Attribute[], prefix: string): string[] {
  return before.flatMap((was) => {
    const path = `${prefix}${was.name}`
    const is = findAttribute(after, was.name)
    // another spelling of the name would be another key of the values
    if (is === null || is.name !== was.name) return [path]
    const changed = fixed.filter((characteristic) => was[characteristic] !== is[characteristic])
    return [
      ...changed.map((characteristic) => `${path}.${characteristic}`),
      ...ofAttributes(was.subAttributes ?? [], is.subAttributes ?? [], `${path}.`),
    ]
  })
}
