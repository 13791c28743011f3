// Versions of an organization's settings: the list of them, one as a body to be saved again, and two compared.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { NotFound } from '../../services/errors.ts'
import type { Services } from '../../services/index.ts'
import { Id } from './bodies.ts'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1000

/** nine digits: PostgreSQL counts a little further, and nobody saves that often */
const VERSION = '^[1-9][0-9]{0,8}$'
const Params = Type.Object({ id: Id })
const VersionParams = Type.Object({ id: Id, version: Type.String() })
const Query = Type.Object({
  after: Type.Optional(Type.String({ pattern: VERSION })),
  limit: Type.Optional(Type.String({ pattern: '^[0-9]{1,4}$' })),
})
const Other = Type.Object({ with: Type.String({ pattern: VERSION }) })

export function settingsHistoryRoutes(scope: FastifyInstance, { settingsHistory }: Services): void {
  const routes = scope.withTypeProvider<TypeBoxTypeProvider>()

  routes.get(
    '/organizations/:id/provisioning/versions',
    { schema: { params: Params, querystring: Query } },
    async ({ params, query }) => {
      const limit = Math.min(Math.max(Number(query.limit ?? DEFAULT_LIMIT), 1), MAX_LIMIT)
      const after = query.after === undefined ? null : Number(query.after)
      const found = await settingsHistory.list(params.id, { after, limit: limit + 1 })
      const versions = found.slice(0, limit)
      return { versions, next: found.length > limit ? (versions.at(-1)?.version ?? null) : null }
    },
  )

  routes.get(
    '/organizations/:id/provisioning/versions/:version',
    { schema: { params: VersionParams } },
    ({ params }) => settingsHistory.get(params.id, versionOf(params.version)),
  )

  routes.get(
    '/organizations/:id/provisioning/versions/:version/diff',
    { schema: { params: VersionParams, querystring: Other } },
    async ({ params, query }) => {
      const [from, to] = [Number(query.with), versionOf(params.version)]
      return { from, to, changes: await settingsHistory.compare(params.id, from, to) }
    },
  )
}

/** What is no number is the version of nothing. */
function versionOf(text: string): number {
  if (new RegExp(VERSION).test(text)) return Number(text)
  throw new NotFound('Version', text)
}
