// One attempt to deliver: a POST that follows no redirect, waits no longer than it must, reads little of the answer
// and never reaches an address that endpoints may not have.
import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { Agent, request } from 'undici'
import { mayCall, type Network } from './addresses.ts'
import type { SignedMessage } from './message.ts'
import { literalAddress } from './url.ts'

/** What was answered, or why nothing was: in our own words, since a receiver's may hold anything. */
export interface Attempt {
  readonly status: number | null
  readonly error: string | null
  /** the `Retry-After` of the answer */
  readonly retryAfter: string | null
}

export const TIMEOUT_MS = 10_000
/** An answer's body is read so far, to keep the connection for the next one, and forgotten. */
const MAX_ANSWER_BYTES = 16 * 1024

class AddressRefused extends Error {
  override readonly name = 'AddressRefused'
}

export class Sender {
  readonly #allowed: readonly Network[]
  readonly #timeoutMs: number
  readonly #agents: Readonly<Record<string, Agent>>

  constructor(allowed: readonly Network[], timeoutMs: number = TIMEOUT_MS) {
    this.#allowed = allowed
    this.#timeoutMs = timeoutMs
    const agent = (protocol: string) =>
      new Agent({
        connect: { lookup: lookingUp(protocol, allowed), timeout: timeoutMs },
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
      })
    this.#agents = { 'https:': agent('https:'), 'http:': agent('http:') }
  }

  /** Never throws: what goes wrong is the attempt's error. */
  async send(to: string, { headers, body }: SignedMessage): Promise<Attempt> {
    try {
      const url = new URL(to)
      const address = literalAddress(url)
      // sockets look up names only; and what was allowed when the endpoint was made need not be now
      if (address !== null && !mayCall(address, url.protocol, this.#allowed)) throw new AddressRefused()
      const dispatcher = this.#agents[url.protocol]
      if (dispatcher === undefined) throw new AddressRefused()
      const signal = AbortSignal.timeout(this.#timeoutMs)
      const answer = await request(url, { method: 'POST', headers, body, dispatcher, signal })
      // the status has been given: a body that breaks off changes nothing
      await answer.body.dump({ limit: MAX_ANSWER_BYTES }).catch(() => {})
      const retryAfter = answer.headers['retry-after']
      return {
        status: answer.statusCode,
        error: null,
        retryAfter: typeof retryAfter === 'string' ? retryAfter : null,
      }
    } catch (error) {
      return { status: null, error: this.#describe(error), retryAfter: null }
    }
  }

  #describe(error: unknown): string {
    if (!(error instanceof Error)) return 'The request failed.'
    if (error instanceof AddressRefused) return 'The URL leads to an address that may not be called.'
    if (error.name.includes('Timeout')) return `There was no answer within ${this.#timeoutMs / 1000} s.`
    const code = 'code' in error && typeof error.code === 'string' ? `: ${error.code.slice(0, 100)}` : ''
    return `The request failed${code}.`
  }
}

/**
 * The resolver of the sockets themselves: a name that is public when it is checked and private when it is called
 * (DNS rebinding) finds no gap between the two.
 */
function lookingUp(protocol: string, allowed: readonly Network[]): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) {
        callback(error, [])
        return
      }
      const [first, ...others] = found.filter(({ address }) => mayCall(address, protocol, allowed))
      if (first === undefined) callback(new AddressRefused(), [])
      else if (options.all === true) callback(null, [first, ...others])
      else callback(null, first.address, first.family)
    })
  }
}
