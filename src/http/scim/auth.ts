// Who calls: the directory of the bearer token (RFC 7644 section 2, RFC 6750).
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ScimError } from '../../scim/errors.ts'
import type { DirectoryCaller } from '../../services/directory-write.ts'
import type { Services } from '../../services/index.ts'
import { bearerToken, challenge } from '../bearer.ts'
import type { Limits } from '../limits.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** the directory that the token of a SCIM request belongs to */
    caller: DirectoryCaller | null
  }
}

type Hook = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

/** `required`: no request without a valid token. `optional`: none is fine, one that does not hold is not. */
export function authenticate(
  services: Services,
  limits: Limits,
  need: 'required' | 'optional',
  baseUrlOf: (request: FastifyRequest) => string,
): Hook {
  return async (request, reply) => {
    const { authorization } = request.headers
    if (authorization === undefined && need === 'optional') return limits.countStranger(request, reply)
    const token = bearerToken(authorization)
    limits.requireHearing(request, reply, () => token !== null && services.tokens.isFamiliar(token))
    const known = token === null ? null : await services.tokens.authenticateDirectory(token)
    if (known === null) {
      limits.countStranger(request, reply)
      reply.header('www-authenticate', challenge(authorization))
      const detail =
        authorization === undefined ? 'A bearer token is needed.' : 'The bearer token is not valid.'
      throw new ScimError(401, null, detail)
    }
    const { directoryId, tokenId, schemasVersion } = known
    limits.countCaller(directoryId, reply)
    request.caller = {
      directoryId,
      actor: { kind: 'directory_token', id: tokenId, requestId: request.id },
      types: await services.schemas.typesOf(directoryId, schemasVersion),
      schemasVersion,
      baseUrl: baseUrlOf(request),
    }
  }
}

/** The caller of a request that has passed `authenticate`. */
export function callerOf({ caller }: FastifyRequest): DirectoryCaller {
  if (caller === null) throw new Error('A SCIM route ran without authentication.')
  return caller
}
