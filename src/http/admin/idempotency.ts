// Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): a POST that is sent again with its key is answered as
// it was the first time, and nothing happens again.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Invalid } from '../../services/errors.ts'
import type { KeptAnswer, KeyClaim } from '../../services/idempotency.ts'
import type { Services } from '../../services/index.ts'
import { bearerToken } from '../bearer.ts'
import { adminCallerOf } from './auth.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** where the request came with an Idempotency-Key: its right to be carried out */
    keyClaim: KeyClaim | null
  }
}

const keptHeaders = ['content-type', 'location', 'etag', 'cache-control'] as const

export function answerOnce(scope: FastifyInstance, { idempotency }: Services): void {
  scope.decorateRequest('keyClaim', null)

  // after validation: what never was a request needs no memory
  scope.addHook('preHandler', async (request, reply) => {
    const header = request.headers['idempotency-key']
    if (request.method !== 'POST' || request.is404 || header === undefined) return
    const begun = await idempotency.begin({
      tokenId: adminCallerOf(request).tokenId,
      token: tokenOf(request),
      key: parseKey(header),
      request: JSON.stringify([request.url, request.body, request.headers['if-match']]),
    })
    if ('claim' in begun) request.keyClaim = begun.claim
    else return replay(reply, begun.answer)
  })

  scope.addHook('onSend', async (request, reply, payload) => {
    const { keyClaim: claim } = request
    if (claim === null) return
    try {
      if (reply.statusCode >= 500) await idempotency.release(claim)
      else await idempotency.keep(claim, tokenOf(request), answerOf(reply, payload))
    } catch (err) {
      // it has been carried out, and that is noted: the client shall have its answer
      request.log.error({ err }, 'answer not kept')
    }
  })
}

const tokenOf = ({ headers }: FastifyRequest): string => bearerToken(headers.authorization) ?? ''

function answerOf(reply: FastifyReply, payload: unknown): KeptAnswer {
  const headers = keptHeaders.flatMap((name) => {
    const value = reply.getHeader(name)
    return value === undefined ? [] : [[name, String(value)]]
  })
  const body = typeof payload === 'string' ? payload : ''
  return { status: reply.statusCode, headers: Object.fromEntries(headers), body }
}

const replay = (reply: FastifyReply, { status, headers, body }: KeptAnswer): FastifyReply =>
  reply
    .code(status)
    .headers({ ...headers, 'idempotency-replayed': 'true' })
    .send(body === '' ? undefined : body)

/** A string of RFC 9651, as the draft has it; or without its quotes, as most clients send it. */
function parseKey(header: string | string[]): string {
  const text = String(header).trim()
  const quoted = /^"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/.exec(text)?.[1]
  const key = quoted?.replace(/\\(.)/g, '$1') ?? (/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(text) ? text : '')
  if (key !== '' && key.length <= 255) return key
  throw new Invalid('Idempotency-Key', 'Idempotency-Key takes one string of 1 to 255 ASCII characters.')
}
