// The page of a search and the ListResponse (RFC 7644 section 3.4.2).
import { describe, expect, test } from 'vitest'
import { cursorListResponse, DEFAULT_COUNT, listResponse, MAX_COUNT, parsePage } from '../../src/scim/list.ts'
import { listUrn, refusal } from '../support/protocol.ts'

describe('RFC 7644 3.4.2.4 startIndex and count', () => {
  test.each([
    [undefined, undefined, 1, DEFAULT_COUNT],
    ['', '', 1, DEFAULT_COUNT],
    ['1', '2', 1, 2],
    ['7', '0', 7, 0],
    ['0', '-1', 1, 0],
    ['-5', '-9007199254740991', 1, 0],
    ['3', String(MAX_COUNT), 3, MAX_COUNT],
    ['3', String(MAX_COUNT + 1), 3, MAX_COUNT],
    ['9007199254740991', '9007199254740991', 9007199254740991, MAX_COUNT],
  ])('startIndex %s, count %s', (first, size, startIndex, count) => {
    expect(parsePage({ startIndex: first, count: size, cursor: undefined })).toEqual({ startIndex, count })
  })

  test.each([
    'x',
    '1.5',
    '1e400',
    'NaN',
    'null',
    '9007199254740993',
    '1;DROP TABLE users',
    '0x10',
    '1e2',
    ' ',
  ])('%s is no number', (text) => {
    expect(refusal(() => parsePage({ startIndex: text, count: undefined, cursor: undefined }))).toBe(
      '400 invalidValue: startIndex must be a whole number.',
    )
    expect(refusal(() => parsePage({ startIndex: undefined, count: text, cursor: undefined }))).toBe(
      '400 invalidValue: count must be a whole number.',
    )
  })
})

test('RFC 7644 3.4.2 the response says how many there are and how many are here', () => {
  expect(listResponse([{ id: '1' }, { id: '2' }], 7, 3)).toEqual({
    schemas: [listUrn],
    totalResults: 7,
    startIndex: 3,
    itemsPerPage: 2,
    Resources: [{ id: '1' }, { id: '2' }],
  })
  expect(listResponse([], 0, 1)).toMatchObject({ totalResults: 0, itemsPerPage: 0, Resources: [] })
})

describe('RFC 9865 2 cursor and count', () => {
  test.each([
    [undefined, DEFAULT_COUNT],
    ['', DEFAULT_COUNT],
    ['1', 1],
    [String(MAX_COUNT), MAX_COUNT],
  ])('count %s', (count, expected) => {
    for (const cursor of ['', 'abc']) {
      expect(parsePage({ startIndex: '5', count, cursor })).toEqual({ cursor, count: expected })
    }
  })

  test.each(['0', '-1', String(MAX_COUNT + 1), 'x', '1.5', '1e2', '9007199254740993'])(
    'count %s is none',
    (count) => {
      expect(refusal(() => parsePage({ startIndex: undefined, count, cursor: '' }))).toBe(
        `400 invalidCount: With a cursor, count must be a whole number from 1 to ${MAX_COUNT}.`,
      )
    },
  )

  test('a cursor is in the response where there is a page that it leads to', () => {
    const page = { schemas: [listUrn], totalResults: 7, itemsPerPage: 1, Resources: [{ id: '1' }] }
    const found = [{ id: '1' }]
    expect(cursorListResponse(found, 7, { next: null, previous: null })).toEqual(page)
    expect(cursorListResponse(found, 7, { next: 'n', previous: 'p' })).toEqual({
      ...page,
      nextCursor: 'n',
      previousCursor: 'p',
    })
  })
})
