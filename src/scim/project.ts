// Which attributes an answer holds (RFC 7644 section 3.9, RFC 7643 section 2.2 "returned"), in the schema's order.
import { invalidValue } from './errors.ts'
import { isArray, isObject, isUnassigned, type Json, type JsonObject } from './resource.ts'
import {
  type Attribute,
  coreAttributes,
  findExtension,
  findTarget,
  type ResourceType,
  type Schema,
} from './schema.ts'

/** What `attributes` or `excludedAttributes` asked for. */
export interface Projection {
  readonly kind: 'default' | 'only' | 'without'
  readonly names: readonly Name[]
}

/**
 * What a write named: its answer has that also where it is returned on request only (RFC 7643 section 7). A resource
 * that was sent whole named `all` that it has.
 */
export type Written = 'all' | readonly Name[]

/** Asks for what is returned by default. */
export const whole: Projection = { kind: 'default', names: [] }

/** Asks for nothing: what is always returned, and no more. */
export const minimal: Projection = { kind: 'only', names: [] }

/** An attribute, one of its sub-attributes, or (attribute null) a whole extension. */
interface Name {
  readonly extension: Schema | null
  readonly attribute: Attribute | null
  readonly sub: Attribute | null
}

/**
 * Reads the two parameters, each a list with commas. Names that the type does not have ask for nothing.
 * Throws invalidValue where both are given: they exclude each other.
 */
export function parseProjection(
  attributes: string | undefined,
  excludedAttributes: string | undefined,
  type: ResourceType,
): Projection {
  if (attributes && excludedAttributes) {
    throw invalidValue('attributes and excludedAttributes cannot be used together.')
  }
  if (attributes) return { kind: 'only', names: parseNames(attributes, type) }
  if (excludedAttributes) return { kind: 'without', names: parseNames(excludedAttributes, type) }
  return whole
}

function parseNames(list: string, type: ResourceType): Name[] {
  return list.split(',').flatMap((part): Name[] => {
    const name = part.trim()
    const extension = findExtension(type, name)
    if (extension !== null) return [{ extension, attribute: null, sub: null }]
    const target = findTarget(type, name)
    return target === null ? [] : [target]
  })
}

/** Whether an attribute of the core schema is in the answer: what is not asked for need not be read. */
export function isReturned(projection: Projection, type: ResourceType, attributeName: string): boolean {
  const attribute = coreAttributes(type).find(({ name }) => name === attributeName)
  return attribute !== undefined && isAttributeReturned({ projection, written: [] }, null, attribute)
}

/**
 * A resource, whose names are canonical, as it is answered: the attributes that the client wrote and those that the
 * service gives, which go before. Unassigned attributes are left out.
 */
export type Projector = (attributes: JsonObject, given: JsonObject) => JsonObject

/** What is decided without looking at a resource is decided once: for all of a list, and for all that ask for no more. */
export function projector(type: ResourceType, projection: Projection, written: Written = []): Projector {
  const request = { projection, written }
  if (projection !== whole || written.length > 0) return newProjector(type, request)
  const kept = wholes.get(type) ?? newProjector(type, request)
  wholes.set(type, kept)
  return kept
}

const wholes = new WeakMap<ResourceType, Projector>()

function newProjector(type: ResourceType, request: Request): Projector {
  const core = shownOf(coreAttributes(type), null, request)
  const first = core.filter(({ name }) => name !== 'meta')
  const last = core.filter(({ name }) => name === 'meta')
  const extensions = type.extensions.map(({ schema }) => ({
    id: schema.id,
    shown: shownOf(schema.attributes, schema, request),
  }))
  return (attributes, given) => {
    const projected = projectAttributes({}, attributes, given, first)
    for (const { id, shown } of extensions) {
      const held = attributes[id]
      if (!isObject(held)) continue
      const extension = projectAttributes({}, held, nothing, shown)
      if (!isUnassigned(extension)) projected[id] = extension
    }
    return projectAttributes(projected, attributes, given, last)
  }
}

const nothing: JsonObject = {}

interface Request {
  readonly projection: Projection
  readonly written: Written
}

/** An attribute that is shown; `pick` is what is shown of its value, null for all of it. */
interface Shown {
  readonly name: string
  readonly pick: ((value: Json) => Json) | null
}

const shownOf = (attributes: readonly Attribute[], extension: Schema | null, request: Request): Shown[] =>
  attributes
    .filter((attribute) => isAttributeReturned(request, extension, attribute))
    .map((attribute) => ({ name: attribute.name, pick: pickOf(attribute, extension, request) }))

/** Adds to `projected` what is shown. */
function projectAttributes(
  projected: Record<string, Json>,
  attributes: JsonObject,
  given: JsonObject,
  shown: readonly Shown[],
): Record<string, Json> {
  for (const { name, pick } of shown) {
    const held = given[name] ?? attributes[name]
    if (held === undefined) continue
    const value = pick === null ? held : pick(held)
    if (!isUnassigned(value)) projected[name] = value
  }
  return projected
}

function isAttributeReturned(
  { projection, written }: Request,
  extension: Schema | null,
  attribute: Attribute,
): boolean {
  if (attribute.returned === 'always') return true
  if (attribute.returned === 'never') return false
  const named = namesOf(projection.names, extension, attribute)
  if (projection.kind === 'only') return named.length > 0
  if (attribute.returned === 'request' && !isWritten(written, extension, attribute, null)) return false
  return projection.kind === 'default' || !named.some(({ sub }) => sub === null)
}

const isWritten = (
  written: Written,
  extension: Schema | null,
  attribute: Attribute,
  sub: Attribute | null,
): boolean =>
  written === 'all' ||
  namesOf(written, extension, attribute).some((name) => sub === null || name.sub === null || name.sub === sub)

function pickOf(
  attribute: Attribute,
  extension: Schema | null,
  { projection, written }: Request,
): Shown['pick'] {
  const { subAttributes = [] } = attribute
  const named = namesOf(projection.names, extension, attribute)
  const isShown = (sub: Attribute) =>
    isSubReturned(sub, projection.kind, named, isWritten(written, extension, attribute, sub))
  const hidden = subAttributes.filter((sub) => !isShown(sub))
  if (hidden.length === 0) return null
  const pick = (element: Json): Json =>
    isObject(element)
      ? Object.fromEntries(
          Object.entries(element).filter(([name]) => !hidden.some((sub) => sub.name === name)),
        )
      : element
  return (value) =>
    isArray(value) ? value.map(pick).filter((element) => !isUnassigned(element)) : pick(value)
}

/** `named` are the names that concern the attribute: itself, or some of its sub-attributes. */
function isSubReturned(
  sub: Attribute,
  kind: Projection['kind'],
  named: readonly Name[],
  isWritten: boolean,
): boolean {
  if (sub.returned === 'always') return true
  if (sub.returned === 'never') return false
  const isNamed = named.some((name) => name.sub === sub)
  if (sub.returned === 'request' && kind === 'only') return isNamed
  if (sub.returned === 'request' && !isWritten) return false
  if (kind === 'without') return !isNamed
  const isWhole = named.length === 0 || named.some((name) => name.sub === null)
  return kind === 'default' || isNamed || isWhole
}

const namesOf = (names: readonly Name[], extension: Schema | null, attribute: Attribute): Name[] =>
  names.filter(
    (name) => name.extension === extension && (name.attribute === null || name.attribute === attribute),
  )
