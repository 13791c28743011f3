// Versions of an organization's settings: the list of them, one as a body to be saved again, and two compared.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { NotFound } from '../../services/errors.ts'
import type { Services } from '../../services/index.ts'
import { Actor, Brake, listOf, orNull, Time, Uuid } from './answers.ts'
import { Id, Limit } from './bodies.ts'
import { limitOf } from './paging.ts'

/** nine digits: PostgreSQL counts a little further, and nobody saves that often */
const VERSION = '^[1-9][0-9]{0,8}$'
const Params = Type.Object({ id: Id })
const VersionParams = Type.Object({ id: Id, version: Type.String() })
const Query = Type.Object({
  after: Type.Optional(Type.String({ pattern: VERSION, description: '`next` of the page before.' })),
  limit: Type.Optional(Limit),
})
const Other = Type.Object({
  with: Type.String({ pattern: VERSION, description: 'The version to compare with.' }),
})

const version = Type.Integer({ minimum: 1 })
/** kept as it was saved: of a mode, role or seat type that need not be there any more */
const Versions = Type.Object(
  {
    versions: listOf(
      Type.Object(
        { version, savedAt: Time, actor: Actor, mode: Type.String(), groupMappings: Type.Boolean() },
        { title: 'SettingsVersion' },
      ),
    ),
    next: orNull(version),
  },
  { title: 'SettingsVersions' },
)
const PastMapping = Type.Object(
  {
    groupId: Uuid,
    groupName: Type.String(),
    role: orNull(Type.String()),
    seatType: orNull(Type.String()),
    gone: Type.Optional(Type.Literal(true, { description: 'The group is no more.' })),
  },
  { title: 'PastMapping' },
)
const PastSettings = Type.Object(
  { mode: Type.String(), groupMappings: Type.Boolean(), mappings: listOf(PastMapping), brake: Brake },
  { title: 'PastSettings', description: 'Sent to `PUT …/provisioning`, these are the settings again.' },
)
const Diff = Type.Object(
  {
    from: version,
    to: version,
    changes: Type.Object({
      mode: orNull(Type.Object({ from: Type.String(), to: Type.String() })),
      groupMappings: orNull(Type.Object({ from: Type.Boolean(), to: Type.Boolean() })),
      mappings: Type.Object({ added: listOf(PastMapping), removed: listOf(PastMapping) }),
      brake: orNull(Type.Object({ from: Brake, to: Brake })),
    }),
  },
  { title: 'SettingsDiff' },
)

export function settingsHistoryRoutes(scope: FastifyInstance, { settingsHistory }: Services): void {
  const routes = scope.withTypeProvider<TypeBoxTypeProvider>()

  routes.get(
    '/organizations/:id/provisioning/versions',
    {
      schema: {
        summary: 'List the versions of the settings that were saved',
        description: 'Newest first.',
        params: Params,
        querystring: Query,
        response: { 200: Versions },
      },
    },
    async ({ params, query }) => {
      const limit = limitOf(query)
      const after = query.after === undefined ? null : Number(query.after)
      const found = await settingsHistory.list(params.id, { after, limit: limit + 1 })
      const versions = found.slice(0, limit)
      return { versions, next: found.length > limit ? (versions.at(-1)?.version ?? null) : null }
    },
  )

  routes.get(
    '/organizations/:id/provisioning/versions/:version',
    {
      schema: {
        summary: 'Read a version of the settings, as the body that saves it again',
        params: VersionParams,
        response: { 200: PastSettings },
      },
    },
    ({ params }) => settingsHistory.get(params.id, versionOf(params.version)),
  )

  routes.get(
    '/organizations/:id/provisioning/versions/:version/diff',
    {
      schema: {
        summary: 'Compare a version of the settings with another',
        params: VersionParams,
        querystring: Other,
        response: { 200: Diff },
      },
    },
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
