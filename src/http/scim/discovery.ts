// What the service says of itself (RFC 7644 section 4): readable without a token; with one, with the schemas that its
// directory adds. A filter on it: 403.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { MAX_BULK_OPERATIONS } from '../../scim/bulk.ts'
import { resourceTypeResource, schemaResource, serviceProviderConfig } from '../../scim/discovery.ts'
import { ScimError } from '../../scim/errors.ts'
import { listResponse } from '../../scim/list.ts'
import { builtInTypes, type ResourceTypes, schemasOf } from '../../scim/resource-types.ts'
import { NotFound } from '../../services/errors.ts'
import { parameter, sendJson } from './resources.ts'

export function discoveryRoutes(
  scope: FastifyInstance,
  baseUrlOf: (request: FastifyRequest) => string,
  maxPayloadSize: number,
): void {
  const bulk = { maxOperations: MAX_BULK_OPERATIONS, maxPayloadSize }
  scope.addHook('onRequest', async (request) => {
    if (parameter(request, 'filter') !== undefined)
      throw new ScimError(403, null, 'A filter does not apply here.')
  })

  scope.get('/ServiceProviderConfig', named('ServiceProviderConfig.get'), (request, reply) =>
    sendJson(reply, 200, serviceProviderConfig(baseUrlOf(request), bulk)),
  )

  scope.get('/ResourceTypes', named('ResourceType.list'), (request, reply) => {
    const all = Object.values(typesFor(request)).map((type) => resourceTypeResource(type, baseUrlOf(request)))
    return sendJson(reply, 200, listResponse(all, all.length, 1))
  })

  scope.get<{ Params: { name: string } }>(
    '/ResourceTypes/:name',
    named('ResourceType.get'),
    (request, reply) => {
      const type = Object.values(typesFor(request)).find(({ name }) => name === request.params.name)
      if (type === undefined) throw new NotFound('ResourceType', request.params.name)
      return sendJson(reply, 200, resourceTypeResource(type, baseUrlOf(request)))
    },
  )

  scope.get('/Schemas', named('Schema.list'), (request, reply) => {
    const all = schemasOf(typesFor(request)).map((schema) => schemaResource(schema, baseUrlOf(request)))
    return sendJson(reply, 200, listResponse(all, all.length, 1))
  })

  scope.get<{ Params: { urn: string } }>('/Schemas/:urn', named('Schema.get'), (request, reply) => {
    const wanted = request.params.urn.toLowerCase()
    const schema = schemasOf(typesFor(request)).find(({ id }) => id.toLowerCase() === wanted)
    if (schema === undefined) throw new NotFound('Schema', request.params.urn)
    return sendJson(reply, 200, schemaResource(schema, baseUrlOf(request)))
  })
}

const named = (operation: string) => ({ config: { operation } })

const typesFor = ({ caller }: FastifyRequest): ResourceTypes => caller?.types ?? builtInTypes
