// For the load balancer: /healthz says that the process lives and touches no database; /readyz that it can serve.
import type { FastifyInstance } from 'fastify'

export function healthRoutes(scope: FastifyInstance, isReady: () => Promise<boolean>): void {
  scope.get('/healthz', () => ({ status: 'ok' }))

  scope.get('/readyz', async (request, reply) => {
    try {
      if (await isReady()) return { status: 'ready' }
    } catch (error) {
      request.log.warn({ err: error }, 'not ready')
    }
    return reply.code(503).send({ status: 'not ready' })
  })
}
