// Events past their time are deleted (A2): a job at each process's start and every hour.
import type { Logger } from 'pino'
import type { Events } from '../services/events.ts'
import type { JobQueue, QueueDefinition } from './queue.ts'
import { repeat } from './repeat.ts'

export const retentionQueue: QueueDefinition = {
  name: 'retention',
  policy: 'short',
  expireInSeconds: 900,
  retryLimit: 2,
  retryDelaySeconds: 60,
}

const INTERVAL_MS = 3_600_000

/** `days`: 0 keeps them all. */
export function deleteOldEvents(
  queue: JobQueue,
  events: Events,
  days: number,
  logger: Logger,
): () => Promise<void> {
  if (days === 0) return async () => {}
  queue.work(retentionQueue.name, async (_, signal) => {
    const deleted = await events.deleteOlderThan(days, signal)
    if (deleted > 0) logger.info({ deleted, days }, 'old events deleted')
  })
  return repeat(
    INTERVAL_MS,
    () => queue.send(retentionQueue.name, {}),
    (err) => logger.warn({ err }, 'old events not deleted'),
  )
}
