// Schemas as data (RFC 7643 sections 2 and 7) and the look-up of attribute names in them, without case.
// What is said here drives validation, filters, PATCH, projection and what /Schemas serves.

export type AttributeType =
  | 'string'
  | 'boolean'
  | 'decimal'
  | 'integer'
  | 'dateTime'
  | 'reference'
  | 'complex'
  | 'binary'

/** One attribute and its characteristics, as RFC 7643 section 7 names them. */
export interface Attribute {
  readonly name: string
  readonly type: AttributeType
  readonly multiValued: boolean
  readonly description: string
  readonly required: boolean
  readonly caseExact: boolean
  readonly mutability: 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly'
  readonly returned: 'always' | 'never' | 'default' | 'request'
  readonly uniqueness: 'none' | 'server' | 'global'
  readonly canonicalValues?: readonly string[]
  readonly referenceTypes?: readonly string[]
  readonly subAttributes?: readonly Attribute[]
}

export interface Schema {
  /** the URN */
  readonly id: string
  readonly name: string
  readonly description: string
  readonly attributes: readonly Attribute[]
}

export type ResourceTypeName = 'User' | 'Group'

export interface Extension {
  readonly schema: Schema
  /** whether every resource of the type must have it (RFC 7643 section 6) */
  readonly required: boolean
}

export interface ResourceType {
  readonly name: ResourceTypeName
  readonly endpoint: string
  readonly description: string
  readonly schema: Schema
  readonly extensions: readonly Extension[]
  /** attributes that every resource has and no schema lists: schemas, id, externalId, meta (RFC 7643 section 3) */
  readonly common: readonly Attribute[]
}

/** An attribute name resolved on a resource type: where it lives, and which sub-attribute is meant, if any. */
export interface Target {
  /** the extension that owns the attribute; null for core and common attributes */
  readonly extension: Schema | null
  readonly attribute: Attribute
  readonly sub: Attribute | null
}

/** The attribute of that name, compared without case. */
export function findAttribute(attributes: readonly Attribute[], name: string): Attribute | null {
  if (attributes.length === 0) return null
  const index = byLowerName.get(attributes) ?? indexed(attributes)
  return index.get(name.toLowerCase()) ?? null
}

/** Attributes by their names in lower case, of each list that was ever asked. Of two of a name the first counts. */
const byLowerName = new WeakMap<readonly Attribute[], ReadonlyMap<string, Attribute>>()

function indexed(attributes: readonly Attribute[]): ReadonlyMap<string, Attribute> {
  const entries = attributes.map((attribute) => [attribute.name.toLowerCase(), attribute] as const)
  const index = new Map(entries.toReversed())
  byLowerName.set(attributes, index)
  return index
}

/** The sub-attribute of that name, compared without case. */
export function findSubAttribute(attribute: Attribute, name: string): Attribute | null {
  return findAttribute(attribute.subAttributes ?? [], name)
}

/** The extension of a resource type whose URN this is, compared without case. */
export function findExtension(type: ResourceType, urn: string): Schema | null {
  const wanted = urn.toLowerCase()
  return type.extensions.find(({ schema }) => schema.id.toLowerCase() === wanted)?.schema ?? null
}

/** The attributes at the top level of a resource: the common ones and those of its core schema. */
export function coreAttributes(type: ResourceType): readonly Attribute[] {
  const known = cores.get(type)
  if (known !== undefined) return known
  const core = [...type.common, ...type.schema.attributes]
  cores.set(type, core)
  return core
}

const cores = new WeakMap<ResourceType, readonly Attribute[]>()

/**
 * Resolves `userName`, `name.givenName`, `urn:…:User:userName` or `urn:…:enterprise:2.0:User:manager.value`
 * (RFC 7644 section 3.10). Null where the type has no such attribute.
 */
export function findTarget(type: ResourceType, name: string): Target | null {
  const { extension, rest } = splitUrn(type, name)
  const [attributeName = '', subName, ...more] = rest.split('.')
  if (more.length > 0) return null
  const attribute = findAttribute(
    extension === null ? coreAttributes(type) : extension.attributes,
    attributeName,
  )
  if (attribute === null) return null
  if (subName === undefined) return { extension, attribute, sub: null }
  const sub = findSubAttribute(attribute, subName)
  return sub === null ? null : { extension, attribute, sub }
}

interface SplitName {
  readonly extension: Schema | null
  readonly rest: string
}

/** Takes the URN of one of the type's schemas off the front of an attribute name: the longest, if several fit. */
function splitUrn(type: ResourceType, name: string): SplitName {
  const lower = name.toLowerCase()
  let split: SplitName = { extension: null, rest: afterUrn(lower, name, type.schema.id) ?? name }
  for (const { schema } of type.extensions) {
    const rest = afterUrn(lower, name, schema.id)
    if (rest !== null && rest.length < split.rest.length) split = { extension: schema, rest }
  }
  return split
}

/** What follows `urn:` in a qualified name. A dot is taken for the colon: Entra wrote `…:User.department` once. */
function afterUrn(lower: string, name: string, urn: string): string | null {
  if (!lower.startsWith(urn.toLowerCase())) return null
  const separator = name.charAt(urn.length)
  return separator === ':' || separator === '.' ? name.slice(urn.length + 1) : null
}
