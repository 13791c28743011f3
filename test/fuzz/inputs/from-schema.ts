// JSON Schema as a generator: values that are as the schema of a body or a parameter says.
import fc from 'fast-check'
import type { JsonSchema } from '../../../src/http/openapi/components.ts'
import type { Document } from '../../../src/http/openapi/document.ts'
import { isArray, isObject, type Json } from '../../../src/scim/resource.ts'
import { dateTimes, hostileStrings, places } from './texts.ts'

type Schemas = Document['components']['schemas']

/** Values for fields by their names: what the service knows, so that more than the validation is reached. */
const known: Readonly<Record<string, fc.Arbitrary<string>>> = {
  groupId: places('group'),
  groups: places('group'),
  userId: places('user'),
  memberId: places('member'),
  memberIds: places('member'),
  actingMember: places('member'),
  organizationId: places('org'),
  parentOrganizationId: places('parent'),
  directory: places('directory'),
  organization: places('org'),
  subject: places('user'),
  role: fc.constantFrom('owner', 'admin', 'user', 'developer'),
  seatType: fc.constantFrom('premium', 'standard', 'chat'),
  email: fc.nat(60).map((i) => `u${i}@acme.test`),
  userName: fc.nat(60).map((i) => `u${i}@acme.test`),
  url: fc.constantFrom(
    'https://example.com/hook',
    'http://127.0.0.1:1/',
    'https://[::1]/',
    'https://a:b@example.com',
  ),
  acknowledge: fc.constantFrom('no_top_role', 'self_demoted', 'self_removed', 'many_removed'),
  with: fc.constantFrom('1', '2'),
  type: fc.constantFrom('user.created', 'member.added', 'group.updated,user.updated'),
  groupName: fc.nat(8).map((i) => `team ${i}`),
}

const texts = [
  ...hostileStrings,
  'Acme',
  'x',
  '1',
  '12',
  'a@b.c',
  'directory_01EXAMPLE',
  'urn:example:2.0:User',
]

/** `name`: of the field that the value is for. */
export function valuesOf(schema: JsonSchema, schemas: Schemas, name = ''): fc.Arbitrary<Json> {
  if (typeof schema === 'boolean') return fc.constantFrom<Json>(null, true, 'x', 1, [], {})
  const { $ref, anyOf, const: only, enum: some, type } = schema
  if (typeof $ref === 'string') return valuesOf(schemas[$ref.split('/').at(-1) ?? ''] ?? true, schemas, name)
  if (isList(anyOf)) return fc.oneof(...anyOf.map((each) => valuesOf(asSchema(each), schemas, name)))
  if (only !== undefined) return fc.constant(asJson(only))
  if (isList(some)) return fc.constantFrom(...some.map(asJson))
  switch (type) {
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'integer':
    case 'number':
      return numbers(schema)
    case 'string':
      return strings(schema, name)
    case 'array':
      return fc.array(valuesOf(asSchema(schema.items ?? true), schemas, name), sizeOf(schema))
    case 'object':
      return objects(schema, schemas)
    default:
      return fc.constantFrom<Json>(null, 'x', 1)
  }
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)
const isSchema = (value: unknown): value is { readonly [keyword: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const asSchema = (value: unknown): JsonSchema => (isSchema(value) ? value : true)
const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value))
const numberOr = (value: unknown, other: number): number => (typeof value === 'number' ? value : other)

function numbers({ minimum, maximum }: { readonly [keyword: string]: unknown }): fc.Arbitrary<Json> {
  const [min, max] = [numberOr(minimum, 0), numberOr(maximum, 2_000_000_000)]
  return fc.oneof(fc.integer({ min, max: Math.min(max, min + 5) }), fc.constantFrom(min, max))
}

function sizeOf({ minItems, maxItems }: { readonly [keyword: string]: unknown }) {
  const minLength = numberOr(minItems, 0)
  return { minLength, maxLength: Math.min(numberOr(maxItems, 4), minLength + 4) }
}

function strings(schema: { readonly [keyword: string]: unknown }, name: string): fc.Arbitrary<Json> {
  const { format, pattern, minLength, maxLength } = schema
  const own = known[name]
  if (format === 'date-time') return dateTimes
  if (format === 'uuid') return own ?? places('user')
  const test = typeof pattern === 'string' ? new RegExp(pattern, 'u') : /(?:)/
  const [least, most] = [numberOr(minLength, 0), numberOr(maxLength, 1000)]
  const fitting = texts.filter(
    (text) => test.test(text) && [...text].length >= least && [...text].length <= most,
  )
  const any = fitting.length === 0 ? fc.stringMatching(test) : fc.constantFrom(...fitting)
  return own === undefined ? any : fc.oneof({ weight: 5, arbitrary: own }, { weight: 1, arbitrary: any })
}

function objects(schema: { readonly [keyword: string]: unknown }, schemas: Schemas): fc.Arbitrary<Json> {
  const properties = isSchema(schema.properties) ? schema.properties : {}
  const required = isList(schema.required) ? schema.required : []
  const shape = Object.fromEntries(
    Object.entries(properties).map(([key, held]) => [key, valuesOf(asSchema(held), schemas, key)]),
  )
  const requiredKeys = Object.keys(shape).filter((key) => required.includes(key))
  return fc.record(shape, { requiredKeys, noNullPrototype: true }).map(asJson)
}

/** A value as a parameter of a URL has it. */
export const asText = (value: Json): string =>
  typeof value === 'string'
    ? value
    : isArray(value) || isObject(value)
      ? JSON.stringify(value)
      : String(value)
