// Every error of the admin API as problem details (RFC 9457).
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Conflict, Invalid, isOutage, NotFound, Refused, VersionChanged } from '../../services/errors.ts'

interface Problem {
  readonly status: number
  readonly title: string
  readonly detail: string
  /** the field of the request at fault */
  readonly field?: string
  /** the rule of domain.md that refused */
  readonly rule?: string
}

/** Answers with a problem. What is unknown is logged and becomes a bare 500. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = render(error)
  if (problem.status >= 500) request.log.error({ err: error }, 'request failed')
  if (problem.status === 503) reply.header('retry-after', '5')
  return reply
    .code(problem.status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .send({ type: 'about:blank', ...problem })
}

function render(error: unknown): Problem {
  if (error instanceof NotFound) return { status: 404, title: 'Not Found', detail: error.message }
  if (error instanceof Conflict) return { status: 409, title: 'Conflict', detail: error.message }
  if (error instanceof VersionChanged)
    return { status: 412, title: 'Precondition Failed', detail: error.message }
  if (error instanceof Refused) {
    return { status: 409, title: 'Refused by a rule', detail: error.message, rule: error.rule }
  }
  if (error instanceof Invalid) {
    return { status: 400, title: 'Bad Request', detail: error.message, field: error.field }
  }
  if (isOutage(error)) {
    return {
      status: 503,
      title: 'Service Unavailable',
      detail: 'The database does not answer: try again later.',
    }
  }
  return (
    ofFramework(error) ?? {
      status: 500,
      title: 'Internal Server Error',
      detail: 'The request failed for a reason of the service.',
    }
  )
}

/** What Fastify, its validation and its plugins say a client got wrong. */
function ofFramework(error: unknown): Problem | null {
  if (!(error instanceof Error) || !('statusCode' in error)) return null
  const { statusCode, message, name } = error
  if (typeof statusCode !== 'number' || statusCode < 400 || statusCode > 499) return null
  return { status: statusCode, title: name, detail: message }
}
