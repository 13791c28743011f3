// Waiting for new events: one look at the log a second for all who wait in this process, and none while nobody does.

interface Waiter {
  readonly after: number
  wake(): void
  fail(error: unknown): void
}

export class EventPulse {
  readonly #readHorizon: () => Promise<number>
  readonly #intervalMs: number
  readonly #waiters = new Set<Waiter>()
  #isLooking = false

  constructor(readHorizon: () => Promise<number>, intervalMs: number) {
    this.#readHorizon = readHorizon
    this.#intervalMs = intervalMs
  }

  /** Comes back when the log is complete beyond the number, after the time, or when the signal says so. */
  beyond(after: number, timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', wake)
        this.#waiters.delete(waiter)
      }
      const wake = () => {
        end()
        resolve()
      }
      const fail = (error: unknown) => {
        end()
        reject(error)
      }
      const waiter: Waiter = { after, wake, fail }
      const timer = setTimeout(wake, timeoutMs)
      signal.addEventListener('abort', wake)
      this.#waiters.add(waiter)
      if (!this.#isLooking) void this.#look()
    })
  }

  async #look(): Promise<void> {
    this.#isLooking = true
    while (this.#waiters.size > 0) {
      await new Promise((resolve) => setTimeout(resolve, this.#intervalMs))
      if (this.#waiters.size === 0) break
      try {
        const horizon = await this.#readHorizon()
        for (const waiter of [...this.#waiters]) if (horizon > waiter.after) waiter.wake()
      } catch (error) {
        // an outage must not look like a log in which nothing happens
        for (const waiter of [...this.#waiters]) waiter.fail(error)
      }
    }
    this.#isLooking = false
  }
}
