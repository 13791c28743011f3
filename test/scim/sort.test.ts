// What sortBy and sortOrder mean, and the order of resources in memory (RFC 7644 section 3.4.2.3).
import { describe, expect, test } from 'vitest'
import { foldAttributes } from '../../src/scim/fold.ts'
import type { JsonObject } from '../../src/scim/resource.ts'
import { groupType } from '../../src/scim/schemas/group.ts'
import { userType } from '../../src/scim/schemas/user.ts'
import { compareResources, MAX_KEY_LENGTH, parseSort, sortKeyOf } from '../../src/scim/sort.ts'
import { enterpriseUrn, refusal, userUrn } from '../support/protocol.ts'

describe('RFC 7644 3.4.2.3 sortBy and sortOrder', () => {
  test.each([
    ['userName', ['userName'], null],
    ['USERNAME', ['userName'], null],
    [`${userUrn}:name.givenName`, ['name', 'givenName'], null],
    ['meta.created', ['meta', 'created'], null],
    ['emails', ['emails'], ['value']],
    ['emails.type', ['emails'], ['type']],
    ['schemas', ['schemas'], []],
    [`${enterpriseUrn}:department`, [enterpriseUrn, 'department'], null],
    ['department', [enterpriseUrn, 'department'], null],
    ['manager', [enterpriseUrn, 'manager', 'value'], null],
    [' id ', ['id'], null],
  ])('%s', (name, path, inElement) => {
    expect(parseSort(name, undefined, userType)).toMatchObject({ path, inElement, order: 'ascending' })
  })

  test.each([
    [undefined, 'ascending'],
    ['', 'ascending'],
    ['Ascending', 'ascending'],
    ['descending', 'descending'],
    ['DESCENDING', 'descending'],
  ])('sortOrder %s', (given, order) => {
    expect(parseSort('id', given, userType)).toMatchObject({ order })
  })

  test('without sortBy, sortOrder means nothing', () => {
    expect(parseSort(undefined, 'descending', userType)).toBeNull()
    expect(parseSort('', 'up', userType)).toBeNull()
  })

  test.each([
    ['nope', undefined, '400 invalidValue: sortBy: User has no attribute "nope".'],
    ['emails.nope', undefined, '400 invalidValue: sortBy: User has no attribute "emails.nope".'],
    ['password', undefined, '400 invalidValue: sortBy: password cannot be searched.'],
    ['name', undefined, '400 invalidValue: sortBy: "name" is complex: sort by one of its sub-attributes.'],
    [
      'addresses',
      undefined,
      '400 invalidValue: sortBy: "addresses" is complex: sort by one of its sub-attributes.',
    ],
    ['id', 'up', '400 invalidValue: sortOrder must be "ascending" or "descending".'],
  ])('%s %s is refused', (sortBy, sortOrder, expected) => {
    expect(refusal(() => parseSort(sortBy, sortOrder, userType))).toBe(expected)
  })

  test('a name of the other type is unknown', () => {
    expect(refusal(() => parseSort('userName', undefined, groupType))).toContain('"userName"')
  })
})

/** The ids, in order. */
function sorted(sortBy: string, sortOrder: string, users: readonly JsonObject[]): string {
  const sort = parseSort(sortBy, sortOrder, userType)
  const folded = users.map((user) => foldAttributes(user, userType))
  return folded
    .toSorted((a, b) => compareResources(sort, a, b))
    .map(({ id }) => id)
    .join(' ')
}

describe('RFC 7644 3.4.2.3 the order', () => {
  const users: JsonObject[] = [
    { id: '1', title: 'b', externalId: 'b', active: true },
    { id: '2', title: 'B', externalId: 'B' },
    { id: '3' },
    { id: '4', title: 'a', externalId: 'a', active: false },
    { id: '5' },
  ]

  test.each([
    ['title', 'ascending', '4 1 2 3 5'],
    ['title', 'descending', '3 5 1 2 4'],
    ['externalId', 'ascending', '2 4 1 3 5'],
    ['active', 'ascending', '4 1 2 3 5'],
    ['active', 'descending', '2 3 5 1 4'],
    ['id', 'descending', '5 4 3 2 1'],
  ])('%s %s', (sortBy, sortOrder, expected) => expect(sorted(sortBy, sortOrder, users)).toBe(expected))

  test('text is ordered by code points', () => {
    const titles = ['\uffee', '😀', 'z', 'é']
    const given = titles.map((title, i) => ({ id: String(i), title }))
    expect(sorted('title', 'ascending', given)).toBe('2 3 0 1')
  })

  test('of several values the primary counts, else the first', () => {
    const emails = (...values: JsonObject[]) => values
    const given: JsonObject[] = [
      { id: '1', emails: emails({ value: 'z', type: 'a' }, { value: 'a', primary: true }) },
      { id: '2', emails: emails({ value: 'b', type: 'b' }, { value: 'a' }) },
      { id: '3', emails: emails({ type: 'c' }) },
    ]
    expect(sorted('emails', 'ascending', given)).toBe('1 2 3')
    expect(sorted('emails.type', 'ascending', given)).toBe('2 3 1')
  })

  test('only the beginning of a very long text counts', () => {
    const sort = parseSort('title', undefined, userType)
    if (sort === null) throw new Error('not parsed')
    expect(sortKeyOf(sort, { id: '1', title: '😀'.repeat(MAX_KEY_LENGTH + 5) })).toBe(
      '😀'.repeat(MAX_KEY_LENGTH),
    )
  })
})
