// The connection to PostgreSQL: one pool, one client, one kind of transaction.
import { setTimeout as sleep } from 'node:timers/promises'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { isRetryable } from './errors.ts'
import { Prisma, PrismaClient } from './generated/client.ts'

/** A transaction that is open: the first parameter of every store function. */
export type Tx = Prisma.TransactionClient

export interface Database {
  /**
   * Runs `work` in one READ COMMITTED transaction: locks are taken first, then a later statement reads what is
   * true under them. After a deadlock or serialization failure the whole of `work` runs again.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** Runs reads on one snapshot: all of them see what was committed when it began. Takes no lock, writes nothing. */
  read<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** A connection for single statements outside a transaction. */
  readonly client: Tx
  /** The pool under the client, for what is no query of ours: the job queue's own statements. */
  readonly pool: pg.Pool
  close(): Promise<void>
}

const MAX_ATTEMPTS = 6
const MAX_WAIT_MS = 10_000
const TRANSACTION_TIMEOUT_MS = 60_000

/** `poolSize` is the most connections that this process holds. */
export function openDatabase(url: string, poolSize: number): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: MAX_WAIT_MS,
    // bounds what one filter can cost
    statement_timeout: TRANSACTION_TIMEOUT_MS,
  })
  // an idle connection that breaks is replaced by the pool; without a listener it would end the process
  pool.on('error', () => {})
  const client = new PrismaClient({ adapter: new PrismaPg(pool) })
  return {
    client,
    pool,
    transaction: (work) => withRetries(() => client.$transaction(work, transactionOptions)),
    read: (work) =>
      client.$transaction(async (tx) => {
        await tx.$executeRaw`SET TRANSACTION READ ONLY`
        return work(tx)
      }, readOptions),
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

const readOptions = {
  ...transactionOptions,
  isolationLevel: Prisma.TransactionIsolationLevel.RepeatableRead,
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
