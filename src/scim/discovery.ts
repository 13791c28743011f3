// What the service says of itself (RFC 7643 sections 5 to 7, RFC 7644 section 4, RFC 9865
// section 4): from the very data that it obeys.
import { CURSOR_TIMEOUT_SECONDS } from './cursor.ts'
import { DEFAULT_COUNT, MAX_COUNT } from './list.ts'
import type { JsonObject } from './resource.ts'
import type { Attribute, ResourceType, Schema } from './schema.ts'

/** What a bulk may be at most (RFC 7644 section 3.7.4). */
export interface BulkLimits {
  readonly maxOperations: number
  /** in bytes */
  readonly maxPayloadSize: number
}

/** `baseUrl` is where the SCIM endpoints are, without a slash at the end. */
export function serviceProviderConfig(baseUrl: string, bulk: BulkLimits): JsonObject {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    patch: { supported: true },
    bulk: { supported: true, maxOperations: bulk.maxOperations, maxPayloadSize: bulk.maxPayloadSize },
    filter: { supported: true, maxResults: MAX_COUNT },
    changePassword: { supported: false },
    sort: { supported: true },
    etag: { supported: true },
    pagination: {
      cursor: true,
      index: true,
      defaultPaginationMethod: 'index',
      defaultPageSize: DEFAULT_COUNT,
      maxPageSize: MAX_COUNT,
      cursorTimeout: CURSOR_TIMEOUT_SECONDS,
    },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'OAuth Bearer Token',
        description: 'A directory token in the Authorization header, as RFC 6750 says.',
        specUri: 'https://www.rfc-editor.org/info/rfc6750',
        primary: true,
      },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${baseUrl}/ServiceProviderConfig` },
  }
}

export function resourceTypeResource(type: ResourceType, baseUrl: string): JsonObject {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    id: type.name,
    name: type.name,
    endpoint: type.endpoint,
    description: type.description,
    schema: type.schema.id,
    schemaExtensions: type.extensions.map(({ schema, required }) => ({ schema: schema.id, required })),
    meta: { resourceType: 'ResourceType', location: `${baseUrl}/ResourceTypes/${type.name}` },
  }
}

/** A schema as a document of RFC 7643 section 7, without where it is served. */
export function schemaDocument({ id, name, description, attributes }: Schema): JsonObject {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
    id,
    name,
    description,
    attributes: attributes.map(attributeResource),
  }
}

export function schemaResource(schema: Schema, baseUrl: string): JsonObject {
  const meta = { resourceType: 'Schema', location: `${baseUrl}/Schemas/${schema.id}` }
  return { ...schemaDocument(schema), meta }
}

/** An attribute with the characteristics that its type has (RFC 7643 section 7). */
function attributeResource(attribute: Attribute): JsonObject {
  const { name, type, multiValued, description, required, caseExact, mutability, returned, uniqueness } =
    attribute
  const hasCase = type === 'string' || type === 'reference' || type === 'binary'
  return {
    name,
    type,
    multiValued,
    description,
    required,
    ...(hasCase ? { caseExact } : {}),
    mutability,
    returned,
    ...(type === 'complex' || type === 'boolean' ? {} : { uniqueness }),
    ...(attribute.canonicalValues === undefined ? {} : { canonicalValues: attribute.canonicalValues }),
    ...(attribute.referenceTypes === undefined ? {} : { referenceTypes: attribute.referenceTypes }),
    ...(attribute.subAttributes === undefined
      ? {}
      : { subAttributes: attribute.subAttributes.map(attributeResource) }),
  }
}
