// Requests over time: a rate that goes on for ever, and so many at once for whoever has been silent.
import { setLatest } from '../latest.ts'

export interface Rate {
  readonly perSecond: number
  /** how many may come at once */
  readonly burst: number
}

/** The most whose use is remembered: who was seen longest ago is forgotten, and begins anew. */
const MAX_KEYS = 20_000

/**
 * A token bucket for each key, as GCRA keeps it: one number, the moment at which all that was let through would have been
 * paid for at the steady rate. A key may be ahead of the clock by a burst.
 */
export class RateLimit {
  readonly #intervalMs: number
  readonly #aheadMs: number
  readonly #paidAt = new Map<string, number>()

  constructor({ perSecond, burst }: Rate) {
    this.#intervalMs = 1000 / perSecond
    // but for half of one: the last of a burst must not fail by a rounding
    this.#aheadMs = this.#intervalMs * (burst - 0.5)
  }

  /** How long until the next request passes: 0 where it passes now. */
  waitMs(key: string, nowMs: number): number {
    return Math.max(0, (this.#paidAt.get(key) ?? nowMs) - this.#aheadMs - nowMs)
  }

  /** Takes one where it passes; gives how long it has to wait otherwise. */
  take(key: string, nowMs: number): number {
    const waitMs = this.waitMs(key, nowMs)
    if (waitMs === 0) this.charge(key, 1, nowMs)
    return waitMs
  }

  /** Takes so many, however few there are: whoever comes next waits until they are paid for. */
  charge(key: string, count: number, nowMs: number): void {
    const paidAt = Math.max(this.#paidAt.get(key) ?? nowMs, nowMs)
    setLatest(this.#paidAt, key, paidAt + count * this.#intervalMs, MAX_KEYS)
  }
}
