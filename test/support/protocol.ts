// The pure protocol functions as tests call them: inputs that cannot be changed, errors as values, notes as lists.
import { ScimError } from '../../src/scim/errors.ts'
import { applyPatch } from '../../src/scim/patch.ts'
import { parsePatch } from '../../src/scim/patch-body.ts'
import { type Attributes, isSame, type Json } from '../../src/scim/resource.ts'
import type { ResourceType } from '../../src/scim/schema.ts'
import { userType } from '../../src/scim/schemas/user.ts'
import type { Note } from '../../src/scim/tolerance.ts'
import { parseResource } from '../../src/scim/validate.ts'

export const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User'
export const groupUrn = 'urn:ietf:params:scim:schemas:core:2.0:Group'
export const enterpriseUrn = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
export const patchOpUrn = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
export const bulkRequestUrn = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest'
export const bulkResponseUrn = 'urn:ietf:params:scim:api:messages:2.0:BulkResponse'
export const errorUrn = 'urn:ietf:params:scim:api:messages:2.0:Error'
export const listUrn = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'

export const silent: Note = () => {}

/** Freezes a JSON value all the way down: who changes it throws TypeError. */
export function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const held of Object.values(value)) frozen(held)
  }
  return value
}

/** A user in canonical form, frozen. */
export const userOf = (body: unknown, note: Note = silent): Attributes =>
  frozen(parseResource(frozen(body), userType, note))

/** The body of a PATCH. */
export const patchBody = (...operations: readonly unknown[]) => ({
  schemas: [patchOpUrn],
  Operations: operations,
})

/** The body of a bulk. */
export const bulkBody = (operations: readonly unknown[], more: object = {}) => ({
  schemas: [bulkRequestUrn],
  Operations: operations,
  ...more,
})

/** The resource after operations; its own reference where they change nothing. */
export function patched(
  resource: Attributes,
  operations: readonly unknown[],
  note: Note = silent,
  type: ResourceType = userType,
): Attributes {
  const parsed = parsePatch(frozen(patchBody(...operations)), type, note)
  return applyPatch(resource, parsed, type, note)
}

/** What operations change: each attribute that differs, with its new value, or null where it is gone. */
export function changes(resource: Attributes, ...operations: readonly unknown[]): Record<string, Json> {
  const after = patched(resource, operations)
  const names = [...new Set([...Object.keys(resource), ...Object.keys(after)])]
  const changed = names.filter((name) => !isSame(resource[name], after[name]))
  if (changed.length === 0 && after !== resource) throw new Error('nothing changed, yet it is another object')
  return Object.fromEntries(changed.map((name) => [name, after[name] ?? null]))
}

/** `status scimType: detail` of the ScimError that the work throws; anything else that it throws passes. */
export function refusal(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (!(error instanceof ScimError)) throw error
    return `${error.status} ${error.scimType}: ${error.message}`
  }
  throw new Error('nothing was refused')
}

/** A note that remembers, as `tolerance subject`. */
export function remembering(): { note: Note; seen: string[] } {
  const seen: string[] = []
  return { note: (tolerance, subject) => seen.push(`${tolerance} ${subject}`), seen }
}
