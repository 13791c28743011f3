// A whole body against a resource type: canonical attributes, or a ScimError (RFC 7643 sections 2 and 3,
// RFC 7644 sections 3.3 and 3.5.1). readOnly input is ignored, unknown attributes are noted and ignored.
import { invalidSyntax, invalidValue } from './errors.ts'
import { withImmutable } from './immutable.ts'
import { requireAssigned } from './required.ts'
import {
  type Attributes,
  attributesOf,
  isArray,
  isJsonObject,
  isObject,
  isUnassigned,
  type Json,
  type JsonObject,
  valueOfKey,
  withAttribute,
  withKey,
} from './resource.ts'
import {
  type Attribute,
  coreAttributes,
  findAttribute,
  findExtension,
  findTarget,
  type ResourceType,
} from './schema.ts'
import type { Note } from './tolerance.ts'
import { noteSubject, parseValue } from './value.ts'

/** A body as a JSON object, as the parser gave it. Throws invalidSyntax for anything else. */
export function requireObject(body: unknown): JsonObject {
  if (isJsonObject(body)) return body
  throw invalidSyntax('The body must be a JSON object.')
}

/**
 * The attributes of a resource to create, or to put in the place of `current` (RFC 7644 section 3.5.1).
 * What is omitted is unassigned, save `active`: nobody is switched on or off by silence (scim.md section 1, PUT).
 */
export function parseResource(
  body: unknown,
  type: ResourceType,
  note: Note,
  current: Attributes | null = null,
): Attributes {
  const object = requireObject(body)
  const declared = parseSchemas(object, type, note)
  const attributes: Record<string, Json> = {}
  const others: [string, Json][] = []
  for (const [key, value] of Object.entries(object)) {
    const extension = findExtension(type, key)
    if (extension !== null) {
      if (!declared.has(extension.id.toLowerCase())) note('undeclaredExtension', extension.id)
      const held = parseExtension(value, extension.attributes, extension.id, note)
      if (!isUnassigned(held)) attributes[extension.id] = held
      continue
    }
    const attribute = findAttribute(coreAttributes(type), key)
    if (attribute === null) {
      others.push([key, value])
      continue
    }
    const canonical = parseAttribute(attribute, key, value, key, note)
    if (canonical !== undefined) attributes[attribute.name] = canonical
  }
  const whole = others.reduce<Attributes>((held, other) => withQualified(held, other, type, note), attributes)
  return completed(whole, type, current)
}

/** Adds what a key such as `name.givenName` or `urn:…:User:department` names, as in a PATCH (scim.md section 5.5). */
function withQualified(
  held: Attributes,
  [key, value]: [string, Json],
  type: ResourceType,
  note: Note,
): Attributes {
  const target = findTarget(type, key)
  if (target === null || (target.sub !== null && target.attribute.multiValued)) {
    note('unknownAttribute', noteSubject(key))
    return held
  }
  note('qualifiedKey', noteSubject(key))
  const { extension, attribute, sub } = target
  if (attribute.mutability === 'readOnly') return held
  const named = sub ?? attribute
  const canonical = parseAttribute(named, named.name, value, key, note)
  if (canonical === undefined) return held
  if (sub === null) return withAttribute(held, extension, attribute.name, canonical)
  const complex = attributesOf(held, extension)[attribute.name]
  const merged = withKey(isObject(complex) ? complex : {}, sub.name, canonical)
  return withAttribute(held, extension, attribute.name, merged)
}

/**
 * Throws where something required is missing or something immutable changes, gives `active` its default, and lists
 * the schemas in use. `current` is what the resource was, or null for a new one.
 */
export function completed(
  attributes: Attributes,
  type: ResourceType,
  current: Attributes | null,
): Attributes {
  const kept = current === null ? attributes : withImmutable(attributes, type, current)
  requireAssigned(kept, type, current)
  const active = findAttribute(type.schema.attributes, 'active')
  const whole =
    active === null || kept.active !== undefined ? kept : { ...kept, active: current?.active ?? true }
  return { ...whole, schemas: schemasInUse(whole, type) }
}

/** What SCIM 1.1 called the schema of users and of groups. */
const SCIM_1_CORE = 'urn:scim:schemas:core:1.0'

function schemasInUse(attributes: Attributes, type: ResourceType): string[] {
  const extensions = type.extensions.map(({ schema }) => schema.id).filter((urn) => urn in attributes)
  return [type.schema.id, ...extensions]
}

/**
 * The URNs in `schemas`, in lower case. They decide nothing: the data does. A body may have none, but one that
 * names only other schemas was meant for another endpoint.
 */
function parseSchemas(object: JsonObject, type: ResourceType, note: Note): ReadonlySet<string> {
  const value = valueOfKey(object, 'schemas')
  if (isUnassigned(value)) {
    note('missingSchemas', type.schema.id)
    return new Set()
  }
  const urns = isArray(value) ? value : [value]
  const declared = new Set<string>()
  for (const urn of urns) {
    if (typeof urn !== 'string') throw invalidSyntax('schemas takes a list of URNs.')
    declared.add(urn.toLowerCase())
  }
  const known = [type.schema, ...type.extensions.map(({ schema }) => schema)].map(({ id }) =>
    id.toLowerCase(),
  )
  if (declared.has(SCIM_1_CORE)) note('scim1Schema', SCIM_1_CORE)
  else if (!known.some((urn) => declared.has(urn))) {
    throw invalidSyntax(`schemas must contain ${type.schema.id}.`)
  }
  for (const urn of declared) {
    if (!known.includes(urn) && urn !== SCIM_1_CORE) note('unknownSchema', noteSubject(urn))
  }
  return declared
}

/** The attributes of an extension, given as an object under its URN. */
function parseExtension(value: Json, attributes: readonly Attribute[], urn: string, note: Note): JsonObject {
  if (isUnassigned(value)) return {}
  if (!isObject(value)) throw invalidValue(`${urn} takes an object with the attributes of the extension.`)
  let held: JsonObject = {}
  for (const [key, given] of Object.entries(value)) {
    const attribute = findAttribute(attributes, key)
    const canonical = parseAttribute(attribute, key, given, `${urn}:${key}`, note)
    if (attribute !== null) held = withKey(held, attribute.name, canonical)
  }
  return held
}

/** The value to keep: undefined where the attribute is unknown or readOnly, and where parseValue keeps none. */
function parseAttribute(attribute: Attribute | null, key: string, value: Json, name: string, note: Note) {
  if (attribute === null) {
    note('unknownAttribute', noteSubject(name))
    return undefined
  }
  if (attribute.mutability === 'readOnly' || attribute.name === 'schemas') return undefined
  return parseValue(attribute, value, attribute.name === key ? name : attribute.name, note)
}
