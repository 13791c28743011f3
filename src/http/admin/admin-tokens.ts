// Admin tokens: whoever has one sees and makes those within its scope.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { type AdminToken, adminAccesses, adminScopes } from '../../services/admin-tokens.ts'
import type { Services } from '../../services/index.ts'
import { Done, orNull, Time } from './answers.ts'
import { actorOf, adminCallerOf } from './auth.ts'
import { Id, Name, oneOf, strict } from './bodies.ts'
import { ExpiresAt, parseExpiry } from './expiry.ts'
import { Next, pageOf, pageParameters, readPage } from './paging.ts'

const Params = Type.Object({ tokenId: Id })
const Query = Type.Object(pageParameters, strict)
const NewToken = Type.Object(
  {
    name: Name,
    scope: oneOf(adminScopes),
    parentOrganizationId: Type.Optional(orNull(Id)),
    organizationId: Type.Optional(orNull(Id)),
    access: oneOf(adminAccesses),
    expiresAt: ExpiresAt,
  },
  strict,
)
const Change = Type.Object(
  { name: Type.Optional(Name), expiresAt: ExpiresAt },
  { ...strict, minProperties: 1 },
)

const shownToken = {
  id: Type.String(),
  name: Type.String(),
  scope: oneOf(adminScopes),
  parentOrganizationId: orNull(Type.String()),
  organizationId: orNull(Type.String()),
  access: oneOf(adminAccesses),
  createdAt: Time,
  expiresAt: orNull(Time),
  revokedAt: orNull(Time),
  lastUsedAt: orNull(Time),
}
const ShownToken = Type.Object(shownToken, { title: 'AdminToken' })
const ShownOnce = Type.Object(
  { ...shownToken, token: Type.String({ description: 'It is not shown again.' }) },
  { title: 'NewAdminToken' },
)
const ShownTokens = Type.Object({ adminTokens: Type.Array(ShownToken), next: Next }, { title: 'AdminTokens' })

const config = { about: 'scope' } as const

export function adminTokenRoutes(scope: FastifyInstance, { adminTokens }: Services): void {
  const routes = scope.withTypeProvider<TypeBoxTypeProvider>()

  const list = { summary: 'List admin tokens', querystring: Query, response: { 200: ShownTokens } }
  routes.get('/admin-tokens', { config, schema: list }, async (request) => {
    const caller = adminCallerOf(request)
    const { page, next } = await readPage(pageOf(request.query), (wanted) => adminTokens.list(caller, wanted))
    return { adminTokens: page.map(shown), next }
  })

  const create = {
    summary: 'Create an admin token',
    description: 'The token itself is in this answer alone. It can do no more than the one that makes it.',
    body: NewToken,
    response: { 201: ShownOnce },
  }
  routes.post('/admin-tokens', { config, schema: create }, async (request, reply) => {
    const { expiresAt = null, ...input } = request.body
    const created = await adminTokens.create(actorOf(request), adminCallerOf(request), {
      ...input,
      expiresAt: parseExpiry(expiresAt),
    })
    return reply
      .code(201)
      .header('location', `/v1/admin-tokens/${created.id}`)
      .send({ ...shown(created), token: created.token })
  })

  const one = { summary: 'Get an admin token', params: Params, response: { 200: ShownToken } }
  routes.get('/admin-tokens/:tokenId', { config, schema: one }, async (request) =>
    shown(await adminTokens.get(adminCallerOf(request), request.params.tokenId)),
  )

  const change = {
    summary: 'Change the name or the end of an admin token',
    params: Params,
    body: Change,
    response: { 200: ShownToken },
  }
  routes.patch('/admin-tokens/:tokenId', { config, schema: change }, async (request) => {
    const { name, expiresAt } = request.body
    const changed = await adminTokens.change(
      actorOf(request),
      adminCallerOf(request),
      request.params.tokenId,
      {
        ...(name === undefined ? {} : { name }),
        ...(expiresAt === undefined ? {} : { expiresAt: parseExpiry(expiresAt) }),
      },
    )
    return shown(changed)
  })

  const revoke = {
    summary: 'Revoke an admin token',
    description: 'At once and for good. The last valid token that may do everything cannot be revoked.',
    params: Params,
    response: { 204: Done },
  }
  routes.delete('/admin-tokens/:tokenId', { config, schema: revoke }, async (request, reply) => {
    await adminTokens.revoke(actorOf(request), adminCallerOf(request), request.params.tokenId)
    return reply.code(204).send()
  })
}

function shown({ scope, ...token }: AdminToken) {
  const { id, name, access, createdAt, expiresAt, revokedAt, lastUsedAt } = token
  return {
    id,
    name,
    scope: scope.kind,
    parentOrganizationId: scope.kind === 'all' ? null : scope.parentOrganizationId,
    organizationId: scope.kind === 'organization' ? scope.organizationId : null,
    access,
    createdAt,
    expiresAt,
    revokedAt,
    lastUsedAt,
  }
}
