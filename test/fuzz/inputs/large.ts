// Inputs as large as the limits let them be, and a little larger: what takes time, where anything does.
import fc from 'fast-check'
import type { Json } from '../../../src/scim/resource.ts'
import { groupUrn, patchBody, userUrn } from '../../support/protocol.ts'
import type { Ask } from '../ask.ts'
import { encoded, place } from '../ask.ts'
import { places } from './texts.ts'

const SCIM = '/scim/v2'

/** Up to what limits allow: most often all of it, sometimes one too many. */
const upTo = (most: number) =>
  fc.oneof(fc.constant(most), fc.constant(most + 1), fc.integer({ min: 2, max: most }))
const many = <T>(count: number, each: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => each(i))

const conditions = fc.constantFrom(
  'a eq "b"',
  'emails[type eq "work" and value co "x"]',
  'groups.value eq "x"',
  'members[display co "e"]',
  'userName co "%"',
  'not (name.givenName pr)',
  'meta.version gt "W/\\"1\\""',
  'x509Certificates.value eq "a"',
)

/** A filter of 8,000 characters. */
const filters = fc
  .tuple(conditions, fc.constantFrom(' or ', ' and '), upTo(8000), fc.integer({ min: 0, max: 50 }))
  .map(([condition, word, length, depth]) => {
    const room = Math.floor((length - 2 * depth) / (condition.length + word.length))
    return '('.repeat(depth) + many(Math.max(room, 1), () => condition).join(word) + ')'.repeat(depth)
  })

/** As many conditions on memberships as a filter may have, each of which finds everybody, or nobody. */
const membershipFilters = fc
  .tuple(
    fc.constantFrom(
      'groups.display co "c"',
      'groups[type eq "indirect" or display pr]',
      'members[display co "e" and value co "0"]',
      'members[type eq "User" or display sw "x"]',
      'not (groups.value eq "x")',
    ),
    fc.constantFrom(' or ', ' and '),
    upTo(20),
  )
  .map(([condition, word, count]) => many(count, () => condition).join(word))

const strings = fc
  .tuple(fc.constantFrom('a', '\\', '"', ' ', 'ß', '%', '='), upTo(200_000))
  .map(([part, count]) => part.repeat(count))

const emails = (count: number): Json =>
  many(count, (i) => ({ value: `x${i}@acme.test`, type: i % 2 === 0 ? 'work' : 'home' }))

const operations = fc.constantFrom<((i: number) => Json)[]>(
  (i) => ({ op: 'add', path: 'emails', value: [{ value: `y${i}@acme.test` }] }),
  (i) => ({ op: 'replace', path: `emails[value eq "x${i}@acme.test"].display`, value: String(i) }),
  (i) => ({ op: 'remove', path: `emails[value ew "${i}"]` }),
  (i) => ({ op: 'replace', path: 'title', value: String(i) }),
)

const post = (endpoint: string, body: Json | string): Ask => ({
  method: 'POST',
  path: SCIM + endpoint,
  body: typeof body === 'string' ? body : JSON.stringify(body),
})

const resources: fc.Arbitrary<Ask> = fc.oneof(
  upTo(1000).map((count) =>
    post('/Users', { schemas: [userUrn], userName: 'large@acme.test', emails: emails(count) }),
  ),
  strings.map((text) => post('/Users', { schemas: [userUrn], userName: 'large@acme.test', nickName: text })),
  strings.map((text) =>
    post('/Users', { schemas: [userUrn], userName: 'large@acme.test', x509Certificates: [{ value: text }] }),
  ),
  upTo(50_000).map((count) => post('/Users', Object.fromEntries(many(count, (i) => [`key${i}`, i])))),
  upTo(100_000).map((count) =>
    post('/Groups', {
      schemas: [groupUrn],
      displayName: 'large',
      members: many(count, (i) => ({ value: place('user', i % 20) })),
    }),
  ),
  upTo(100_000).map((count) => post('/Users', '{"userName":"a",'.repeat(count))),
)

const patches: fc.Arbitrary<Ask> = fc
  .tuple(operations, upTo(1000), places('user'))
  .map(([operation, count, id]) => ({
    method: 'PATCH',
    path: `${SCIM}/Users/${id}`,
    body: JSON.stringify(patchBody(...many(count, operation))),
  }))

const bulks: fc.Arbitrary<Ask> = fc.oneof(
  upTo(1000).map((count) =>
    post('/Bulk', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: many(count, (i) => ({ method: 'DELETE', path: `/Users/${i}` })),
    }),
  ),
  fc.integer({ min: 2, max: 60 }).map((count) =>
    post('/Bulk', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      // each group has the next one, in a circle
      Operations: many(count, (i) => ({
        method: 'POST',
        path: '/Groups',
        bulkId: `b${i}`,
        data: { displayName: `circle ${i}`, members: [{ value: `bulkId:b${(i + 1) % count}` }] },
      })),
    }),
  ),
)

const searches: fc.Arbitrary<Ask> = fc.oneof(
  filters.map((filter) => ({ method: 'GET', path: `${SCIM}/Users?filter=${encoded(filter)}` })),
  fc
    .tuple(fc.constantFrom('/Users', '/Groups', ''), fc.oneof(filters, membershipFilters))
    .map(([endpoint, filter]) => ({
      ...post(`${endpoint}/.search`, {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
        filter,
      }),
      readsOnly: true,
    })),
  fc.tuple(filters, places('user')).map(([filter, id]) => ({
    method: 'PATCH',
    path: `${SCIM}/Users/${id}`,
    body: JSON.stringify(patchBody({ op: 'remove', path: `emails[${filter}]` })),
  })),
)

export const largeAsks: fc.Arbitrary<Ask> = fc.oneof(resources, patches, bulks, searches)
