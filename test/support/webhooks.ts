// Endpoints of webhooks in one line each, and what an administrator sees of them.
import { adminClient, type Client, type TestApp } from './app.ts'
import { answered } from './provisioning.ts'

/** What lets tests see in milliseconds what takes days, at receivers on this machine. */
export const fastWebhooks = {
  allowedNetworks: ['127.0.0.0/8'],
  timeoutMs: 2000,
  schedule: { attempts: 3, firstMs: 1, factor: 1, mostMs: 20, jitter: 0 },
  leaseMs: 60_000,
  takenAtOnce: 20,
} as const

export interface ShownEndpoint {
  readonly id: string
  readonly secret: string
  readonly enabled: boolean
  readonly disabledReason: string | null
  readonly health: {
    readonly lastSuccessAt: string | null
    readonly lastFailureAt: string | null
    readonly consecutiveFailures: number
    readonly failingSince: string | null
    readonly pending: number
    readonly oldestPendingAt: string | null
    readonly dead: number
  }
}

export interface ShownDelivery {
  readonly seq: number
  readonly type: string
  readonly subjectId: string
  readonly state: string
  readonly attempts: number
  readonly time: string
  readonly nextAttemptAt: string | null
  readonly lastAttemptAt: string | null
  readonly lastStatus: number | null
  readonly lastError: string | null
}

export interface Hook {
  readonly id: string
  readonly secret: string
  readonly path: string
  shown(): Promise<ShownEndpoint>
  deliveries(query?: string): Promise<ShownDelivery[]>
  change(body: object): Promise<ShownEndpoint>
  /** disables and enables it: what is pending is due at once */
  startAnew(): Promise<void>
  /** delivers what there is until nothing is due, also what is tried again soon */
  deliver(): Promise<void>
}

const DELIVER_TIMEOUT_MS = 15_000

export async function anEndpoint(app: TestApp, endpoint: object): Promise<Hook> {
  const admin: Client = adminClient(app)
  const created = (await answered(admin.post('/webhook-endpoints', endpoint), 201)).body
  const path = `/webhook-endpoints/${created.id}`
  const shown = async () => (await answered(admin.get(path), 200)).body
  const change = async (body: object) => (await answered(admin.patch(path, body), 200)).body
  return {
    id: created.id,
    secret: created.secret,
    path,
    shown,
    deliveries: async (query = '') =>
      (await answered(admin.get(`${path}/deliveries?${query}`), 200)).body.deliveries,
    change,
    startAnew: async () => {
      await change({ enabled: false })
      await change({ enabled: true })
    },
    deliver: async () => {
      const until = Date.now() + DELIVER_TIMEOUT_MS
      do {
        await app.services.webhookDispatch.dispatch(created.id, AbortSignal.timeout(DELIVER_TIMEOUT_MS))
        const { enabled, health } = await shown()
        if (!enabled || health.pending === 0) return
      } while (Date.now() < until)
      throw new Error('Something is still pending.')
    },
  }
}
