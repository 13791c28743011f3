// Provisioning settings of an organization, with their version as entity tag; and what saving others would do.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { type TSchema, Type } from 'typebox'
import { MAX_WITHIN_MINUTES } from '../../provisioning/brake.ts'
import { modes } from '../../provisioning/catalogue.ts'
import { DEFAULT_MAX_REMOVED_PERCENT, warningNames } from '../../provisioning/guard.ts'
import { outcomes } from '../../provisioning/outcome.ts'
import { Invalid } from '../../services/errors.ts'
import type { Services } from '../../services/index.ts'
import type { ExpectedVersion, Preview } from '../../services/settings.ts'
import { actorOf } from './auth.ts'
import { GroupName, Id, oneOf, strict, Text } from './bodies.ts'

/** the greatest that PostgreSQL counts to */
const MAX_VERSION = 2 ** 31 - 1

const orNull = <T extends TSchema>(type: T) => Type.Optional(Type.Union([type, Type.Null()]))
/** All that a mapping has in an answer can be sent back. */
const Mapping = Type.Object(
  {
    groupId: orNull(Id),
    groupName: orNull(GroupName),
    role: orNull(Type.String()),
    seatType: orNull(Type.String()),
    /** what a version of the past says of a group that is no more: its id says it too */
    gone: Type.Optional(Type.Boolean()),
  },
  strict,
)
/** The limits of the brake (S5): at least one of the two, which the service sees to. */
const Brake = Type.Object(
  {
    maxRemovals: orNull(Type.Integer({ minimum: 0, maximum: 1_000_000_000 })),
    maxRemovedPercent: orNull(Type.Integer({ minimum: 0, maximum: 100 })),
    withinMinutes: Type.Integer({ minimum: 1, maximum: MAX_WITHIN_MINUTES }),
  },
  strict,
)
const Body = Type.Object(
  {
    /** as in If-Match, which goes before */
    version: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_VERSION })),
    mode: oneOf(modes),
    groupMappings: Type.Boolean({ default: false }),
    mappings: Type.Array(Mapping, { maxItems: 10_000, default: [] }),
    brake: orNull(Brake),
    acknowledge: Type.Array(oneOf(warningNames), { maxItems: 100, default: [] }),
    actingMember: Type.Optional(Text),
    maxRemovedPercent: Type.Integer({ minimum: 0, maximum: 100, default: DEFAULT_MAX_REMOVED_PERCENT }),
  },
  strict,
)
const Params = Type.Object({ id: Id })
const Query = Type.Object({
  outcome: Type.Optional(oneOf(outcomes)),
  after: Type.Optional(Type.String({ format: 'uuid' })),
  limit: Type.Optional(Type.String({ pattern: '^[0-9]{1,4}$' })),
})
const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1000

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
      const expected = expectedBy(request)
      const saved = await settings.save(actorOf(request), request.params.id, request.body, expected)
      return reply
        .header('etag', `"${saved.settings.version}"`)
        .send({ ...saved.settings, changes: saved.changes })
    },
  )

  routes.post(
    // two colons are one in the path
    '/organizations/:id/provisioning::preview',
    { config: { readsOnly: true }, schema: { params: Params, body: Body, querystring: Query } },
    async (request, reply) => {
      const { params, body, query } = request
      const limit = Math.min(Math.max(Number(query.limit ?? DEFAULT_LIMIT), 1), MAX_LIMIT)
      const { outcome = null, after = null } = query
      const expected = expectedBy(request)
      const preview = await settings.preview(params.id, body, expected, { outcome, after, limit })
      const etag = `"${preview.version}.${preview.fingerprint}"`
      return reply.header('etag', etag).send({ etag, ...shown(preview) })
    },
  )
}

const shown = ({ version, counts, warnings, people, next }: Preview) => ({
  version,
  counts,
  warnings,
  people: people.map(({ memberId, userId, email, outcome, from, to, explanation }) => ({
    memberId,
    userId,
    email,
    outcome,
    from,
    to,
    explanation,
  })),
  next,
})

function expectedBy(request: {
  readonly headers: { readonly 'if-match'?: string | undefined }
  readonly body: { readonly version?: number | undefined }
}): ExpectedVersion | null {
  const ifMatch = request.headers['if-match']
  const { version } = request.body
  if (ifMatch !== undefined) return versionIn(ifMatch)
  return version === undefined ? null : { version, fingerprint: null }
}

/** The tag of the settings, or of a preview, in an If-Match header; null where any will do. */
function versionIn(ifMatch: string): ExpectedVersion | null {
  if (ifMatch.trim() === '*') return null
  const [, digits, fingerprint = null] = /^"(\d{1,9})(?:\.([\w-]{22}))?"$/.exec(ifMatch.trim()) ?? []
  if (digits === undefined)
    throw new Invalid('If-Match', 'If-Match takes the ETag of the settings or of a preview, e.g. "3".')
  return { version: Number(digits), fingerprint }
}
