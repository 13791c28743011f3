// Syncs (Y1, Y2): one organization, or all joined to a parent, evaluated now; and what the last sync did.
import type {} from '@fastify/swagger'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Services } from '../../services/index.ts'
import type { SyncRun } from '../../store/sync-runs.ts'
import { Actor, Counts } from './answers.ts'
import { actorOf } from './auth.ts'
import { DateTime, Id, oneOf } from './bodies.ts'

const Params = Type.Object({ id: Id })
const Count = Type.Integer({ minimum: 0 })
const MendedResources = Type.Object({ users: Count, groups: Count, unmended: Count })
const AllMended = Type.Object({
  users: Count,
  groups: Count,
  members: Count,
  seats: Count,
  unmended: Count,
})
const Run = Type.Object(
  {
    organizationId: Id,
    startedAt: DateTime,
    finishedAt: DateTime,
    durationMs: Count,
    origin: oneOf(['request', 'cycle']),
    actor: Actor,
    counts: Counts,
    mended: AllMended,
  },
  { title: 'SyncRun' },
)
const LastSync = Type.Object({
  lastRun: Type.Union([Run, Type.Null()]),
  lastFailure: Type.Union([Type.Object({ at: DateTime, reason: Type.String() }), Type.Null()]),
})
const ParentSync = Type.Object({ mended: MendedResources, organizations: Type.Array(Run) })

export function syncRoutes(scope: FastifyInstance, { sync }: Services): void {
  const routes = scope.withTypeProvider<TypeBoxTypeProvider>()

  routes.post(
    '/organizations/:id/sync',
    {
      schema: {
        summary: 'Sync an organization now',
        description:
          'Evaluates everybody against the directory and mends what was changed by hand. Waits for a sync of the ' +
          'organization that runs. Safe at any time, and to be repeated.',
        params: Params,
        response: { 200: Run },
      },
    },
    async (request) => shownRun(await sync.now(actorOf(request), request.params.id)),
  )

  routes.get(
    '/organizations/:id/sync',
    {
      schema: {
        summary: 'Read the last sync of an organization',
        description: 'The last sync that ended, and the last one that failed since then.',
        params: Params,
        response: { 200: LastSync },
      },
    },
    async ({ params }) => {
      const { lastRun, lastFailure } = await sync.last(params.id)
      return {
        lastRun: lastRun === null ? null : shownRun(lastRun),
        lastFailure:
          lastFailure === null ? null : { at: lastFailure.at.toISOString(), reason: lastFailure.reason },
      }
    },
  )

  routes.post(
    '/parent-organizations/:id/sync',
    {
      schema: {
        summary: 'Sync all organizations of a parent now',
        description:
          'Mends the directory, then syncs each organization in a transaction of its own, one after the other.',
        params: Params,
        response: { 200: ParentSync },
      },
    },
    async (request) => {
      const { mended, runs } = await sync.parentNow(actorOf(request), request.params.id)
      return { mended, organizations: runs.map(shownRun) }
    },
  )
}

function shownRun({ organizationId, startedAt, finishedAt, origin, actor, counts, mended }: SyncRun) {
  return {
    organizationId,
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt.toISOString(),
    durationMs: Math.max(0, finishedAt.getTime() - startedAt.getTime()),
    origin,
    actor,
    counts,
    mended,
  }
}
