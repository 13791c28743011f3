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
import {
  Brake,
  Counts,
  Explanation,
  listOf,
  Mode,
  orNull,
  Role,
  SeatType,
  Uuid,
  WaitsFor,
  Warning,
} from './answers.ts'
import { actorOf } from './auth.ts'
import { After, GroupName, Id, Limit, oneOf, strict, Text } from './bodies.ts'
import { limitOf } from './paging.ts'

/** the greatest that PostgreSQL counts to */
const MAX_VERSION = 2 ** 31 - 1

const orNothing = <T extends TSchema>(type: T) => Type.Optional(orNull(type))
/** All that a mapping has in an answer can be sent back. */
const Mapping = Type.Object(
  {
    groupId: orNothing(Id),
    groupName: orNothing(GroupName),
    role: orNothing(Type.String()),
    seatType: orNothing(Type.String()),
    gone: Type.Optional(
      Type.Boolean({
        description: 'What a version of the past says of a group that is no more: its id says it too.',
      }),
    ),
  },
  strict,
)
/** The limits of the brake (S5): at least one of the two, which the service sees to. */
const BrakeBody = Type.Object(
  {
    maxRemovals: orNothing(Type.Integer({ minimum: 0, maximum: 1_000_000_000 })),
    maxRemovedPercent: orNothing(Type.Integer({ minimum: 0, maximum: 100 })),
    withinMinutes: Type.Integer({ minimum: 1, maximum: MAX_WITHIN_MINUTES }),
  },
  strict,
)
const Body = Type.Object(
  {
    version: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_VERSION,
        description: 'As in `If-Match`, which goes before.',
      }),
    ),
    mode: oneOf(modes),
    groupMappings: Type.Boolean({ default: false }),
    mappings: Type.Array(Mapping, { maxItems: 10_000, default: [] }),
    brake: orNothing(BrakeBody),
    acknowledge: Type.Array(oneOf(warningNames), { maxItems: 100, default: [] }),
    actingMember: Type.Optional(
      Type.String({ ...Text, description: 'The id or e-mail of the member who saves: a token is nobody.' }),
    ),
    maxRemovedPercent: Type.Integer({ minimum: 0, maximum: 100, default: DEFAULT_MAX_REMOVED_PERCENT }),
  },
  strict,
)
const Headers = Type.Object({
  'if-match': Type.Optional(
    Type.String({ description: 'The `ETag` of the settings, or of a preview: what must still be so.' }),
  ),
})
const held = {
  version: Type.Integer({ minimum: 1 }),
  mode: Mode,
  groupMappings: Type.Boolean(),
  mappings: listOf(
    Type.Object(
      {
        groupId: Uuid,
        groupName: Type.String(),
        role: orNull(Type.String()),
        seatType: orNull(Type.String()),
      },
      { title: 'Mapping', description: 'It has a role or a seat type.' },
    ),
  ),
  brake: Brake,
}
const Held = Type.Object(held, {
  title: 'Settings',
  description: 'Sent back, these are the same settings; `version` is also in the header `ETag`.',
})
const Saved = Type.Object({ ...held, changes: Counts }, { title: 'SavedSettings' })
const Standing = Type.Object(
  {
    status: oneOf(['active', 'waiting']),
    role: orNull(Role),
    seatType: orNull(SeatType),
    waitsFor: WaitsFor,
  },
  { title: 'Standing' },
)
const PreviewAnswer = Type.Object(
  {
    etag: Type.String({ description: 'For `If-Match`: saving does what this preview says, or nothing.' }),
    version: held.version,
    counts: Counts,
    warnings: listOf(Warning),
    people: listOf(
      Type.Object({
        memberId: orNull(Uuid),
        userId: orNull(Uuid),
        email: Type.String(),
        outcome: oneOf(outcomes),
        from: orNull(Standing),
        to: orNull(Standing),
        explanation: Explanation,
      }),
    ),
    next: orNull(Uuid),
  },
  { title: 'Preview' },
)
const Params = Type.Object({ id: Id })
const Query = Type.Object({
  outcome: Type.Optional(oneOf(outcomes)),
  after: Type.Optional(After),
  limit: Type.Optional(Limit),
})

export function settingsRoutes(scope: FastifyInstance, { settings }: Services): void {
  const routes = scope.withTypeProvider<TypeBoxTypeProvider>()

  routes.get(
    '/organizations/:id/provisioning',
    {
      schema: {
        summary: 'Read the settings of an organization',
        params: Params,
        response: { 200: Held },
      },
    },
    async ({ params }, reply) => {
      const held = await settings.get(params.id)
      return reply.header('etag', `"${held.version}"`).send(held)
    },
  )

  routes.put(
    '/organizations/:id/provisioning',
    {
      schema: {
        summary: 'Save the settings, and evaluate everybody',
        description:
          'In one transaction. What nobody may do by mistake is refused (409) until the body acknowledges each of the ' +
          'warnings by name.',
        headers: Headers,
        params: Params,
        body: Body,
        response: { 200: Saved },
      },
    },
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
    {
      config: { readsOnly: true },
      schema: {
        summary: 'Preview what saving these settings would do',
        description:
          'Writes nothing. `counts` and `warnings` are of everybody; `people` are a page of those of whom something ' +
          'changes, or with `outcome` of those.',
        headers: Headers,
        params: Params,
        body: Body,
        querystring: Query,
        response: { 200: PreviewAnswer },
      },
    },
    async (request, reply) => {
      const { params, body, query } = request
      const limit = limitOf(query)
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
