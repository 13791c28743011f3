// The event log (A2): pages from a cursor, a live tail, and how long it is kept.
import type { Database } from '../store/database.ts'
import {
  deleteEventsOlderThan,
  type EventFilter,
  readEvents,
  readHorizon,
  type StoredEvent,
} from '../store/event-log.ts'
import { deleteInParts } from './deletion.ts'
import { EventPulse } from './event-pulse.ts'

export { eventTypes } from '../store/events.ts'

export interface EventPage {
  readonly events: readonly StoredEvent[]
  /** the number after which the next page begins, now or later */
  readonly next: number
}

const PULSE_MS = 1000

export class Events {
  readonly #database: Database
  readonly #pulse: EventPulse

  constructor(database: Database) {
    this.#database = database
    this.#pulse = new EventPulse(() => readHorizon(database.client), PULSE_MS)
  }

  /**
   * Events after a number, at most `limit`. Nothing that is committed later comes before `next`: whoever goes on from
   * there sees each event once. A page without events says that there are none yet.
   */
  async read(filter: EventFilter, after: number, limit: number): Promise<EventPage> {
    const { client } = this.#database
    const horizon = await readHorizon(client)
    // it may be below what was read before: a claim can be older than its lock
    if (horizon <= after) return { events: [], next: after }
    const events = await readEvents(client, filter, { after, upTo: horizon, limit })
    const isFull = events.length === limit
    return { events, next: isFull ? (events.at(-1)?.seq ?? horizon) : horizon }
  }

  /**
   * Pages as they come, until the signal; from now on where `after` is null. A page without events tells the place in
   * the log: first, and whenever nothing came for a while.
   */
  async *tail(
    filter: EventFilter,
    from: number | null,
    { limit, heartbeatMs, signal }: { limit: number; heartbeatMs: number; signal: AbortSignal },
  ): AsyncGenerator<EventPage, void, undefined> {
    let after = from ?? (await readHorizon(this.#database.client))
    yield { events: [], next: after }
    let quietSince = Date.now()
    while (!signal.aborted) {
      const page = await this.read(filter, after, limit)
      after = page.next
      const isQuiet = page.events.length === 0
      if (!isQuiet || Date.now() - quietSince >= heartbeatMs) {
        quietSince = Date.now()
        yield page
      }
      if (page.events.length === limit) continue
      await this.#pulse.beyond(after, Math.max(heartbeatMs - (Date.now() - quietSince), 1), signal)
    }
  }

  /** Deletes what is older, some thousands at a time; gives how many. */
  deleteOlderThan(days: number, signal: AbortSignal): Promise<number> {
    return deleteInParts((limit) => deleteEventsOlderThan(this.#database.client, days, limit), signal)
  }
}
