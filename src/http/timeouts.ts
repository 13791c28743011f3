// How long a client may take, so that slow ones cannot hold connections for ever.

export interface Timeouts {
  /** for the request line and the headers, from the connection or the request before */
  readonly headersMs: number
  /** for the whole request, the body too; its answer has no limit */
  readonly requestMs: number
  /** without a byte in either direction, also while the service works on an answer */
  readonly silenceMs: number
  /** between two requests on one connection: longer than load balancers keep theirs, so that they are the ones to end it */
  readonly keepAliveMs: number
  /** how often the first two are looked at */
  readonly checkMs: number
}

export const timeouts: Timeouts = {
  headersMs: 20_000,
  requestMs: 60_000,
  silenceMs: 300_000,
  keepAliveMs: 75_000,
  checkMs: 5000,
}

/** The same where a request may take another time. */
export const timeoutsWithin = (requestMs: number): Timeouts => ({
  ...timeouts,
  requestMs,
  headersMs: Math.min(timeouts.headersMs, requestMs),
  checkMs: Math.min(timeouts.checkMs, requestMs),
})
