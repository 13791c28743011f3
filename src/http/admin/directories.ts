// Directories: their settings, their tokens, and what their IdP needed us to tolerate.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { Invalid } from '../../services/errors.ts'
import type { Services } from '../../services/index.ts'
import { Done, listOf, orNull, Time, Uuid } from './answers.ts'
import { actorOf } from './auth.ts'
import { DateTime, Id, Name, oneOf, strict } from './bodies.ts'

const Params = Type.Object({ id: Id })
const TokenParams = Type.Object({ id: Id, tokenId: Id })
const DirectoryBody = Type.Object({ unknownMembers: oneOf(['refuse', 'skip']) }, strict)
const TokenBody = Type.Object(
  { name: Name, expiresAt: Type.Optional(Type.Union([DateTime, Type.Null()])) },
  strict,
)

const Directory = Type.Object(
  { id: Uuid, parentOrganizationId: Uuid, unknownMembers: oneOf(['refuse', 'skip']) },
  { title: 'Directory' },
)
const Tolerances = Type.Object(
  {
    tolerances: listOf(
      Type.Object({
        tolerance: Type.String(),
        subject: Type.String({ description: 'What it was needed for, e.g. the name of an attribute.' }),
        count: Type.Integer({ minimum: 1 }),
        lastSeenAt: Time,
      }),
    ),
  },
  { title: 'Tolerances' },
)
const token = {
  id: Uuid,
  directoryId: Uuid,
  name: Type.String(),
  createdAt: Time,
  expiresAt: orNull(Time),
  revokedAt: orNull(Time),
  lastUsedAt: orNull(Time),
}
const Tokens = Type.Object({ tokens: listOf(Type.Object(token, { title: 'DirectoryToken' })) })
const NewToken = Type.Object(
  { ...token, token: Type.String({ description: 'The token itself: it is not shown again.' }) },
  { title: 'NewDirectoryToken' },
)

export function directoryRoutes(
  scope: FastifyInstance,
  { organizations, tokens, tolerances }: Services,
): void {
  const routes = scope.withTypeProvider<TypeBoxTypeProvider>()

  routes.get(
    '/directories/:id',
    { schema: { summary: 'Read a directory', params: Params, response: { 200: Directory } } },
    ({ params }) => organizations.getDirectory(params.id),
  )

  routes.patch(
    '/directories/:id',
    {
      schema: {
        summary: 'Change the settings of a directory',
        description:
          '`unknownMembers` says what a push of a group does with members that do not exist: refuse it, or skip them.',
        params: Params,
        body: DirectoryBody,
        response: { 200: Directory },
      },
    },
    (request) => organizations.updateDirectory(actorOf(request), request.params.id, request.body),
  )

  routes.get(
    '/directories/:id/tolerances',
    {
      schema: {
        summary: 'List what the identity provider needed us to tolerate',
        description: 'Most frequent first.',
        params: Params,
        response: { 200: Tolerances },
      },
    },
    async ({ params }) => {
      await organizations.getDirectory(params.id)
      const counts = await tolerances.list(params.id)
      return {
        tolerances: counts.map(({ tolerance, subject, count, lastSeenAt }) => ({
          tolerance,
          subject,
          count,
          lastSeenAt,
        })),
      }
    },
  )

  routes.get(
    '/directories/:id/tokens',
    { schema: { summary: 'List the tokens of a directory', params: Params, response: { 200: Tokens } } },
    async ({ params }) => ({ tokens: await tokens.list(params.id) }),
  )

  routes.post(
    '/directories/:id/tokens',
    {
      schema: {
        summary: 'Create a token for an identity provider',
        description: 'The token itself is in this answer alone.',
        params: Params,
        body: TokenBody,
        response: { 201: NewToken },
      },
    },
    async (request, reply) => {
      const { name, expiresAt = null } = request.body
      const expiry = expiresAt === null ? null : parseExpiry(expiresAt)
      const created = await tokens.create(actorOf(request), request.params.id, { name, expiresAt: expiry })
      return reply.code(201).header('cache-control', 'no-store').send(created)
    },
  )

  routes.delete(
    '/directories/:id/tokens/:tokenId',
    {
      schema: {
        summary: 'Revoke a token of a directory, at once',
        params: TokenParams,
        response: { 204: Done },
      },
    },
    async (request, reply) => {
      await tokens.revoke(actorOf(request), request.params.id, request.params.tokenId)
      return reply.code(204).send()
    },
  )
}

/** A moment to come. A leap second is none to JavaScript; a zone may move the last day of 9999 to year 10000. */
function parseExpiry(text: string): Date {
  const expiry = new Date(text)
  if (expiry > new Date() && expiry.getUTCFullYear() <= 9999) return expiry
  throw new Invalid('expiresAt', 'expiresAt must be in the future, and before the year 10000.')
}
