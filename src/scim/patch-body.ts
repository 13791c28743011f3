// The body of a PATCH (RFC 7644 section 3.5.2) → operations, each with a path. A value without path becomes one
// operation for each attribute that it names.
import { invalidSyntax, invalidValue, mutability, noTarget, ScimError } from './errors.ts'
import { type Path, parsePath } from './path.ts'
import { isArray, isObject, isUnassigned, type Json, type JsonObject, valueOfKey } from './resource.ts'
import {
  type Attribute,
  coreAttributes,
  findAttribute,
  findExtension,
  findTarget,
  type ResourceType,
  type Schema,
} from './schema.ts'
import type { Note } from './tolerance.ts'
import { requireObject } from './validate.ts'
import { noteSubject, objectInText } from './value.ts'

/** The most operations of a PATCH; on a group they may name its members one by one. */
export const maxOperations = { User: 1000, Group: 10_000 } as const

export const patchOpSchema = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

export type PatchKind = 'add' | 'remove' | 'replace'

export interface PatchOperation {
  readonly kind: PatchKind
  readonly path: AttributePath
  /** undefined for a remove without value */
  readonly value: Json | undefined
}

/** A path that names an attribute; a path to a whole extension has been taken apart. */
export type AttributePath = Path & { readonly attribute: Attribute }

/**
 * Reads the operations of a PATCH body. Throws invalidSyntax for a body of another shape, noTarget for a remove
 * without path, invalidPath for a path that names nothing, mutability for a path to what is readOnly.
 */
export function parsePatch(body: unknown, type: ResourceType, note: Note): PatchOperation[] {
  const object = requireObject(body)
  const schemas = valueOfKey(object, 'schemas')
  if (isUnassigned(schemas)) note('missingSchemas', patchOpSchema)
  else if (!isArray(schemas) || !schemas.some(isPatchOp))
    throw invalidSyntax(`schemas must contain ${patchOpSchema}.`)
  const operations = operationsOf(object, note)
  const most = maxOperations[type.name]
  if (operations.length > most) {
    throw new ScimError(413, null, `A PATCH of a ${type.name} takes at most ${most} Operations.`)
  }
  return operations.flatMap((operation, i) => parseOperation(operation, `Operations[${i}]`, type, note))
}

const isPatchOp = (urn: Json) => typeof urn === 'string' && urn.toLowerCase() === patchOpSchema.toLowerCase()

function operationsOf(object: JsonObject, note: Note): readonly Json[] {
  const operations = valueOfKey(object, 'Operations')
  if (!isArray(operations) || operations.length === 0) {
    throw invalidSyntax('Operations must be a list with at least one operation.')
  }
  if (object.Operations === undefined) note('operationsCase', 'Operations')
  return operations
}

function parseOperation(operation: Json, where: string, type: ResourceType, note: Note): PatchOperation[] {
  if (!isObject(operation)) throw invalidSyntax(`${where} must be an object.`)
  const kind = parseKind(valueOfKey(operation, 'op'), where, note)
  const [path, value] = [valueOfKey(operation, 'path'), valueOfKey(operation, 'value')]
  if (path === undefined || path === null || path === '') {
    if (kind === 'remove') throw noTarget(`${where}: a remove needs a path.`)
    return withoutPath(kind, attributesIn(value, where, note), where, type, note)
  }
  if (typeof path !== 'string') throw invalidSyntax(`${where}.path must be a string.`)
  if (kind !== 'remove' && value === undefined) throw invalidValue(`${where}.value is missing.`)
  return withPath(kind, parsePath(path, type), value, where, note)
}

/**
 * What an operation without a path sets. Clients that write every value as a list send a list of one; Keycloak's SCIM
 * client sends JSON inside a string.
 */
function attributesIn(value: Json | undefined, where: string, note: Note): JsonObject {
  const only = (isArray(value) && value.length === 1 ? value[0] : value) ?? null
  const object = isObject(only) ? only : objectInText(only)
  if (object === null) throw invalidValue(`${where}: without a path, value must be an object of attributes.`)
  if (only !== value) note('listForSingle', 'value')
  if (object !== only) note('objectAsText', 'value')
  return object
}

function parseKind(op: Json | undefined, where: string, note: Note): PatchKind {
  const kind = typeof op === 'string' ? op.toLowerCase() : op
  if (kind !== 'add' && kind !== 'remove' && kind !== 'replace') {
    throw invalidSyntax(`${where}.op must be add, remove or replace.`)
  }
  if (kind !== op) note('operationCase', kind)
  return kind
}

function withPath(
  kind: PatchKind,
  path: Path,
  value: Json | undefined,
  where: string,
  note: Note,
): PatchOperation[] {
  const { attribute, extension } = path
  if (attribute !== null) {
    requireWritable(attribute, where)
    if (path.sub !== null) requireWritable(path.sub, where)
    return [{ kind, path: { ...path, attribute }, value }]
  }
  if (extension === null) return []
  if (kind === 'remove' || isUnassigned(value)) {
    return extension.attributes.map((held) => ({
      kind: 'remove',
      path: pathTo(extension, held),
      value: undefined,
    }))
  }
  if (!isObject(value))
    throw invalidValue(`${where}.value must be an object with the attributes of ${extension.id}.`)
  return ofExtension(kind, value, extension, note)
}

function requireWritable(attribute: Attribute, where: string): void {
  if (attribute.mutability === 'readOnly') throw mutability(`${where}: ${attribute.name} is readOnly.`)
}

/** Each key of a value without path; what is readOnly there is ignored (scim.md section 5.6). */
function withoutPath(
  kind: PatchKind,
  values: JsonObject,
  where: string,
  type: ResourceType,
  note: Note,
): PatchOperation[] {
  return Object.entries(values).flatMap(([key, value]) => {
    const extension = findExtension(type, key)
    if (extension !== null) {
      if (isUnassigned(value)) return withPath('remove', wholeExtension(extension), undefined, where, note)
      if (!isObject(value))
        throw invalidValue(`${where}: ${extension.id} takes an object with its attributes.`)
      return ofExtension(kind, value, extension, note)
    }
    const plain = findAttribute(coreAttributes(type), key)
    if (plain !== null) return writable(kind, pathTo(null, plain), value)
    return qualified(kind, key, value, type, note)
  })
}

/** A key such as `name.givenName`, `urn:…:User:department` or `emails[type eq "work"].value` (scim.md section 5.5). */
function qualified(
  kind: PatchKind,
  key: string,
  value: Json,
  type: ResourceType,
  note: Note,
): PatchOperation[] {
  const name = key.includes('[') ? key.slice(0, key.indexOf('[')) : key
  if (findTarget(type, name) === null) {
    note('unknownAttribute', noteSubject(key))
    return []
  }
  note('qualifiedKey', noteSubject(key))
  const { attribute, ...path } = parsePath(key, type)
  return attribute === null ? [] : writable(kind, { ...path, attribute }, value)
}

function ofExtension(kind: PatchKind, values: JsonObject, extension: Schema, note: Note): PatchOperation[] {
  return Object.entries(values).flatMap(([key, value]) => {
    const attribute = findAttribute(extension.attributes, key)
    if (attribute === null) note('unknownAttribute', noteSubject(`${extension.id}:${key}`))
    return attribute === null ? [] : writable(kind, pathTo(extension, attribute), value)
  })
}

function writable(kind: PatchKind, path: AttributePath, value: Json): PatchOperation[] {
  const readOnly = path.attribute.mutability === 'readOnly' || path.sub?.mutability === 'readOnly'
  return readOnly ? [] : [{ kind, path, value }]
}

const pathTo = (extension: Schema | null, attribute: Attribute): AttributePath => ({
  extension,
  attribute,
  filter: null,
  sub: null,
})

const wholeExtension = (extension: Schema): Path => ({ extension, attribute: null, filter: null, sub: null })
