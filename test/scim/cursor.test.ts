// Cursors as text (RFC 9865): what was written is read, for the query that it was written for and for its time; anything
// else is an error with a name.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isId } from '../../src/ids.ts'
import {
  type Bound,
  CURSOR_TIMEOUT_SECONDS,
  type Cursor,
  type CursorQuery,
  type CursorTools,
  complements,
  parseCursor,
  writeCursor,
} from '../../src/scim/cursor.ts'
import { ScimError } from '../../src/scim/errors.ts'
import { parseFilter } from '../../src/scim/filter.ts'
import { groupType } from '../../src/scim/schemas/group.ts'
import { userType } from '../../src/scim/schemas/user.ts'
import { keyKindOf, MAX_KEY_LENGTH, parseSort } from '../../src/scim/sort.ts'
import { fingerprint } from '../../src/secrets.ts'
import { awkwardStrings } from '../support/filters.ts'
import { refusal } from '../support/protocol.ts'

const id = '0190a1b2-c3d4-7e5f-8a9b-000000000001'
const now = new Date('2026-01-02T03:04:05.678Z')
const tools: CursorTools = { now, fingerprint, isId }

interface Asked {
  readonly directoryId?: string
  readonly baseUrl?: string
  readonly type?: 'User' | 'Group'
  readonly filter?: string
  readonly sortBy?: string
  readonly sortOrder?: string
}

function queryOf({
  directoryId = 'd',
  baseUrl = 'u',
  type = 'User',
  filter,
  sortBy,
  sortOrder,
}: Asked = {}): CursorQuery {
  const schema = type === 'User' ? userType : groupType
  const target = {
    type,
    filter: filter === undefined ? null : parseFilter(filter, schema),
    sort: parseSort(sortBy, sortOrder, schema),
  }
  return { directoryId, baseUrl, targets: [target] }
}

const cursorAt = (key: string | null, bound: Bound = 'after'): Cursor => ({ bound, position: { key, id } })

const textKeys = fc.oneof(
  fc.constantFrom(...awkwardStrings),
  fc.string({ unit: 'binary', maxLength: MAX_KEY_LENGTH }).filter((text) => !text.includes('\u0000')),
)

test('RFC 9865 2 a cursor is read as it was written, of unreserved characters alone', () => {
  const query = queryOf({ sortBy: 'title' })
  fc.assert(
    fc.property(fc.option(textKeys), fc.constantFrom<Bound[]>(...boundNames), (key, bound) => {
      const text = writeCursor(cursorAt(key, bound), query, tools)
      expect(text).toMatch(/^[A-Za-z0-9_-]+$/)
      expect(parseCursor(text, query, tools)).toEqual(cursorAt(key, bound))
    }),
  )
})

const boundNames: [Bound, ...Bound[]] = ['after', 'notAfter', 'before', 'notBefore']

test('each bound leaves out what its complement has', () => {
  for (const bound of boundNames) expect(complements[complements[bound]]).toBe(bound)
})

test('the longest key makes a cursor that fits into a request line', () => {
  const query = queryOf({ sortBy: 'title' })
  for (const character of ['\u{1f600}', '\u0001', '"']) {
    expect(writeCursor(cursorAt(character.repeat(MAX_KEY_LENGTH)), query, tools).length).toBeLessThan(10_000)
  }
})

describe('RFC 9865 2 a cursor is for its query', () => {
  const asked: Asked = {
    filter: 'userName sw "J" and active eq true',
    sortBy: 'title',
    sortOrder: 'ascending',
  }
  const text = writeCursor(cursorAt('x'), queryOf(asked), tools)

  test.each<Asked>([
    { ...asked, directoryId: 'e' },
    { ...asked, baseUrl: 'v' },
    { ...asked, type: 'Group', filter: 'displayName pr', sortBy: 'displayName' },
    { ...asked, filter: 'userName sw "K" and active eq true' },
    { ...asked, filter: 'userName ew "J" and active eq true' },
    { ...asked, filter: 'nickName sw "J" and active eq true' },
    { ...asked, filter: 'userName sw "J"' },
    { sortBy: 'title' },
    { ...asked, sortBy: 'nickName' },
    { ...asked, sortOrder: 'descending' },
    { filter: 'userName sw "J" and active eq true' },
  ])('not for %j', (other) => {
    expect(refusal(() => parseCursor(text, queryOf(other), tools))).toMatch(/^400 invalidCursor: /)
  })

  test('however its names are spelled', () => {
    const same = { filter: 'USERNAME SW "j" AND active eq "True"', sortBy: 'TITLE', sortOrder: 'Ascending' }
    expect(parseCursor(text, queryOf(same), tools)).toEqual(cursorAt('x'))
  })
})

test('RFC 9865 2.1 a cursor older than cursorTimeout is expired', () => {
  const text = writeCursor(cursorAt(null), queryOf(), tools)
  const after = (seconds: number) => ({ ...tools, now: new Date(now.getTime() + seconds * 1000) })
  expect(parseCursor(text, queryOf(), after(CURSOR_TIMEOUT_SECONDS - 1))).toEqual(cursorAt(null))
  expect(refusal(() => parseCursor(text, queryOf(), after(CURSOR_TIMEOUT_SECONDS + 1)))).toMatch(
    /^400 expiredCursor: /,
  )
  // another process's clock may be ahead
  expect(parseCursor(text, queryOf(), after(-5))).toEqual(cursorAt(null))
})

describe('RFC 9865 2.1 anything else is invalidCursor', () => {
  const query = queryOf({ sortBy: 'title' })
  const genuine = writeCursor(cursorAt('key'), query, tools)
  const outcome = (text: string, of = query) => {
    try {
      return parseCursor(text, of, tools)
    } catch (error) {
      if (error instanceof ScimError) return error.scimType
      throw error
    }
  }

  test('any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.base64String()), (text) => {
        expect(outcome(text)).toBe('invalidCursor')
      }),
    )
  })

  test('a genuine one with anything changed', () => {
    const mutants = fc
      .tuple(fc.nat(genuine.length), fc.nat(3), fc.string({ maxLength: 3 }))
      .map(([at, gone, put]) => genuine.slice(0, at) + put + genuine.slice(at + gone))
      .filter((text) => text !== genuine)
    fc.assert(
      fc.property(mutants, (text) => {
        expect(outcome(text)).toBe('invalidCursor')
      }),
    )
  })

  /** A cursor by somebody who knows how they are made. */
  const forged = (content: string, of: CursorQuery) => {
    let sealed = ''
    const seeing = (text: string) => {
      sealed = text
      return ''
    }
    const ours = writeCursor(cursorAt('key'), of, { ...tools, fingerprint: seeing })
    const identity = sealed.slice(0, sealed.length - ours.length)
    const text = Buffer.from(content).toString('base64url')
    return fingerprint(identity + text) + text
  }

  test('a forged one with any content is read as a position, or refused', () => {
    expect(outcome(forged(JSON.stringify([1, now.getTime() / 1000, 'after', id, 'key']), query))).toEqual(
      cursorAt('key'),
    )
    const parts = fc.tuple(
      fc.constantFrom<unknown>(1, 2, '1', null),
      fc.oneof(fc.constant<unknown>(now.getTime() / 1000), fc.jsonValue()),
      fc.oneof(fc.constantFrom<unknown>(...boundNames, 'toString', '__proto__'), fc.jsonValue()),
      fc.oneof(fc.constantFrom<unknown>(id, id.toUpperCase(), `${id} `), fc.jsonValue()),
      fc.jsonValue(),
    )
    const contents = fc.oneof(
      parts.map((held) => JSON.stringify(held)),
      fc.json(),
      fc.string(),
    )
    fc.assert(
      fc.property(contents, (content) => {
        const result = outcome(forged(content, query))
        if (typeof result === 'string') expect(['invalidCursor', 'expiredCursor']).toContain(result)
        else expect(result).toMatchObject({ bound: expect.any(String), position: { id } })
      }),
    )
  })

  test.each([
    ['title', 'nul\u0000'],
    ['title', 'half \ud800'],
    ['title', 'x'.repeat(MAX_KEY_LENGTH + 1)],
    ['id', 'x'],
    ['id', id.toUpperCase()],
    ['meta.created', 'yesterday'],
    ['meta.created', 'infinity'],
    ['meta.created', '2020-01-01T00:00:00+23:59'],
    ['meta.lastModified', '2020-02-30T00:00:00.000Z'],
    [undefined, 'x'],
  ])('a key that sortBy=%s never has: %j', (sortBy, key) => {
    const of = queryOf(sortBy === undefined ? {} : { sortBy })
    const content = JSON.stringify([1, now.getTime() / 1000, 'after', id, key])
    expect(outcome(forged(content, of), of)).toBe('invalidCursor')
  })
})

test('keys are compared as what they are', () => {
  const kind = (sortBy: string) => {
    const sort = parseSort(sortBy, undefined, userType)
    return sort === null ? null : keyKindOf(sort)
  }
  expect(['id', 'meta.created', 'meta.lastModified', 'userName', 'active', 'emails'].map(kind)).toEqual([
    'id',
    'time',
    'time',
    'text',
    'text',
    'text',
  ])
})
