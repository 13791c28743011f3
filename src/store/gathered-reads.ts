// Single statements that find a row by its key: those of all requests that arrive together travel together. Under load
// most of what they cost is the way to PostgreSQL and back.
import type pg from 'pg'
import { Batch, type Waiting } from './batch.ts'
import { NotRun } from './errors.ts'
import type { Prisma } from './generated/client.ts'
import { preparedOf, Statements } from './statements.ts'

/** No more than so many wait for each other: PostgreSQL answers others on another connection meanwhile. */
const MOST_TOGETHER = 4

export class GatheredReads extends Statements {
  readonly #pool: pg.Pool
  #waiting: Waiting[] = []

  constructor(pool: pg.Pool) {
    super(pool)
    this.#pool = pool
  }

  protected override run(
    sql: TemplateStringsArray | Prisma.Sql,
    given: readonly unknown[],
  ): Promise<pg.QueryResult> {
    return new Promise((resolve, reject) => {
      const failed = (error: Error) => {
        // another request's statement is no reason to fail this one
        if (error instanceof NotRun) super.run(sql, given).then(resolve, reject)
        else reject(error)
      }
      this.#waiting.push({ statement: preparedOf(sql, given), resolve, reject: failed })
      // after all that has arrived was looked at
      if (this.#waiting.length === 1) setImmediate(() => this.#send())
      if (this.#waiting.length === MOST_TOGETHER) this.#send()
    })
  }

  #send(): void {
    if (this.#waiting.length === 0) return
    const waiting = this.#waiting
    this.#waiting = []
    this.#pool.connect().then(
      (connection) => {
        connection.query(new Batch(waiting, () => connection.release()))
      },
      (error) => {
        for (const { reject } of waiting) reject(error)
      },
    )
  }
}
