// Every error of the admin API as problem details (RFC 9457).
import { STATUS_CODES } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Warning } from '../../provisioning/guard.ts'
import { ScimError } from '../../scim/errors.ts'
import {
  Conflict,
  Forbidden,
  Invalid,
  isClaimLost,
  isOutage,
  KeyReused,
  lacksEncryptionKey,
  NotFound,
  Refused,
  SchemasChanged,
  Unacknowledged,
  Unauthenticated,
  VersionChanged,
} from '../../services/errors.ts'

interface Problem {
  readonly status: number
  readonly title: string
  readonly detail: string
  /** the field of the request at fault */
  readonly field?: string
  /** the rule of domain.md that refused */
  readonly rule?: string
  /** what a save of settings would do that nobody may do by mistake (S2) */
  readonly warnings?: readonly Warning[]
}

/** Answers with a problem. What is unknown is logged and becomes a bare 500. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = render(error)
  const { title, rule } = problem
  request.outcome = { problem: title, ...(rule === undefined ? {} : { rule }) }
  if (!isRefusal(problem.status)) request.log.error({ err: error }, 'request failed')
  if (problem.status === 503) reply.header('retry-after', '5')
  return reply
    .code(problem.status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .send({ type: 'about:blank', ...problem })
}

function render(error: unknown): Problem {
  if (error instanceof NotFound) return { status: 404, title: 'Not Found', detail: error.message }
  if (error instanceof Unauthenticated) return { status: 401, title: 'Unauthorized', detail: error.message }
  if (error instanceof ScimError) {
    return { status: error.status, title: STATUS_CODES[error.status] ?? 'Error', detail: error.message }
  }
  if (error instanceof SchemasChanged) {
    return { status: 503, title: 'Service Unavailable', detail: error.message }
  }
  if (error instanceof Forbidden) return { status: 403, title: 'Forbidden', detail: error.message }
  if (error instanceof KeyReused) {
    return { status: 422, title: 'Unprocessable Content', detail: error.message }
  }
  if (error instanceof Conflict || isClaimLost(error))
    return { status: 409, title: 'Conflict', detail: error.message }
  if (error instanceof VersionChanged)
    return { status: 412, title: 'Precondition Failed', detail: error.message }
  if (error instanceof Refused) {
    return { status: 409, title: 'Refused by a rule', detail: error.message, rule: error.rule }
  }
  if (error instanceof Unacknowledged) {
    const { message: detail, rule, warnings } = error
    return { status: 409, title: 'Refused by a rule', detail, rule, warnings }
  }
  if (error instanceof Invalid) {
    return { status: 400, title: 'Bad Request', detail: error.message, field: error.field }
  }
  if (lacksEncryptionKey(error)) {
    return { status: 409, title: 'Not configured', detail: error.message }
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

/** What was sent is at fault, and nothing has failed; 501: with a method that there is not. */
const isRefusal = (status: number): boolean => (status >= 400 && status < 500) || status === 501

/** What Fastify, its validation and its plugins say a client got wrong. */
function ofFramework(error: unknown): Problem | null {
  if (!(error instanceof Error) || !('statusCode' in error)) return null
  const { statusCode: status, message } = error
  if (typeof status !== 'number' || !isRefusal(status)) return null
  const title = STATUS_CODES[status] ?? 'Error'
  const fault = 'validation' in error && Array.isArray(error.validation) ? error.validation[0] : undefined
  if (!isFault(fault)) return { status, title, detail: message }
  const field = fieldOf(fault)
  const allowed = fault.params.allowedValues
  const values = Array.isArray(allowed) ? `: ${allowed.join(', ')}` : ''
  return { status, title, detail: `${field || 'The body'} ${fault.message}${values}.`, field }
}

/** The first fault that the validation of a request found, as Ajv describes it. */
interface Fault {
  readonly instancePath: string
  readonly message: string
  readonly params: Readonly<Record<string, unknown>>
}

const isFault = (fault: unknown): fault is Fault =>
  typeof fault === 'object' && fault !== null && 'instancePath' in fault && 'params' in fault

/** `/mappings/0/role` → `mappings[0].role`; of a missing or a surplus field, its own name. */
function fieldOf({ instancePath, params }: Fault): string {
  const own = params.missingProperty ?? params.additionalProperty
  const names = [...instancePath.split('/').slice(1), ...(typeof own === 'string' ? [own] : [])]
  return names.reduce(
    (path, name) => (/^\d+$/.test(name) ? `${path}[${name}]` : path ? `${path}.${name}` : name),
    '',
  )
}
