// Connections of a directory to WorkOS, and the secrets that sign their webhooks.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Services } from '../../services/index.ts'
import { type ShownConnection, workosStates } from '../../services/workos-connections.ts'
import { WORKOS_PREFIX } from '../workos.ts'
import { actorOf } from './auth.ts'
import { Id, Name, oneOf, strict } from './bodies.ts'
import { Next, pageOf, pageParameters, pageWithin } from './paging.ts'

const Params = Type.Object({ id: Id })
const ConnectionParams = Type.Object({ id: Id, connectionId: Id })
const SecretParams = Type.Object({ id: Id, connectionId: Id, secretId: Id })
const WorkosDirectoryId = Type.Union([
  Type.String({ pattern: '^directory_[A-Za-z0-9_-]{1,80}$' }),
  Type.Null(),
])
const SigningSecret = Type.String({ minLength: 1, maxLength: 500, pattern: '^[!-~]+$' })
const NewConnection = Type.Object(
  { name: Name, workosDirectoryId: Type.Optional(WorkosDirectoryId), signingSecret: SigningSecret },
  strict,
)
const Change = Type.Object(
  { name: Type.Optional(Name), workosDirectoryId: Type.Optional(WorkosDirectoryId) },
  { ...strict, minProperties: 1 },
)
const NewSecret = Type.Object({ signingSecret: SigningSecret }, strict)

/** Serialised as JSON has it: dates as texts. */
const Time = Type.String({ format: 'date-time' })
const Secret = Type.Object({ id: Id, createdAt: Time })
const Connection = Type.Object(
  {
    id: Id,
    directoryId: Id,
    name: Name,
    workosDirectoryId: Type.Union([Type.String(), Type.Null()]),
    state: oneOf(workosStates),
    endpoint: Type.String({ description: 'The path that WorkOS sends its webhooks to.' }),
    secrets: Type.Array(Secret),
    lastEventAt: Type.Union([Time, Type.Null()]),
    createdAt: Time,
  },
  { title: 'WorkosConnection' },
)
const Connections = Type.Object({ workosConnections: Type.Array(Connection), next: Next })
const Query = Type.Object(pageParameters)
const Nothing = Type.Null({ description: 'Nothing.' })

const root = '/directories/:id/workos-connections'
const one = `${root}/:connectionId`

export function workosConnectionRoutes(scope: FastifyInstance, { workosConnections }: Services): void {
  const routes = scope.withTypeProvider<TypeBoxTypeProvider>()

  routes.get(
    root,
    {
      schema: {
        summary: 'List the connections to WorkOS',
        params: Params,
        querystring: Query,
        response: { 200: Connections },
      },
    },
    async ({ params, query }) => {
      const all = await workosConnections.list(params.id)
      const { page, next } = pageWithin(all, pageOf(query), ({ id }) => id)
      return { workosConnections: page.map(shown), next }
    },
  )

  routes.post(
    root,
    {
      schema: {
        summary: 'Connect a WorkOS directory',
        description:
          'Without workosDirectoryId the first event binds the connection to its directory. The signing secret is not shown again.',
        params: Params,
        body: NewConnection,
        response: { 201: Connection },
      },
    },
    async (request, reply) => {
      const { workosDirectoryId = null, ...body } = request.body
      const connection = { ...body, workosDirectoryId }
      const created = await workosConnections.create(actorOf(request), request.params.id, connection)
      const location = `/v1/directories/${created.directoryId}/workos-connections/${created.id}`
      return reply.code(201).header('location', location).send(shown(created))
    },
  )

  routes.get(
    one,
    { schema: { summary: 'Read a connection', params: ConnectionParams, response: { 200: Connection } } },
    async ({ params }) => shown(await workosConnections.get(params.id, params.connectionId)),
  )

  routes.patch(
    one,
    {
      schema: {
        summary: 'Rename a connection, or bind it to another WorkOS directory',
        params: ConnectionParams,
        body: Change,
        response: { 200: Connection },
      },
    },
    async (request) => {
      const { id, connectionId } = request.params
      return shown(await workosConnections.update(actorOf(request), id, connectionId, request.body))
    },
  )

  routes.delete(
    one,
    {
      schema: {
        summary: 'Delete a connection',
        description: 'Its events are refused from then on. Whom they brought stays in the directory.',
        params: ConnectionParams,
        response: { 204: Nothing },
      },
    },
    async (request, reply) => {
      const { id, connectionId } = request.params
      await workosConnections.remove(actorOf(request), id, connectionId)
      return reply.code(204).send(null)
    },
  )

  routes.post(
    `${one}/secrets`,
    {
      schema: {
        summary: 'Add a second signing secret',
        description: 'Both are valid until one of them is deleted.',
        params: ConnectionParams,
        body: NewSecret,
        response: { 201: Secret },
      },
    },
    async (request, reply) => {
      const { params, body } = request
      const { id, connectionId } = params
      const secret = await workosConnections.addSecret(actorOf(request), id, connectionId, body.signingSecret)
      return reply.code(201).send({ ...secret, createdAt: secret.createdAt.toISOString() })
    },
  )

  routes.delete(
    `${one}/secrets/:secretId`,
    { schema: { summary: 'Delete a signing secret', params: SecretParams, response: { 204: Nothing } } },
    async (request, reply) => {
      const { id, connectionId, secretId } = request.params
      await workosConnections.removeSecret(actorOf(request), id, connectionId, secretId)
      return reply.code(204).send(null)
    },
  )
}

const shown = ({ secrets, lastEventAt, createdAt, ...connection }: ShownConnection) => ({
  ...connection,
  endpoint: `${WORKOS_PREFIX}/${connection.id}`,
  secrets: secrets.map((secret) => ({ id: secret.id, createdAt: secret.createdAt.toISOString() })),
  lastEventAt: lastEventAt?.toISOString() ?? null,
  createdAt: createdAt.toISOString(),
})
