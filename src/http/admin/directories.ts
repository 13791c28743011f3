// Directories: their settings, their tokens, and what their IdP needed us to tolerate.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { Invalid } from '../../services/errors.ts'
import type { Services } from '../../services/index.ts'
import { actorOf } from './auth.ts'
import { DateTime, Id, Name, oneOf, strict } from './bodies.ts'

const Params = Type.Object({ id: Id })
const TokenParams = Type.Object({ id: Id, tokenId: Id })
const DirectoryBody = Type.Object({ unknownMembers: oneOf(['refuse', 'skip']) }, strict)
const TokenBody = Type.Object(
  { name: Name, expiresAt: Type.Optional(Type.Union([DateTime, Type.Null()])) },
  strict,
)

export function directoryRoutes(
  scope: FastifyInstance,
  { organizations, tokens, tolerances }: Services,
): void {
  const routes = scope.withTypeProvider<TypeBoxTypeProvider>()

  routes.get('/directories/:id', { schema: { params: Params } }, ({ params }) =>
    organizations.getDirectory(params.id),
  )

  routes.patch('/directories/:id', { schema: { params: Params, body: DirectoryBody } }, (request) =>
    organizations.updateDirectory(actorOf(request), request.params.id, request.body),
  )

  routes.get('/directories/:id/tolerances', { schema: { params: Params } }, async ({ params }) => {
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
  })

  routes.get('/directories/:id/tokens', { schema: { params: Params } }, async ({ params }) => ({
    tokens: await tokens.list(params.id),
  }))

  routes.post(
    '/directories/:id/tokens',
    { schema: { params: Params, body: TokenBody } },
    async (request, reply) => {
      const { name, expiresAt = null } = request.body
      const expiry = expiresAt === null ? null : parseExpiry(expiresAt)
      const created = await tokens.create(actorOf(request), request.params.id, { name, expiresAt: expiry })
      return reply.code(201).header('cache-control', 'no-store').send(created)
    },
  )

  routes.delete(
    '/directories/:id/tokens/:tokenId',
    { schema: { params: TokenParams } },
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
