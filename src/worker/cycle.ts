// Y2: the cycle. Each process looks now and then which organizations are due and puts a job on the queue for each; any
// process runs it. Whether it is due still, and whether nobody else is at it, is asked under the lock of its syncs.
import type { Logger } from 'pino'
import type { Sync } from '../services/sync.ts'
import type { JobQueue, QueueDefinition } from './queue.ts'
import { repeat } from './repeat.ts'

export const cycleQueue: QueueDefinition = {
  name: 'sync',
  policy: 'short',
  expireInSeconds: 300,
  retryLimit: 3,
  retryDelaySeconds: 30,
}

const MAX_TICK_MS = 60_000
/** Organizations that were never synced become due at once, as after an upgrade: their first runs are spread. */
const MAX_SPREAD_MS = 300_000
const JOBS_AT_ONCE = 500

/** `intervalMs`: 0 switches the cycle off. One organization at a time is synced in a process, on one connection. */
export function runCycle(
  queue: JobQueue,
  sync: Sync,
  intervalMs: number,
  logger: Logger,
): () => Promise<void> {
  if (intervalMs === 0) return async () => {}
  queue.work(cycleQueue.name, async (data, signal) => {
    const run = await sync.cycle(organizationOf(data), intervalMs, signal)
    if (run === null) return
    const { organizationId, startedAt, finishedAt, counts, mended } = run
    logger.info({ organizationId, startedAt, finishedAt, counts, mended }, 'organization synced')
  })
  const sendDue = async () => {
    for (const { id, isFirst } of await sync.due(intervalMs, JOBS_AT_ONCE)) {
      const delayMs = isFirst ? Math.random() * Math.min(intervalMs / 10, MAX_SPREAD_MS) : 0
      const startAfter = new Date(Date.now() + delayMs)
      await queue.send(
        cycleQueue.name,
        { organizationId: id },
        { key: id, ...(isFirst ? { startAfter } : {}) },
      )
    }
  }
  return repeat(Math.min(intervalMs / 10, MAX_TICK_MS), sendDue, (err) =>
    logger.warn({ err }, 'the cycle could not look for what is due'),
  )
}

function organizationOf(data: object): string {
  if ('organizationId' in data && typeof data.organizationId === 'string') return data.organizationId
  throw new Error('A job of the cycle names no organization.')
}
