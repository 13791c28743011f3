// What the metrics show of the database and its connections: read when somebody looks, and not more often than it is
// cheap, whoever looks how often.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '../store/database.ts'
import type { DecisionCount, DecisionCounts } from '../store/decision-counts.ts'
import { type Figures as DatabaseFigures, readFigures } from '../store/figures.ts'

/** What was read, and when. */
export interface Reading {
  readonly figures: DatabaseFigures
  readonly at: Date
}

/** Connections of this process to the database. */
export interface PoolUse {
  readonly most: number
  readonly busy: number
  readonly idle: number
  /** what waits for one */
  readonly waiting: number
}

/** How long a reading is kept at least. */
export const KEPT_MS = 10_000
/** A reading is kept for so many times what it took: in a large database it takes 2 % of one connection, and no more. */
const KEPT_TIMES = 50
/** After a failure nobody asks for as long as it took, which for a database that is away is nothing, and at most so long. */
const MAX_REST_MS = 30_000
/** Who looks does not wait for longer: what comes later is for the next. */
const PATIENCE_MS = 3000

export class Figures {
  readonly #database: Database
  readonly #decisions: DecisionCounts
  readonly #keptMs: number
  #kept: { readonly reading: Reading | null; readonly until: number } | null = null
  #running: Promise<Reading | null> | null = null

  constructor(database: Database, decisions: DecisionCounts, keptMs: number) {
    this.#database = database
    this.#decisions = decisions
    this.#keptMs = keptMs
  }

  /** Null where the database does not say, or not in time. */
  async read(): Promise<Reading | null> {
    if (this.#kept !== null && performance.now() < this.#kept.until) return this.#kept.reading
    this.#running ??= this.#look().finally(() => {
      this.#running = null
    })
    const answered = new AbortController()
    const late = sleep(PATIENCE_MS, null, { signal: answered.signal }).catch(() => null)
    const reading = await Promise.race([this.#running, late])
    answered.abort()
    return reading
  }

  /** What the evaluator decided in this process, committed. */
  decisions(): readonly DecisionCount[] {
    return this.#decisions.all()
  }

  pool(): PoolUse {
    const { options, totalCount, idleCount, waitingCount } = this.#database.pool
    return {
      most: options.max ?? totalCount,
      busy: totalCount - idleCount,
      idle: idleCount,
      waiting: waitingCount,
    }
  }

  async #look(): Promise<Reading | null> {
    const [begun, at] = [performance.now(), new Date()]
    const keep = (reading: Reading | null, forMs: (tookMs: number) => number) => {
      const now = performance.now()
      this.#kept = { reading, until: now + forMs(now - begun) }
      return reading
    }
    try {
      const figures = await this.#database.read((tx) => readFigures(tx))
      return keep({ figures, at }, (tookMs) => Math.max(this.#keptMs, tookMs * KEPT_TIMES))
    } catch {
      // that there are no figures is itself what the metrics say
      return keep(null, (tookMs) => Math.min(tookMs, MAX_REST_MS))
    }
  }
}
