// Methods that an endpoint does not have: 405 with Allow, rather than a 404 that denies the endpoint (RFC 9110 15.5.6).
import type { FastifyInstance, FastifyReply } from 'fastify'

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/**
 * Registers routes, then for each of their paths the methods that are missing. `refuse` makes the error that the
 * scope's own format shows.
 */
export function refusingOtherMethods(
  scope: FastifyInstance,
  refuse: (detail: string) => Error,
  register: () => void,
): void {
  const allowed = new Map<string, Set<string>>()
  scope.addHook('onRoute', ({ routePath, method }) => {
    const known = allowed.get(routePath) ?? new Set()
    for (const each of [method].flat()) known.add(each)
    allowed.set(routePath, known)
  })
  register()
  for (const [url, known] of [...allowed]) {
    const allow = [...known].join(', ')
    const method = methods.filter((each) => !known.has(each))
    if (method.length === 0) continue
    scope.route({
      method,
      url,
      handler: (request, reply: FastifyReply) => {
        reply.header('allow', allow)
        throw refuse(`This endpoint does not take ${request.method}, but ${allow}.`)
      },
    })
  }
}

/** Names what was asked for, without the query, which may hold an address. */
export const noEndpoint = (method: string, url: string): string =>
  `There is no endpoint ${method} ${url.split('?', 1)[0]?.slice(0, 200)}.`
