// Searching by GET and by POST /.search (RFC 7644 sections 3.4.2 and 3.4.3): the same query, from a URL or from a body.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { parsePage } from '../../scim/list.ts'
import type { ResourceTypeName } from '../../scim/schema.ts'
import { parseSearchRequest, type SearchRequest } from '../../scim/search-request.ts'
import type { Searches } from '../../services/searches.ts'
import { callerOf } from './auth.ts'
import { givenParameter, namesIn, parameter, sendJson } from './resources.ts'

/** What is searched where: users, groups, or at the root both. */
const endpoints: Record<string, readonly ResourceTypeName[]> = {
  '/Users': ['User'],
  '/Groups': ['Group'],
  '': ['User', 'Group'],
}

export function searchRoutes(scope: FastifyInstance, searches: Searches): void {
  for (const [endpoint, types] of Object.entries(endpoints)) {
    const route = { config: { operation: `${types.length === 1 ? types[0] : 'Resource'}.search` } }
    scope.get(endpoint, route, async (request, reply) =>
      sendJson(reply, 200, await searches.search(callerOf(request), types, searchOf(request))),
    )

    scope.post(`${endpoint}/.search`, route, async (request, reply) => {
      const search = parseSearchRequest(request.body)
      return sendJson(reply, 200, await searches.search(callerOf(request), types, search))
    })
  }
}

const searchOf = (request: FastifyRequest): SearchRequest => ({
  filter: parameter(request, 'filter'),
  sortBy: parameter(request, 'sortBy'),
  sortOrder: parameter(request, 'sortOrder'),
  attributes: namesIn(request, 'attributes'),
  excludedAttributes: namesIn(request, 'excludedAttributes'),
  page: parsePage({
    startIndex: parameter(request, 'startIndex'),
    count: parameter(request, 'count'),
    cursor: givenParameter(request, 'cursor'),
  }),
})
