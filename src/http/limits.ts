// Who may ask how often: each caller, and each address without one. Beyond it 429 with Retry-After (RFC 6585 section 4).
import { isIPv4 } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import ipaddr from 'ipaddr.js'
import { type Rate, RateLimit } from './rate-limit.ts'

/** `null`: no limit. */
export interface RateLimits {
  /** of each directory, admin token and connection of WorkOS */
  readonly caller: Rate | null
  /** of each address, for requests that show no token or signature that holds */
  readonly stranger: Rate | null
}

export const noRateLimits: RateLimits = { caller: null, stranger: null }

class TooManyRequests extends Error {
  readonly statusCode = 429
}

/** Kept by each process for itself. */
export class Limits {
  readonly #callers: RateLimit | null
  readonly #strangers: RateLimit | null

  constructor({ caller, stranger }: RateLimits) {
    this.#callers = caller && new RateLimit(caller)
    this.#strangers = stranger && new RateLimit(stranger)
  }

  /** Counts a request of a caller. Throws where it is one too many. */
  countCaller(id: string, reply: FastifyReply): void {
    if (this.#callers !== null) refuseWhere(this.#callers.take(id, performance.now()), reply)
  }

  /** Counts what a request that was let through holds beside the one: the operations of a bulk request. */
  countMore(callerId: string, count: number): void {
    this.#callers?.charge(callerId, count, performance.now())
  }

  /** Counts a request without a token that holds. Throws where it is one too many. */
  countStranger(request: FastifyRequest, reply: FastifyReply): void {
    if (this.#strangers === null) return
    refuseWhere(this.#strangers.take(addressOf(request), performance.now()), reply)
  }

  /**
   * Before a token or signature is looked at. Throws where nothing of the address is looked at any more, except what
   * held when it was last shown: behind one address there may be a whole proxy, or all customers of an identity
   * provider, and one who guesses must not keep out the others.
   */
  requireHearing(request: FastifyRequest, reply: FastifyReply, isFamiliar: () => boolean): void {
    const waitMs = this.#strangers?.waitMs(addressOf(request), performance.now()) ?? 0
    if (waitMs > 0 && !isFamiliar()) refuseWhere(waitMs, reply)
  }
}

function refuseWhere(waitMs: number, reply: FastifyReply): void {
  if (waitMs === 0) return
  // whole seconds: some clients understand nothing else
  const seconds = Math.ceil(waitMs / 1000)
  reply.header('retry-after', String(seconds))
  throw new TooManyRequests(`Too many requests: the next one is taken in ${seconds} s.`)
}

/** Of IPv6 the network, of which one client has all addresses (RFC 6177). */
function addressOf({ ip }: FastifyRequest): string {
  if (isIPv4(ip) || !ipaddr.isValid(ip)) return ip
  const address = ipaddr.process(ip)
  return address instanceof ipaddr.IPv6 ? address.parts.slice(0, 4).join(':') : address.toString()
}
