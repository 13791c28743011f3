// Reading JSON bodies, the same for both APIs.
import type { FastifyInstance } from 'fastify'

/**
 * Takes JSON of the content types alone; anything else is 415. A body with `__proto__` or `constructor` is refused.
 * An empty body is none: clients send a content type with DELETE too.
 */
export function parseJsonBodies(scope: FastifyInstance, contentTypes: string[]): void {
  const parse = scope.getDefaultJsonParser('error', 'error')
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser<string>(contentTypes, { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined)
    else parse(request, body, done)
  })
}
