// The search document and the moments in it.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalDateTime } from '../../src/scim/date-time.ts'
import { foldAttributes, foldElement, foldText } from '../../src/scim/fold.ts'
import { findTarget } from '../../src/scim/schema.ts'
import { groupType } from '../../src/scim/schemas/group.ts'
import { userType } from '../../src/scim/schemas/user.ts'

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'

describe('RFC 7643 section 2.2 caseExact', () => {
  test('strings without caseExact are folded, at every depth, and others are kept', () => {
    const folded = foldAttributes(
      {
        schemas: [userType.schema.id, enterprise],
        externalId: 'EXT',
        userName: 'ÄNNE@X.Y',
        name: { givenName: 'Änne' },
        profileUrl: 'HTTP://A',
        active: true,
        emails: [{ value: 'A@B.C', type: 'Work', primary: true }],
        [enterprise]: { department: 'SALES', manager: { value: 'ID', displayName: 'BOSS' } },
      },
      userType,
    )
    expect(folded).toEqual({
      schemas: [userType.schema.id.toLowerCase(), enterprise.toLowerCase()],
      externalId: 'EXT',
      userName: 'änne@x.y',
      name: { givenName: 'änne' },
      profileUrl: 'HTTP://A',
      active: true,
      emails: [{ value: 'a@b.c', type: 'work', primary: true }],
      [enterprise]: { department: 'sales', manager: { value: 'ID', displayName: 'boss' } },
    })
  })

  test('what is answered can be folded too: id, meta and members', () => {
    const meta = { resourceType: 'Group', created: '2020-01-01T01:00:00+01:00', version: 'W/"1"' }
    const members = [{ value: 'A', type: 'User', display: 'ANNE' }]
    expect(foldAttributes({ id: 'A', meta, members }, groupType)).toEqual({
      id: 'A',
      meta: { ...meta, created: '2020-01-01T00:00:00.000Z' },
      members: [{ value: 'A', type: 'user', display: 'anne' }],
    })
  })

  test('the input is not changed, and unknown keys stay', () => {
    const given = Object.freeze({ title: 'A', unknown: 'B' })
    expect(foldAttributes(given, userType)).toEqual({ title: 'a', unknown: 'B' })
  })
})

describe('RFC 7644 sections 5 and 7.8 text that looks the same compares as the same', () => {
  const target = findTarget(userType, 'userName')
  if (target === null) throw new Error('users have names')
  const fold = (text: string) => foldText(text, target.attribute)

  test.each([
    ['e\u0301va', '\u00e9va', 'another composition'],
    ['\u212b', 'Å', 'a sign that is a letter'],
    ['ＡＤＡ＠ｘ', 'ada@x', 'letters of double width'],
    ['ada\u3000b', 'ada b', 'a blank of double width'],
    ['ｶﾞ', 'ガ', 'letters of half width'],
    ['ΟΔΟΣ', 'οδος', 'a sigma at the end'],
    ['ΟΔΟΣ', 'οδοσ', 'a sigma at the end of what goes on'],
  ])('%j is %j: %s', (one, other) => expect(fold(one)).toBe(fold(other)))

  test.each([
    ['e', 'é'],
    ['ﬁ', 'fi'],
    ['²', '2'],
    ['ß', 'ss'],
  ])('%j is not %j', (one, other) => expect(fold(one)).not.toBe(fold(other)))

  test('folding again changes nothing, and canonical forms fold to one', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }))
    fc.assert(
      fc.property(text, (given) => {
        expect(fold(fold(given))).toBe(fold(given))
        for (const form of ['NFC', 'NFD']) expect(fold(given.normalize(form))).toBe(fold(given))
      }),
      { numRuns: 5000 },
    )
  })

  test('with caseExact the text is itself', () => {
    const exact = findTarget(userType, 'externalId')
    expect(exact && foldText('E\u0301Ａ', exact.attribute)).toBe('E\u0301Ａ')
  })
})

describe('RFC 7643 section 2.4 primary is false where it is not given', () => {
  test('on each element of an attribute that has it', () => {
    const folded = foldAttributes({ emails: [{ value: 'a' }, { value: 'b', primary: true }] }, userType)
    expect(folded.emails).toEqual([
      { value: 'a', primary: false },
      { value: 'b', primary: true },
    ])
  })

  test('not where the attribute has none', () => {
    expect(foldAttributes({ members: [{ value: 'a' }] }, groupType).members).toEqual([{ value: 'a' }])
  })

  test('on one element alone', () => {
    const target = findTarget(userType, 'roles')
    expect(target && foldElement({ value: 'Admin' }, target.attribute)).toEqual({
      value: 'admin',
      primary: false,
    })
  })
})

describe('RFC 7643 section 2.3.5 dateTime', () => {
  test.each([
    ['2011-05-13T04:42:34Z', '2011-05-13T04:42:34.000Z'],
    ['2011-05-13T04:42:34.1239Z', '2011-05-13T04:42:34.123Z'],
    ['2011-05-13t04:42:34z', '2011-05-13T04:42:34.000Z'],
    ['2011-05-13T04:42:34', '2011-05-13T04:42:34.000Z'],
    ['2011-05-13T04:42:34+05:30', '2011-05-12T23:12:34.000Z'],
    ['2024-02-29T24:00:00Z', '2024-03-01T00:00:00.000Z'],
  ])('%s is %s', (text, canonical) => expect(canonicalDateTime(text)).toBe(canonical))

  test.each([
    '',
    '2011-05-13',
    '2011-05-13 04:42:34Z',
    'May 13, 2011',
    '1305261754',
    '2023-02-29T00:00:00Z',
    '2023-13-01T00:00:00Z',
    '2023-01-01T25:00:00Z',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59-01:00',
    '12011-05-13T04:42:34Z',
  ])('%s is none', (text) => expect(canonicalDateTime(text)).toBeNull())
})
