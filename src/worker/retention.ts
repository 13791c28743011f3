// Events (A2) and Idempotency-Keys past their time are deleted: a job at each process's start and every hour.
import type { Logger } from 'pino'
import type { Services } from '../services/index.ts'
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

/** `days` is for events: 0 keeps them all. */
export function deleteWhatIsOld(
  queue: JobQueue,
  { events, idempotency }: Services,
  days: number,
  logger: Logger,
): () => Promise<void> {
  queue.work(retentionQueue.name, async (_, signal) => {
    const deletedKeys = await idempotency.deleteOld(signal)
    const deletedEvents = days === 0 ? 0 : await events.deleteOlderThan(days, signal)
    if (deletedKeys + deletedEvents > 0) logger.info({ deletedKeys, deletedEvents, days }, 'old rows deleted')
  })
  return repeat(
    INTERVAL_MS,
    () => queue.send(retentionQueue.name, {}),
    (err) => logger.warn({ err }, 'old rows not deleted'),
  )
}
