// PATCH on a resource as a function (RFC 7644 section 3.5.2): resource × operations → resource, all or nothing.
import { mutability, ScimError } from './errors.ts'
import { requireUnchanged } from './immutable.ts'
import type { AttributePath, PatchOperation } from './patch-body.ts'
import { mergeComplex, withSub } from './patch-complex.ts'
import { patchElements } from './patch-elements.ts'
import {
  type Attributes,
  attributesOf,
  isArray,
  isObject,
  isSame,
  isUnassigned,
  type Json,
  withAttribute,
} from './resource.ts'
import type { Attribute, ResourceType } from './schema.ts'
import type { Note } from './tolerance.ts'
import { completed } from './validate.ts'
import { parseValue } from './value.ts'

/**
 * The resource after the operations, in order; the very same reference if nothing changed, so that there is no new
 * version to write. Throws ScimError (noTarget, mutability, invalidValue) and then nothing has changed.
 */
export function applyPatch(
  resource: Attributes,
  operations: readonly PatchOperation[],
  type: ResourceType,
  note: Note,
): Attributes {
  const patched = applyAll(resource, operations, note)
  if (patched === resource) return resource
  const next = completed(patched, type, resource)
  return isSame(next, resource) ? resource : next
}

/** The most values that the operations of one PATCH go through, each time that one does: about a second of work. */
export const MAX_VALUES_VISITED = 100_000

function applyAll(resource: Attributes, operations: readonly PatchOperation[], note: Note): Attributes {
  let held = resource
  let visited = 0
  for (const operation of operations) {
    const { attribute, extension } = operation.path
    const values = attributesOf(held, extension)[attribute.name]
    visited += isArray(values) ? values.length : 0
    if (visited > MAX_VALUES_VISITED) {
      throw new ScimError(
        413,
        null,
        `Operations go through more than ${MAX_VALUES_VISITED} values: send fewer.`,
      )
    }
    held = applyOperation(held, operation, note)
  }
  return held
}

function applyOperation(resource: Attributes, operation: PatchOperation, note: Note): Attributes {
  const { path, kind } = operation
  const { attribute, extension } = path
  if (kind === 'remove') requireRemovable(path)
  // schemas follows from the data; what is writeOnly, such as a password, is checked and thrown away
  if (attribute.name === 'schemas') return resource
  if (attribute.mutability === 'writeOnly') {
    const part = path.sub ?? attribute
    parseValue(part, operation.value ?? null, part.name, note)
    return resource
  }
  const current = attributesOf(resource, extension)[attribute.name]
  const next = attribute.multiValued
    ? patchElements(attribute, isArray(current) ? current : [], operation, note)
    : patchSingle(attribute, current, operation, note)
  // silence switches nobody on or off (scim.md section 1, PUT)
  if (extension === null && attribute.name === 'active' && next === undefined) return resource
  if (isSame(current, next)) return resource
  if (attribute.mutability === 'immutable' && current !== undefined) {
    requireUnchanged(attribute, attribute.name, current, next)
    return resource
  }
  return withAttribute(resource, extension, attribute.name, next)
}

function requireRemovable({ attribute, sub, filter }: AttributePath): void {
  const target = sub ?? attribute
  if (target.required && filter === null) {
    throw mutability(`${target.name} is required and cannot be removed.`)
  }
}

function patchSingle(
  attribute: Attribute,
  current: Json | undefined,
  { kind, path, value }: PatchOperation,
  note: Note,
): Json | undefined {
  const { sub } = path
  const given = kind === 'remove' ? undefined : value
  if (attribute.type !== 'complex') return parseValue(attribute, given ?? null, attribute.name, note)
  const held = isObject(current) ? current : {}
  if (sub !== null) {
    const canonical = parseValue(sub, given ?? null, `${attribute.name}.${sub.name}`, note)
    return withSub(held, sub, canonical)
  }
  if (given === undefined || isUnassigned(given)) {
    if (given === '') note('emptyText', attribute.name)
    return undefined
  }
  return mergeComplex(attribute, held, given, note)
}
