// A schema that the fuzzed directory adds (RFC 7643 section 6), with attributes of every type, and values for it.
import fc from 'fast-check'
import type { Json, JsonObject } from '../../../src/scim/resource.ts'
import type { ResourceType } from '../../../src/scim/schema.ts'
import { parseSchemaDocument } from '../../../src/scim/schema-document.ts'
import { userType } from '../../../src/scim/schemas/user.ts'
import { dateTimes, hostile, wholeNumbers } from './texts.ts'

export const addedUrn = 'urn:example:hr:2.0:User'

export const addedDocument = {
  id: addedUrn,
  name: 'Hr',
  attributes: [
    { name: 'badge', type: 'string', uniqueness: 'server', caseExact: true },
    { name: 'grade', type: 'integer' },
    { name: 'ratio', type: 'decimal' },
    { name: 'since', type: 'dateTime' },
    { name: 'photo', type: 'binary', caseExact: true },
    { name: 'site', type: 'reference', referenceTypes: ['external'] },
    { name: 'remote', type: 'boolean' },
    { name: 'tags', type: 'string', multiValued: true },
    { name: 'levels', type: 'integer', multiValued: true },
    {
      name: 'car',
      type: 'complex',
      subAttributes: [{ name: 'plate' }, { name: 'bought', type: 'dateTime' }],
    },
    {
      name: 'desks',
      type: 'complex',
      multiValued: true,
      subAttributes: [
        { name: 'floor', type: 'integer' },
        { name: 'code', caseExact: true },
      ],
    },
  ],
} as const

/** Users as the fuzzed directory has them. */
export const typeOfUsers: ResourceType = {
  ...userType,
  extensions: [...userType.extensions, { schema: parseSchemaDocument(addedDocument), required: false }],
}

const numbers: fc.Arbitrary<Json> = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  wholeNumbers.map(Number),
  fc.constantFrom(0.1, -0, 1e21, 1e-7, 1e308, 5e-324),
)

/** Mostly of the right types; one that is not makes the whole a refusal. */
const values: Readonly<Record<string, fc.Arbitrary<Json>>> = {
  badge: fc.oneof(fc.nat(20).map(String), hostile),
  grade: fc.oneof(fc.integer(), fc.constantFrom(2147483648, Number.MAX_SAFE_INTEGER, -9007199254740991)),
  ratio: numbers,
  since: dateTimes,
  photo: fc.base64String({ maxLength: 24 }),
  site: fc.oneof(fc.constantFrom('https://example.com/a', 'urn:x:y'), hostile),
  remote: fc.boolean(),
  tags: fc.array(hostile, { maxLength: 3 }),
  levels: fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 3 }),
  car: fc.record({ plate: hostile, bought: dateTimes }),
  desks: fc.array(fc.record({ floor: fc.integer(), code: hostile }), { maxLength: 3 }),
}

const held: fc.Arbitrary<Json> = fc.oneof(
  ...Object.entries(values).map(([name, value]) => value.map((each): Json => ({ [name]: each }))),
)

/** What a body has of the schema: nothing, or some of it. */
export const addedValues: fc.Arbitrary<JsonObject> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: held.map((extension) => ({ [addedUrn]: extension })) },
)
