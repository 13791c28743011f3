// The connection to PostgreSQL: one pool, for Prisma and for the hot statements; one kind of transaction.
import { setTimeout as sleep } from 'node:timers/promises'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { BatchingConnection } from './batch.ts'
import { isRetryable } from './errors.ts'
import { GatheredReads } from './gathered-reads.ts'
import { Prisma, PrismaClient } from './generated/client.ts'
import { Lookups } from './lookups.ts'
import { Statements, type Tx } from './statements.ts'
import { commit, planOnce, rollBack, Transaction } from './transaction.ts'

export { eachInTurn, inTurn, type Tx } from './statements.ts'
export { type Explain, isOurs, settled, writeLater } from './transaction.ts'

/** A transaction of Prisma's: it has the models too. */
export type PrismaTx = Prisma.TransactionClient

export interface Database {
  /**
   * Runs `work` in one READ COMMITTED transaction: locks are taken first, then a later statement reads what is
   * true under them. After a deadlock or serialization failure the whole of `work` runs again.
   */
  transaction<T>(work: (tx: PrismaTx) => Promise<T>): Promise<T>
  /** The same for what is asked for all the time, and for evaluations of everybody: hand-written SQL alone, as prepared statements. */
  write<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** Runs reads on one snapshot: all of them see what was committed when it began. Takes no lock, writes nothing. */
  read<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** Single statements outside a transaction. */
  readonly client: PrismaTx
  /** The same for what is asked for all the time: hand-written SQL alone, as prepared statements. */
  readonly statements: Tx
  /** Statements that find a row by its key, which is soon done: they may wait for each other. */
  readonly keyed: Tx
  /** Statements that find few rows by what is in their documents: one plan serves all values. */
  readonly lookups: Tx
  /** The pool under all of them, for what is no query of ours: the job queue's own statements. */
  readonly pool: pg.Pool
  close(): Promise<void>
}

const MAX_ATTEMPTS = 6
const MAX_WAIT_MS = 10_000
const TRANSACTION_TIMEOUT_MS = 60_000
/** Later than PostgreSQL's own word that a statement took too long: then it, or the way to it, stands still. */
const ANSWER_TIMEOUT_MS = TRANSACTION_TIMEOUT_MS + 5_000

const ignore = () => {}

/** `poolSize` is the most connections that this process holds. */
export function openDatabase(url: string, poolSize: number): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: MAX_WAIT_MS,
    // bounds what one filter can cost
    statement_timeout: TRANSACTION_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    // a process that stopped in the middle keeps no lock for ever
    idle_in_transaction_session_timeout: TRANSACTION_TIMEOUT_MS,
    pipeline: true,
  })
  // A connection that is lost tells its queries and is replaced; without a listener it would end the process. The pool
  // listens to idle ones alone, and whoever takes one comes too late for what happens while it is handed over.
  pool.on('error', ignore)
  pool.on('connect', (connection) => connection.on('error', ignore))
  const client = new PrismaClient({ adapter: new PrismaPg(pool) })
  return {
    client,
    statements: new Statements(pool),
    keyed: new GatheredReads(pool),
    lookups: new Lookups(pool),
    pool,
    transaction: (work) => withRetries(() => client.$transaction(work, transactionOptions)),
    write: (work) => withRetries(() => inTransaction(pool, 'write', work)),
    read: (work) => inTransaction(pool, 'read', work),
    close: async () => {
      await client.$disconnect()
      await pool.end()
    },
  }
}

const transactionOptions = {
  isolationLevel: Prisma.TransactionIsolationLevel.ReadCommitted,
  maxWait: MAX_WAIT_MS,
  timeout: TRANSACTION_TIMEOUT_MS,
}

/**
 * How transactions begin. What a write asks for is asked by keys, so that one plan serves all values: planning would be
 * most of what a statement costs PostgreSQL. With names these travel as statements do, together with what follows.
 */
const beginnings = {
  write: [{ name: 'begin_write', text: 'BEGIN ISOLATION LEVEL READ COMMITTED' }, planOnce],
  read: [{ name: 'begin_read', text: 'BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY' }],
}

/**
 * BEGIN travels with the first statement and COMMIT with the last ones, without round trips of their own. PostgreSQL
 * makes a rollback of a COMMIT that follows a failure.
 */
async function inTransaction<T>(
  pool: pg.Pool,
  kind: keyof typeof beginnings,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  const connection = await pool.connect()
  const batching = new BatchingConnection(connection)
  const tx = new Transaction(batching, performance.now() + TRANSACTION_TIMEOUT_MS)
  let isUsable = false
  try {
    const begun = Promise.all(beginnings[kind].map((statement) => batching.query(statement)))
    begun.catch(ignore)
    const result = await work(tx)
    tx.complete()
    const committed = batching.query(commit)
    committed.catch(ignore)
    await begun
    await tx.settled()
    if ((await committed).command !== 'COMMIT') throw new Error('A transaction was rolled back at its end.')
    isUsable = true
    return result
  } catch (error) {
    tx.end()
    batching.end()
    isUsable = await rollBack(connection)
    throw await tx.cause(error)
  } finally {
    connection.release(!isUsable)
  }
}

async function withRetries<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt()
    } catch (error) {
      if (tries === MAX_ATTEMPTS || !isRetryable(error)) throw error
      await sleep(2 ** tries * (1 + Math.random()) * 5)
    }
  }
}
