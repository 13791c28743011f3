// What the service says of itself, from the data that it obeys (RFC 7643 sections 5 to 7).
import { describe, expect, test } from 'vitest'
import { CURSOR_TIMEOUT_SECONDS } from '../../src/scim/cursor.ts'
import { resourceTypeResource, schemaResource, serviceProviderConfig } from '../../src/scim/discovery.ts'
import { DEFAULT_COUNT, MAX_COUNT } from '../../src/scim/list.ts'
import { builtInTypes, schemasOf } from '../../src/scim/resource-types.ts'
import { groupType } from '../../src/scim/schemas/group.ts'
import { userSchema, userType } from '../../src/scim/schemas/user.ts'
import { enterpriseUrn, userUrn } from '../support/protocol.ts'

const baseUrl = 'https://x/scim/v2'

test('RFC 7643 5 ServiceProviderConfig says what there is and what there is not', () => {
  expect(serviceProviderConfig(baseUrl, { maxOperations: 10, maxPayloadSize: 2000 })).toMatchObject({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    patch: { supported: true },
    bulk: { supported: true, maxOperations: 10, maxPayloadSize: 2000 },
    filter: { supported: true, maxResults: MAX_COUNT },
    changePassword: { supported: false },
    sort: { supported: true },
    etag: { supported: true },
    authenticationSchemes: [{ type: 'oauthbearertoken' }],
    meta: { resourceType: 'ServiceProviderConfig', location: `${baseUrl}/ServiceProviderConfig` },
  })
})

test('RFC 9865 4 ServiceProviderConfig says how lists are paged', () => {
  const { pagination } = serviceProviderConfig(baseUrl, { maxOperations: 10, maxPayloadSize: 2000 })
  expect(pagination).toEqual({
    cursor: true,
    index: true,
    defaultPaginationMethod: 'index',
    defaultPageSize: DEFAULT_COUNT,
    maxPageSize: MAX_COUNT,
    cursorTimeout: CURSOR_TIMEOUT_SECONDS,
  })
})

test('RFC 7643 6 ResourceTypes name their schemas and extensions', () => {
  expect(Object.values(builtInTypes)).toEqual([userType, groupType])
  expect(resourceTypeResource(userType, baseUrl)).toEqual({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    id: 'User',
    name: 'User',
    endpoint: '/Users',
    description: 'User Account',
    schema: userUrn,
    schemaExtensions: [{ schema: enterpriseUrn, required: false }],
    meta: { resourceType: 'ResourceType', location: `${baseUrl}/ResourceTypes/User` },
  })
  expect(resourceTypeResource(groupType, baseUrl)).toMatchObject({
    endpoint: '/Groups',
    schemaExtensions: [],
  })
})

describe('RFC 7643 7 Schemas', () => {
  const served = schemaResource(userSchema, baseUrl)
  const attributes = Array.isArray(served.attributes) ? served.attributes : []

  test('each schema under its URN', () => {
    for (const schema of schemasOf(builtInTypes)) {
      expect(schemaResource(schema, baseUrl)).toMatchObject({
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
        id: schema.id,
        meta: { resourceType: 'Schema', location: `${baseUrl}/Schemas/${schema.id}` },
      })
    }
  })

  test.each([
    [
      'userName',
      {
        type: 'string',
        multiValued: false,
        required: true,
        caseExact: false,
        mutability: 'readWrite',
        returned: 'default',
        uniqueness: 'server',
      },
    ],
    [
      'password',
      {
        type: 'string',
        multiValued: false,
        required: false,
        caseExact: true,
        mutability: 'writeOnly',
        returned: 'never',
        uniqueness: 'none',
      },
    ],
    [
      'active',
      { type: 'boolean', multiValued: false, required: false, mutability: 'readWrite', returned: 'default' },
    ],
    [
      'profileUrl',
      {
        type: 'reference',
        multiValued: false,
        required: false,
        caseExact: true,
        mutability: 'readWrite',
        returned: 'default',
        uniqueness: 'none',
        referenceTypes: ['external'],
      },
    ],
  ])('%s has the characteristics of its type, and no others', (name, characteristics) => {
    expect(attributes).toContainEqual({ name, description: expect.any(String), ...characteristics })
  })

  test('sub-attributes are described the same way', () => {
    const emails = attributes.find((attribute) => Object.values(attribute ?? {}).includes('emails'))
    expect(emails).toMatchObject({
      type: 'complex',
      multiValued: true,
      subAttributes: [
        { name: 'value', type: 'string' },
        { name: 'display' },
        { name: 'type', canonicalValues: ['work', 'home', 'other'] },
        { name: 'primary', type: 'boolean' },
      ],
    })
  })

  test('common attributes are in no schema (RFC 7643 3.1)', () => {
    const names = schemasOf(builtInTypes).flatMap((schema) => schema.attributes.map(({ name }) => name))
    for (const common of ['id', 'externalId', 'meta', 'schemas']) expect(names).not.toContain(common)
  })
})
