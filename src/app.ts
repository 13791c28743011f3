// The application: a readable list of scopes. It never listens and reads no environment.
import sensible from '@fastify/sensible'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { ADMIN_PREFIX, adminRoutes } from './http/admin/index.ts'
import { sendProblem } from './http/admin/problem.ts'
import { MAX_HEADER_BYTES, sendClientError, sendFrameworkError } from './http/framework-errors.ts'
import { healthRoutes } from './http/health.ts'
import { Limits, type RateLimits } from './http/limits.ts'
import { logRequests } from './http/logging.ts'
import { refuseUnknown, refusingOtherMethods } from './http/methods.ts'
import { guardedMetrics, type ShownMetrics } from './http/metrics/routes.ts'
import { answerRequestIds, requestIdOf } from './http/request-id.ts'
import { otherVersions, SCIM_PREFIX, SCIM_ROOT, scimRoutes } from './http/scim/index.ts'
import { answerSafely, securityHeaders } from './http/security-headers.ts'
import { keepNoConnections } from './http/stopping.ts'
import { type Timeouts, timeouts } from './http/timeouts.ts'
import { schemaController, validateWhenAsked } from './http/validation.ts'
import { WORKOS_PREFIX, workosRoutes } from './http/workos.ts'
import type { Services } from './services/index.ts'
import type { RequestTracing } from './tracing.ts'

export interface AppDependencies {
  readonly services: Services
  readonly logger: FastifyBaseLogger
  /** whether the database answers and has every migration */
  readonly isReady: () => Promise<boolean>
  /** what clients call the service behind a proxy, or null: as each request says */
  readonly publicUrl: string | null
  readonly bodyLimitBytes: number
  readonly rateLimits: RateLimits
  /** the addresses of proxies whose X-Forwarded headers are believed */
  readonly trustedProxies: readonly string[]
  /** none: nothing is counted */
  readonly metrics?: ShownMetrics | null
  /** none: no request is traced */
  readonly tracing?: RequestTracing | null
  readonly timeouts?: Timeouts
  /** aborted when the service is told to stop; it goes on serving until it is closed */
  readonly stopping?: AbortSignal
}

/** The longest id, URN or other segment of a path that routes to anything. */
const MAX_SEGMENT_LENGTH = 512

export async function buildApp(dependencies: AppDependencies): Promise<FastifyInstance> {
  const { services, logger, isReady, publicUrl, bodyLimitBytes, trustedProxies } = dependencies
  const { metrics = null, tracing = null, stopping = new AbortController().signal } = dependencies
  const { headersMs, requestMs, silenceMs, keepAliveMs, checkMs } = dependencies.timeouts ?? timeouts
  const headers = securityHeaders(publicUrl)
  const limits = new Limits(dependencies.rateLimits)
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestIdOf,
    bodyLimit: bodyLimitBytes,
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    // a base URL that was entered with a slash at its end makes //Users
    routerOptions: {
      ignoreTrailingSlash: true,
      ignoreDuplicateSlashes: true,
      maxParamLength: MAX_SEGMENT_LENGTH,
    },
    schemaController,
    frameworkErrors: (error, request, reply) => sendFrameworkError(error, request, reply.headers(headers)),
    clientErrorHandler: (error, socket) => sendClientError(error, socket, headers),
    requestTimeout: requestMs,
    connectionTimeout: silenceMs,
    keepAliveTimeout: keepAliveMs,
    http: {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: headersMs,
      connectionsCheckingInterval: checkMs,
    },
    // what comes on a connection that is open is served, up to the end
    return503OnClosing: false,
  })
  validateWhenAsked(app)
  answerSafely(app, headers)
  await app.register(sensible)
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply))
  refuseUnknown(app, (status, detail) => app.httpErrors.getHttpError(status, detail))
  answerRequestIds(app)
  tracing?.begin(app)
  logRequests(
    app,
    [metrics?.metrics.observeRequest, tracing?.end].filter((observe) => observe !== undefined),
  )
  keepNoConnections(app, stopping)

  await app.register(async (scope) => {
    const refuse = (detail: string) => scope.httpErrors.methodNotAllowed(detail)
    refusingOtherMethods(scope, refuse, () => healthRoutes(scope, { isReady, stopping }))
  })
  if (metrics !== null) await app.register(async (scope) => guardedMetrics(scope, metrics))
  await app.register(scimRoutes, { prefix: SCIM_PREFIX, services, limits, publicUrl, bodyLimitBytes })
  await app.register(otherVersions, { prefix: SCIM_ROOT })
  await app.register(adminRoutes, { prefix: ADMIN_PREFIX, services, limits, publicUrl })
  await app.register(workosRoutes, { prefix: WORKOS_PREFIX, services, limits })
  return app
}
