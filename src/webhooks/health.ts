// How an endpoint does, and when the service gives it up: told by the outcomes of attempts, in order.

export interface Health {
  readonly lastSuccessAt: Date | null
  readonly lastFailureAt: Date | null
  /** since the last success */
  readonly consecutiveFailures: number
  /** the first failure since the last success */
  readonly failingSince: Date | null
}

/** What an attempt came to: `gone` is 410, by which a receiver says that it wants no more. */
export type Verdict = 'delivered' | 'failed' | 'gone'

export const disabledReasons = ['gone', 'failing'] as const
export type DisabledReason = (typeof disabledReasons)[number]

export const FAILING_MS = 72 * 3_600_000

/** The health after one more attempt. */
export function healthAfter(health: Health, verdict: Verdict, at: Date): Health {
  if (verdict === 'delivered') {
    return { ...health, lastSuccessAt: at, consecutiveFailures: 0, failingSince: null }
  }
  return {
    ...health,
    lastFailureAt: at,
    consecutiveFailures: health.consecutiveFailures + 1,
    failingSince: health.failingSince ?? at,
  }
}

/** Why an endpoint in this state is to be disabled: it is gone, or has failed for three days straight. */
export function reasonToDisable(
  health: Health,
  verdict: Verdict,
  at: Date,
  failingMs: number = FAILING_MS,
): DisabledReason | null {
  if (verdict === 'gone') return 'gone'
  const { failingSince } = health
  return failingSince !== null && at.getTime() - failingSince.getTime() >= failingMs ? 'failing' : null
}
