// The metrics of a process, as Prometheus reads them. Loaded only where somebody may read them (main.ts).
import type { FastifyBaseLogger } from 'fastify'
import { collectDefaultMetrics, Registry } from 'prom-client'
import type { Services } from '../../services/index.ts'
import type { ObserveRequest } from '../logging.ts'
import { figureMetrics } from './figures.ts'
import { buildMetrics, processMetrics } from './process.ts'
import { requestMetrics } from './requests.ts'

export interface Metrics {
  readonly contentType: string
  /** to be called for each request that has been answered */
  readonly observeRequest: ObserveRequest
  /** all of them as they are now, in the text format of Prometheus */
  render(log: FastifyBaseLogger): Promise<string>
}

/** `version` is of the service. */
export function createMetrics(services: Pick<Services, 'figures' | 'tolerances'>, version: string): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  buildMetrics(registry, version)
  const observeRequest = requestMetrics(registry)
  processMetrics(registry, services)
  const show = figureMetrics(registry)
  return {
    contentType: registry.contentType,
    observeRequest,
    render: async (log) => {
      try {
        show(await services.figures.read())
      } catch (error) {
        log.warn({ err: error }, 'metrics: the database could not be asked')
        show(null)
      }
      return registry.metrics()
    },
  }
}
