// Every answer that the admin API gives in any test is held to its document, as it goes over the wire.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { ADMIN_PREFIX } from '../../src/http/admin/index.ts'
import type { Document } from '../../src/http/openapi/document.ts'
import { openPages } from './admin-routes.ts'
import { type Contract, contractOf } from './contract.ts'
import { heldAnswers } from './held-answers-found.ts'

/** To be called before the application listens. What is wrong fails the test that runs (`held-answers-setup.ts`). */
export async function holdAnswers(app: FastifyInstance): Promise<void> {
  const document: Document = (await app.inject(`${ADMIN_PREFIX}/openapi.json`)).json()
  watch(app.server, contractOf(document))
}

export function watch(server: Server, contract: Contract): void {
  server.prependListener('request', (request, response) => {
    const url = request.url ?? ''
    const isOpen = openPages.some((page) => url.startsWith(`${ADMIN_PREFIX}${page}`))
    const isHeld = url.startsWith(`${ADMIN_PREFIX}/`) && !isOpen
    if (isHeld) watchAnswer(request, response, contract)
  })
}

/** Looks at the answer on its way, so that a fault is known before the client has it. */
function watchAnswer(
  { method = '', url = '' }: IncomingMessage,
  response: ServerResponse,
  contract: Contract,
) {
  let contentType: string | null = null
  const chunks: Buffer[] = []
  const keep = (chunk: unknown) => {
    if (typeof chunk === 'string') chunks.push(Buffer.from(chunk))
    if (Buffer.isBuffer(chunk)) chunks.push(chunk)
  }
  const { writeHead, write, end } = response
  response.writeHead = (...parts: unknown[]) => {
    // but for streams, Fastify gives the headers here, and the response itself never knows them
    contentType = typeIn(parts.at(-1))
    return Reflect.apply(writeHead, response, parts)
  }
  response.write = (...parts: unknown[]) => {
    keep(parts[0])
    return Reflect.apply(write, response, parts)
  }
  response.end = (...parts: unknown[]) => {
    keep(parts[0])
    contentType ??= typeIn(response.getHeaders())
    const body = Buffer.concat(chunks).toString()
    heldAnswers.note(contract({ method, url, status: response.statusCode, contentType, body }))
    return Reflect.apply(end, response, parts)
  }
}

function typeIn(headers: unknown): string | null {
  if (typeof headers !== 'object' || headers === null || !('content-type' in headers)) return null
  const { 'content-type': type } = headers
  return typeof type === 'string' ? type : null
}
