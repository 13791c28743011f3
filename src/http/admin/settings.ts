// Provisioning settings of an organization, with their version as entity tag.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { modes } from '../../provisioning/catalogue.ts'
import { Invalid } from '../../services/errors.ts'
import type { Services } from '../../services/index.ts'
import { actorOf } from './auth.ts'
import { Id, oneOf, strict } from './bodies.ts'

const Mapping = Type.Object(
  { groupId: Id, role: Type.Optional(Type.String()), seatType: Type.Optional(Type.String()) },
  strict,
)
const Body = Type.Object(
  {
    mode: oneOf(modes),
    groupMappings: Type.Boolean({ default: false }),
    mappings: Type.Array(Mapping, { maxItems: 10_000, default: [] }),
  },
  strict,
)
const Params = Type.Object({ id: Id })

export function settingsRoutes(scope: FastifyInstance, { settings }: Services): void {
  const routes = scope.withTypeProvider<TypeBoxTypeProvider>()

  routes.get('/organizations/:id/provisioning', { schema: { params: Params } }, async ({ params }, reply) => {
    const held = await settings.get(params.id)
    return reply.header('etag', `"${held.version}"`).send(held)
  })

  routes.put(
    '/organizations/:id/provisioning',
    { schema: { params: Params, body: Body } },
    async (request, reply) => {
      const version = versionIn(request.headers['if-match'])
      const saved = await settings.save(actorOf(request), request.params.id, request.body, version)
      return reply
        .header('etag', `"${saved.settings.version}"`)
        .send({ ...saved.settings, changes: saved.changes })
    },
  )
}

/** The settings' version in an If-Match header; null where any will do. */
function versionIn(ifMatch: string | undefined): number | null {
  if (ifMatch === undefined || ifMatch.trim() === '*') return null
  const digits = /^"(\d{1,9})"$/.exec(ifMatch.trim())?.[1]
  if (digits === undefined)
    throw new Invalid('If-Match', 'If-Match takes the ETag of the settings, e.g. "3".')
  return Number(digits)
}
