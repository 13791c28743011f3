// One line for each request: what was asked, how it ended, how long it took. Never the URL, whose filter may hold an
// address, nor a body, nor a token.
import type { FastifyInstance } from 'fastify'

export function logRequests(app: FastifyInstance): void {
  app.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions, caller } = request
    request.log.info(
      {
        method,
        route: routeOptions.url ?? null,
        status: reply.statusCode,
        durationMs: Math.round(reply.elapsedTime * 10) / 10,
        ...(caller ? { directoryId: caller.directoryId } : {}),
      },
      'request',
    )
    done()
  })
}
