// POST /Bulk (RFC 7644 section 3.7): 200 for the whole, and what came of each operation.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { bulkResponseSchema } from '../../scim/bulk.ts'
import { ScimError } from '../../scim/errors.ts'
import { locationOf } from '../../scim/represent.ts'
import type { JsonObject } from '../../scim/resource.ts'
import { versionTag } from '../../scim/version.ts'
import type { Bulk, BulkOutcome } from '../../services/bulk.ts'
import type { Limits } from '../limits.ts'
import { callerOf } from './auth.ts'
import { errorBody, logFailure, renderError } from './error.ts'
import { sendJson } from './resources.ts'

export function bulkRoutes(scope: FastifyInstance, bulk: Bulk, limits: Limits): void {
  scope.post('/Bulk', { config: { operation: 'Bulk' } }, async (request, reply) => {
    const caller = callerOf(request)
    const outcomes = await bulk.run(caller, request.body)
    limits.countMore(caller.directoryId, Math.max(0, outcomes.length - 1))
    logFailures(outcomes, request)
    const failed = outcomes.filter(({ result }) => result.kind === 'failed').length
    request.outcome = { operations: outcomes.length, failed }
    const operations = outcomes.map((outcome) => outcomeBody(outcome, caller.baseUrl))
    return sendJson(reply, 200, { schemas: [bulkResponseSchema], Operations: operations })
  })
}

const successes = { POST: 201, PUT: 200, PATCH: 200, DELETE: 204 } as const

function outcomeBody(outcome: BulkOutcome, baseUrl: string): JsonObject {
  const { method, bulkId } = outcome.operation
  const { result } = outcome
  const location = locationIn(outcome, baseUrl)
  const asked = {
    method,
    ...(bulkId === null ? {} : { bulkId }),
    ...(location === null ? {} : { location }),
  }
  if (result.kind === 'done') {
    const version = result.version === null ? {} : { version: versionTag(result.version) }
    return { ...asked, ...version, status: String(successes[method]) }
  }
  const { status, scimType, detail } = renderError(result.error)
  return { ...asked, status: String(status), response: errorBody(status, scimType, detail) }
}

const MAX_ECHOED_LENGTH = 1000

/** Where the resource is, or where the client said it would be; none for a POST that failed. */
function locationIn({ operation, id }: BulkOutcome, baseUrl: string): string | null {
  const { work, path, method } = operation
  if (id !== null && !(work instanceof ScimError)) return locationOf(work.type, id, baseUrl)
  if (method === 'POST' || path === null) return null
  return `${baseUrl}/${path.replace(/^\//, '').slice(0, MAX_ECHOED_LENGTH)}`
}

/** Each error once: an outage is the error of all operations that follow it. */
function logFailures(outcomes: readonly BulkOutcome[], request: FastifyRequest): void {
  const errors = outcomes.flatMap(({ result }) => (result.kind === 'failed' ? [result.error] : []))
  for (const error of new Set(errors)) logFailure(error, request)
}
