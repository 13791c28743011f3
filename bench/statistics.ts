// What many measurements say together: percentiles, medians and ratios.

/** The smallest value that at least this share of the values do not exceed (nearest rank); NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const rank = Math.ceil(share * sorted.length)
  return sorted[Math.max(rank, 1) - 1] ?? Number.NaN
}

/** The middle value; of an even number the mean of the two in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN
  return (lower + upper) / 2
}

/** What one server did in one round. */
export interface Round {
  readonly requests: number
  readonly elapsedMs: number
}

/** Requests per second of the round in the middle: one that a noisy machine disturbed does not count. */
export const rateOf = (rounds: readonly Round[]): number =>
  median(rounds.map(({ requests, elapsedMs }) => (requests * 1000) / elapsedMs))

/** How much of the other's rate this is. */
export const ratioOf = (rounds: readonly Round[], others: readonly Round[]): number =>
  rateOf(rounds) / rateOf(others)
