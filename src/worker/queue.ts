// The job queue: pg-boss on the service's own pool, in a schema of its own. What it does not give and this adds: one
// installation by several processes at once, a stop that gives jobs back, and no error that is heard by nobody.

import { setTimeout as sleep } from 'node:timers/promises'
import PgBoss from 'pg-boss'
import type { Logger } from 'pino'

/** A kind of job, and what becomes of one that fails or whose process dies. */
export interface QueueDefinition {
  readonly name: string
  /** `standard`: any number; `short`: of the jobs with one key at most one waits */
  readonly policy: 'standard' | 'short'
  /** a job that runs for longer is taken for dead, and runs again */
  readonly expireInSeconds: number
  readonly retryLimit: number
  /** the first wait; each further one is about twice as long */
  readonly retryDelaySeconds: number
}

/** Runs a job. After the signal (the service stops, the job expires) it should end soon: the job will run again. */
export type Handler = (data: object, signal: AbortSignal) => Promise<void>

/** What runs SQL: the database's pool. */
export interface SqlPool {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>
  connect(): Promise<SqlConnection>
}

interface SqlConnection {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>
  release(destroy?: boolean): void
}

const SCHEMA = 'pgboss'
const POLL_MS = 2000
/** How often jobs of processes that died are looked for. */
const MAINTENANCE_SECONDS = 30
/** How long running jobs may go on after a stop: less than main.ts gives the whole process. */
const STOP_TIMEOUT_MS = 10_000

/** Installs the queue where it is missing, and opens it. */
export async function startQueue(
  pool: SqlPool,
  logger: Logger,
  definitions: readonly QueueDefinition[],
  options: { readonly pollMs?: number; readonly maintenanceSeconds?: number } = {},
): Promise<JobQueue> {
  await install(pool, definitions)
  const boss = new PgBoss({
    schema: SCHEMA,
    db: { executeSql: (text, values) => pool.query(text, values) },
    migrate: false,
    schedule: false,
    maintenanceIntervalSeconds: options.maintenanceSeconds ?? MAINTENANCE_SECONDS,
  })
  boss.on('error', (err) => logger.warn({ err }, 'the job queue met an error'))
  await boss.start()
  return new JobQueue(boss, pool, logger, options.pollMs ?? POLL_MS)
}

/**
 * On one connection that holds a lock: processes that create queues at the same time would lock each other out for
 * good (each has written its row, and wants the whole table for its foreign key).
 */
async function install(pool: SqlPool, definitions: readonly QueueDefinition[]): Promise<void> {
  const connection = await pool.connect()
  let isDone = false
  try {
    await connection.query(`SELECT pg_advisory_lock(hashtextextended('rollcall job queue', 0))`)
    const boss = new PgBoss({
      schema: SCHEMA,
      db: { executeSql: (text, values) => connection.query(text, values) },
      supervise: false,
      schedule: false,
    })
    await boss.start()
    for (const { name, policy, expireInSeconds, retryLimit, retryDelaySeconds } of definitions) {
      const options = { name, policy, expireInSeconds, retryLimit, retryDelay: retryDelaySeconds }
      await boss.createQueue(name, { ...options, retryBackoff: true })
      // what a newer version says of a queue that is there
      await boss.updateQueue(name, { ...options, retryBackoff: true })
    }
    await boss.stop({ graceful: false })
    await connection.query(`SELECT pg_advisory_unlock(hashtextextended('rollcall job queue', 0))`)
    isDone = true
  } finally {
    // a session that failed half way may still hold the lock: its end gives it back
    connection.release(!isDone)
  }
}

export class JobQueue {
  readonly #boss: PgBoss
  readonly #pool: SqlPool
  readonly #logger: Logger
  readonly #pollMs: number
  readonly #stopping = new AbortController()
  readonly #loops: Promise<void>[] = []
  /** the jobs that run here, with the names of their queues */
  readonly #running = new Map<string, string>()

  constructor(boss: PgBoss, pool: SqlPool, logger: Logger, pollMs: number) {
    this.#boss = boss
    this.#pool = pool
    this.#logger = logger
    this.#pollMs = pollMs
  }

  /** Adds a job; none where the queue's policy says that there is one already. */
  async send(
    name: string,
    data: object,
    { key, startAfter }: { readonly key?: string; readonly startAfter?: Date } = {},
  ): Promise<void> {
    await this.#boss.send(name, data, {
      ...(key === undefined ? {} : { singletonKey: key }),
      ...(startAfter === undefined ? {} : { startAfter }),
    })
  }

  /** Runs the queue's jobs, one at a time in this process, from now on. */
  work(name: string, handle: Handler): void {
    this.#loops.push(this.#runJobs(name, handle))
  }

  /** Takes no more jobs and waits for those that run; what then still runs is given back, for others to run. */
  async stop(timeoutMs: number = STOP_TIMEOUT_MS): Promise<void> {
    this.#stopping.abort()
    const timeout = new AbortController()
    const late = sleep(timeoutMs, undefined, { signal: timeout.signal }).catch(() => {})
    await Promise.race([Promise.all(this.#loops), late])
    timeout.abort()
    for (const [id, name] of this.#running) await this.#boss.fail(name, id, { reason: 'the service stopped' })
    await this.#boss.stop({ graceful: false })
  }

  async #runJobs(name: string, handle: Handler): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const job = await this.#fetch(name)
      if (job === null) await sleep(this.#pollMs, undefined, { signal }).catch(() => {})
      else await this.#run(name, job, handle)
    }
  }

  async #fetch(name: string): Promise<PgBoss.Job | null> {
    // pg-boss takes every error of this statement for a job that somebody else has just taken
    const executeSql = async (text: string, values: unknown[]) => {
      try {
        return await this.#pool.query(text, values)
      } catch (err) {
        this.#logger.warn({ err, queue: name }, 'no job could be fetched')
        throw err
      }
    }
    const [job] = await this.#boss.fetch<object>(name, { db: { executeSql } })
    return job ?? null
  }

  async #run(name: string, { id, data, expireInSeconds }: PgBoss.Job, handle: Handler): Promise<void> {
    const expiry = AbortSignal.timeout(Number(expireInSeconds) * 1000)
    this.#running.set(id, name)
    try {
      await handle(data, AbortSignal.any([this.#stopping.signal, expiry]))
      await this.#boss.complete(name, id)
    } catch (err) {
      this.#logger.warn({ err, queue: name, job: id }, 'a job failed')
      await this.#giveBack(name, id, err)
    } finally {
      this.#running.delete(id)
    }
  }

  /** To be tried again by the queue's rules. Keeps the error's name alone: a message may repeat what is personal. */
  async #giveBack(name: string, id: string, error: unknown): Promise<void> {
    const reason = error instanceof Error ? error.name : 'unknown'
    try {
      await this.#boss.fail(name, id, { reason })
    } catch (err) {
      // the database is away: the job expires and runs again
      this.#logger.warn({ err, queue: name, job: id }, 'a job that failed could not be given back')
    }
  }
}
