// One HTTP request with exactly the headers that it names: what an identity provider does not send is not added.
import { type ClientRequest, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { json } from 'node:stream/consumers'
import type { Wire } from './scenario.ts'

export interface Answer {
  readonly status: number
  /** null where the answer has none */
  readonly body: unknown
}

const TIMEOUT_MS = 30_000

/** Throws where no answer comes, or one that is not JSON. `prefix` is an origin and the path of an API. */
export async function send(prefix: string, token: string, wire: Wire): Promise<Answer> {
  const url = new URL(`${prefix}${wire.path}`)
  const body = wire.body === undefined ? null : Buffer.from(JSON.stringify(wire.body))
  const headers = {
    ...wire.headers,
    Authorization: `Bearer ${token}`,
    ...(body === null ? {} : { 'Content-Length': String(body.length) }),
  }
  const open = url.protocol === 'https:' ? requestHttps : requestHttp
  const request = open(url, { method: wire.method, headers, timeout: TIMEOUT_MS })
  const where = `${wire.method} ${url.origin}${url.pathname}`
  return answerTo(request, body).catch((error: unknown) => {
    throw new Error(`${where}: ${reasonOf(error)}`, { cause: error })
  })
}

function answerTo(request: ClientRequest, body: Buffer | null): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request.on('timeout', () => request.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)))
    request.on('error', reject)
    request.on('response', (response) => {
      const status = response.statusCode ?? 0
      const isEmpty = status === 204 || response.headers['content-length'] === '0'
      if (isEmpty) response.resume()
      const reading = isEmpty ? Promise.resolve(null) : json(response)
      reading.then((content) => resolve({ status, body: content }), reject)
    })
    request.end(body)
  })
}

/** A host with several addresses fails once for each: such an error has no message of its own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}
