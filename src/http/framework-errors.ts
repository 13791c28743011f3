// Errors that happen before any scope is entered: a URL that cannot be decoded, a path segment that is too long, bytes
// that are no HTTP. The prefix tells which API the client meant, and so the format of the answer.
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sendProblem } from './admin/problem.ts'
import { logUnroutable } from './logging.ts'
import { answerRequestId } from './request-id.ts'
import { errorBody, SCIM_CONTENT_TYPE, sendScimError } from './scim/error.ts'
import { SCIM_ROOT } from './scim/index.ts'
import type { SecurityHeaders } from './security-headers.ts'

export function sendFrameworkError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  // no hook runs for what never reached a route
  answerRequestId(request, reply)
  if (isScim(request.raw.url ?? '')) sendScimError(error, request, reply)
  else sendProblem(error, request, reply)
  logUnroutable(request, reply)
}

/** As the router would have it: however many slashes come first, and nothing but a slash or a query after the prefix. */
const isScim = (url: string): boolean => {
  const path = url.replace(/^\/+/, '/')
  return path.startsWith(SCIM_ROOT) && ['/', '?', undefined].includes(path[SCIM_ROOT.length])
}

/**
 * The longest request line and headers together, in bytes: room for a filter of the greatest length, encoded, so that
 * a longer one is answered as a filter and not as HTTP.
 */
export const MAX_HEADER_BYTES = 64 * 1024

/** Answers bytes that never became a request: most clients speak SCIM, so in its format. */
export function sendClientError(
  error: NodeJS.ErrnoException,
  socket: Socket,
  headers: SecurityHeaders,
): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  const status = clientErrorStatus(error.code)
  const body = JSON.stringify(errorBody(status, null, `${STATUS_CODES[status]}: the request cannot be read.`))
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Type: ${SCIM_CONTENT_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ]
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
  socket.destroy(error)
}

function clientErrorStatus(code: string | undefined): 400 | 408 | 431 {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408
  return code === 'HPE_HEADER_OVERFLOW' ? 431 : 400
}
