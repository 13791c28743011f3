// Webhooks are delivered (A3): each process looks once a second which endpoints have something to get. What is left of
// old deliveries is deleted by a job.
import type { Logger } from 'pino'
import type { WebhookDispatch } from '../services/webhook-dispatch.ts'
import type { JobQueue, QueueDefinition } from './queue.ts'
import { repeat } from './repeat.ts'

const PULSE_MS = 1000
/** Endpoints that one process delivers to at a time: one that is slow or away must not keep the others waiting. */
const ENDPOINTS_AT_ONCE = 32
const RETENTION_MS = 3_600_000

export const deliveryRetentionQueue: QueueDefinition = {
  name: 'delivery-retention',
  policy: 'short',
  expireInSeconds: 900,
  retryLimit: 2,
  retryDelaySeconds: 60,
}

/** Gives what stops it: nothing more is begun, and what is being sent is waited for. */
export function dispatchWebhooks(
  webhooks: WebhookDispatch,
  logger: Logger,
  pulseMs: number = PULSE_MS,
): () => Promise<void> {
  const stopping = new AbortController()
  const running = new Map<string, Promise<void>>()
  const deliver = (endpointId: string) =>
    webhooks
      .dispatch(endpointId, stopping.signal)
      .catch((err: unknown) => logger.warn({ err, endpointId }, 'webhooks not delivered'))
      .finally(() => running.delete(endpointId))
  const pulse = async () => {
    for (const endpointId of await webhooks.endpointsWithWork()) {
      if (running.size >= ENDPOINTS_AT_ONCE || stopping.signal.aborted) return
      if (!running.has(endpointId)) running.set(endpointId, deliver(endpointId))
    }
  }
  const stop = repeat(pulseMs, pulse, (err) => logger.warn({ err }, 'webhooks not looked at'))
  return async () => {
    stopping.abort()
    await stop()
    await Promise.all(running.values())
  }
}

/** Deletes what was delivered a week ago, and what was given up a month ago. */
export function deleteOldDeliveries(
  queue: JobQueue,
  webhooks: WebhookDispatch,
  logger: Logger,
): () => Promise<void> {
  queue.work(deliveryRetentionQueue.name, async (_, signal) => {
    const deleted = await webhooks.deleteOld(signal)
    if (deleted > 0) logger.info({ deleted }, 'old webhook deliveries deleted')
  })
  return repeat(
    RETENTION_MS,
    () => queue.send(deliveryRetentionQueue.name, {}),
    (err) => logger.warn({ err }, 'old webhook deliveries not deleted'),
  )
}
