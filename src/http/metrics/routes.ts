// GET /metrics: beside the APIs for who has the token, or alone on a port of its own, without one.
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { sendProblem } from '../admin/problem.ts'
import { bearerToken, challenge } from '../bearer.ts'
import { refusingOtherMethods } from '../methods.ts'
import type { Metrics } from './index.ts'

const PATH = '/metrics'

export interface ShownMetrics {
  readonly metrics: Metrics
  /** whether a token lets its bearer read them beside the APIs; null: they are not to be read there */
  readonly isToken: ((token: string) => boolean) | null
}

/** Nothing where no token was set: then there is no such path. */
export function guardedMetrics(scope: FastifyInstance, { metrics, isToken }: ShownMetrics): void {
  if (isToken === null) return
  scope.addHook('onRequest', async ({ headers: { authorization } }, reply) => {
    const token = bearerToken(authorization)
    if (token !== null && isToken(token)) return
    reply.header('www-authenticate', challenge(authorization))
    throw scope.httpErrors.unauthorized('The token of the metrics is needed.')
  })
  const refuse = (detail: string) => scope.httpErrors.methodNotAllowed(detail)
  refusingOtherMethods(scope, refuse, () => metricsRoute(scope, metrics))
}

/** The server of the port of its own. It says nothing of who asks. */
export function buildMetricsApp(metrics: Metrics, logger: FastifyBaseLogger): FastifyInstance {
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
  })
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply))
  app.setNotFoundHandler((_, reply) => reply.code(404).send())
  metricsRoute(app, metrics)
  return app
}

function metricsRoute(scope: FastifyInstance, metrics: Metrics): void {
  scope.get(PATH, async (request, reply) =>
    reply.header('content-type', metrics.contentType).send(await metrics.render(request.log)),
  )
}
