// Every error of a SCIM route in the protocol's own form (RFC 7644 section 3.12): also from the parser and the router.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ScimError, type ScimType } from '../../scim/errors.ts'
import { isOutage, NotFound, SchemasChanged } from '../../services/errors.ts'

export const SCIM_CONTENT_TYPE = 'application/scim+json; charset=utf-8'

const RETRY_AFTER_SECONDS = '5'

/** The error message of RFC 7644 section 3.12; `status` is text there. */
export const errorBody = (status: number, scimType: ScimType | null, detail: string) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
  status: String(status),
  ...(scimType === null ? {} : { scimType }),
  detail,
})

interface Rendered {
  readonly status: number
  readonly scimType: ScimType | null
  readonly detail: string
}

/** Answers with a SCIM error. What is unknown is logged and becomes a bare 500. */
export function sendScimError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, scimType, detail } = renderError(namingTheLimit(error, request))
  logFailure(error, request)
  if (scimType !== null) request.outcome = { scimType }
  if (status === 503) reply.header('retry-after', RETRY_AFTER_SECONDS)
  return reply
    .code(status)
    .header('content-type', SCIM_CONTENT_TYPE)
    .send(errorBody(status, scimType, detail))
}

/** Logs an error that no client caused. */
export function logFailure(error: unknown, request: FastifyRequest): void {
  const isExpected = error instanceof ScimError || error instanceof SchemasChanged
  const isOurs = renderError(error).status >= 500 && !isExpected
  if (isOurs) request.log.error({ err: error }, 'request failed')
}

/** RFC 7644 section 3.7.4: whose body is too large learns the limit. */
function namingTheLimit(error: unknown, { routeOptions }: FastifyRequest): unknown {
  if (statusOf(error) !== 413 || error instanceof ScimError) return error
  return new ScimError(413, null, `The body exceeds the maxPayloadSize (${routeOptions.bodyLimit} bytes).`)
}

export function renderError(error: unknown): Rendered {
  if (error instanceof ScimError)
    return { status: error.status, scimType: error.scimType, detail: error.message }
  if (error instanceof NotFound) return { status: 404, scimType: null, detail: error.message }
  if (error instanceof SchemasChanged) return { status: 503, scimType: null, detail: error.message }
  if (isOutage(error))
    return { status: 503, scimType: null, detail: 'The database does not answer: try again later.' }
  const status = statusOf(error)
  if (status === null || !(error instanceof Error)) {
    return { status: 500, scimType: null, detail: 'The request failed for a reason of the service.' }
  }
  return { status, scimType: status === 400 ? 'invalidSyntax' : null, detail: error.message }
}

/** The status that Fastify gives what a client got wrong: malformed JSON, too large a body, an unknown type. */
function statusOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return null
  const { statusCode } = error
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : null
}
