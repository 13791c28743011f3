// One value against one attribute: canonical form, tolerances and refusals (RFC 7643 section 2.3).
import { describe, expect, test } from 'vitest'
import type { Json } from '../../src/scim/resource.ts'
import { type Attribute, findTarget } from '../../src/scim/schema.ts'
import { boolean, complex, dateTime, string } from '../../src/scim/schemas/attributes.ts'
import { userType } from '../../src/scim/schemas/user.ts'
import { MAX_UNIQUE_LENGTH, parseValue } from '../../src/scim/value.ts'
import { enterpriseUrn, frozen, refusal, remembering } from '../support/protocol.ts'

/** Types that no attribute of ours has, and the rest by their name on a user. */
const made: Record<string, Attribute> = {
  integer: { ...string('integer', ''), type: 'integer' },
  decimal: { ...string('decimal', ''), type: 'decimal' },
  dateTime: dateTime('dateTime', ''),
  dateTimes: dateTime('dateTimes', '', { multiValued: true }),
  withoutValue: complex('withoutValue', '', [boolean('flag', '')]),
}

function attributeOf(name: string): Attribute {
  const target = findTarget(userType, name)
  const attribute = made[name] ?? target?.sub ?? target?.attribute
  if (attribute === undefined) throw new Error(`no attribute ${name}`)
  return attribute
}

function read(name: string, value: Json): { value: Json | undefined; seen: string[] } {
  const { note, seen } = remembering()
  return { value: parseValue(attributeOf(name), frozen(value), name, note), seen }
}

const refused = (name: string, value: Json) => refusal(() => read(name, value))

describe('RFC 7643 2.3 a value that fits is kept as it is', () => {
  test.each<[string, Json]>([
    ['userName', 'Anna@Example.com'],
    ['displayName', ' Ünï \ud83d\ude00 '],
    ['profileUrl', 'not a URI'],
    ['active', false],
    ['integer', -3],
    ['integer', Number.MAX_SAFE_INTEGER],
    ['decimal', 1.5],
    ['dateTime', '2011-05-13T04:42:34.000Z'],
    ['name', { givenName: 'A', familyName: 'B' }],
    ['emails', [{ value: 'a@x', type: 'work', primary: true }, { value: 'b@x' }]],
    ['addresses', [{ locality: 'X', country: 'Y', primary: false }]],
    [
      'x509Certificates',
      [{ value: 'MIID\r\nMIID\n' }, { value: 'a+/9' }, { value: 'a-_9YQ' }, { value: 'YQ==' }],
    ],
    [`${enterpriseUrn}:manager`, { value: 'm', $ref: 'https://x/Users/m' }],
  ])('%s %j', (name, value) => expect(read(name, value)).toEqual({ value, seen: [] }))
})

describe('RFC 7643 2.2 and 2.3 the canonical form', () => {
  test.each<[string, Json, Json]>([
    ['name', { GIVENNAME: 'A' }, { givenName: 'A' }],
    ['emails', [{ VALUE: 'a', Type: 'work' }], [{ value: 'a', type: 'work' }]],
    ['dateTime', '2011-05-13T04:42:34+02:00', '2011-05-13T02:42:34.000Z'],
    ['dateTimes', ['2011-05-13T04:42:34Z'], ['2011-05-13T04:42:34.000Z']],
  ])('%s %j', (name, value, canonical) => expect(read(name, value)).toEqual({ value: canonical, seen: [] }))

  test.each<[string, Json]>([
    ['title', null],
    ['title', []],
    ['emails', null],
    ['emails', []],
    ['emails', [null, {}, []]],
    ['emails', [{ value: null }]],
    ['name', {}],
    ['name', { givenName: null, familyName: [] }],
    ['active', null],
  ])('RFC 7643 2.5 %s %j is unassigned', (name, value) => expect(read(name, value).value).toBeUndefined())

  test('RFC 7643 2.4 of several primary values the last stays primary', () => {
    const { value } = read('emails', [
      { value: 'a', primary: true },
      { value: 'b', primary: 'True' },
      { value: 'c' },
    ])
    expect(value).toEqual([{ value: 'a', primary: false }, { value: 'b', primary: true }, { value: 'c' }])
  })

  test('RFC 7643 2.2 a readOnly sub-attribute is ignored', () => {
    const { value } = read(`${enterpriseUrn}:manager`, { value: 'm', displayName: 'made up' })
    expect(value).toEqual({ value: 'm' })
  })
})

describe('scim.md 5 what is accepted although it is wrong, and counted', () => {
  test.each<[string, Json, Json | undefined, string[]]>([
    ['active', 'False', false, ['booleanAsText active']],
    ['active', 'TRUE', true, ['booleanAsText active']],
    ['title', '', undefined, ['emptyText title']],
    ['emails', '', undefined, ['emptyText emails']],
    ['name', [{ givenName: 'A' }], { givenName: 'A' }, ['listForSingle name']],
    ['title', ['Boss'], 'Boss', ['listForSingle title']],
    ['title', [null], undefined, ['listForSingle title']],
    ['title', [{ value: 'Boss' }], 'Boss', ['listForSingle title']],
    ['title', [{ $ref: null, Value: 'Boss' }], 'Boss', ['listForSingle title']],
    ['title', [{ value: '' }], undefined, ['listForSingle title']],
    ['active', [{ value: 'True' }], true, ['listForSingle active', 'booleanAsText active']],
    ['emails', { value: 'a' }, [{ value: 'a' }], ['singleForList emails']],
    ['emails', ['a'], [{ value: 'a' }], ['scalarForComplex emails']],
    [
      'roles',
      '{"value":"Admin","primary":"True"}',
      [{ value: 'Admin', primary: true }],
      ['singleForList roles', 'objectAsText roles', 'booleanAsText roles.primary'],
    ],
    ['roles', ['{"value":"Admin"}'], [{ value: 'Admin' }], ['objectAsText roles']],
    [
      'roles',
      [{ value: '{"id":"1","value":"Admin","displayName":"Admins"}', primary: false }],
      [{ value: 'Admin', display: 'Admins', primary: false }],
      ['objectAsText roles', 'unknownAttribute roles.id', 'displayNameOfElement roles.displayName'],
    ],
    ['roles', [{ value: '{"id":"1"}' }], [{ value: '{"id":"1"}' }], []],
    [
      'roles',
      [{ Value: ['{"value":"{\\"value\\":\\"Admin\\"}"}'] }],
      [{ value: 'Admin' }],
      ['listForSingle roles.value', 'objectAsText roles', 'objectAsText roles'],
    ],
    ['roles', ['{not json'], [{ value: '{not json' }], ['scalarForComplex roles']],
    [`${enterpriseUrn}:manager`, 'm', { value: 'm' }, [`scalarForComplex ${enterpriseUrn}:manager`]],
    [`${enterpriseUrn}:manager`, '', undefined, [`emptyText ${enterpriseUrn}:manager`]],
    [
      `${enterpriseUrn}:manager`,
      [{ value: 'm' }],
      { value: 'm' },
      [`listForSingle ${enterpriseUrn}:manager`],
    ],
    [`${enterpriseUrn}:manager`, { managerId: 'm' }, { value: 'm' }, ['managerId manager.managerId']],
    ['name', { givenName: 'A', shoe: 43 }, { givenName: 'A' }, ['unknownAttribute name.shoe']],
  ])('%s %j', (name, value, canonical, seen) => expect(read(name, value)).toEqual({ value: canonical, seen }))

  test('a name that cannot be stored is counted under another', () => {
    expect(read('name', { 'a\u0000b': 1 }).seen).toEqual(['unknownAttribute (unprintable)'])
    for (const long of [
      'x'.repeat(10_000),
      '\ud83d\ude00'.repeat(10_000),
      `x${'\ud83d\ude00'.repeat(10_000)}`,
    ]) {
      const [seen = ''] = read('name', { [long]: 1 }).seen
      expect(seen.length).toBeLessThan(300)
      expect(seen.isWellFormed()).toBe(true)
    }
  })
})

describe('RFC 7644 3.12 invalidValue names the attribute at fault', () => {
  test.each<[string, Json, string]>([
    ['userName', 5, 'userName takes a string.'],
    ['userName', true, 'userName takes a string.'],
    ['userName', { a: 1 }, 'userName takes a string.'],
    ['userName', ['a', 'b'], 'userName takes one value, not a list.'],
    ['userName', [['a']], 'userName takes one value, not a list.'],
    ['title', [{ value: ['a'] }], 'title takes a string.'],
    ['title', [{ shoe: 'a' }], 'title takes a string.'],
    ['title', { value: 'a' }, 'title takes a string.'],
    ['userName', 'a\u0000b', 'userName holds a character that cannot be stored.'],
    ['displayName', '\ud800', 'displayName holds a character that cannot be stored.'],
    ['userName', 'x'.repeat(MAX_UNIQUE_LENGTH + 1), 'userName is longer than 500 characters.'],
    // each of these becomes three characters in the index
    ['userName', '\u{1d160}'.repeat(200), 'userName is longer than 500 characters.'],
    ['active', 'yes', 'active takes true or false.'],
    ['active', 1, 'active takes true or false.'],
    ['integer', 1.5, 'integer takes an integer.'],
    ['integer', '1', 'integer takes an integer.'],
    ...[2 ** 53, -(2 ** 53), 1e300].map((value): [string, Json, string] => [
      'integer',
      value,
      'integer takes an integer from -9007199254740991 to 9007199254740991.',
    ]),
    ['decimal', '1', 'decimal takes a number.'],
    ['dateTime', 'yesterday', 'dateTime takes a date and time, e.g. 2011-05-13T04:42:34Z.'],
    ['dateTime', 5, 'dateTime takes a date and time, e.g. 2011-05-13T04:42:34Z.'],
    ['name', 'Anna', 'name takes an object with sub-attributes.'],
    ['name', 5, 'name takes an object with sub-attributes.'],
    ['name', { givenName: [], familyName: 5 }, 'name.familyName takes a string.'],
    ['name', { givenName: {} }, 'name.givenName takes a string.'],
    ['withoutValue', 'x', 'withoutValue takes an object with sub-attributes.'],
    ['emails', 'a@x', 'emails takes a list of values.'],
    ['emails', 5, 'emails takes a list of values.'],
    ['emails', [[1]], 'emails takes an object with sub-attributes.'],
    ['emails', [{ value: { a: 1 } }], 'emails.value takes a string.'],
    ['emails', [{ value: 'a', primary: 'maybe' }], 'emails.primary takes true or false.'],
    ['addresses', ['X'], 'addresses takes an object with sub-attributes.'],
    ['x509Certificates', [{ value: 'not base64!' }], 'x509Certificates.value takes base64.'],
    ['x509Certificates', [{ value: 'a+_9' }], 'x509Certificates.value takes base64.'],
    ['x509Certificates', [{ value: 'MIIDM' }], 'x509Certificates.value takes base64.'],
    ['x509Certificates', [{ value: 'YQ=' }], 'x509Certificates.value takes base64.'],
    ['x509Certificates', [{ value: '==' }], 'x509Certificates.value takes base64.'],
  ])('%s %j', (name, value, detail) => expect(refused(name, value)).toBe(`400 invalidValue: ${detail}`))
})
