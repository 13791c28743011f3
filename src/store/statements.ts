// Hand-written SQL as prepared statements on a connection of the pool: what Prisma's raw queries do, at a third of
// their cost (docs/performance.md).
import pg from 'pg'
import { arrayAsText } from './arrays.ts'
import type { BatchingConnection } from './batch.ts'
import { Prisma } from './generated/client.ts'

/** What runs hand-written SQL: a transaction that is open, or the pool for single statements. Prisma's clients do too. */
export interface Tx {
  /** Gives the rows; `T` is the type of all of them. */
  $queryRaw<T>(sql: TemplateStringsArray | Prisma.Sql, ...values: readonly unknown[]): Promise<T>
  /** Gives the number of rows that were written. */
  $executeRaw(sql: TemplateStringsArray | Prisma.Sql, ...values: readonly unknown[]): Promise<number>
}

/** The most statements that a connection keeps prepared: filters come in any number of shapes. */
const MAX_NAMED = 400

/** The names of prepared statements by their text, the same in all connections. */
const names = new Map<string, string>()
const seenOnce = new Set<string>()

/** A statement gets a name when it comes for the second time, as long as there are names. */
function nameOf(text: string): string | undefined {
  const name = names.get(text)
  if (name !== undefined || names.size >= MAX_NAMED) return name
  if (!seenOnce.has(text)) {
    if (seenOnce.size >= MAX_NAMED) seenOnce.clear()
    seenOnce.add(text)
    return undefined
  }
  const fresh = `rollcall_${names.size}`
  names.set(text, fresh)
  return fresh
}

const INT8 = 20
const toBigInt = (text: string) => BigInt(text)

/** As Prisma gives them: int8 is a bigint. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === INT8 ? toBigInt : pg.types.getTypeParser(oid, format),
}

export class Statements implements Tx {
  readonly #client: pg.Pool | BatchingConnection

  constructor(client: pg.Pool | BatchingConnection) {
    this.#client = client
  }

  async $queryRaw<T>(sql: TemplateStringsArray | Prisma.Sql, ...values: readonly unknown[]): Promise<T> {
    return rowsOf<T>(await this.run(sql, values))
  }

  async $executeRaw(sql: TemplateStringsArray | Prisma.Sql, ...values: readonly unknown[]): Promise<number> {
    const { rowCount } = await this.run(sql, values)
    return rowCount ?? 0
  }

  protected async run(
    sql: TemplateStringsArray | Prisma.Sql,
    given: readonly unknown[],
  ): Promise<pg.QueryResult> {
    return this.#client.query(preparedOf(sql, given))
  }
}

/** A statement as it is sent: with the name under which a connection keeps it prepared. */
export function preparedOf(
  sql: TemplateStringsArray | Prisma.Sql,
  given: readonly unknown[],
): pg.QueryConfig {
  const { text, values: all } = sql instanceof Prisma.Sql ? sql : Prisma.sql(sql, ...given)
  const values = all.map(arrayAsText)
  const name = nameOf(text)
  return name === undefined ? { text, values, types } : { name, text, values, types }
}

/** What the rows are is known to who wrote the SQL: PostgreSQL's driver has no types for them. */
function rowsOf<T>(result: pg.QueryResult): T
function rowsOf({ rows }: pg.QueryResult): unknown {
  return rows
}

/**
 * Two pieces of work that do not wait for each other's results, in this order: on a connection of ours the statements
 * of the second follow those of the first without a round trip in between. Both have ended when this ends.
 */
export async function inTurn<A, B>(
  tx: Tx,
  first: () => Promise<A>,
  second: () => Promise<B>,
): Promise<[A, B]> {
  // Prisma promises no order
  if (!(tx instanceof Statements)) return [await first(), await second()]
  const [a, b] = await Promise.allSettled([first(), second()])
  // where the first fails, the second fails for no other reason than that the transaction is aborted
  if (a.status === 'rejected') throw a.reason
  if (b.status === 'rejected') throw b.reason
  return [a.value, b.value]
}

/** The same for each of several things that have nothing to do with each other. */
export async function eachInTurn<T>(
  tx: Tx,
  things: readonly T[],
  work: (thing: T) => Promise<void>,
): Promise<void> {
  if (tx instanceof Statements) {
    const ended = await Promise.allSettled(things.map(work))
    for (const end of ended) if (end.status === 'rejected') throw end.reason
    return
  }
  for (const thing of things) await work(thing)
}
