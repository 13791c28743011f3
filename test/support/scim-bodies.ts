// Generated users and PATCH operations: values that IdPs send, values that are wrong, and arbitrary JSON.
import fc from 'fast-check'
import { type Attributes, isObject, type Json, type JsonObject } from '../../src/scim/resource.ts'
import { enterpriseUrn, userOf } from './protocol.ts'

/** JSON as a parser gives it. */
export const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Json>(
      null,
      true,
      false,
      '',
      'x',
      'True',
      '\u0000',
      '\ud800',
      '{"value":"x"}',
      0,
      -1,
      1.5,
      1e300,
    ),
    fc.string({ unit: 'grapheme', maxLength: 8 }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom(
        'value',
        'type',
        'primary',
        'display',
        'userName',
        'name',
        'emails',
        'members',
        'active',
        'shoe',
      ),
      tie('value'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
})).value

const text = fc.constantFrom('a', 'A', 'b', 'c@x', 'Ünï', '')
const label = fc.constantFrom('work', 'Work', 'home', 'other')
const flag: fc.Arbitrary<Json> = fc.constantFrom<Json>(true, false, 'True', 'false', null)

/** An object with some of these keys. */
const optional = (shape: Record<string, fc.Arbitrary<Json>>): fc.Arbitrary<JsonObject> =>
  fc
    .record(shape, { requiredKeys: [], noNullPrototype: true })
    .map((object) =>
      Object.fromEntries(
        Object.entries(object).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
      ),
    )

const element = optional({ value: text, type: label, primary: flag, display: text })
const address = optional({ locality: text, country: text, type: label, primary: flag })
const manager = fc.oneof<fc.Arbitrary<Json>[]>(
  text,
  optional({ value: text, $ref: text, displayName: text }),
  fc.tuple(optional({ value: text })),
)
const name = optional({ givenName: text, familyName: text })
const extension = optional({ department: text, division: text, manager })
const list = (of: fc.Arbitrary<Json>): fc.Arbitrary<Json> => fc.array(of, { maxLength: 3 })

const attributes = {
  title: text,
  active: flag,
  name,
  emails: list(element),
  roles: list(element),
  addresses: list(address),
  [enterpriseUrn]: extension,
}

/** Users in canonical form. */
export const users: fc.Arbitrary<Attributes> = optional(attributes).map((body) =>
  userOf({ ...body, userName: 'anna' }),
)

/** A path and a value that fits it. A value never changes what the filter of its path looks at. */
const targets: fc.Arbitrary<{ path: string; value: Json }> = fc.oneof(
  ...Object.entries(attributes).map(([path, values]) =>
    fc.record({ path: fc.constant(path), value: values }),
  ),
  fc.record({ path: fc.constant('name.givenName'), value: text }),
  fc.record({ path: fc.constantFrom('emails.display', 'roles.type'), value: text }),
  fc.record({ path: fc.constant('emails.primary'), value: flag }),
  fc.record({
    path: fc.constantFrom('emails[type eq "work"].value', 'emails[type eq "home" and primary eq true].value'),
    value: text,
  }),
  fc.record({
    path: fc.constantFrom('roles[type sw "w"].primary', 'roles[type eq "home"].primary'),
    value: flag,
  }),
  fc.record({
    path: fc.constantFrom('emails[type eq "work"]', 'emails[type eq "other"]'),
    value: optional({ value: text, display: text, primary: flag }),
  }),
  fc.record({ path: fc.constant(`${enterpriseUrn}:manager`), value: manager }),
  fc.record({ path: fc.constant(`${enterpriseUrn}:department`), value: text }),
)

/** Operations of a kind that are well formed. */
export const operationsOf = (op: 'add' | 'replace'): fc.Arbitrary<JsonObject> =>
  fc.oneof(
    targets.map(({ path, value }) => ({ op, path, value })),
    optional(attributes).map((value) => ({ op, value })),
  )

const removals: fc.Arbitrary<JsonObject> = targets.map(({ path }) => ({ op: 'remove', path }))

/** Operations of every kind, well formed. */
export const operations = fc.oneof(operationsOf('add'), operationsOf('replace'), removals)

const anyPath = fc.oneof(
  targets.map(({ path }) => path),
  fc.constantFrom(
    'userName',
    'id',
    'groups',
    'members',
    'schemas',
    'password',
    'emails[',
    'emails[type eq "x"',
    'a b',
  ),
  fc.constantFrom(
    'emails[type eq "x" and type eq "y"].value',
    'emails[value pr]',
    'members[value eq "x"]',
    enterpriseUrn,
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
)

/** Bodies of a PATCH: mostly of the right shape, with anything in it. */
export const anyPatchBody: fc.Arbitrary<Json> = fc.oneof(
  { weight: 1, arbitrary: json },
  {
    weight: 6,
    arbitrary: fc
      .array(
        fc.oneof(
          operations,
          fc.record({ op: fc.constantFrom('add', 'Replace', 'REMOVE', 'move'), path: anyPath, value: json }),
          fc.record({ op: fc.constantFrom('add', 'replace'), value: json }),
        ),
        { minLength: 1, maxLength: 5 },
      )
      .map((Operations) => ({ Operations })),
  },
)

/** How many values of an attribute are primary. */
export const primaries = (value: Json | undefined): number =>
  Array.isArray(value) ? value.filter((held: Json) => isObject(held) && held.primary === true).length : 0
