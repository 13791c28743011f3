// Filters of any shape: what is printed is read back, and no text makes anything but a ScimError.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ScimError } from '../../src/scim/errors.ts'
import { parseFilter } from '../../src/scim/filter.ts'
import { parsePath } from '../../src/scim/path.ts'
import type { ResourceType } from '../../src/scim/schema.ts'
import { groupType } from '../../src/scim/schemas/group.ts'
import { userType } from '../../src/scim/schemas/user.ts'
import { isStorable } from '../../src/scim/value.ts'
import { awkwardStrings, filters, type Literals, printed, styleOf } from '../support/filters.ts'

const anyText = fc.oneof(
  fc.constantFrom(...awkwardStrings),
  fc.string({ unit: 'binary', maxLength: 12 }).filter(isStorable),
)

const literals: Literals = (_path, { type }) => {
  if (type === 'boolean') return fc.boolean()
  if (type === 'dateTime') return fc.constantFrom('2020-02-29T12:00:00.000Z', '2021-01-01T00:00:00+01:00')
  return anyText
}

const bits = fc.array(fc.boolean(), { minLength: 1, maxLength: 30 })

/** Runs it; anything that is not the result or a ScimError fails the test. */
function onlyScimErrors(run: () => unknown): void {
  try {
    run()
  } catch (error) {
    if (!(error instanceof ScimError)) throw error
    expect(error.status).toBe(400)
    expect(['invalidFilter', 'invalidPath']).toContain(error.scimType)
    expect(error.message.length).toBeLessThan(1000)
  }
}

const readers = (text: string) => [
  () => parseFilter(text, userType),
  () => parseFilter(text, groupType),
  () => parsePath(text, userType),
  () => parsePath(`emails[${text}].value`, userType),
]

describe('RFC 7644 section 3.4.2.2', () => {
  test.each<[string, ResourceType]>([
    ['User', userType],
    ['Group', groupType],
  ])('any filter on a %s, written in any way, is read as the tree that it is', (_name, type) => {
    fc.assert(
      fc.property(filters(type, literals), bits, (filter, choices) => {
        const text = printed(filter, styleOf(choices))
        fc.pre(text.length <= 8000)
        expect(parseFilter(text, type)).toEqual(filter)
      }),
      { numRuns: 300 },
    )
  })
})

describe('scim.md section 1 no text makes anything but a 400', () => {
  test('any text', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }))
    fc.assert(
      fc.property(text, (given) => readers(given).forEach(onlyScimErrors)),
      { numRuns: 500 },
    )
  })

  test('any words and signs of the grammar', () => {
    const signs = [
      '(',
      ')',
      '[',
      ']',
      '.',
      '"',
      '\\',
      ' ',
      '].',
      'not',
      'and',
      'or',
      'eq',
      'pr',
      'gt',
      'null',
      'True',
    ]
    const words = [
      'emails',
      'type',
      'value',
      'name.givenName',
      'active',
      '"x"',
      '"\\u00"',
      '-1',
      '1e5',
      '$ref',
      '',
    ]
    const text = fc.array(fc.constantFrom(...signs, ...words), { maxLength: 30 })
    fc.assert(
      fc.property(text, fc.constantFrom('', ' '), (parts, blank) => {
        readers(parts.join(blank)).forEach(onlyScimErrors)
      }),
      { numRuns: 1000 },
    )
  })

  test('a filter with characters missing, doubled or put in', () => {
    const edits = fc.array(
      fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        remove: fc.nat(4),
        put: fc.string({ maxLength: 3 }),
      }),
      { minLength: 1, maxLength: 4 },
    )
    fc.assert(
      fc.property(filters(userType, literals), edits, (filter, changes) => {
        const text = changes.reduce((held, { at, remove, put }) => {
          const start = Math.floor(at * held.length)
          return held.slice(0, start) + put + held.slice(start + remove)
        }, printed(filter))
        readers(text).forEach(onlyScimErrors)
      }),
      { numRuns: 500 },
    )
  })

  test('any depth, at once', () => {
    const opening = fc.array(fc.constantFrom('(', 'not (', 'emails[', 'name[', ' '), {
      minLength: 1,
      maxLength: 4,
    })
    fc.assert(
      fc.property(opening, fc.nat(20_000), (parts, times) => {
        const started = performance.now()
        readers(parts.join('').repeat(times)).forEach(onlyScimErrors)
        expect(performance.now() - started).toBeLessThan(1000)
      }),
      { numRuns: 50 },
    )
  })
})
