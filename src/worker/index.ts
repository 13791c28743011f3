// Background work of one process: its queues, who runs them, and what puts jobs on them.
import type { Logger } from 'pino'
import type { Services } from '../services/index.ts'
import { cycleQueue, runCycle } from './cycle.ts'
import { eraseLongGone, erasureQueue } from './erasure.ts'
import { type SqlPool, startQueue } from './queue.ts'
import { deleteWhatIsOld, retentionQueue } from './retention.ts'
import { deleteOldDeliveries, deliveryRetentionQueue, dispatchWebhooks } from './webhooks.ts'

export interface WorkerDependencies {
  readonly services: Services
  readonly pool: SqlPool
  readonly logger: Logger
  readonly config: WorkerConfig
}

export interface WorkerConfig {
  /** 0 keeps them all */
  readonly eventsRetentionDays: number
  /** 0, or nothing: for ever */
  readonly removedMembersRetentionDays?: number
  /** 0: no cycle */
  readonly syncIntervalMs: number
  /** how often the queues are asked for jobs; by default every two seconds */
  readonly pollMs?: number
}

/** Starts it; gives what stops it. */
export async function startWorker(dependencies: WorkerDependencies): Promise<() => Promise<void>> {
  const { services, pool, logger, config } = dependencies
  const { eventsRetentionDays, removedMembersRetentionDays = 0, syncIntervalMs, pollMs } = config
  const definitions = [retentionQueue, deliveryRetentionQueue, erasureQueue, cycleQueue]
  const queue = await startQueue(pool, logger, definitions, pollMs === undefined ? {} : { pollMs })
  const { sync, webhookDispatch } = services
  const timers = [
    deleteWhatIsOld(queue, services, eventsRetentionDays, logger),
    deleteOldDeliveries(queue, webhookDispatch, logger),
    eraseLongGone(queue, services.erasures, removedMembersRetentionDays, logger),
    dispatchWebhooks(webhookDispatch, logger),
    runCycle(queue, sync, syncIntervalMs, logger),
  ]
  // at once: one that takes its time to stop must not keep the others running
  return async () => {
    await Promise.all([...timers.map((stop) => stop()), queue.stop()])
  }
}
