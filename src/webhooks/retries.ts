// When a delivery that failed is tried again (A3): with back-off and jitter, over three days.

export interface RetrySchedule {
  /** how many attempts there are in all */
  readonly attempts: number
  /** the wait after the first of them; each later one is `factor` times as long */
  readonly firstMs: number
  readonly factor: number
  /** no wait is longer */
  readonly mostMs: number
  /** a wait is longer by up to this share, so that what failed together does not come back together */
  readonly jitter: number
}

const HOUR_MS = 3_600_000

/** 6 s, 24 s, 96 s, … 6.8 h, then every 8 h: from the first attempt to the last it is 73 to 81 hours. */
export const retrySchedule: RetrySchedule = {
  attempts: 16,
  firstMs: 6_000,
  factor: 4,
  mostMs: 8 * HOUR_MS,
  jitter: 0.1,
}

/**
 * How long to wait after an attempt, the first being 1; null after the last. `random` is from 0 to 1. What the receiver
 * asks for (`Retry-After`) can make the wait longer, up to the longest that there is, and never shorter.
 */
export function retryDelayMs(
  attempt: number,
  random: number,
  askedMs: number | null,
  schedule: RetrySchedule = retrySchedule,
): number | null {
  const { attempts, firstMs, factor, mostMs, jitter } = schedule
  if (attempt >= attempts) return null
  const wait = Math.min(firstMs * factor ** (attempt - 1), mostMs)
  const asked = Math.min(askedMs ?? 0, mostMs)
  return Math.round(Math.max(wait, asked) * (1 + jitter * random))
}

/** `Retry-After` (RFC 9110 section 10.2.3), seconds or a date; null where there is none that can be read. */
export function parseRetryAfter(text: string | null, now: Date): number | null {
  if (text === null) return null
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const time = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.test(text)
    ? Date.parse(text)
    : NaN
  return Number.isNaN(time) ? null : Math.max(0, time - now.getTime())
}
