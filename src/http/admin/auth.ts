// Who administers: a valid admin token, on every route; and what that token may do there.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { AdminCaller } from '../../services/admin-tokens.ts'
import type { Services } from '../../services/index.ts'
import type { Actor } from '../../store/events.ts'
import { bearerToken, challenge } from '../bearer.ts'
import type { Limits } from '../limits.ts'
import { authorize } from './authorize.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** whose admin token a request to the admin API came with */
    adminCaller: AdminCaller | null
  }
}

export function authenticateAdmins(scope: FastifyInstance, services: Services, limits: Limits): void {
  scope.decorateRequest('adminCaller', null)
  scope.addHook('onRequest', async (request, reply) => {
    const { authorization } = request.headers
    const token = bearerToken(authorization)
    limits.requireHearing(request, reply, () => token !== null && services.adminTokens.isFamiliar(token))
    const caller = token === null ? null : await services.adminTokens.authenticate(token)
    if (caller === null) {
      limits.countStranger(request, reply)
      reply.header('www-authenticate', challenge(authorization))
      throw scope.httpErrors.unauthorized('A valid admin token is needed.')
    }
    limits.countCaller(caller.tokenId, reply)
    request.adminCaller = caller
    if (!request.is404) await authorize(services, caller, request, scope.prefix)
  })
}

/** The caller of a request that has passed authentication. */
export function adminCallerOf({ adminCaller }: FastifyRequest): AdminCaller {
  if (adminCaller === null) throw new Error('An admin route ran without authentication.')
  return adminCaller
}

/** The actor that the events of this request name. */
export const actorOf = ({ adminCaller, keyClaim, id: requestId }: FastifyRequest): Actor => ({
  kind: 'admin_token',
  ...(adminCaller === null ? {} : { id: adminCaller.tokenId }),
  requestId,
  ...(keyClaim === null ? {} : { claim: keyClaim }),
})
