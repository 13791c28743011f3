// Webhooks (A3): endpoints that events are pushed to, their secrets and health, and what did not arrive.
import type {} from '@fastify/swagger'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Services } from '../../services/index.ts'
import { actorOf } from './auth.ts'
import { Id, strict } from './bodies.ts'
import { limitOf } from './paging.ts'
import {
  DeliveryAnswer,
  DeliveryPage,
  DeliveryQuery,
  Endpoint,
  EndpointChangeBody,
  EndpointPage,
  EndpointWithSecret,
  hoursOf,
  NewEndpointBody,
  Resent,
  RotateBody,
  shownDelivery,
  shownEndpoint,
  TestAnswer,
} from './webhook-bodies.ts'

const Params = Type.Object({ id: Id })
const DeliveryParams = Type.Object({ id: Id, seq: Type.String({ pattern: '^[0-9]{1,15}$' }) })
const Query = Type.Object(
  {
    after: Type.Optional(Type.String({ format: 'uuid' })),
    limit: Type.Optional(Type.String({ pattern: '^[0-9]{1,4}$' })),
  },
  strict,
)

export function webhookRoutes(scope: FastifyInstance, services: Services): void {
  endpointRoutes(scope, services)
  secretRoutes(scope, services)
  deliveryRoutes(scope, services)
}

function endpointRoutes(scope: FastifyInstance, { webhooks }: Services): void {
  const routes = scope.withTypeProvider<TypeBoxTypeProvider>()

  routes.get(
    '/webhook-endpoints',
    { schema: { summary: 'List webhook endpoints', querystring: Query, response: { 200: EndpointPage } } },
    async ({ query }) => {
      const limit = limitOf(query)
      const found = await webhooks.list({ after: query.after ?? null, limit: limit + 1 })
      const page = found.slice(0, limit)
      const next = found.length > limit ? (page.at(-1)?.id ?? null) : null
      return { webhookEndpoints: page.map(shownEndpoint), next }
    },
  )

  routes.post(
    '/webhook-endpoints',
    {
      schema: {
        summary: 'Create a webhook endpoint',
        description: 'It gets what happens from now on. The answer alone shows the secret.',
        body: NewEndpointBody,
        response: { 201: EndpointWithSecret },
      },
    },
    async (request, reply) => {
      const { url, description = '', types = null, enabled = true } = request.body
      const { parentOrganizationId = null, organizationId = null } = request.body
      const created = await webhooks.create(actorOf(request), {
        url,
        description,
        types,
        enabled,
        parentOrganizationId,
        organizationId,
      })
      return reply
        .code(201)
        .header('location', `/v1/webhook-endpoints/${created.id}`)
        .send({ ...shownEndpoint(created), secret: created.newSecret })
    },
  )

  routes.get(
    '/webhook-endpoints/:id',
    { schema: { summary: 'Read a webhook endpoint', params: Params, response: { 200: Endpoint } } },
    async ({ params }) => shownEndpoint(await webhooks.get(params.id)),
  )

  routes.patch(
    '/webhook-endpoints/:id',
    {
      schema: {
        summary: 'Change a webhook endpoint',
        description: 'Enabled again, it goes on where it was, and what is pending is tried at once.',
        params: Params,
        body: EndpointChangeBody,
        response: { 200: Endpoint },
      },
    },
    async (request) =>
      shownEndpoint(await webhooks.change(actorOf(request), request.params.id, request.body)),
  )

  routes.delete(
    '/webhook-endpoints/:id',
    {
      schema: {
        summary: 'Delete a webhook endpoint and its deliveries',
        params: Params,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await webhooks.remove(actorOf(request), request.params.id)
      return reply.code(204).send(null)
    },
  )
}

function secretRoutes(scope: FastifyInstance, { webhooks }: Services): void {
  const routes = scope.withTypeProvider<TypeBoxTypeProvider>()

  routes.post(
    // two colons are one in the path
    '/webhook-endpoints/:id/secret::rotate',
    {
      schema: {
        summary: 'Give a webhook endpoint a new secret',
        description:
          'The answer alone shows it. The secret before signs too, for a day unless said otherwise.',
        params: Params,
        body: RotateBody,
        response: { 200: EndpointWithSecret },
      },
    },
    async (request, reply) => {
      const { params, body } = request
      const rotated = await webhooks.rotateSecret(actorOf(request), params.id, hoursOf(body))
      return reply.send({ ...shownEndpoint(rotated), secret: rotated.newSecret })
    },
  )

  routes.post(
    // a parameter ends before a colon only where its pattern says so
    '/webhook-endpoints/:id(^[^:]+$)::test',
    {
      schema: {
        summary: 'Send a test message to a webhook endpoint',
        description: 'Now and once, signed as all are, with the type webhook_endpoint.test.',
        params: Params,
        response: { 200: TestAnswer },
      },
    },
    ({ params }) => webhooks.sendTest(params.id),
  )
}

function deliveryRoutes(scope: FastifyInstance, { webhooks }: Services): void {
  const routes = scope.withTypeProvider<TypeBoxTypeProvider>()

  routes.get(
    '/webhook-endpoints/:id/deliveries',
    {
      schema: {
        summary: 'List deliveries to a webhook endpoint',
        description:
          'In the order of their events. What was delivered is kept for a week, what is dead for a month.',
        params: Params,
        querystring: DeliveryQuery,
        response: { 200: DeliveryPage },
      },
    },
    async ({ params, query }) => {
      const limit = limitOf(query)
      const found = await webhooks.listDeliveries(params.id, {
        state: query.state ?? null,
        after: Number(query.after ?? 0),
        limit: limit + 1,
      })
      const page = found.slice(0, limit)
      const last = found.length > limit ? page.at(-1) : undefined
      return { deliveries: page.map(shownDelivery), next: last === undefined ? null : String(last.seq) }
    },
  )

  routes.post(
    '/webhook-endpoints/:id/deliveries::resend',
    {
      schema: {
        summary: 'Send all dead deliveries again',
        params: Params,
        response: { 202: Resent },
      },
    },
    async ({ params }, reply) => reply.code(202).send({ resent: await webhooks.resendDead(params.id) }),
  )

  routes.post(
    '/webhook-endpoints/:id/deliveries/:seq(^[^:]+$)::resend',
    {
      schema: {
        summary: 'Send a delivery again',
        description: 'Dead, delivered or pending: it is tried as if it were new.',
        params: DeliveryParams,
        response: { 202: DeliveryAnswer },
      },
    },
    async ({ params }, reply) =>
      reply.code(202).send(shownDelivery(await webhooks.resend(params.id, Number(params.seq)))),
  )
}
