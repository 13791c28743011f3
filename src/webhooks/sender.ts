// One attempt to deliver: a POST that follows no redirect, waits no longer than it must, reads little of the answer
// and never reaches an address that endpoints may not have.
import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import type { Agent } from 'undici'
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

/** Loaded with the first delivery: to many processes there is none, and each would start a little later. */
const undici = () => import('undici')

class AddressRefused extends Error {
  override readonly name = 'AddressRefused'
}

export class Sender {
  readonly #allowed: readonly Network[]
  readonly #timeoutMs: number
  readonly #agents = new Map<string, Agent>()

  constructor(allowed: readonly Network[], timeoutMs: number = TIMEOUT_MS) {
    this.#allowed = allowed
    this.#timeoutMs = timeoutMs
  }

  /** Never throws: what goes wrong is the attempt's error. */
  async send(to: string, { headers, body }: SignedMessage): Promise<Attempt> {
    try {
      const url = new URL(to)
      const address = literalAddress(url)
      // sockets look up names only; and what was allowed when the endpoint was made need not be now
      if (address !== null && !mayCall(address, url.protocol, this.#allowed)) throw new AddressRefused()
      if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new AddressRefused()
      const { Agent, request } = await undici()
      const dispatcher = this.#agents.get(url.protocol) ?? new Agent(this.#optionsFor(url.protocol))
      this.#agents.set(url.protocol, dispatcher)
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

  #optionsFor(protocol: string): Agent.Options {
    const timeout = this.#timeoutMs
    const connect = { lookup: lookingUp(protocol, this.#allowed), timeout }
    return { connect, headersTimeout: timeout, bodyTimeout: timeout }
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
