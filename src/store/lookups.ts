// Single statements that find few rows by what is in their documents, whatever that is: planned once for all values.
// PostgreSQL by itself expects many rows of such a plan, and plans anew each time, which takes it three times as long as
// to find them.
import type pg from 'pg'
import { BatchingConnection } from './batch.ts'
import { causeOf } from './errors.ts'
import type { Prisma } from './generated/client.ts'
import { preparedOf, Statements } from './statements.ts'
import { commit, planOnce, rollBack } from './transaction.ts'

const begin = { name: 'begin_lookup', text: 'BEGIN READ ONLY' }

export class Lookups extends Statements {
  readonly #pool: pg.Pool

  constructor(pool: pg.Pool) {
    super(pool)
    this.#pool = pool
  }

  /** In a transaction, which the setting must not outlive; all of it is sent at once. */
  protected override async run(
    sql: TemplateStringsArray | Prisma.Sql,
    given: readonly unknown[],
  ): Promise<pg.QueryResult> {
    const connection = await this.#pool.connect()
    const batching = new BatchingConnection(connection)
    const [, , found, ended] = await Promise.allSettled([
      batching.query(begin),
      batching.query(planOnce),
      batching.query(preparedOf(sql, given)),
      batching.query(commit),
    ])
    connection.release(ended.status === 'rejected' && !(await rollBack(connection)))
    if (found.status === 'rejected') throw causeOf(found.reason)
    return found.value
  }
}
