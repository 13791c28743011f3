// Requests by route, method and status, with how long they took: one observation for each, after the answer.
import { Histogram, type Registry } from 'prom-client'
import type { ObserveRequest } from '../logging.ts'

/** Others are one: what may stand in a request is no reason for a series. */
const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

export function requestMetrics(registry: Registry): ObserveRequest {
  const histogram = new Histogram({
    name: 'rollcall_http_request_duration_seconds',
    help: 'How long requests took, to the end of the answer; live tails of events are left out.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  })
  const children = new Map<string, { observe(seconds: number): void }>()
  return ({ method: asked, route, status }, _, reply) => {
    // how long it stays open is up to the client
    if (reply.getHeader('content-type') === 'text/event-stream; charset=utf-8') return
    const method = METHODS.includes(asked) ? asked : 'other'
    const key = `${status} ${method} ${route}`
    let child = children.get(key)
    if (child === undefined) {
      child = histogram.labels({ method, route, status: String(status) })
      children.set(key, child)
    }
    child.observe(reply.elapsedTime / 1000)
  }
}
