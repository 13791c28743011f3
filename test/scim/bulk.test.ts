// The body of POST /Bulk and its references (RFC 7644 sections 3.7, 3.7.1 and 3.7.2).
import { describe, expect, test } from 'vitest'
import { MAX_BULK_OPERATIONS, parseBulk } from '../../src/scim/bulk.ts'
import { planBulk } from '../../src/scim/bulk-order.ts'
import { postpone, referencesOf, resolved } from '../../src/scim/bulk-references.ts'
import { ScimError } from '../../src/scim/errors.ts'
import type { Json } from '../../src/scim/resource.ts'
import { groupType } from '../../src/scim/schemas/group.ts'
import { userType } from '../../src/scim/schemas/user.ts'
import {
  bulkBody,
  bulkRequestUrn,
  enterpriseUrn,
  frozen,
  refusal,
  remembering,
  silent,
} from '../support/protocol.ts'

const parse = (operations: readonly unknown[], more: object = {}) =>
  parseBulk(frozen(bulkBody(operations, more)), silent)

const post = (bulkId: string, data: unknown = { userName: bulkId }, path = '/Users') => ({
  method: 'POST',
  path,
  bulkId,
  data,
})
const group = (bulkId: string, ...members: string[]) =>
  post(bulkId, { displayName: bulkId, members: members.map((value) => ({ value })) }, '/Groups')

describe('RFC 7644 3.7 the request', () => {
  test('each method with what it takes', () => {
    const { failOnErrors, operations } = parse(
      [
        post('q', { userName: 'a' }),
        { method: 'PUT', path: '/Users/1', version: 'W/"3"', data: { userName: 'b' } },
        { method: 'PATCH', path: 'Groups/bulkId:q/r', bulkId: 'p', data: { Operations: [] } },
        { method: 'DELETE', path: '/Users/2/', version: 'W/"4"' },
      ],
      { failOnErrors: 2 },
    )
    expect(failOnErrors).toBe(2)
    const none = { bulkId: null, ifMatch: undefined }
    expect(operations).toEqual([
      {
        method: 'POST',
        bulkId: 'q',
        path: '/Users',
        work: { type: userType, id: null, data: { userName: 'a' }, ifMatch: undefined },
      },
      {
        method: 'PUT',
        bulkId: null,
        path: '/Users/1',
        work: { type: userType, id: '1', data: { userName: 'b' }, ifMatch: 'W/"3"' },
      },
      {
        method: 'PATCH',
        bulkId: 'p',
        path: 'Groups/bulkId:q/r',
        work: { type: groupType, id: 'bulkId:q/r', data: { Operations: [] }, ifMatch: none.ifMatch },
      },
      {
        method: 'DELETE',
        bulkId: null,
        path: '/Users/2/',
        work: { type: userType, id: '2', data: undefined, ifMatch: 'W/"4"' },
      },
    ])
  })

  test('names compare without case; a null is no value; without schemas it is taken and noted', () => {
    const { note, seen } = remembering()
    const body = {
      failonerrors: null,
      OPERATIONS: [{ Method: 'POST', PATH: '/Users', BULKID: 'q', Data: { userName: 'a' }, version: null }],
    }
    const { failOnErrors, operations } = parseBulk(body, note)
    expect(failOnErrors).toBe(Number.POSITIVE_INFINITY)
    expect(operations).toMatchObject([{ method: 'POST', bulkId: 'q', work: { data: { userName: 'a' } } }])
    expect(seen).toEqual([`missingSchemas ${bulkRequestUrn}`])
  })

  test.each<[string, unknown, string]>([
    ['no object', [], '400 invalidSyntax: The body must be'],
    ['another schema', { schemas: ['urn:x'], Operations: [post('a')] }, '400 invalidSyntax: schemas must'],
    ['no Operations', bulkBody([], { Operations: undefined }), '400 invalidSyntax: Operations must be'],
    ['empty Operations', bulkBody([]), '400 invalidSyntax: Operations must be'],
    ['Operations that are no list', bulkBody([], { Operations: {} }), '400 invalidSyntax: Operations must'],
    ['an operation that is none', bulkBody([post('a'), 'x']), '400 invalidSyntax: Operations[1] must'],
    ['no method', bulkBody([{ path: '/Users' }]), '400 invalidSyntax: Operations[0].method must be POST,'],
    [
      'another method',
      bulkBody([{ ...post('a'), method: 'GET' }]),
      '400 invalidSyntax: Operations[0].method',
    ],
    ['a bulkId that is no text', bulkBody([{ ...post('a'), bulkId: 1 }]), '400 invalidSyntax: Operations[0]'],
    [
      'a bulkId given twice',
      bulkBody([post('a'), post('b'), post('a')]),
      '400 invalidSyntax: Operations[2].bulkId is the same as that of Operations[0]',
    ],
    ['failOnErrors of 0', bulkBody([post('a')], { failOnErrors: 0 }), '400 invalidValue: failOnErrors must'],
    ['failOnErrors as text', bulkBody([post('a')], { failOnErrors: '1' }), '400 invalidValue: failOnErrors'],
    ['failOnErrors of 1.5', bulkBody([post('a')], { failOnErrors: 1.5 }), '400 invalidValue: failOnErrors'],
  ])('%s refuses the whole', (_, body, expected) => {
    expect(refusal(() => parseBulk(body, silent))).toContain(expected)
  })

  test('RFC 7644 3.7.4 more than maxOperations refuses the whole, and says the limit', () => {
    const operations = Array.from({ length: MAX_BULK_OPERATIONS + 1 }, (_, i) => post(`${i}`))
    expect(parse(operations.slice(1)).operations).toHaveLength(MAX_BULK_OPERATIONS)
    expect(refusal(() => parse(operations))).toBe(
      '413 null: The request has 1001 Operations: more than maxOperations (1000).',
    )
  })

  test.each<[string, object, string]>([
    ['a POST without bulkId', { ...post('a'), bulkId: undefined }, '.bulkId is required for a POST'],
    ['no path', { ...post('a'), path: undefined }, '.path of a POST must be /Users or /Groups'],
    ['a path of another kind', { ...post('a'), path: 7 }, '.path of a POST must be'],
    ['an unknown endpoint', { ...post('a'), path: '/Bulk' }, '.path of a POST must be'],
    ['the base of the service', { ...post('a'), path: '/scim/v2/Users' }, '.path of a POST must be'],
    ['a whole URL', { ...post('a'), path: 'https://x/scim/v2/Users' }, '.path of a POST must be'],
    ['an endpoint in another case', { ...post('a'), path: '/users' }, '.path of a POST must be'],
    ['a POST to a resource', { ...post('a'), path: '/Users/1' }, '.path of a POST must be'],
    ['a PUT to all', { method: 'PUT', path: '/Users', data: {} }, '.path of a PUT must be /Users/{id} or'],
    ['a deeper path', { method: 'DELETE', path: '/Users/1/emails' }, '.path of a DELETE must be'],
    ['a query', { method: 'DELETE', path: '/Users/1?x=y' }, '.path of a DELETE must be'],
    ['a path without end', { method: 'DELETE', path: `/Users/${'x'.repeat(5000)}` }, '.path of a DELETE'],
    ['no data', { ...post('a'), data: undefined }, '.data is required'],
    ['a version that is no text', { method: 'DELETE', path: '/Users/1', version: 1 }, '.version must be'],
  ])('%s is the fault of that operation alone', (_, operation, expected) => {
    const [first, second] = parse([operation, post('z')]).operations
    const fault = first?.work
    if (!(fault instanceof ScimError)) throw new Error('no fault')
    expect([fault.status, fault.scimType]).toEqual([400, 'invalidSyntax'])
    expect(fault.message).toContain(`Operations[0]${expected}`)
    expect(second?.work).not.toBeInstanceOf(ScimError)
  })
})

describe('RFC 7644 3.7.2 references', () => {
  const references = (operation: object) =>
    parse([operation]).operations.flatMap((op) => [...referencesOf(op)])

  test('are found in the path and anywhere in the data', () => {
    const data = {
      members: [{ value: 'bulkId:a' }, { value: 'x' }, 'bulkId:b'],
      [enterpriseUrn]: { manager: { value: 'bulkId:c' } },
      Operations: [{ op: 'add', path: 'members', value: [{ value: 'bulkId:d:e' }] }],
    }
    expect(references({ method: 'PUT', path: '/Groups/bulkId:p', data })).toEqual(['p', 'a', 'b', 'c', 'd:e'])
  })

  test('are whole texts with a bulkId after the colon, and no names of attributes', () => {
    const data = { displayName: 'see bulkId:a', 'bulkId:b': 'x', externalId: 'bulkId:', title: 'BULKID:c' }
    expect(references(post('q', data))).toEqual([])
  })

  test('become ids, and nothing else changes', () => {
    const data = frozen({ members: [{ value: 'bulkId:a' }, { value: 'u' }], n: [1, null, true], o: {} })
    expect(resolved(data, (bulkId) => `id of ${bulkId}`)).toEqual({
      ...data,
      members: [{ value: 'id of a' }, { value: 'u' }],
    })
  })

  test('data of any depth is read', () => {
    const deep = JSON.parse(`${'{"a":['.repeat(5000)}"bulkId:x"${']}'.repeat(5000)}`)
    expect(references(post('q', deep))).toEqual([])
    expect(resolved(deep, () => 'id')).toEqual(deep)
  })

  test('to what is not there yet are taken out: elements of lists, single attributes of objects', () => {
    const data: Json = frozen({
      displayName: 'G',
      members: [{ value: 'bulkId:a', display: 'A' }, { value: 'bulkId:b' }, { value: 'u' }],
      [enterpriseUrn]: { department: 'D', manager: { value: 'bulkId:a', displayName: 'M' } },
    })
    expect(postpone(data, (bulkId) => bulkId === 'a')).toEqual({
      now: {
        displayName: 'G',
        members: [{ value: 'bulkId:b' }, { value: 'u' }],
        [enterpriseUrn]: { department: 'D', manager: { displayName: 'M' } },
      },
      later: {
        members: [{ value: 'bulkId:a', display: 'A' }],
        [enterpriseUrn]: { manager: { value: 'bulkId:a' } },
      },
    })
    expect(postpone(data, () => false)).toEqual({ now: data, later: null })
    expect(postpone('bulkId:a', () => true)).toEqual({ now: 'bulkId:a', later: null })
  })
})

describe('RFC 7644 3.7.1 the order', () => {
  const plan = (...operations: object[]) => planBulk(parse(operations).operations)

  test('is that of the request where nothing is referred to before it is there', () => {
    expect(plan(post('a'), group('g', 'bulkId:a'), { method: 'DELETE', path: '/Users/1' })).toEqual([
      [0],
      [1],
      [2],
    ])
  })

  test('lets an operation wait for what it refers to, and no other', () => {
    const later = { method: 'PATCH', path: '/Groups/bulkId:g', data: { Operations: [] } }
    expect(plan(later, group('g', 'bulkId:b'), post('a'), post('b'), post('c'))).toEqual([
      [2],
      [3],
      [1],
      [0],
      [4],
    ])
  })

  test('keeps a circle together, and whoever refers into it after it', () => {
    expect(
      plan(group('o', 'bulkId:g'), group('g', 'bulkId:h'), post('a'), group('h', 'bulkId:g', 'bulkId:a')),
    ).toEqual([[2], [1, 3], [0]])
    expect(plan(group('g', 'bulkId:g'))).toEqual([[0]])
  })

  test('only a POST can be referred to: what is unknown is waited for by nobody', () => {
    const put = { method: 'PUT', path: '/Users/1', bulkId: 'p', data: { userName: 'x' } }
    expect(plan(group('g', 'bulkId:p', 'bulkId:unknown'), put)).toEqual([[0], [1]])
  })
})
