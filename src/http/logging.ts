// One line for each request: what was asked, how it ended, how long it took. Never the URL, whose filter may hold an
// address, nor a body, nor a token.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isId } from '../ids.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** what a SCIM route does, e.g. `User.patch` */
    operation?: string
  }

  interface FastifyRequest {
    /** what else is to be said of how the request ended */
    outcome: Named | null
    /** the trace that the request is part of */
    traceId: string | null
  }
}

/** Names and numbers of ours, and ids. */
type Named = Readonly<Record<string, string | number>>

/** All that may be told of a request. */
export interface RequestFacts extends Named {
  readonly method: string
  /** a path as it is registered, never a URL; `unknown`: there is no such path */
  readonly route: string
  readonly status: number
  readonly durationMs: number
}

/** To be called for each request that has been answered. */
export type ObserveRequest = (facts: RequestFacts, request: FastifyRequest, reply: FastifyReply) => void

/** Which thing the `:id` of a path names, or its `:connection`. */
const named: readonly [path: RegExp, name: string][] = [
  [/^\/v1\/organizations\/:id/, 'organizationId'],
  [/^\/v1\/parent-organizations\/:id/, 'parentOrganizationId'],
  [/^\/v1\/directories\/:id/, 'directoryId'],
  [/^\/webhooks\/workos\/:connection/, 'connectionId'],
]

/** `observers` see each request when its line is written. */
export function logRequests(app: FastifyInstance, observers: readonly ObserveRequest[]): void {
  app.decorateRequest('outcome', null)
  app.decorateRequest('traceId', null)
  app.addHook('onResponse', (request, reply, done) => {
    const facts = factsOf(request, reply)
    request.log.info(facts, 'request')
    for (const observe of observers) observe(facts, request, reply)
    done()
  })
}

/** The line of what never reached a route: no hook runs for it. */
export function logUnroutable(request: FastifyRequest, reply: FastifyReply): void {
  request.log.info(factsOf(request, reply), 'request')
}

function factsOf(request: FastifyRequest, reply: FastifyReply): RequestFacts {
  const { method, routeOptions, caller, traceId, outcome } = request
  const { url: route = 'unknown', config } = routeOptions
  const operation = config?.operation
  return {
    method,
    route,
    ...(operation === undefined ? {} : { operation }),
    status: reply.statusCode,
    durationMs: Math.round(reply.elapsedTime * 10) / 10,
    ...(caller ? { directoryId: caller.directoryId } : namedIn(route, request.params)),
    ...outcome,
    ...(traceId ? { traceId } : {}),
  }
}

/** Whom the path is about. What is no id may be anything, an address too, and is left out. */
function namedIn(route: string, params: unknown): Named {
  const name = named.find(([path]) => path.test(route))?.[1]
  if (name === undefined || typeof params !== 'object' || params === null) return {}
  const [id] = Object.values(params)
  return typeof id === 'string' && isId(id) ? { [name]: id } : {}
}
