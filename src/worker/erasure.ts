// Members who left long ago are erased: a job at each process's start and every day.

import type { Logger } from 'pino'
import type { Erasures } from '../services/erasures.ts'
import type { JobQueue, QueueDefinition } from './queue.ts'
import { repeat } from './repeat.ts'

export const erasureQueue: QueueDefinition = {
  name: 'erasure',
  policy: 'short',
  expireInSeconds: 3600,
  retryLimit: 2,
  retryDelaySeconds: 60,
}

const INTERVAL_MS = 86_400_000

/** `days`: 0 keeps them. */
export function eraseLongGone(
  queue: JobQueue,
  erasures: Erasures,
  days: number,
  logger: Logger,
): () => Promise<void> {
  if (days === 0) return async () => {}
  queue.work(erasureQueue.name, async (_, signal) => {
    const erased = await erasures.eraseLongGone(days, signal)
    if (erased > 0) logger.info({ erased, days }, 'members who left long ago erased')
  })
  return repeat(
    INTERVAL_MS,
    () => queue.send(erasureQueue.name, {}),
    (err) => logger.warn({ err }, 'members who left long ago not erased'),
  )
}
