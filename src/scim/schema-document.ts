// A SCIM Schema document (RFC 7643 section 7) that a client wrote → the schema of an extension, with every
// characteristic said. What /Schemas serves of it, served back, is the same schema.
import { isArray, isJsonObject, isUnassigned, type Json } from './resource.ts'
import { type Attribute, type AttributeType, findAttribute, type Schema } from './schema.ts'
import { commonAttributes } from './schemas/common.ts'
import { enterpriseUserSchema } from './schemas/enterprise-user.ts'
import { isStorable } from './value.ts'

/** The document cannot be an extension's schema; `field` leads to what is at fault, e.g. `attributes[2].type`. */
export class SchemaFault extends Error {
  override readonly name = 'SchemaFault'
  /** empty where it is the document itself */
  readonly field: string
  readonly detail: string

  constructor(field: string, detail: string) {
    super(`${field} ${detail}`.trimStart())
    this.field = field
    this.detail = detail
  }
}

const MAX_ATTRIBUTES = 100
const MAX_SUB_ATTRIBUTES = 50
const MAX_URN_LENGTH = 200
const MAX_NAME_LENGTH = 100
const MAX_TEXT_LENGTH = 1000
const MAX_VALUES = 200

/** Attribute names as RFC 7643 section 2.1 has them; `$ref` is the only one with a dollar sign. */
const NAME = /^(?:[A-Za-z][A-Za-z0-9_-]*|\$ref)$/

/** Of the characters of a URN those that also stand in filters and paths without quotes. */
const URN = /^urn:[A-Za-z0-9][A-Za-z0-9-]*:[A-Za-z0-9._:-]*[A-Za-z0-9]$/i

const reserved = ['urn:ietf:params:scim:schemas:core:', 'urn:ietf:params:scim:api:']

const types: readonly AttributeType[] = [
  'string',
  'boolean',
  'decimal',
  'integer',
  'dateTime',
  'reference',
  'complex',
  'binary',
]
const mutabilities = ['readOnly', 'readWrite', 'immutable', 'writeOnly'] as const
const returneds = ['always', 'never', 'default', 'request'] as const
const uniquenesses = ['none', 'server', 'global'] as const

/** Reads a document. What it does not say has the defaults of RFC 7643 section 2.2. Throws SchemaFault. */
export function parseSchemaDocument(document: unknown): Schema {
  const fields = fieldsOf(document, '', ['schemas', 'id', 'name', 'description', 'attributes', 'meta'])
  const id = parseUrn(fields.get('id'))
  const attributes = parseAttributes(fields.get('attributes'), 'attributes', MAX_ATTRIBUTES, parseAttribute)
  const common = attributes.findIndex(({ name }) => findAttribute(commonAttributes, name) !== null)
  if (common >= 0) throw new SchemaFault(`attributes[${common}].name`, 'is one that every resource has.')
  return {
    id,
    name: text(fields.get('name'), 'name', MAX_NAME_LENGTH) ?? id.slice(id.lastIndexOf(':') + 1),
    description: text(fields.get('description'), 'description', MAX_TEXT_LENGTH) ?? '',
    attributes,
  }
}

function parseUrn(value: Json | undefined): string {
  const urn = text(value, 'id', MAX_URN_LENGTH) ?? ''
  if (!URN.test(urn)) {
    throw new SchemaFault(
      'id',
      'must be a URN of letters, digits, ".", "_", "-" and ":", e.g. urn:example:hr:2.0:User.',
    )
  }
  const lower = urn.toLowerCase()
  const isTaken =
    lower === enterpriseUserSchema.id.toLowerCase() || reserved.some((prefix) => lower.startsWith(prefix))
  if (isTaken)
    throw new SchemaFault(
      'id',
      'is the URN of a schema that is there already, or that SCIM keeps for itself.',
    )
  return urn
}

type ParseAttribute = (value: Json, field: string) => Attribute

function parseAttributes(
  value: Json | undefined,
  field: string,
  most: number,
  parse: ParseAttribute,
): Attribute[] {
  if (value === undefined || !isArray(value) || value.length === 0) {
    throw new SchemaFault(field, 'must be a list with at least one attribute.')
  }
  if (value.length > most)
    throw new SchemaFault(field, `has ${value.length} attributes; ${most} are allowed.`)
  const seen = new Set<string>()
  return value.map((each, i) => {
    const attribute = parse(each, `${field}[${i}]`)
    const name = attribute.name.toLowerCase()
    if (seen.has(name)) throw new SchemaFault(`${field}[${i}].name`, 'is the name of another attribute too.')
    seen.add(name)
    return attribute
  })
}

const known = [
  'name',
  'type',
  'multiValued',
  'description',
  'required',
  'caseExact',
  'mutability',
  'returned',
  'uniqueness',
  'canonicalValues',
  'referenceTypes',
  'subAttributes',
]

function parseAttribute(value: Json, field: string): Attribute {
  const fields = fieldsOf(value, field, known)
  const type = oneOf(fields.get('type'), `${field}.type`, types, 'string')
  const multiValued = flag(fields.get('multiValued'), `${field}.multiValued`, false)
  const mutability = oneOf(fields.get('mutability'), `${field}.mutability`, mutabilities, 'readWrite')
  const required = flag(fields.get('required'), `${field}.required`, false)
  if (required && (mutability === 'readOnly' || mutability === 'writeOnly')) {
    throw new SchemaFault(
      `${field}.required`,
      `cannot be true of a ${mutability} attribute: it never holds what a client writes.`,
    )
  }
  // references and binary values compare with case (RFC 7643 sections 2.3.6 and 2.3.7)
  const hasCase = type === 'reference' || type === 'binary'
  return {
    name: parseName(fields.get('name'), `${field}.name`),
    type,
    description: text(fields.get('description'), `${field}.description`, MAX_TEXT_LENGTH) ?? '',
    multiValued,
    required,
    caseExact: flag(fields.get('caseExact'), `${field}.caseExact`, hasCase),
    mutability,
    returned: parseReturned(fields.get('returned'), `${field}.returned`, mutability),
    uniqueness: parseUniqueness(fields.get('uniqueness'), `${field}.uniqueness`, type, mutability),
    ...values(fields, field, 'canonicalValues'),
    ...values(fields, field, 'referenceTypes'),
    ...parseParts(fields.get('subAttributes'), `${field}.subAttributes`, type),
  }
}

/** What is writeOnly is never returned (RFC 7643 section 7). */
function parseReturned(value: Json | undefined, field: string, mutability: Attribute['mutability']) {
  const returned = oneOf(value, field, returneds, mutability === 'writeOnly' ? 'never' : 'default')
  if (mutability !== 'writeOnly' || returned === 'never') return returned
  throw new SchemaFault(field, 'must be never, since the attribute is writeOnly.')
}

function parseUniqueness(
  value: Json | undefined,
  field: string,
  type: AttributeType,
  mutability: Attribute['mutability'],
) {
  const uniqueness = oneOf(value, field, uniquenesses, 'none')
  if (uniqueness === 'none') return uniqueness
  if (type === 'boolean' || type === 'complex') {
    throw new SchemaFault(field, `must be none: values of type ${type} cannot be unique.`)
  }
  if (mutability === 'writeOnly') {
    throw new SchemaFault(field, 'must be none, since nothing is kept of a writeOnly attribute.')
  }
  return uniqueness
}

function parseParts(value: Json | undefined, field: string, type: AttributeType) {
  if (type === 'complex') {
    return { subAttributes: parseAttributes(value, field, MAX_SUB_ATTRIBUTES, parseSubAttribute) }
  }
  if (isUnassigned(value)) return {}
  throw new SchemaFault(field, 'belong to attributes of type complex alone.')
}

/** A sub-attribute has one simple value (RFC 7643 section 2.3.8). */
function parseSubAttribute(value: Json, field: string): Attribute {
  const sub = parseAttribute(value, field)
  if (sub.type === 'complex')
    throw new SchemaFault(`${field}.type`, 'cannot be complex inside a complex attribute.')
  if (sub.multiValued)
    throw new SchemaFault(`${field}.multiValued`, 'cannot be true inside a complex attribute.')
  if (sub.uniqueness !== 'none') {
    throw new SchemaFault(`${field}.uniqueness`, 'must be none inside a complex attribute.')
  }
  return sub
}

/** The fields of an object by their names, which compare without case. Throws SchemaFault for one that is not known. */
function fieldsOf(value: unknown, field: string, names: readonly string[]): Map<string, Json> {
  if (!isJsonObject(value)) throw new SchemaFault(field, 'must be an object.')
  return new Map(
    Object.entries(value).flatMap(([key, held]): [string, Json][] => {
      const name = names.find((each) => each.toLowerCase() === key.toLowerCase())
      const path = field === '' ? key : `${field}.${key}`
      if (name === undefined)
        throw new SchemaFault(path.slice(0, MAX_NAME_LENGTH), 'is no field of a schema.')
      return held === null ? [] : [[name, held]]
    }),
  )
}

function parseName(value: Json | undefined, field: string): string {
  const name = text(value, field, MAX_NAME_LENGTH)
  if (name === undefined || !NAME.test(name)) {
    throw new SchemaFault(field, 'must begin with a letter and hold letters, digits, "-" and "_" alone.')
  }
  // every JavaScript object has these: a value would be there where none is
  if (name in Object.prototype) throw new SchemaFault(field, 'is a name that cannot be kept.')
  return name
}

function text(value: Json | undefined, field: string, most: number): string | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'string') throw new SchemaFault(field, 'must be a string.')
  if (value.length > most) throw new SchemaFault(field, `has more than ${most} characters.`)
  if (!isStorable(value)) throw new SchemaFault(field, 'holds a character that cannot be stored.')
  return value
}

function flag(value: Json | undefined, field: string, fallback: boolean): boolean {
  if (value === undefined) return fallback
  if (typeof value === 'boolean') return value
  throw new SchemaFault(field, 'must be true or false.')
}

function oneOf<T extends string>(
  value: Json | undefined,
  field: string,
  names: readonly T[],
  fallback: T,
): T {
  if (value === undefined) return fallback
  const wanted = typeof value === 'string' ? value.toLowerCase() : null
  const found = names.find((name) => name.toLowerCase() === wanted)
  if (found !== undefined) return found
  throw new SchemaFault(field, `must be one of ${names.join(', ')}.`)
}

/** A list of strings; left out where there are none. */
function values(
  fields: ReadonlyMap<string, Json>,
  field: string,
  name: 'canonicalValues' | 'referenceTypes',
) {
  const value = fields.get(name)
  if (isUnassigned(value)) return {}
  const path = `${field}.${name}`
  if (value === undefined || !isArray(value)) throw new SchemaFault(path, 'must be a list of strings.')
  if (value.length > MAX_VALUES) throw new SchemaFault(path, `has more than ${MAX_VALUES} values.`)
  return { [name]: value.map((each, i) => text(each, `${path}[${i}]`, MAX_TEXT_LENGTH) ?? '') }
}
