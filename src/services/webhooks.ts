// Endpoints of webhooks as an administrator has them (A3): made, changed, their secrets rotated, tried, and what they
// did not get sent again.
import { isId, newId } from '../ids.ts'
import { newWebhookSecret } from '../secrets.ts'
import type { Database, PrismaTx, Tx } from '../store/database.ts'
import { readHorizon } from '../store/event-log.ts'
import { type Actor, appendEvents, type EventType } from '../store/events.ts'
import { readOrganization } from '../store/locked-organizations.ts'
import { findParentOrganization } from '../store/parent-organizations.ts'
import {
  type Delivery,
  type DeliveryState,
  findDelivery,
  listDeliveries,
  resendDeliveries,
  restartDeliveries,
} from '../store/webhook-deliveries.ts'
import {
  type Backlog,
  deleteEndpoint,
  type EndpointScope,
  findEndpoint,
  insertEndpoint,
  type LockedEndpoint,
  listEndpoints,
  lockEndpoint,
  readBacklogs,
  updateEndpoint,
  type WebhookEndpoint,
} from '../store/webhook-endpoints.ts'
import type { Network } from '../webhooks/addresses.ts'
import { faultOfUrl } from '../webhooks/url.ts'
import { Invalid, NotFound } from './errors.ts'
import type { WebhookMessenger } from './webhook-messenger.ts'

export { deliveryStates } from '../store/webhook-deliveries.ts'
export { disabledReasons } from '../webhooks/health.ts'

export interface EndpointInput {
  readonly url: string
  readonly description: string
  /** null: all */
  readonly types: readonly string[] | null
  readonly enabled: boolean
}

export interface ScopeInput {
  readonly parentOrganizationId: string | null
  readonly organizationId: string | null
}

export interface ShownEndpoint extends WebhookEndpoint, Backlog {}

/** With its secret, in the answers that show it. */
export interface EndpointWithSecret extends ShownEndpoint {
  readonly newSecret: string
}

export interface TestResult {
  readonly delivered: boolean
  readonly status: number | null
  readonly error: string | null
  readonly durationMs: number
}

const HOUR_MS = 3_600_000

export class Webhooks {
  readonly #database: Database
  readonly #messenger: WebhookMessenger
  readonly #allowed: readonly Network[]

  constructor(database: Database, messenger: WebhookMessenger, allowedNetworks: readonly Network[]) {
    this.#database = database
    this.#messenger = messenger
    this.#allowed = allowedNetworks
  }

  /** An endpoint gets what happens from now on. Throws Invalid, and NoEncryptionKey where no secret can be kept. */
  async create(actor: Actor, input: EndpointInput & ScopeInput): Promise<EndpointWithSecret> {
    const { url, description, types, enabled } = input
    this.#requireUrl(url)
    const [id, newSecret] = [newId(), newWebhookSecret()]
    const secret = this.#messenger.seal(id, newSecret)
    return this.#database.transaction(async (tx) => {
      const scope = await parseScope(tx, input)
      const cursor = await readHorizon(tx)
      const endpoint = { id, ...scope, url, description, types: types ?? [], enabled, secret, cursor }
      await insertEndpoint(tx, endpoint)
      await tell(tx, actor, 'webhook_endpoint.created', endpoint, { after: told(endpoint) })
      return { ...(await show(tx, id)), newSecret }
    })
  }

  async list(page: { after: string | null; limit: number }): Promise<ShownEndpoint[]> {
    const { client } = this.#database
    return withBacklogs(client, await listEndpoints(client, page))
  }

  get(id: string): Promise<ShownEndpoint> {
    return show(this.#database.client, id)
  }

  /** Enabled again, an endpoint goes on where it was, and what is pending begins anew. */
  async change(actor: Actor, id: string, change: Partial<EndpointInput>): Promise<ShownEndpoint> {
    if (change.url !== undefined) this.#requireUrl(change.url)
    return this.#database.transaction(async (tx) => {
      const before = await lock(tx, id)
      const after = {
        url: change.url ?? before.url,
        description: change.description ?? before.description,
        types: change.types === undefined ? [...before.types] : [...(change.types ?? [])],
        enabled: change.enabled ?? before.enabled,
      }
      const changed = differing(before, after)
      if (changed.length === 0) return show(tx, id)
      const isEnabledAgain = after.enabled && !before.enabled
      const anew = { disabledReason: null, consecutiveFailures: 0, failingSince: null }
      await updateEndpoint(tx, id, { ...after, ...(isEnabledAgain ? anew : {}), updatedAt: new Date() })
      if (isEnabledAgain) await restartDeliveries(tx, id)
      await tell(tx, actor, 'webhook_endpoint.updated', before, {
        changed,
        before: told(before),
        after: told(after),
      })
      return show(tx, id)
    })
  }

  async remove(actor: Actor, id: string): Promise<void> {
    await this.#database.transaction(async (tx) => {
      const endpoint = await lock(tx, id)
      await deleteEndpoint(tx, id)
      await tell(tx, actor, 'webhook_endpoint.deleted', endpoint, { before: told(endpoint) })
    })
  }

  /** A new secret; the old one signs too for so many hours. Of two rotations within them, the older secret is gone. */
  async rotateSecret(actor: Actor, id: string, previousValidHours: number): Promise<EndpointWithSecret> {
    return this.#database.transaction(async (tx) => {
      const endpoint = await lock(tx, id)
      const newSecret = newWebhookSecret()
      const expiresAt = new Date(Date.now() + previousValidHours * HOUR_MS)
      await updateEndpoint(tx, id, {
        secret: this.#messenger.seal(id, newSecret),
        previousSecret: previousValidHours === 0 ? null : endpoint.secret,
        previousSecretExpiresAt: previousValidHours === 0 ? null : expiresAt,
        updatedAt: new Date(),
      })
      await tell(tx, actor, 'webhook_endpoint.secret_rotated', endpoint, { previousValidHours })
      return { ...(await show(tx, id)), newSecret }
    })
  }

  /** Sends a message that tells of nothing, now and once, enabled or not: to see whether it arrives. */
  async sendTest(id: string): Promise<TestResult> {
    const endpoint = await show(this.#database.client, id)
    const data = { webhookEndpointId: id }
    const payload = { type: 'webhook_endpoint.test', timestamp: new Date(), data }
    const begin = performance.now()
    const { status, error } = await this.#messenger.send(endpoint, `test_${newId()}`, payload)
    const delivered = status !== null && status >= 200 && status < 300
    return { delivered, status, error, durationMs: Math.round(performance.now() - begin) }
  }

  async listDeliveries(
    id: string,
    page: { state: DeliveryState | null; after: number; limit: number },
  ): Promise<Delivery[]> {
    const { client } = this.#database
    if ((await findEndpoint(client, id)) === null) throw new NotFound('Webhook endpoint', id)
    return listDeliveries(client, id, page)
  }

  /** Sends one again, whatever became of it. */
  async resend(id: string, seq: number): Promise<Delivery> {
    return this.#database.transaction(async (tx) => {
      await lock(tx, id)
      await resendDeliveries(tx, id, { kind: 'one', seq })
      const delivery = await findDelivery(tx, id, seq)
      if (delivery === null) throw new NotFound('Delivery', String(seq))
      return delivery
    })
  }

  /** Sends all again that are dead; gives how many. */
  async resendDead(id: string): Promise<number> {
    return this.#database.transaction(async (tx) => {
      await lock(tx, id)
      return resendDeliveries(tx, id, { kind: 'dead' })
    })
  }

  #requireUrl(url: string): void {
    const fault = faultOfUrl(url, this.#allowed)
    if (fault !== null) throw new Invalid('url', fault)
  }
}

async function parseScope(
  tx: PrismaTx,
  { parentOrganizationId, organizationId }: ScopeInput,
): Promise<EndpointScope> {
  if (parentOrganizationId !== null && organizationId !== null) {
    throw new Invalid(
      'organizationId',
      'An endpoint has a parentOrganizationId or an organizationId, not both.',
    )
  }
  if (organizationId !== null) {
    const organization = isId(organizationId) ? await readOrganization(tx, organizationId) : null
    if (organization !== null) return { directoryId: organization.directoryId, organizationId }
    throw new Invalid('organizationId', `There is no organization ${organizationId}.`)
  }
  if (parentOrganizationId === null) return { directoryId: null, organizationId: null }
  const parent = isId(parentOrganizationId) ? await findParentOrganization(tx, parentOrganizationId) : null
  if (parent !== null) return { directoryId: parent.directoryId, organizationId: null }
  throw new Invalid('parentOrganizationId', `There is no parent organization ${parentOrganizationId}.`)
}

async function lock(tx: Tx, id: string): Promise<LockedEndpoint> {
  const endpoint = await lockEndpoint(tx, id)
  if (endpoint === null) throw new NotFound('Webhook endpoint', id)
  return endpoint
}

async function show(tx: PrismaTx, id: string): Promise<ShownEndpoint> {
  const endpoint = await findEndpoint(tx, id)
  const [shown] = endpoint === null ? [] : await withBacklogs(tx, [endpoint])
  if (shown === undefined) throw new NotFound('Webhook endpoint', id)
  return shown
}

async function withBacklogs(tx: Tx, endpoints: readonly WebhookEndpoint[]): Promise<ShownEndpoint[]> {
  const backlogs = await readBacklogs(
    tx,
    endpoints.map(({ id }) => id),
  )
  const none: Backlog = { pending: 0, dead: 0, oldestPendingAt: null }
  return endpoints.map((endpoint) => ({ ...endpoint, ...(backlogs.get(endpoint.id) ?? none) }))
}

type Changeable = Pick<WebhookEndpoint, 'url' | 'description' | 'types' | 'enabled'>

/** What an event says of an endpoint: not its path, in which some receivers keep a secret, nor its description. */
const told = ({ url, types, enabled }: Pick<Changeable, 'url' | 'types' | 'enabled'>) => ({
  origin: new URL(url).origin,
  types: types.length === 0 ? null : types,
  enabled,
})

/** The names of the attributes that are not the same in both. */
const differing = (before: Changeable, after: Changeable): string[] =>
  (['url', 'description', 'types', 'enabled'] as const).filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  )

const tell = (
  tx: Tx,
  actor: Actor,
  type: EventType,
  { id, directoryId, organizationId }: EndpointScope & { readonly id: string },
  data: Readonly<Record<string, unknown>>,
): Promise<void> =>
  appendEvents(tx, actor, [
    {
      type,
      directoryId,
      ...(organizationId === null ? {} : { organizationId }),
      subjectId: id,
      data,
    },
  ])
