// What follows from method, path and schemas: names, headings, components, and what a request may leave out.
import { describe, expect, test } from 'vitest'
import { withComponents } from '../../../src/http/openapi/components.ts'
import { operationIdOf, tagOf } from '../../../src/http/openapi/operation.ts'
import { problemStatuses } from '../../../src/http/openapi/problems.ts'
import { requestBodyOf } from '../../../src/http/openapi/request-body.ts'

describe('an operation is named by its method and path', () => {
  test.each([
    ['GET', '/events', 'listEvents', 'Events'],
    ['GET', '/organizations/{id}', 'getOrganization', 'Organizations'],
    ['GET', '/organizations/{id}/members', 'listOrganizationMembers', 'Members'],
    ['POST', '/organizations/{id}/members', 'createOrganizationMember', 'Members'],
    ['DELETE', '/organizations/{id}/members/{memberId}', 'deleteOrganizationMember', 'Members'],
    ['GET', '/organizations/{id}/people/{userId}', 'getOrganizationPerson', 'Members'],
    ['PUT', '/organizations/{id}/seats', 'putOrganizationSeats', 'Organizations'],
    ['PUT', '/organizations/{id}/primary-owner', 'putOrganizationPrimaryOwner', 'Members'],
    ['POST', '/organizations/{id}/provisioning:preview', 'previewOrganizationProvisioning', 'Settings'],
    ['POST', '/organizations/{id}/sync', 'syncOrganization', 'Sync'],
    ['POST', '/organizations/{id}/held-removals:release', 'releaseOrganizationHeldRemovals', 'Held removals'],
    ['GET', '/directories/{id}/workos-connections', 'listDirectoryWorkosConnections', 'WorkOS'],
    ['POST', '/parent-organizations', 'createParentOrganization', 'Organizations'],
    ['PATCH', '/directories/{id}', 'updateDirectory', 'Directories'],
    ['GET', '/webhook-endpoints/{id}', 'getWebhookEndpoint', 'Webhook endpoints'],
    ['POST', '/webhook-endpoints/{id}:test', 'testWebhookEndpoint', 'Webhook endpoints'],
    ['GET', '/webhook-endpoints/{id}/deliveries/{seq}', 'getWebhookEndpointDelivery', 'Webhook endpoints'],
  ])('%s %s: %s, under %s', (method, path, id, tag) => {
    expect(operationIdOf(method, path)).toBe(id)
    expect(tagOf(path)).toBe(tag)
  })
})

test('the problems of a route are those of its kind', () => {
  const read = { method: 'GET', path: '/v1/events', headers: ['last-event-id'] }
  expect(problemStatuses(read)).toEqual([400, 401, 403, 429, 500, 503])
  const save = { method: 'PUT', path: '/v1/organizations/{id}/provisioning', headers: ['if-match'] }
  expect(problemStatuses({ method: 'POST', path: '/v1/admin-tokens', headers: [] })).toContain(422)
  expect(problemStatuses(save)).toEqual([400, 401, 403, 429, 500, 503, 404, 414, 409, 413, 415, 412])
})

describe('a schema with a title', () => {
  const inner = { title: 'Inner', type: 'string' }
  const outer = { title: 'Outer', type: 'object', properties: { a: inner, title: { type: 'string' } } }

  test('is kept once, and referred to', () => {
    expect(withComponents({ x: outer, y: [inner, outer] })).toEqual({
      paths: {
        x: { $ref: '#/components/schemas/Outer' },
        y: [{ $ref: '#/components/schemas/Inner' }, { $ref: '#/components/schemas/Outer' }],
      },
      schemas: {
        Inner: inner,
        Outer: {
          ...outer,
          properties: { a: { $ref: '#/components/schemas/Inner' }, title: { type: 'string' } },
        },
      },
    })
  })

  test('means one schema: another one of that title is a fault', () => {
    expect(() => withComponents([inner, { ...inner, type: 'integer' }])).toThrow('Inner')
  })
})

test('a request may leave out what has a default, and a body that may be null', () => {
  const item = { type: 'object', required: ['c'], properties: { c: { type: 'string', default: 'x' } } }
  const schema = {
    type: 'object',
    required: ['a', 'b'],
    properties: { a: { type: 'string' }, b: { type: 'array', items: item, default: [] } },
  }
  const { required: _required, ...freed } = item
  const asSent = {
    ...schema,
    required: ['a'],
    properties: { ...schema.properties, b: { ...schema.properties.b, items: freed } },
  }
  expect(requestBodyOf({ content: { 'application/json': { schema } } })).toEqual({
    required: true,
    content: { 'application/json': { schema: asSent } },
  })
  const orNull = { anyOf: [{ type: 'object', properties: { a: { type: 'string' } } }, { type: 'null' }] }
  expect(requestBodyOf({ content: { 'application/json': { schema: orNull } } }).required).toBe(false)
})
