// Errors that happen before any scope is entered: a URL that cannot be decoded, a path segment that is too long.
// The prefix tells which API the client meant, and so the format of the answer.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sendProblem } from './admin/problem.ts'
import { sendScimError } from './scim/error.ts'
import { SCIM_PREFIX } from './scim/index.ts'

export function sendFrameworkError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  if (request.raw.url?.startsWith(SCIM_PREFIX)) sendScimError(error, request, reply)
  else sendProblem(error, request, reply)
}
