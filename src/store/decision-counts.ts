// What the evaluator decided, counted by kind and reason, for the metrics: decisions that were carried out and
// committed by this process. What is rolled back, or runs again after a deadlock, counts as often as it is committed.
import { decisiveReason } from '../provisioning/outcome.ts'
import type { Decision } from '../provisioning/types.ts'
import type { Database, Tx } from './database.ts'

export interface DecisionCount {
  readonly kind: Decision['kind']
  readonly reason: ReturnType<typeof decisiveReason>
  readonly count: number
}

type Counts = Map<string, { -readonly [K in keyof DecisionCount]: DecisionCount[K] }>

/** Of the transactions that are open. */
const uncommitted = new WeakMap<Tx, Counts>()

/** To be called where decisions are carried out, in the transaction that does it. */
export function noteDecisions(tx: Tx, decisions: readonly Decision[]): void {
  if (decisions.length === 0) return
  const counts: Counts = uncommitted.get(tx) ?? new Map()
  uncommitted.set(tx, counts)
  for (const decision of decisions) {
    add(counts, decision.kind, decisiveReason(decision), 1)
  }
}

export class DecisionCounts {
  readonly #committed: Counts = new Map()

  /** The same database; what its transactions decide is counted here when they have committed. */
  counting(database: Database): Database {
    return {
      ...database,
      transaction: (work) => this.#committing(database.transaction, work),
      write: (work) => this.#committing(database.write, work),
    }
  }

  /** Since the process began. */
  all(): readonly DecisionCount[] {
    return [...this.#committed.values()]
  }

  async #committing<T, X extends Tx>(
    open: (work: (tx: X) => Promise<T>) => Promise<T>,
    work: (tx: X) => Promise<T>,
  ): Promise<T> {
    const attempts: X[] = []
    const result = await open((tx) => {
      attempts.push(tx)
      return work(tx)
    })
    // each attempt is a transaction of its own: only the last one has committed
    const committed = attempts.at(-1)
    const counts = committed === undefined ? undefined : uncommitted.get(committed)
    for (const { kind, reason, count } of counts?.values() ?? []) add(this.#committed, kind, reason, count)
    return result
  }
}

function add(
  counts: Counts,
  kind: DecisionCount['kind'],
  reason: DecisionCount['reason'],
  count: number,
): void {
  const key = `${kind} ${reason}`
  const known = counts.get(key)
  if (known === undefined) counts.set(key, { kind, reason, count })
  else known.count += count
}
