// The application: a readable list of scopes. It never listens and reads no environment.
import sensible from '@fastify/sensible'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { ADMIN_PREFIX, adminRoutes } from './http/admin/index.ts'
import { sendProblem } from './http/admin/problem.ts'
import { MAX_HEADER_BYTES, sendClientError, sendFrameworkError } from './http/framework-errors.ts'
import { healthRoutes } from './http/health.ts'
import { logRequests } from './http/logging.ts'
import { knowEveryMethod, noEndpoint, refusingOtherMethods } from './http/methods.ts'
import { answerRequestIds, requestIdOf } from './http/request-id.ts'
import { otherVersions, SCIM_PREFIX, SCIM_ROOT, scimRoutes } from './http/scim/index.ts'
import { keepNoConnections } from './http/stopping.ts'
import { WORKOS_PREFIX, workosRoutes } from './http/workos.ts'
import type { Services } from './services/index.ts'

export interface AppDependencies {
  readonly services: Services
  readonly logger: FastifyBaseLogger
  /** whether the database answers and has every migration */
  readonly isReady: () => Promise<boolean>
  /** what clients call the service behind a proxy, or null: as each request says */
  readonly publicUrl: string | null
  readonly bodyLimitBytes: number
  /** the addresses of proxies whose X-Forwarded headers are believed */
  readonly trustedProxies: readonly string[]
  /** how long a client may take to send a request; by default a minute */
  readonly requestTimeoutMs?: number
  /** aborted when the service is told to stop; it goes on serving until it is closed */
  readonly stopping?: AbortSignal
}

/** The longest id, URN or other segment of a path that routes to anything. */
const MAX_SEGMENT_LENGTH = 512
const REQUEST_TIMEOUT_MS = 60_000
/** How often connections are looked at for requests that take too long to come. */
const MAX_CHECK_MS = 5000

export async function buildApp(dependencies: AppDependencies): Promise<FastifyInstance> {
  const { services, logger, isReady, publicUrl, bodyLimitBytes, trustedProxies } = dependencies
  const { requestTimeoutMs = REQUEST_TIMEOUT_MS, stopping = new AbortController().signal } = dependencies
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
    // no coercion, nothing removed in silence: what does not fit is refused
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
    frameworkErrors: sendFrameworkError,
    clientErrorHandler: sendClientError,
    // who sends half a request, or none, does not keep the connection
    requestTimeout: requestTimeoutMs,
    http: {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: requestTimeoutMs,
      requestTimeout: requestTimeoutMs,
      connectionsCheckingInterval: Math.min(requestTimeoutMs, MAX_CHECK_MS),
    },
    // what comes on a connection that is open is served, up to the end
    return503OnClosing: false,
  })
  knowEveryMethod(app)
  await app.register(sensible)
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply))
  app.setNotFoundHandler(({ method, url }) => {
    throw app.httpErrors.notFound(noEndpoint(method, url))
  })
  answerRequestIds(app)
  logRequests(app)
  keepNoConnections(app, stopping)

  await app.register(async (scope) => {
    const refuse = (detail: string) => scope.httpErrors.methodNotAllowed(detail)
    refusingOtherMethods(scope, refuse, () => healthRoutes(scope, { isReady, stopping }))
  })
  await app.register(scimRoutes, { prefix: SCIM_PREFIX, services, publicUrl, bodyLimitBytes })
  await app.register(otherVersions, { prefix: SCIM_ROOT })
  await app.register(adminRoutes, { prefix: ADMIN_PREFIX, services, publicUrl })
  await app.register(workosRoutes, { prefix: WORKOS_PREFIX, services })
  return app
}
