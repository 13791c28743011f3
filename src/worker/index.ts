// Background work of one process: its queues, who runs them, and what puts jobs on them.
import type { Logger } from 'pino'
import type { Services } from '../services/index.ts'
import { type SqlPool, startQueue } from './queue.ts'
import { deleteOldEvents, retentionQueue } from './retention.ts'
import { deleteOldDeliveries, deliveryRetentionQueue, dispatchWebhooks } from './webhooks.ts'

export interface WorkerDependencies {
  readonly services: Services
  readonly pool: SqlPool
  readonly logger: Logger
  /** 0 keeps them all */
  readonly eventsRetentionDays: number
}

/** Starts it; gives what stops it. */
export async function startWorker(dependencies: WorkerDependencies): Promise<() => Promise<void>> {
  const { services, pool, logger, eventsRetentionDays } = dependencies
  const queue = await startQueue(pool, logger, [retentionQueue, deliveryRetentionQueue])
  const { events, webhookDispatch } = services
  const timers = [
    deleteOldEvents(queue, events, eventsRetentionDays, logger),
    deleteOldDeliveries(queue, webhookDispatch, logger),
    dispatchWebhooks(webhookDispatch, logger),
  ]
  return async () => {
    await Promise.all(timers.map((stop) => stop()))
    await queue.stop()
  }
}
