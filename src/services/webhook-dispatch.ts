// Delivering events to endpoints (A3): at least once, in order per subject, by any number of processes at once. The
// deliveries are a queue of their own: each is claimed for a time, and whoever claimed it settles it or lets it lapse.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Database, PrismaTx } from '../store/database.ts'
import { readHorizon } from '../store/event-log.ts'
import { appendEvents } from '../store/events.ts'
import {
  type Claim,
  claimDeliveries,
  deleteSettledDeliveries,
  fanOut,
  type Settlement,
  settleDeliveries,
} from '../store/webhook-deliveries.ts'
import {
  endpointsWithWork,
  type LockedEndpoint,
  lockEndpoint,
  passOver,
  updateEndpoint,
} from '../store/webhook-endpoints.ts'
import { healthAfter, reasonToDisable, type Verdict } from '../webhooks/health.ts'
import { messageIdOf } from '../webhooks/message.ts'
import { parseRetryAfter, type RetrySchedule, retryDelayMs } from '../webhooks/retries.ts'
import { deleteInParts } from './deletion.ts'
import type { WebhookMessenger } from './webhook-messenger.ts'

export interface DispatchOptions {
  readonly schedule: RetrySchedule
  /** how long a claim holds: longer than an attempt can take */
  readonly leaseMs: number
  /** for how long an endpoint may fail straight before it is disabled */
  readonly failingMs: number
  /** how many events are taken from the log in one transaction */
  readonly takenAtOnce: number
}

/** Requests of one process to one endpoint at a time, each of another subject. */
const AT_ONCE = 16
/** How often the log is looked at while answers are waited for. */
const LOOK_MS = 200
/** After this long others shall have their turn. */
const RUN_MS = 30_000
const DELIVERED_DAYS = 7
const DEAD_DAYS = 30

/** What an attempt came to. */
interface Outcome {
  readonly verdict: Verdict
  readonly at: Date
  readonly settlement: Settlement
}

export class WebhookDispatch {
  readonly #database: Database
  readonly #messenger: WebhookMessenger
  readonly #options: DispatchOptions

  constructor(database: Database, messenger: WebhookMessenger, options: DispatchOptions) {
    this.#database = database
    this.#messenger = messenger
    this.#options = options
  }

  /** The endpoints that have something to get by now. */
  async endpointsWithWork(): Promise<string[]> {
    const { statements } = this.#database
    const horizon = await readHorizon(statements)
    await passOver(statements, horizon)
    return endpointsWithWork(statements, horizon)
  }

  /**
   * Delivers what is due to an endpoint, and what happens meanwhile, until there is nothing or for half a minute. After
   * the signal it begins nothing more and waits for the answers to come.
   */
  async dispatch(endpointId: string, signal: AbortSignal): Promise<void> {
    const until = Date.now() + RUN_MS
    const running = new Set<Promise<void>>()
    const outcomes: Outcome[] = []
    const begin = (claim: Claim) => {
      const attempt = this.#attempt(endpointId, claim).then((outcome) => {
        outcomes.push(outcome)
        running.delete(attempt)
      })
      running.add(attempt)
    }
    const log = { horizon: -1, lookedAt: 0 }
    try {
      while (!signal.aborted && Date.now() < until) {
        await this.#settle(endpointId, outcomes.splice(0))
        const free = AT_ONCE - running.size
        const claims = free > 0 ? await this.#claim(endpointId, free) : []
        claims.forEach(begin)
        const isTimeToLook = running.size === 0 || Date.now() - log.lookedAt >= LOOK_MS
        if (claims.length < free && isTimeToLook) {
          log.lookedAt = Date.now()
          const horizon = await readHorizon(this.#database.client)
          if (horizon > log.horizon) {
            const isAllTaken = await this.#fanOut(endpointId, horizon)
            if (isAllTaken) log.horizon = horizon
            continue
          }
        }
        if (running.size === 0 && outcomes.length === 0) return
        if (outcomes.length === 0) await anyOf(running, LOOK_MS)
      }
    } finally {
      await Promise.all(running)
    }
    await this.#settle(endpointId, outcomes)
  }

  /** Deletes deliveries that were made a week ago, or given up a month ago, some thousands at a time. */
  deleteOld(signal: AbortSignal): Promise<number> {
    const age = { deliveredDays: DELIVERED_DAYS, deadDays: DEAD_DAYS }
    return deleteInParts((limit) => deleteSettledDeliveries(this.#database.client, { ...age, limit }), signal)
  }

  #claim(endpointId: string, limit: number): Promise<Claim[]> {
    return claimDeliveries(this.#database.client, endpointId, limit, this.#options.leaseMs)
  }

  /** Gives whether all up to the horizon was taken. */
  async #fanOut(endpointId: string, horizon: number): Promise<boolean> {
    return this.#database.transaction(async (tx) => {
      const endpoint = await lockEndpoint(tx, endpointId)
      if (endpoint === null || !endpoint.enabled || endpoint.cursor >= horizon) return true
      const { takenAtOnce } = this.#options
      return (await fanOut(tx, endpoint, horizon, takenAtOnce)) < takenAtOnce
    })
  }

  async #attempt(endpointId: string, claim: Claim): Promise<Outcome> {
    const { attempt, event } = claim
    const payload = { type: event.type, timestamp: event.time, data: event }
    const recipient = { ...claim, id: endpointId }
    const sent = await this.#messenger.send(recipient, messageIdOf(event.seq), payload)
    const { status, error, retryAfter } = sent
    const at = new Date()
    const verdict = verdictOf(status)
    const asked = parseRetryAfter(retryAfter, at)
    const retryMs = retryDelayMs(attempt, Math.random(), asked, this.#options.schedule)
    const delivered = verdict === 'delivered'
    return { verdict, at, settlement: { seq: event.seq, attempt, delivered, status, error, retryMs } }
  }

  async #settle(endpointId: string, outcomes: readonly Outcome[]): Promise<void> {
    if (outcomes.length === 0) return
    await this.#database.transaction(async (tx) => {
      const endpoint = await lockEndpoint(tx, endpointId)
      if (endpoint === null) return
      await settleDeliveries(
        tx,
        endpointId,
        outcomes.map(({ settlement }) => settlement),
      )
      await this.#updateHealth(tx, endpoint, outcomes)
    })
  }

  async #updateHealth(tx: PrismaTx, endpoint: LockedEndpoint, outcomes: readonly Outcome[]): Promise<void> {
    const { lastSuccessAt, lastFailureAt, consecutiveFailures, failingSince } = endpoint
    let health = { lastSuccessAt, lastFailureAt, consecutiveFailures, failingSince }
    let reason: ReturnType<typeof reasonToDisable> = null
    for (const { verdict, at } of outcomes) {
      health = healthAfter(health, verdict, at)
      reason ??= reasonToDisable(health, verdict, at, this.#options.failingMs)
    }
    if (reason === null || !endpoint.enabled) {
      await updateEndpoint(tx, endpoint.id, health)
      return
    }
    await updateEndpoint(tx, endpoint.id, { ...health, enabled: false, disabledReason: reason })
    const { id, directoryId, organizationId } = endpoint
    await appendEvents(tx, { kind: 'system' }, [
      {
        type: 'webhook_endpoint.disabled',
        directoryId,
        ...(organizationId === null ? {} : { organizationId }),
        subjectId: id,
        data: { why: reason, consecutiveFailures: health.consecutiveFailures },
      },
    ])
  }
}

function verdictOf(status: number | null): Verdict {
  if (status === 410) return 'gone'
  return status !== null && status >= 200 && status < 300 ? 'delivered' : 'failed'
}

/** Comes back when one of them ends, or after the time. */
async function anyOf(running: Iterable<Promise<void>>, timeoutMs: number): Promise<void> {
  const ended = new AbortController()
  const late = sleep(timeoutMs, undefined, { signal: ended.signal }).catch(() => {})
  await Promise.race([...running, late])
  ended.abort()
}
