// PATCH as identity providers really send it (scim.md sections 2 to 5).
import { describe, expect, test } from 'vitest'
import type { Json } from '../../src/scim/resource.ts'
import {
  changes,
  enterpriseUrn,
  patched,
  refusal,
  remembering,
  userOf,
  userUrn,
} from '../support/protocol.ts'

const manager = { value: 'm1', $ref: 'https://x/Users/m1' }
const anna = userOf({
  userName: 'anna@example.com',
  title: 'Engineer',
  active: true,
  name: { givenName: 'Anna', familyName: 'Alm' },
  emails: [{ value: 'anna@example.com', type: 'work', primary: true }],
  phoneNumbers: [{ value: '1', type: 'work' }],
  addresses: [{ type: 'work', locality: 'Lund' }],
  roles: [{ value: 'old', primary: true }],
  [enterpriseUrn]: { department: 'R&D', manager },
})
const bare = userOf({ userName: 'bare@example.com', active: true })

/** What an operation makes us tolerate. */
function seenIn(...operations: readonly unknown[]): string[] {
  const { note, seen } = remembering()
  patched(anna, operations, note)
  return seen
}

describe('scim.md 2 Okta', () => {
  test('active without path', () => {
    expect(changes(anna, { op: 'replace', value: { active: false } })).toEqual({ active: false })
  })

  test('scim.md 5.6 readOnly attributes in a value without path are ignored', () => {
    const value = { id: 'x', meta: { version: '1' }, groups: [], title: 'Boss' }
    expect(changes(anna, { op: 'replace', value })).toEqual({ title: 'Boss' })
  })

  test.each([
    'id',
    'meta',
    'meta.created',
    'groups',
    'groups[value eq "g"]',
    `${enterpriseUrn}:manager.displayName`,
  ])('scim.md 5.6 %s as a path is 400 mutability', (path) => {
    for (const op of ['add', 'replace', 'remove']) {
      expect(refusal(() => patched(anna, [{ op, path, value: 'x' }]))).toMatch(
        /^400 mutability: Operations\[0\]: \w+ is readOnly\.$/,
      )
    }
  })
})

describe('scim.md 3 Entra by default', () => {
  test('operations in capitals, booleans as text, one operation for each attribute', () => {
    const operations = [
      { op: 'Replace', path: 'active', value: 'False' },
      { op: 'Add', path: 'nickName', value: 'A' },
      { op: 'Remove', path: 'title' },
    ]
    expect(changes(anna, ...operations)).toEqual({ active: false, nickName: 'A', title: null })
    expect(seenIn(...operations)).toEqual([
      'operationCase replace',
      'operationCase add',
      'operationCase remove',
      'booleanAsText active',
    ])
  })

  test('scim.md 5.2 a value path that matches nothing makes one element, once, beside its siblings', () => {
    const operations = [
      { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '2' },
      { op: 'Add', path: 'phoneNumbers[type eq "mobile"].display', value: 'M' },
      { op: 'Replace', path: 'phoneNumbers[type eq "mobile"].primary', value: 'True' },
    ]
    expect(changes(anna, ...operations)).toEqual({
      phoneNumbers: [
        { value: '1', type: 'work' },
        { type: 'mobile', value: '2', display: 'M', primary: true },
      ],
    })
    expect(seenIn(...operations).filter((seen) => seen.startsWith('elementMade'))).toEqual([
      'elementMade phoneNumbers',
    ])
  })

  test.each<[string, Json, Json]>([
    ['emails[type eq "work"].value', 'b@x', { emails: [{ type: 'work', value: 'b@x' }] }],
    ['addresses[type eq "work"].locality', 'Lund', { addresses: [{ type: 'work', locality: 'Lund' }] }],
    ['roles[primary eq "True"].value', 'Admin', { roles: [{ primary: true, value: 'Admin' }] }],
    ['roles[primary eq "True"].value', '{"value":"Admin"}', { roles: [{ primary: true, value: 'Admin' }] }],
    [
      'emails[type eq "work" and primary eq true].value',
      'b@x',
      { emails: [{ type: 'work', primary: true, value: 'b@x' }] },
    ],
    ['emails[type eq "work"]', { value: 'b@x' }, { emails: [{ type: 'work', value: 'b@x' }] }],
  ])('%s on a user without it', (path, value, made) => {
    for (const op of ['Add', 'Replace']) expect(changes(bare, { op, path, value })).toEqual(made)
  })

  const cleared: [string, Record<string, Json>][] = [
    ['title', { title: null }],
    ['name.givenName', { name: { familyName: 'Alm' } }],
    ['name', { name: null }],
    ['emails[type eq "work"].value', { emails: null }],
    ['emails[type eq "work"]', { emails: null }],
    ['phoneNumbers[type eq "work"].value', { phoneNumbers: null }],
    ['addresses[type eq "work"].locality', { addresses: null }],
    ['roles[primary eq "True"].value', { roles: null }],
    ['roles', { roles: null }],
    [`${enterpriseUrn}:department`, { [enterpriseUrn]: { manager } }],
    [`${enterpriseUrn}:manager`, { [enterpriseUrn]: { department: 'R&D' } }],
    [`${enterpriseUrn}:manager.value`, { [enterpriseUrn]: { department: 'R&D' } }],
  ]
  test.each(cleared)('%s is cleared by "" and by null', (path, changed) => {
    for (const value of ['', null]) {
      expect(changes(anna, { op: 'Replace', path, value })).toEqual(changed)
    }
  })

  test.each(cleared)('%s is cleared also where there is nothing any more', (path) => {
    for (const op of ['Replace', 'Add']) {
      for (const value of ['', null]) expect(patched(bare, [{ op, path, value }])).toBe(bare)
    }
    expect(patched(bare, [{ op: 'Remove', path }])).toBe(bare)
  })

  test.each<[string, Json, string[]]>([
    ['text', 'm2', [`scalarForComplex manager`]],
    ['an object', { value: 'm2' }, []],
    ['a list of one object', [{ value: 'm2' }], ['listForSingle manager']],
    ['a list of one text', ['m2'], ['listForSingle manager', 'scalarForComplex manager']],
    ['managerId', { managerId: 'm2' }, ['managerId manager.managerId']],
  ])('manager as %s', (_form, value, seen) => {
    const path = `${enterpriseUrn}:manager`
    const set = { [enterpriseUrn]: { department: 'R&D', manager: { value: 'm2' } } }
    expect(changes(anna, { op: 'replace', path, value })).toEqual(set)
    expect(changes(anna, { op: 'replace', value: { [enterpriseUrn]: { manager: value } } })).toEqual(set)
    expect(seenIn({ op: 'replace', path, value })).toEqual(seen)
  })

  test.each<[string, Json]>([
    ['objects', [{ value: 'Admin', primary: 'True' }]],
    ['JSON in a string', '{"id":"1","value":"Admin","primary":"True"}'],
    ['a list of JSON in strings', ['{"id":"1","value":"Admin","primary":"True"}']],
  ])('roles as %s', (_form, value) => {
    for (const op of ['Add', 'Replace']) {
      expect(changes(bare, { op, path: 'roles', value })).toEqual({
        roles: [{ value: 'Admin', primary: true }],
      })
    }
    expect(changes(anna, { op: 'Add', path: 'roles', value })).toEqual({
      roles: [
        { value: 'old', primary: false },
        { value: 'Admin', primary: true },
      ],
    })
  })
})

describe('scim.md 3 and 5.5 Entra with aadOptscim062020: one value, many keys', () => {
  test('dotted, URN-qualified and nested keys', () => {
    const value = {
      'name.givenName': 'Ann',
      'emails[type eq "work"].value': 'b@x',
      [`${userUrn}:nickName`]: 'N',
      [`${enterpriseUrn}:employeeNumber`]: '7',
      [`${enterpriseUrn}.department`]: 'Sales',
      [enterpriseUrn]: { division: 'D' },
      displayName: 'Ann',
    }
    const extension = { manager, employeeNumber: '7', department: 'Sales', division: 'D' }
    const changed = {
      name: { givenName: 'Ann', familyName: 'Alm' },
      emails: [{ value: 'b@x', type: 'work', primary: true }],
      nickName: 'N',
      [enterpriseUrn]: extension,
      displayName: 'Ann',
    }
    expect(changes(anna, { op: 'replace', value })).toEqual(changed)
    expect(changes(anna, { op: 'add', value })).toEqual(changed)
    expect(seenIn({ op: 'add', value }).sort()).toEqual(
      [
        'qualifiedKey name.givenName',
        'qualifiedKey emails[type eq "work"].value',
        `qualifiedKey ${userUrn}:nickName`,
        `qualifiedKey ${enterpriseUrn}:employeeNumber`,
        `qualifiedKey ${enterpriseUrn}.department`,
      ].sort(),
    )
  })

  test('the old dot after the URN, as path and as key, in any case', () => {
    const path = `${enterpriseUrn.toUpperCase()}.DEPARTMENT`
    const changed = { [enterpriseUrn]: { department: 'S', manager } }
    expect(changes(anna, { op: 'Add', path, value: 'S' })).toEqual(changed)
    expect(changes(anna, { op: 'Add', value: { [path]: 'S' } })).toEqual(changed)
  })

  test('null for a whole extension takes it away', () => {
    const gone = { [enterpriseUrn]: null, schemas: [userUrn] }
    expect(changes(anna, { op: 'replace', value: { [enterpriseUrn]: null } })).toEqual(gone)
    expect(changes(anna, { op: 'replace', path: enterpriseUrn, value: '' })).toEqual(gone)
  })

  test.each([
    'shoe',
    'name.shoe',
    'shoe[type eq "x"].value',
    `${enterpriseUrn}:shoe`,
    'urn:x:Other:a',
    '__x',
  ])('scim.md 5.7 an unknown key %s is ignored and counted', (key) => {
    const operation = { op: 'replace', value: { [key]: 'x', title: 'Boss' } }
    expect(changes(anna, operation)).toEqual({ title: 'Boss' })
    expect(seenIn(operation)).toEqual([`unknownAttribute ${key}`])
  })

  test('a readOnly attribute under a qualified key is ignored', () => {
    const value = { 'meta.created': 'x', [`${enterpriseUrn}:manager.displayName`]: 'x', 'groups.value': 'g' }
    expect(patched(anna, [{ op: 'replace', value }])).toBe(anna)
  })
})

test('scim.md 5.4 a value without path as a list of one, as the client of SCIM-SDK for Java writes every value', () => {
  const operation = { op: 'replace', value: [{ schemas: [userUrn], title: 'Lead' }] }
  expect(changes(anna, operation)).toEqual({ title: 'Lead' })
  expect(seenIn(operation)).toEqual(['listForSingle value'])
})
