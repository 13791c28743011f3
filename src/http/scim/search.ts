// Searching by GET and by POST /.search (RFC 7644 sections 3.4.2 and 3.4.3): the same query, from a URL or from a body.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { parsePage } from '../../scim/list.ts'
import type { JsonObject } from '../../scim/resource.ts'
import { parseSearchRequest, type SearchRequest } from '../../scim/search-request.ts'
import type { DirectoryCaller } from '../../services/directory-write.ts'
import { callerOf } from './auth.ts'
import { parameter, sendJson } from './resources.ts'

type Search = (caller: DirectoryCaller, search: SearchRequest) => Promise<JsonObject>

export function searchRoutes(scope: FastifyInstance, endpoint: string, search: Search): void {
  scope.get(endpoint, async (request, reply) =>
    sendJson(reply, 200, await search(callerOf(request), searchOf(request))),
  )

  scope.post(`${endpoint}/.search`, async (request, reply) =>
    sendJson(reply, 200, await search(callerOf(request), parseSearchRequest(request.body))),
  )
}

const searchOf = (request: FastifyRequest): SearchRequest => ({
  filter: parameter(request, 'filter'),
  sortBy: parameter(request, 'sortBy'),
  sortOrder: parameter(request, 'sortOrder'),
  attributes: parameter(request, 'attributes'),
  excludedAttributes: parameter(request, 'excludedAttributes'),
  page: parsePage(parameter(request, 'startIndex'), parameter(request, 'count')),
})
