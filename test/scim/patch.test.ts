// PATCH on a user: each operation on each kind of target (RFC 7644 section 3.5.2), and where it fails.
import { describe, expect, test } from 'vitest'
import type { Json } from '../../src/scim/resource.ts'
import { changes, enterpriseUrn, patched, refusal, userOf, userUrn } from '../support/protocol.ts'

const work = { value: 'anna@example.com', type: 'work', primary: true }
const home = { value: 'a@home.example', type: 'home' }
const extension = { department: 'R&D', manager: { value: 'm1', $ref: 'https://x/Users/m1' } }

const anna = userOf({
  schemas: [userUrn, enterpriseUrn],
  userName: 'anna@example.com',
  externalId: 'ext-1',
  displayName: 'Anna Alm',
  title: 'Engineer',
  active: true,
  name: { givenName: 'Anna', familyName: 'Alm' },
  emails: [work, home],
  addresses: [{ locality: 'Lund' }],
  [enterpriseUrn]: extension,
})

type Row = readonly [path: string | null, value: Json | undefined, changed: Record<string, Json>]

const run = (op: string, path: string | null, value: Json | undefined) =>
  changes(anna, { op, ...(path === null ? {} : { path }), ...(value === undefined ? {} : { value }) })

describe('RFC 7644 3.5.2.1 add', () => {
  test.each<Row>([
    ['nickName', 'Anni', { nickName: 'Anni' }],
    ['title', 'Boss', { title: 'Boss' }],
    ['name', { middleName: 'B' }, { name: { givenName: 'Anna', familyName: 'Alm', middleName: 'B' } }],
    ['name.middleName', 'B', { name: { givenName: 'Anna', familyName: 'Alm', middleName: 'B' } }],
    ['emails', [{ value: 'c@x' }], { emails: [work, home, { value: 'c@x' }] }],
    [
      'emails',
      [{ value: 'c@x', primary: true }],
      { emails: [{ ...work, primary: false }, home, { value: 'c@x', primary: true }] },
    ],
    ['emails', [{ ...home, display: 'H' }], { emails: [work, { ...home, display: 'H' }] }],
    ['emails[type eq "home"]', { display: 'H' }, { emails: [work, { ...home, display: 'H' }] }],
    ['emails[type eq "home"].display', 'H', { emails: [work, { ...home, display: 'H' }] }],
    [
      'emails.display',
      'E',
      {
        emails: [
          { ...work, display: 'E' },
          { ...home, display: 'E' },
        ],
      },
    ],
    ['phoneNumbers', [{ value: '1' }], { phoneNumbers: [{ value: '1' }] }],
    ['phoneNumbers.value', '1', { phoneNumbers: [{ value: '1' }] }],
    [`${enterpriseUrn}:costCenter`, 'C', { [enterpriseUrn]: { ...extension, costCenter: 'C' } }],
    [enterpriseUrn, { costCenter: 'C' }, { [enterpriseUrn]: { ...extension, costCenter: 'C' } }],
    [null, { title: 'Boss', nickName: 'A' }, { title: 'Boss', nickName: 'A' }],
    [null, { emails: [{ value: 'c@x' }] }, { emails: [work, home, { value: 'c@x' }] }],
    [null, {}, {}],
  ])('path %s, value %j', (path, value, changed) => expect(run('add', path, value)).toEqual(changed))

  test.each<[string | null, Json]>([
    ['title', 'Engineer'],
    ['name', { givenName: 'Anna' }],
    ['name.givenName', 'Anna'],
    ['emails', [home]],
    ['emails', [home, work]],
    ['emails', [{ value: home.value, type: 'home' }]],
    ['emails', []],
    ['addresses', [{ locality: 'Lund' }]],
    ['emails[type eq "home"]', { value: home.value }],
    ['emails[type eq "home"].value', home.value],
    [`${enterpriseUrn}:department`, 'R&D'],
    [enterpriseUrn, { department: 'R&D' }],
    [null, { title: 'Engineer', active: true, emails: [work] }],
  ])('what is there already changes nothing: path %s, value %j', (path, value) => {
    expect(patched(anna, [{ op: 'add', ...(path === null ? {} : { path }), value }])).toBe(anna)
  })

  test('values that differ in case alone are the same where caseExact is false (RFC 7643 2.2)', () => {
    const same = { value: 'A@HOME.example', type: 'Home' }
    expect(patched(anna, [{ op: 'add', path: 'emails', value: [same] }])).toBe(anna)
    expect(run('remove', 'emails', [same])).toEqual({ emails: [work] })
  })
})

describe('RFC 7644 3.5.2.3 replace', () => {
  test.each<Row>([
    ['userName', 'b', { userName: 'b' }],
    ['nickName', 'made', { nickName: 'made' }],
    ['name', { givenName: 'Ann' }, { name: { givenName: 'Ann', familyName: 'Alm' } }],
    ['name', { givenName: null, familyName: null }, { name: null }],
    ['name.givenName', 'Ann', { name: { givenName: 'Ann', familyName: 'Alm' } }],
    ['emails', [{ value: 'c@x' }], { emails: [{ value: 'c@x' }] }],
    ['emails', [], { emails: null }],
    ['emails[type eq "work"]', { value: 'c@x' }, { emails: [{ value: 'c@x', type: 'work' }, home] }],
    ['emails[type eq "work"].value', 'c@x', { emails: [{ ...work, value: 'c@x' }, home] }],
    ['emails[value ew "EXAMPLE"].display', 'H', { emails: [work, { ...home, display: 'H' }] }],
    [
      'emails.type',
      'other',
      {
        emails: [
          { ...work, type: 'other' },
          { ...home, type: 'other' },
        ],
      },
    ],
    [
      'emails[type eq "home"].primary',
      true,
      {
        emails: [
          { ...work, primary: false },
          { ...home, primary: true },
        ],
      },
    ],
    [
      'emails[type eq "home"]',
      { value: 'h', primary: true },
      {
        emails: [
          { ...work, primary: false },
          { type: 'home', value: 'h', primary: true },
        ],
      },
    ],
    [
      'emails.primary',
      true,
      {
        emails: [
          { ...work, primary: false },
          { ...home, primary: true },
        ],
      },
    ],
    [enterpriseUrn, { department: 'D' }, { [enterpriseUrn]: { ...extension, department: 'D' } }],
    [
      `${enterpriseUrn}:manager.value`,
      'm2',
      { [enterpriseUrn]: { department: 'R&D', manager: { value: 'm2' } } },
    ],
    [
      `${enterpriseUrn}:manager`,
      { $ref: 'https://x/Users/m2', value: 'm2' },
      { [enterpriseUrn]: { department: 'R&D', manager: { value: 'm2', $ref: 'https://x/Users/m2' } } },
    ],
    [
      `${enterpriseUrn}:manager`,
      { value: 'm2' },
      { [enterpriseUrn]: { department: 'R&D', manager: { value: 'm2' } } },
    ],
    [
      null,
      { name: { givenName: 'Ann' }, title: 'B' },
      { name: { givenName: 'Ann', familyName: 'Alm' }, title: 'B' },
    ],
    [null, { [enterpriseUrn]: { department: 'D' } }, { [enterpriseUrn]: { ...extension, department: 'D' } }],
  ])('path %s, value %j', (path, value, changed) => expect(run('replace', path, value)).toEqual(changed))

  test('RFC 7643 2.4 several operations leave one primary, the one written last', () => {
    const made = 'emails[type eq "other" and primary eq true].value'
    expect(run('add', made, 'o@x')).toEqual({
      emails: [{ ...work, primary: false }, home, { type: 'other', primary: true, value: 'o@x' }],
    })
  })
})

describe('RFC 7644 3.5.2.2 remove', () => {
  test.each<Row>([
    ['title', undefined, { title: null }],
    ['name', undefined, { name: null }],
    ['name.givenName', undefined, { name: { familyName: 'Alm' } }],
    ['emails', undefined, { emails: null }],
    ['emails', null, { emails: null }],
    ['emails', [], {}],
    ['emails', [{ value: home.value }], { emails: [work] }],
    ['emails', [{ value: 'nobody' }], {}],
    ['emails', { type: 'work' }, { emails: [home] }],
    ['emails[type eq "work"]', undefined, { emails: [home] }],
    ['emails[type eq "work" and value co "nothing"]', undefined, {}],
    ['emails[type eq "home"].value', undefined, { emails: [work] }],
    ['emails[type eq "work"].primary', undefined, { emails: [{ value: work.value, type: 'work' }, home] }],
    ['emails.value', undefined, { emails: null }],
    ['emails.type', undefined, { emails: [{ value: work.value, primary: true }, { value: home.value }] }],
    ['emails[value pr]', undefined, { emails: null }],
    ['phoneNumbers', undefined, {}],
    ['nickName', undefined, {}],
    [`${enterpriseUrn}:department`, undefined, { [enterpriseUrn]: { manager: extension.manager } }],
    [`${enterpriseUrn}:manager`, undefined, { [enterpriseUrn]: { department: 'R&D' } }],
    [`${enterpriseUrn}:manager.value`, undefined, { [enterpriseUrn]: { department: 'R&D' } }],
    [enterpriseUrn, undefined, { [enterpriseUrn]: null, schemas: [userUrn] }],
  ])('path %s, value %j', (path, value, changed) => expect(run('remove', path, value)).toEqual(changed))

  test('the URN of an extension comes to schemas with its first attribute and goes with its last', () => {
    const bare = userOf({ schemas: [userUrn], userName: 'a' })
    const path = `${enterpriseUrn}:division`
    const given = changes(bare, { op: 'add', path, value: 'D' })
    expect(given).toEqual({ schemas: [userUrn, enterpriseUrn], [enterpriseUrn]: { division: 'D' } })
    expect(changes(bare, { op: 'add', path, value: 'D' }, { op: 'remove', path })).toEqual({})
  })
})

describe('RFC 7644 3.5.2 operations are carried out in order, all or none', () => {
  test('a later operation sees what an earlier one did', () => {
    const changed = changes(
      anna,
      { op: 'add', path: 'emails', value: [{ value: 'o@x', type: 'other' }] },
      { op: 'replace', path: 'emails[type eq "other"].value', value: 'p@x' },
      { op: 'remove', path: 'emails[type eq "work"]' },
    )
    expect(changed).toEqual({ emails: [home, { value: 'p@x', type: 'other' }] })
  })

  test('there and back is no change: the same reference', () => {
    const there = { op: 'replace', path: 'title', value: 'x' }
    expect(patched(anna, [there, { ...there, value: 'Engineer' }])).toBe(anna)
  })

  test('one that fails after one that succeeds: nothing has changed', () => {
    const before = JSON.stringify(anna)
    const operations = [
      { op: 'replace', path: 'title', value: 'x' },
      { op: 'replace', path: 'emails[value co "zzz"].value', value: 'x' },
    ]
    expect(refusal(() => patched(anna, operations))).toBe(
      '400 noTarget: No value of emails matches the path.',
    )
    expect(JSON.stringify(anna)).toBe(before)
  })

  test.each(['remove', 'replace'])('%s of active switches nobody on or off', (op) => {
    const off = userOf({ userName: 'a', active: false })
    for (const user of [off, anna]) {
      for (const value of op === 'remove' ? [undefined] : [null, '', []]) {
        expect(patched(user, [{ op, path: 'active', ...(value === undefined ? {} : { value }) }])).toBe(user)
        if (value !== undefined) expect(patched(user, [{ op, value: { active: value } }])).toBe(user)
      }
    }
    const both = [
      { op: 'replace', path: 'active', value: false },
      { op: 'remove', path: 'active' },
    ]
    expect(changes(anna, ...both)).toEqual({ active: false })
  })
})
