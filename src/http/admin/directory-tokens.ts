// Directory tokens: what an identity provider presents. A directory has several, so that one can be rotated.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Services } from '../../services/index.ts'
import { Done, ShownDirectoryToken } from './answers.ts'
import { actorOf } from './auth.ts'
import { Id, Name, strict } from './bodies.ts'
import { ExpiresAt, parseExpiry } from './expiry.ts'
import { Next, pageOf, pageParameters, readPage } from './paging.ts'

const Params = Type.Object({ id: Id })
const TokenParams = Type.Object({ id: Id, tokenId: Id })
const Query = Type.Object(pageParameters, strict)
const NewToken = Type.Object({ name: Name, expiresAt: ExpiresAt }, strict)
const Change = Type.Object(
  { name: Type.Optional(Name), expiresAt: ExpiresAt },
  { ...strict, minProperties: 1 },
)
const ShownOnce = Type.Object(
  { ...ShownDirectoryToken.properties, token: Type.String({ description: 'It is not shown again.' }) },
  { title: 'NewDirectoryToken' },
)
const ShownTokens = Type.Object(
  { tokens: Type.Array(ShownDirectoryToken), next: Next },
  { title: 'DirectoryTokens' },
)

export function directoryTokenRoutes(scope: FastifyInstance, { tokens }: Services): void {
  const routes = scope.withTypeProvider<TypeBoxTypeProvider>()

  const list = {
    summary: 'List the tokens of a directory',
    params: Params,
    querystring: Query,
    response: { 200: ShownTokens },
  }
  routes.get('/directories/:id/tokens', { schema: list }, async ({ params, query }) => {
    const { page, next } = await readPage(pageOf(query), (wanted) => tokens.list(params.id, wanted))
    return { tokens: page, next }
  })

  const create = {
    summary: 'Create a token for a directory',
    description: 'The token itself is in this answer alone.',
    params: Params,
    body: NewToken,
    response: { 201: ShownOnce },
  }
  routes.post('/directories/:id/tokens', { schema: create }, async (request, reply) => {
    const { name, expiresAt = null } = request.body
    const { id } = request.params
    const created = await tokens.create(actorOf(request), id, { name, expiresAt: parseExpiry(expiresAt) })
    return reply.code(201).header('location', `/v1/directories/${id}/tokens/${created.id}`).send(created)
  })

  const one = {
    summary: 'Get a token of a directory',
    params: TokenParams,
    response: { 200: ShownDirectoryToken },
  }
  routes.get('/directories/:id/tokens/:tokenId', { schema: one }, ({ params }) =>
    tokens.get(params.id, params.tokenId),
  )

  const change = { ...one, summary: 'Change the name or the end of a token', body: Change }
  routes.patch('/directories/:id/tokens/:tokenId', { schema: change }, (request) => {
    const { params, body } = request
    const { name, expiresAt } = body
    return tokens.change(actorOf(request), params.id, params.tokenId, {
      ...(name === undefined ? {} : { name }),
      ...(expiresAt === undefined ? {} : { expiresAt: parseExpiry(expiresAt) }),
    })
  })

  const revoke = {
    summary: 'Revoke a token of a directory',
    description: 'At once and for good.',
    params: TokenParams,
    response: { 204: Done },
  }
  routes.delete('/directories/:id/tokens/:tokenId', { schema: revoke }, async (request, reply) => {
    await tokens.revoke(actorOf(request), request.params.id, request.params.tokenId)
    return reply.code(204).send()
  })
}
