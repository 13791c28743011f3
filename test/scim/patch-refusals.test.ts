// PATCH operations that are refused, or have no effect by design (RFC 7644 sections 3.5.2 and 3.12).
import { describe, expect, test } from 'vitest'
import type { Json } from '../../src/scim/resource.ts'
import { groupType } from '../../src/scim/schemas/group.ts'
import {
  enterpriseUrn,
  frozen,
  groupUrn,
  patched,
  refusal,
  silent,
  userOf,
  userUrn,
} from '../support/protocol.ts'

const work = { value: 'anna@example.com', type: 'work', primary: true }
const home = { value: 'a@home.example', type: 'home' }
const anna = userOf({
  schemas: [userUrn],
  userName: 'anna',
  name: { givenName: 'Anna' },
  emails: [work, home],
})

const run = (op: string, path: string | null, value: Json | undefined) =>
  patched(anna, [{ op, ...(path === null ? {} : { path }), ...(value === undefined ? {} : { value }) }])

describe('RFC 7644 3.12 what an operation cannot do', () => {
  test.each<[string, string | null, Json | undefined, string]>([
    ['remove', 'userName', undefined, 'mutability: userName is required and cannot be removed.'],
    ['remove', 'schemas', undefined, 'mutability: schemas is required and cannot be removed.'],
    ['replace', 'userName', null, 'invalidValue: userName is required.'],
    ['replace', 'userName', '', 'invalidValue: userName is required.'],
    ['replace', 'userName', 5, 'invalidValue: userName takes a string.'],
    ['add', 'active', 'maybe', 'invalidValue: active takes true or false.'],
    ['replace', 'name', 'Anna', 'invalidValue: name takes an object with sub-attributes.'],
    ['replace', 'name.givenName', { a: 1 }, 'invalidValue: name.givenName takes a string.'],
    ['replace', 'emails', 'x', 'invalidValue: emails takes a list of values.'],
    ['replace', 'emails[type eq "work"]', [home, work], 'invalidValue: emails takes one value, not a list.'],
    [
      'replace',
      'emails[type eq "work"].value',
      ['a', 'b'],
      'invalidValue: emails.value takes one value, not a list.',
    ],
    [
      'replace',
      'emails[type eq "x" or type eq "y"].value',
      'a',
      'noTarget: No value of emails matches the path.',
    ],
    ['replace', 'emails[not (type pr)].value', 'a', 'noTarget: No value of emails matches the path.'],
    [
      'replace',
      'emails[type eq "x" and type eq "y"].value',
      'a',
      'noTarget: No value of emails matches the path.',
    ],
    ['add', 'emails[type eq ""].value', 'a', 'noTarget: No value of emails matches the path.'],
    ['replace', 'password', 5, 'invalidValue: password takes a string.'],
    [
      'replace',
      enterpriseUrn,
      'x',
      `invalidValue: Operations[0].value must be an object with the attributes of ${enterpriseUrn}.`,
    ],
  ])('%s path %s, value %j', (op, path, value, error) =>
    expect(refusal(() => run(op, path, value))).toBe(`400 ${error}`),
  )

  test('a password is checked and thrown away', () => {
    expect(patched(anna, [{ op: 'replace', path: 'password', value: 'secret' }])).toBe(anna)
    expect(patched(anna, [{ op: 'replace', value: { password: 'secret' } }])).toBe(anna)
    expect(patched(anna, [{ op: 'remove', path: 'password' }])).toBe(anna)
  })

  test('schemas follows from the data', () => {
    expect(patched(anna, [{ op: 'replace', path: 'schemas', value: ['urn:x'] }])).toBe(anna)
    expect(patched(anna, [{ op: 'replace', value: { schemas: [userUrn] } }])).toBe(anna)
  })

  test('a group keeps its displayName', () => {
    const group = frozen({ schemas: [groupUrn], displayName: 'G', externalId: 'e' })
    const run = (op: object) => patched(group, [op], silent, groupType)
    expect(run({ op: 'replace', value: { id: 'x', displayName: 'H' } })).toEqual({
      ...group,
      displayName: 'H',
    })
    expect(refusal(() => run({ op: 'remove', path: 'displayName' }))).toContain('mutability: displayName')
    expect(run({ op: 'remove', path: 'externalId' })).toEqual({ schemas: [groupUrn], displayName: 'G' })
  })
})
