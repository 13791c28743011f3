// What is hardly a request: bodies that are no JSON, or JSON that means several things; paths, methods and headers that
// nobody sends. Nothing of it is expected to be let in.
import fc from 'fast-check'
import type { Ask } from '../ask.ts'
import { hostile, nearly, places, urlBytes } from './texts.ts'

const targets = fc.oneof(
  fc.constantFrom(
    '/scim/v2/Users',
    '/scim/v2/Groups',
    '/scim/v2/Bulk',
    '/scim/v2/.search',
    '/v1/parent-organizations',
    '/v1/webhook-endpoints',
    '/v1/admin-tokens',
  ),
  places('user').map((id) => `/scim/v2/Users/${id}`),
  places('group').map((id) => `/scim/v2/Groups/${id}`),
  places('org').map((id) => `/v1/organizations/${id}/provisioning`),
  places('org').map((id) => `/v1/organizations/${id}/members`),
  places('workos').map((id) => `/webhooks/workos/${id}`),
)

const good = fc.constantFrom(
  '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"u1@acme.test"}',
  '{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"active","value":false}]}',
  '{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{"method":"DELETE","path":"/Users/x"}]}',
  '{"name":"Acme","plan":"enterprise"}',
  '{"mode":"scim","groupMappings":false}',
)

const odd = fc.oneof(
  fc.constantFrom(
    '{"userName":"a","userName":"b"}',
    '{"__proto__":{"active":true},"userName":"p"}',
    '{"constructor":{"prototype":{"x":1}}}',
    '\ufeff{}',
    'null',
    '[]',
    '""',
    '1e999',
    '{"userName":"\\ud800"}',
    '{"userName":"\\u0000"}',
    '{"userName":1e400}',
    '{',
    '}',
    ' ',
    'userName=a&active=true',
    '<user/>',
  ),
  fc.integer({ min: 90, max: 20_000 }).map((depth) => '['.repeat(depth)),
  fc.integer({ min: 90, max: 2_000 }).map((depth) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`),
)

const bodies: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  { weight: 4, arbitrary: nearly(good) },
  { weight: 2, arbitrary: odd },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }) },
)

const contentTypes = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      'application/json',
      'application/scim+json',
      'application/scim+json; charset=utf-8',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'text/plain',
      'application/json; charset=utf-16',
      'application/xml',
      'application/x-www-form-urlencoded',
      ';',
      'a/b; c',
      'application/json,application/json',
    ),
  },
)

const bodyAsks: fc.Arbitrary<Ask> = fc
  .record({
    method: fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE'),
    path: targets,
    body: bodies,
    type: contentTypes,
  })
  .map(({ method, path, body, type }) => ({
    method,
    path,
    body,
    headers: { 'content-type': type },
    // whatever is to be found behind the signature
    isSigned: path.startsWith('/webhooks'),
  }))

const pathAsks: fc.Arbitrary<Ask> = fc
  .record({
    method: fc.constantFrom('GET', 'GET', 'HEAD', 'OPTIONS', 'PROPFIND', 'TRACE', 'DELETE'),
    prefix: fc.constantFrom(
      '/scim',
      '/scim/v2',
      '/scim/v2/Users',
      '/scim/v2/Users/',
      '/scim/v2/Schemas/',
      '/v1/',
      '/v1/organizations/',
      '/webhooks/workos/',
      '/',
      '/healthz',
    ),
    rest: fc.oneof(
      urlBytes,
      hostile.map((text) => encodeURIComponent(text.toWellFormed())),
      fc.constantFrom(
        '//',
        '/../',
        '/./',
        '/%2e%2e/',
        '/*',
        '?',
        '?a',
        '?%',
        '#',
        ';x',
        '%00',
        '%2f',
        '%',
        'a'.repeat(600),
        '/a'.repeat(200),
        'a'.repeat(9000),
      ),
    ),
  })
  .map(({ method, prefix, rest }) => ({ method, path: prefix + rest }))

/** As far as HTTP lets a header hold it. */
const headerText = hostile.map((text) => text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '').trim())

const headerAsks: fc.Arbitrary<Ask> = fc
  .record({
    path: targets,
    method: fc.constantFrom('GET', 'PATCH', 'DELETE'),
    name: fc.constantFrom(
      'if-match',
      'if-none-match',
      'accept',
      'x-request-id',
      'idempotency-key',
      'x-forwarded-for',
      'x-forwarded-host',
      'x-forwarded-proto',
      'accept-encoding',
      'workos-signature',
      'last-event-id',
      'authorization',
      'range',
      'cookie',
    ),
    value: headerText,
  })
  .map(({ path, method, name, value }) => ({ method, path, headers: { [name]: value } }))

export const byteAsks: fc.Arbitrary<Ask> = fc.oneof(
  { weight: 3, arbitrary: bodyAsks },
  { weight: 2, arbitrary: pathAsks },
  { weight: 1, arbitrary: headerAsks },
)
