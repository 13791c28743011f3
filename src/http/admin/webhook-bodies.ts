// What is sent and answered about webhooks: their schemas, and the shape that rows take in them.
import { type TSchema, Type } from 'typebox'
import { eventTypes } from '../../services/events.ts'
import { deliveryStates, disabledReasons, type ShownEndpoint } from '../../services/webhooks.ts'
import type { Delivery } from '../../store/webhook-deliveries.ts'
import { oneOf, strict, Text } from './bodies.ts'

const orNull = <T extends TSchema>(type: T) => Type.Union([type, Type.Null()])
const DateTime = Type.String({ format: 'date-time' })

const MAX_VALID_HOURS = 7 * 24
const DEFAULT_VALID_HOURS = 24

/** What a URL parser would take out or turn into something else, and PostgreSQL could not hold. */
const PRINTABLE = '^[^\\s\\u0000-\\u001f\\ud800-\\udfff]*$'

const fields = {
  // judged by webhooks/url.ts, which says more than a pattern
  url: Type.String({ minLength: 1, pattern: PRINTABLE, description: 'https, without user and password' }),
  description: Type.String({ ...Text, maxLength: 500 }),
  types: Type.Union([Type.Array(oneOf(eventTypes), { minItems: 1, maxItems: 100 }), Type.Null()], {
    description: 'the types of event that are sent; null: all',
  }),
  enabled: Type.Boolean(),
}

export const NewEndpointBody = Type.Object(
  {
    url: fields.url,
    description: Type.Optional(fields.description),
    parentOrganizationId: Type.Optional(orNull(Type.String({ maxLength: 100 }))),
    organizationId: Type.Optional(orNull(Type.String({ maxLength: 100 }))),
    types: Type.Optional(fields.types),
    enabled: Type.Optional(fields.enabled),
  },
  strict,
)

export const EndpointChangeBody = Type.Partial(Type.Object(fields), { ...strict, minProperties: 1 })

/** The body may be left out. */
export const RotateBody = Type.Union([
  Type.Object(
    {
      previousValidHours: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: MAX_VALID_HOURS,
          description: `for how long the secret before signs too: ${DEFAULT_VALID_HOURS} unless said otherwise`,
        }),
      ),
    },
    strict,
  ),
  Type.Null(),
])

export const hoursOf = (body: Type.Static<typeof RotateBody> | undefined): number =>
  body?.previousValidHours ?? DEFAULT_VALID_HOURS

const endpointFields = {
  id: Type.String(),
  url: Type.String(),
  description: Type.String(),
  parentOrganizationId: orNull(Type.String()),
  organizationId: orNull(Type.String()),
  types: orNull(Type.Array(Type.String())),
  enabled: Type.Boolean(),
  disabledReason: orNull(oneOf(disabledReasons)),
  previousSecretExpiresAt: orNull(DateTime),
  createdAt: DateTime,
  updatedAt: DateTime,
  health: Type.Object({
    lastSuccessAt: orNull(DateTime),
    lastFailureAt: orNull(DateTime),
    consecutiveFailures: Type.Integer(),
    failingSince: orNull(DateTime),
    pending: Type.Integer(),
    oldestPendingAt: orNull(DateTime),
    dead: Type.Integer(),
  }),
}

export const Endpoint = Type.Object(endpointFields, { title: 'WebhookEndpoint' })
export const EndpointWithSecret = Type.Object({
  ...endpointFields,
  secret: Type.String({ description: 'what verifies the messages; it is not shown again' }),
})
export const EndpointPage = Type.Object({
  webhookEndpoints: Type.Array(Endpoint),
  next: orNull(Type.String()),
})

export const DeliveryAnswer = Type.Object(
  {
    seq: Type.Integer(),
    messageId: Type.String(),
    time: DateTime,
    type: Type.String(),
    directoryId: orNull(Type.String()),
    organizationId: orNull(Type.String()),
    subjectId: Type.String(),
    state: oneOf(deliveryStates),
    attempts: Type.Integer(),
    nextAttemptAt: orNull(DateTime),
    lastAttemptAt: orNull(DateTime),
    lastStatus: orNull(Type.Integer()),
    lastError: orNull(Type.String()),
    settledAt: orNull(DateTime),
  },
  { title: 'WebhookDelivery' },
)
export const DeliveryPage = Type.Object({
  deliveries: Type.Array(DeliveryAnswer),
  next: orNull(Type.String()),
})
export const DeliveryQuery = Type.Object(
  {
    state: Type.Optional(oneOf(deliveryStates)),
    after: Type.Optional(Type.String({ pattern: '^[0-9]{1,15}$' })),
    limit: Type.Optional(Type.String({ pattern: '^[0-9]{1,4}$' })),
  },
  strict,
)
export const Resent = Type.Object({ resent: Type.Integer() })

export const TestAnswer = Type.Object({
  delivered: Type.Boolean(),
  status: orNull(Type.Integer()),
  error: orNull(Type.String()),
  durationMs: Type.Integer(),
})

const iso = (time: Date | null): string | null => time?.toISOString() ?? null

export function shownEndpoint(endpoint: ShownEndpoint): Type.Static<typeof Endpoint> {
  const { id, url, description, organizationId, parentOrganizationId, types, enabled } = endpoint
  const { previousSecretExpiresAt: expiry } = endpoint
  return {
    id,
    url,
    description,
    parentOrganizationId: organizationId === null ? parentOrganizationId : null,
    organizationId,
    types: types.length === 0 ? null : [...types],
    enabled,
    disabledReason: disabledReasons.find((reason) => reason === endpoint.disabledReason) ?? null,
    previousSecretExpiresAt: expiry !== null && expiry > new Date() ? iso(expiry) : null,
    createdAt: endpoint.createdAt.toISOString(),
    updatedAt: endpoint.updatedAt.toISOString(),
    health: {
      lastSuccessAt: iso(endpoint.lastSuccessAt),
      lastFailureAt: iso(endpoint.lastFailureAt),
      consecutiveFailures: endpoint.consecutiveFailures,
      failingSince: iso(endpoint.failingSince),
      pending: endpoint.pending,
      oldestPendingAt: iso(endpoint.oldestPendingAt),
      dead: endpoint.dead,
    },
  }
}

export function shownDelivery(delivery: Delivery): Type.Static<typeof DeliveryAnswer> {
  const { type, directoryId, organizationId, subjectId, attempts, lastStatus, lastError } = delivery
  return {
    seq: Number(delivery.seq),
    messageId: `evt_${delivery.seq}`,
    time: delivery.time.toISOString(),
    type,
    directoryId,
    organizationId,
    subjectId,
    state: deliveryStates.find((state) => state === delivery.state) ?? 'pending',
    attempts,
    nextAttemptAt: iso(delivery.nextAttemptAt),
    lastAttemptAt: iso(delivery.lastAttemptAt),
    lastStatus,
    lastError,
    settledAt: iso(delivery.settledAt),
  }
}
