// One connection to a server, kept alive, one request at a time: what each worker of the load has.
import { Client, type Dispatcher } from 'undici'

export interface Wire {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** from the origin, e.g. /scim/v2/Users */
  readonly path: string
  readonly body?: object
  /** what the answer must be */
  readonly status: number
}

export interface Answer {
  readonly status: number
  readonly body: string
}

export type Send = (wire: Wire) => Promise<Answer>

export interface Connection {
  /** Throws where the answer has another status than it must have. */
  readonly send: Send
  close(): Promise<void>
}

/** The longest that a request may take: deleting a large group evaluates everybody in it. */
const TIMEOUT_MS = 300_000

export function connect(origin: string, token: string): Connection {
  const client = new Client(origin, { pipelining: 1, bodyTimeout: TIMEOUT_MS, headersTimeout: TIMEOUT_MS })
  const authorization = `Bearer ${token}`
  const send: Send = async (wire) => {
    const isScim = wire.path.startsWith('/scim/')
    const contentType = isScim ? 'application/scim+json' : 'application/json'
    const answer = await dispatch(client, {
      method: wire.method,
      path: wire.path,
      headers: wire.body === undefined ? { authorization } : { authorization, 'content-type': contentType },
      body: wire.body === undefined ? null : JSON.stringify(wire.body),
    })
    if (answer.status === wire.status) return answer
    throw new Error(`${wire.method} ${wire.path} was answered ${answer.status}: ${answer.body.slice(0, 500)}`)
  }
  return { send, close: () => client.close() }
}

/** The lowest level of undici, whose cost does not hide that of the servers. */
function dispatch(client: Client, options: Dispatcher.DispatchOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let status = 0
    const chunks: Buffer[] = []
    client.dispatch(options, {
      onRequestStart() {},
      onResponseStart(_controller, statusCode) {
        status = statusCode
      },
      onResponseData(_controller, chunk) {
        chunks.push(chunk)
      },
      onResponseEnd() {
        resolve({ status, body: chunks.length === 0 ? '' : Buffer.concat(chunks).toString('utf8') })
      },
      onResponseError(_controller, error) {
        reject(error)
      },
    })
  })
}
