// The id of a request: the client's own X-Request-Id where it is a plain token, else one that is made. It is on the
// answer, in the log and on every event that the request causes (A2).
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { newRequestId } from '../ids.ts'

/** Short, and without what could make it an address or a line of its own: it is kept with the events. */
const TOKEN = /^[A-Za-z0-9._:+/=-]{1,128}$/

export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id']
  return typeof given === 'string' && TOKEN.test(given) ? given : newRequestId()
}

export function answerRequestId(request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-request-id', request.id)
}

export function answerRequestIds(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    answerRequestId(request, reply)
    done()
  })
}
