// A transaction of ours on a connection of the pool: statements in turn, writes that nobody waits for, and its end.
import type pg from 'pg'
import type { BatchingConnection } from './batch.ts'
import { causeOf, isAftermath, TransactionTooLong } from './errors.ts'
import type { Prisma } from './generated/client.ts'
import { Statements, type Tx } from './statements.ts'

// with names these travel as statements do, together with those before and after them
export const planOnce = { name: 'plan_once', text: 'SET LOCAL plan_cache_mode = force_generic_plan' }
export const commit = { name: 'commit', text: 'COMMIT' }

/** Whether the connection can be used again. */
export const rollBack = (connection: pg.PoolClient): Promise<boolean> =>
  connection.query('ROLLBACK').then(
    () => true,
    () => false,
  )

const ignore = () => {}

/** What an error of the database means to whoever asked for the write. */
export type Explain = (error: unknown) => unknown

const asItIs: Explain = (error) => error

export class Transaction extends Statements {
  readonly #endsAt: number
  readonly #late: Promise<unknown>[] = []
  readonly #atEnd: (() => void)[] = []
  #isOver = false

  /** `endsAt`: when, by `performance.now()`, it has had its time and no statement of it begins any more. */
  constructor(connection: BatchingConnection, endsAt: number) {
    super(connection)
    this.#endsAt = endsAt
  }

  protected override async run(
    sql: TemplateStringsArray | Prisma.Sql,
    given: readonly unknown[],
  ): Promise<pg.QueryResult> {
    if (this.#isOver) throw new Error('The transaction of this statement is over.')
    if (performance.now() > this.#endsAt) throw new TransactionTooLong('A transaction took too long.')
    return super.run(sql, given)
  }

  /** Sends a write and does not wait: where it fails, so does the transaction. */
  later(sql: Prisma.Sql, explain: Explain): void {
    const sent = this.run(sql, []).catch((error: unknown) => {
      throw explain(error)
    })
    sent.catch(ignore)
    this.#late.push(sent)
  }

  /** Sends what was kept for the end, and waits for all that was sent; throws what the first failure was. */
  async settled(): Promise<void> {
    this.#sendKept()
    for (const sent of this.#late.splice(0)) await sent
  }

  /** Of a work that failed: what made everything after it fail, which may be a late write. */
  async cause(error: unknown): Promise<unknown> {
    for (const end of await Promise.allSettled(this.#late.splice(0)))
      if (end.status === 'rejected' && !isAftermath(end.reason))
        return isAftermath(error) ? end.reason : error
    return causeOf(error)
  }

  /** `send` is called once, when the work is done or has to settle: it may write later, and not wait. */
  atEnd(send: () => void): void {
    this.#atEnd.push(send)
  }

  /** Sends what was kept for the end; nothing may follow but the commit. */
  complete(): void {
    this.#sendKept()
    this.end()
  }

  #sendKept(): void {
    for (const send of this.#atEnd.splice(0)) send()
  }

  /** What still runs of a work that has failed must not write by itself. */
  end(): void {
    this.#isOver = true
  }
}

/** Whether the transaction is ours, and has an end that something can be kept for. */
export const isOurs = (tx: Tx): tx is Transaction => tx instanceof Transaction

/**
 * A write whose answer nobody waits for: in a transaction of ours it travels with what comes next, the commit perhaps,
 * and where it fails, so does the transaction, with what `explain` makes of the error.
 */
export async function writeLater(tx: Tx, sql: Prisma.Sql, explain: Explain = asItIs): Promise<void> {
  if (isOurs(tx)) return tx.later(sql, explain)
  try {
    await tx.$executeRaw(sql)
  } catch (error) {
    throw explain(error)
  }
}

/** Ends when all that was written later is written: for whoever writes so much that it must not pile up. */
export async function settled(tx: Tx): Promise<void> {
  if (isOurs(tx)) await tx.settled()
}
