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

/**
 * How long a reading is kept that took so long: ten seconds at least, and in a large database so long that reading takes
 * no more than 2 % of one connection's time.
 */
export const keptMsAfter = (tookMs: number): number => Math.max(10_000, tookMs * 50)
/** After a failure nobody asks for as long as it took, which for a database that is away is nothing, and at most so long. */
const MAX_REST_MS = 30_000
/** Who looks does not wait for longer: what comes later is for the next. */
const PATIENCE_MS = 3000

export class Figures {
  readonly #database: Database
  readonly #decisions: DecisionCounts
  readonly #keptMsAfter: (tookMs: number) => number
  #kept: { readonly reading: Reading | null; readonly until: number } | null = null
  #running: Promise<Reading> | null = null

  constructor(database: Database, decisions: DecisionCounts, keptMs: typeof keptMsAfter) {
    this.#database = database
    this.#decisions = decisions
    this.#keptMsAfter = keptMs
  }

  /** Null where the database does not say it in time, or has failed just now. Throws what it says when it fails. */
  async read(): Promise<Reading | null> {
    if (this.#kept !== null && performance.now() < this.#kept.until) return this.#kept.reading
    this.#running ??= this.#look().finally(() => {
      this.#running = null
    })
    const answered = new AbortController()
    const late = sleep(PATIENCE_MS, null, { signal: answered.signal }).catch(() => null)
    try {
      return await Promise.race([this.#running, late])
    } finally {
      answered.abort()
    }
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

  async #look(): Promise<Reading> {
    const [begun, at] = [performance.now(), new Date()]
    const keep = (reading: Reading | null, forMs: (tookMs: number) => number) => {
      const now = performance.now()
      this.#kept = { reading, until: now + forMs(now - begun) }
    }
    try {
      const reading = { figures: await this.#database.read((tx) => readFigures(tx)), at }
      keep(reading, this.#keptMsAfter)
      return reading
    } catch (error) {
      keep(null, (tookMs) => Math.min(tookMs, MAX_REST_MS))
      throw error
    }
  }
}
