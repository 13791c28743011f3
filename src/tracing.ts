// Traces by OpenTelemetry: a span of each request, and of its transactions. Loaded only where the standard variables of
// the environment ask for it. A span holds ids, paths as they are registered, and outcomes: nothing personal.
import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type Context,
  DiagLogLevel,
  diag,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { TracingConfig } from './config.ts'
import type { ObserveRequest, RequestFacts } from './http/logging.ts'
import type { Database } from './store/database.ts'

export interface Tracing {
  readonly requests: RequestTracing
  /** the same database, whose transactions are spans where a request runs them */
  of(database: Database): Database
  /** sends what has not been sent */
  stop(): Promise<void>
}

export interface RequestTracing {
  /** to be called before other hooks are added */
  begin(app: FastifyInstance): void
  readonly end: ObserveRequest
}

/** Where to, with which headers and for how long, the exporter reads from the environment itself. */
export function startTracing({ sampler, ratio }: TracingConfig, logger: Logger): Tracing {
  const warn = (detail: string) => logger.warn({ detail }, 'a trace could not be sent')
  const ignore = () => {}
  const levels = { error: warn, warn, info: ignore, debug: ignore, verbose: ignore }
  diag.setLogger(levels, DiagLogLevel.WARN)
  const named = resourceFromAttributes({ 'service.name': 'rollcall' })
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(named)
      .merge(detectResources({ detectors: [envDetector] })),
    sampler: samplerOf(sampler, ratio),
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  })
  const tracer = provider.getTracer('rollcall')
  const current = new AsyncLocalStorage<Context>()
  return {
    requests: traceRequests(tracer, current),
    of: (database) => traceTransactions(database, tracer, current),
    stop: () => provider.shutdown(),
  }
}

const propagator = new W3CTraceContextPropagator()
/** Of headers that come twice, none is meant. */
const headers = {
  get: (request: FastifyRequest, name: string) => {
    const header = request.headers[name]
    return typeof header === 'string' ? header : undefined
  },
  keys: (request: FastifyRequest) => Object.keys(request.headers),
}

function traceRequests(tracer: Tracer, current: AsyncLocalStorage<Context>): RequestTracing {
  const contexts = new WeakMap<FastifyRequest, Context>()
  const resume = (request: FastifyRequest, done: () => void) => {
    const context = contexts.get(request)
    if (context === undefined) done()
    else current.run(context, done)
  }
  return {
    begin: (app) => {
      app.addHook('onRequest', (request, _, done) => {
        const parent = propagator.extract(ROOT_CONTEXT, request, headers)
        const span = tracer.startSpan(request.method, { kind: SpanKind.SERVER }, parent)
        contexts.set(request, trace.setSpan(parent, span))
        request.traceId = span.spanContext().traceId
        resume(request, done)
      })
      // a body arrives in the context of its socket
      app.addHook('preValidation', (request, _, done) => resume(request, done))
    },
    end: (facts, request) => {
      const context = contexts.get(request)
      const span = context === undefined ? undefined : trace.getSpan(context)
      if (span !== undefined) endRequest(span, facts, request.id)
    },
  }
}

function endRequest(span: Span, facts: RequestFacts, requestId: string): void {
  const { method, route, status, durationMs: _, traceId: __, ...others } = facts
  span.updateName(`${method} ${route}`)
  span.setAttributes({
    'http.request.method': method,
    'http.route': route,
    'http.response.status_code': status,
    'rollcall.request_id': requestId,
    ...Object.fromEntries(
      Object.entries(others).map(([name, value]) => [`rollcall.${inSnakeCase(name)}`, value]),
    ),
  })
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
  span.end()
}

const inSnakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** What runs outside of requests, such as the looks of the worker, is no trace. */
function traceTransactions(
  database: Database,
  tracer: Tracer,
  current: AsyncLocalStorage<Context>,
): Database {
  const inSpan = async <T, X>(
    kind: string,
    open: (work: (tx: X) => Promise<T>) => Promise<T>,
    work: (tx: X) => Promise<T>,
  ): Promise<T> => {
    const context = current.getStore()
    if (context === undefined) return open(work)
    const attributes = { 'db.system.name': 'postgresql' }
    const span = tracer.startSpan(`database ${kind}`, { kind: SpanKind.CLIENT, attributes }, context)
    let attempts = 0
    try {
      return await open((tx) => {
        attempts += 1
        return work(tx)
      })
    } catch (error) {
      // its message may hold what somebody sent
      span.setAttribute('error.type', error instanceof Error ? error.constructor.name : 'unknown')
      span.setStatus({ code: SpanStatusCode.ERROR })
      throw error
    } finally {
      span.setAttribute('rollcall.attempts', attempts)
      span.end()
    }
  }
  return {
    ...database,
    transaction: (work) => inSpan('transaction', database.transaction, work),
    write: (work) => inSpan('write', database.write, work),
    read: (work) => inSpan('read', database.read, work),
  }
}

function samplerOf(name: TracingConfig['sampler'], ratio: number): Sampler {
  const root = name.endsWith('always_off')
    ? new AlwaysOffSampler()
    : name.endsWith('always_on')
      ? new AlwaysOnSampler()
      : new TraceIdRatioBasedSampler(ratio)
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root
}
