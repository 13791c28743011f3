// For the load balancer: /healthz says that the process lives and touches no database; /readyz that it can serve, and
// is not about to stop.
import type { FastifyInstance } from 'fastify'

/** Load balancers give a probe a few seconds: one that waits for the database longer than that has its answer. */
const READY_TIMEOUT_MS = 2000

export interface Health {
  /** whether the database answers and has every migration */
  readonly isReady: () => Promise<boolean>
  /** aborted when the service is told to stop */
  readonly stopping: AbortSignal
}

export function healthRoutes(scope: FastifyInstance, { isReady, stopping }: Health): void {
  scope.get('/healthz', () => ({ status: 'ok' }))

  scope.get('/readyz', async (request, reply) => {
    if (stopping.aborted) return reply.code(503).send({ status: 'stopping' })
    try {
      if (await inTime(isReady())) return { status: 'ready' }
    } catch (error) {
      request.log.warn({ err: error }, 'not ready')
    }
    return reply.code(503).send({ status: 'not ready' })
  })
}

async function inTime(asked: Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`The database did not answer within ${READY_TIMEOUT_MS} ms.`)),
      READY_TIMEOUT_MS,
    )
  })
  try {
    return await Promise.race([asked, late])
  } finally {
    clearTimeout(timer)
  }
}
