// Filters, and all that a search is asked with: in a URL, and as the body of /.search.
import fc from 'fast-check'
import type { Filter } from '../../../src/scim/filter.ts'
import type { Json } from '../../../src/scim/resource.ts'
import { groupType } from '../../../src/scim/schemas/group.ts'
import { searchRequestSchema } from '../../../src/scim/search-request.ts'
import { filters, type Literals, printed, styleOf } from '../../support/filters.ts'
import { sortableNames } from '../../support/sorts.ts'
import { type Ask, encoded, type ForgedCursor, queryOf } from '../ask.ts'
import { typeOfUsers } from './added-schema.ts'
import { withFault } from './faults.ts'
import { dateTimes, hostile, nearly, places, urlBytes, wholeNumbers } from './texts.ts'

const SCIM = '/scim/v2'
const endpoints = fc.constantFrom('/Users', '/Users', '/Groups', '')

export const literals: Literals = (_path, { type }) => {
  if (type === 'boolean') return fc.boolean()
  if (type === 'dateTime') return dateTimes
  if (type === 'integer' || type === 'decimal')
    return fc.oneof(fc.constantFrom(0, 1, -1, 1.5, 1e300, 1e-300), wholeNumbers.map(Number))
  return fc.oneof(
    hostile,
    fc.tuple(wholeNumbers, fc.nat(10)).map(([number, digits]) => `W/"${number.slice(0, digits)}"`),
    places('user'),
    places('group'),
    fc.constantFrom('u1@acme.test', 'team 1'),
  )
}

const style = fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }).map(styleOf)
const textOf = (filter: fc.Arbitrary<Filter>) =>
  fc.tuple(filter, style).map(([tree, how]) => printed(tree, how))

const either = fc.oneof(textOf(filters(typeOfUsers, literals)), textOf(filters(groupType, literals)))

/** As deep and as long as filters may be, and beyond. */
const large = fc.oneof(
  fc
    .tuple(either, fc.integer({ min: 10, max: 60 }))
    .map(([inside, depth]) => `${'('.repeat(depth)}${inside}${')'.repeat(depth)}`),
  fc
    .tuple(either, fc.constantFrom(' and ', ' or '), fc.integer({ min: 2, max: 60 }))
    .map(([each, word, count]) => Array.from({ length: count }, () => each).join(word)),
  fc
    .integer({ min: 1, max: 60 })
    .map((depth) => `${'not ('.repeat(depth)}active eq true${')'.repeat(depth)}`),
)

/** Well formed, nearly so, and whatever else. */
export const filterTexts: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: either },
  { weight: 6, arbitrary: nearly(either) },
  { weight: 1, arbitrary: large },
  { weight: 1, arbitrary: hostile },
)

export const filterAsks: fc.Arbitrary<Ask> = fc
  .tuple(
    endpoints,
    fc.oneof({ weight: 6, arbitrary: filterTexts.map(encoded) }, { weight: 1, arbitrary: urlBytes }),
  )
  .map(([endpoint, filter]) => ({ method: 'GET', path: `${SCIM}${endpoint}?filter=${filter}&count=20` }))

const names = [...sortableNames(typeOfUsers), ...sortableNames(groupType)]
export const nameTexts: fc.Arbitrary<string> = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...names) },
  { weight: 2, arbitrary: nearly(fc.constantFrom(...names)) },
  { weight: 1, arbitrary: hostile },
)
const nameLists = fc.array(nameTexts, { maxLength: 4 }).map((list) => list.join(','))

/** Mostly one of these: a query with many parameters would otherwise always have one that is wrong. */
const mostly = (...good: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...good) }, { weight: 1, arbitrary: hostile })

const numbers = fc.oneof(
  { weight: 4, arbitrary: mostly('1', '2', '100', '1001', '-5', '', ' 3 ', '0', '1.5') },
  { weight: 1, arbitrary: wholeNumbers },
)
const orders = mostly('ascending', 'descending', 'Descending')
const cursors = fc.oneof(places('cursor'), nearly(places('cursor')), fc.constant(''), hostile)

const parameters = fc.record(
  {
    filter: fc.oneof({ weight: 5, arbitrary: either }, { weight: 1, arbitrary: filterTexts }),
    sortBy: nameTexts,
    sortOrder: orders,
    startIndex: numbers,
    count: numbers,
    cursor: mostly(''),
    attributes: nameLists,
    excludedAttributes: nameLists,
  },
  { requiredKeys: [], noNullPrototype: true },
)

export const queryAsks: fc.Arbitrary<Ask> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(endpoints, parameters)
      .map(([endpoint, given]) => ({ method: 'GET', path: `${SCIM}${endpoint}${queryOf(given)}` })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(endpoints, urlBytes, urlBytes)
      .map(([endpoint, name, value]) => ({ method: 'GET', path: `${SCIM}${endpoint}?${name}=${value}` })),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(endpoints, parameters, fc.constantFrom('?', '&')).map(([endpoint, given, again]) => ({
      method: 'GET',
      path: `${SCIM}${endpoint}${queryOf(given)}${again}${queryOf(given).slice(1)}`,
    })),
  },
)

const asJson = (given: object): Json => JSON.parse(JSON.stringify(given))
const searches = fc
  .tuple(parameters, fc.array(nameTexts, { maxLength: 3 }), fc.integer({ min: -2, max: 1100 }))
  .map(([given, attributes, count]) =>
    asJson({ schemas: [searchRequestSchema], ...given, attributes, count }),
  )

export const searchAsks: fc.Arbitrary<Ask> = fc
  .tuple(endpoints, fc.oneof(searches, withFault(searches)))
  .map(([endpoint, body]) => ({
    method: 'POST',
    path: `${SCIM}${endpoint}/.search`,
    body: JSON.stringify(body),
    readsOnly: true,
  }))

/** Places in the order that nobody was ever at, made as the service makes them. */
const forgeries: fc.Arbitrary<ForgedCursor> = fc.record({
  bound: fc.constantFrom('after', 'notBefore', 'before', 'notAfter'),
  id: fc.oneof(places('user'), hostile),
  key: fc.option(fc.oneof(hostile, dateTimes, wholeNumbers)),
})

export const cursorAsks: fc.Arbitrary<Ask> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc
      .tuple(endpoints, fc.option(nameTexts, { nil: undefined }), cursors)
      .map(([endpoint, sortBy, cursor]) => ({
        method: 'GET',
        path: `${SCIM}${endpoint}${queryOf({ sortBy, count: '3', cursor })}`,
      })),
  },
  {
    weight: 1,
    arbitrary: forgeries.map((forged) => ({ method: 'GET', path: `${SCIM}/Users?count=3`, forged })),
  },
)
