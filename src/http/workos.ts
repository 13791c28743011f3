// The webhooks of WorkOS (domain.md section 8): a scope of its own, whose requests are signed and carry no token.
import type { FastifyInstance } from 'fastify'
import { Unauthenticated } from '../services/errors.ts'
import type { Services } from '../services/index.ts'
import { sendProblem } from './admin/problem.ts'
import { jsonParser } from './json.ts'
import type { Limits } from './limits.ts'
import { refuseUnknown, refusingOtherMethods } from './methods.ts'

export const WORKOS_PREFIX = '/webhooks/workos'

declare module 'fastify' {
  interface FastifyRequest {
    /** the body of a webhook as it came: what was signed */
    rawBody: string
  }
}

interface WebhookRoute {
  Params: { connection: string }
}

export async function workosRoutes(
  scope: FastifyInstance,
  { services, limits }: { services: Services; limits: Limits },
): Promise<void> {
  scope.setErrorHandler((error, request, reply) => {
    if (error instanceof Unauthenticated) reply.header('www-authenticate', 'WorkOS-Signature')
    return sendProblem(error, request, reply)
  })
  refuseUnknown(scope, (status, detail) => scope.httpErrors.getHttpError(status, detail))
  keepRawBodies(scope)
  refusingOtherMethods(
    scope,
    (detail) => scope.httpErrors.methodNotAllowed(detail),
    () => {
      // WorkOS sends again what is not answered with 2xx: what is committed is, and what is not needed
      scope.post<WebhookRoute>('/:connection', async (request, reply) => {
        const { params, headers, rawBody, body } = request
        const connectionId = params.connection
        const signature = headers['workos-signature']
        const delivery = {
          connectionId,
          signature: typeof signature === 'string' ? signature : undefined,
          rawBody,
          body,
          receivedAt: new Date(),
        }
        limits.requireHearing(request, reply, () => services.workos.isFamiliar(connectionId))
        try {
          const outcome = await services.workos.receive(delivery, () =>
            limits.countCaller(connectionId, reply),
          )
          return { outcome }
        } catch (error) {
          if (error instanceof Unauthenticated) limits.countStranger(request, reply)
          throw error
        }
      })
    },
  )
}

/** Takes JSON alone, and keeps the text beside what it says. */
function keepRawBodies(scope: FastifyInstance): void {
  const parse = jsonParser(scope)
  scope.decorateRequest('rawBody', '')
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    request.rawBody = body
    parse(request, body, done)
  })
}
