// Who administers: a valid admin token, on every route.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Services } from '../../services/index.ts'
import type { Actor } from '../../store/events.ts'
import { bearerToken, challenge } from '../bearer.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** the id of the admin token that a request to the admin API came with */
    adminTokenId: string | null
  }
}

export function authenticateAdmins(scope: FastifyInstance, services: Services): void {
  scope.decorateRequest('adminTokenId', null)
  scope.addHook('onRequest', async (request, reply) => {
    const { authorization } = request.headers
    const token = bearerToken(authorization)
    const id = token === null ? null : await services.tokens.authenticateAdmin(token)
    if (id === null) {
      reply.header('www-authenticate', challenge(authorization))
      throw scope.httpErrors.unauthorized('A valid admin token is needed.')
    }
    request.adminTokenId = id
  })
}

/** The actor that the events of this request name. */
export const actorOf = ({ adminTokenId, id: requestId }: FastifyRequest): Actor => ({
  kind: 'admin_token',
  ...(adminTokenId === null ? {} : { id: adminTokenId }),
  requestId,
})
