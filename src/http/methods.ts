// Methods that an endpoint does not have: 405 with Allow, rather than a 404 that denies the endpoint (RFC 9110 15.5.6).
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

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
    const others = scope.supportedMethods.filter((each) => !known.has(each))
    answerAtOnce(scope, others, url, (request, reply) => {
      reply.header('allow', allow)
      return refuse(`This endpoint does not take ${request.method}, but ${allow}.`)
    })
  }
}

/** Answers with an error after authentication, and before a body is read: nothing in one can change the answer. */
export function answerAtOnce(
  scope: FastifyInstance,
  method: string[],
  url: string,
  errorFor: (request: FastifyRequest, reply: FastifyReply) => Error,
): void {
  const answer = async (request: FastifyRequest, reply: FastifyReply) => {
    throw errorFor(request, reply)
  }
  // hidden from documents: what an endpoint does not have is none of its operations
  scope.route({ method, url, schema: { hide: true }, onRequest: answer, handler: answer })
}

/**
 * What no route of the scope is for: 404, or 501 where the method is none that the service knows (RFC 9110 section 9.1).
 * `refuse` makes the error that the scope's own format shows.
 */
export function refuseUnknown(
  scope: FastifyInstance,
  refuse: (status: 404 | 501, detail: string, url: string) => Error,
): void {
  scope.setNotFoundHandler(({ method, url }) => {
    if (!scope.supportedMethods.includes(method)) throw refuse(501, `No endpoint takes ${method}.`, url)
    // without the query, which may hold an address
    throw refuse(404, `There is no endpoint ${method} ${url.split('?', 1)[0]?.slice(0, 200)}.`, url)
  })
}
