// Directories: their settings, and what their IdP needed us to tolerate.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Services } from '../../services/index.ts'
import { ShownDirectory, Time } from './answers.ts'
import { actorOf, adminCallerOf } from './auth.ts'
import { Id, oneOf, strict } from './bodies.ts'
import { Next, pageOf, pageParameters, readPage } from './paging.ts'

const Params = Type.Object({ id: Id })
const Query = Type.Object(pageParameters, strict)
const Change = Type.Object({ unknownMembers: oneOf(['refuse', 'skip']) }, strict)
const ShownDirectories = Type.Object(
  { directories: Type.Array(ShownDirectory), next: Next },
  { title: 'Directories' },
)
const ShownTolerances = Type.Object(
  {
    tolerances: Type.Array(
      Type.Object({
        tolerance: Type.String(),
        subject: Type.String(),
        count: Type.Integer(),
        lastSeenAt: Time,
      }),
    ),
  },
  { title: 'Tolerances' },
)

export function directoryRoutes(scope: FastifyInstance, { organizations, tolerances }: Services): void {
  const routes = scope.withTypeProvider<TypeBoxTypeProvider>()

  const list = { summary: 'List directories', querystring: Query, response: { 200: ShownDirectories } }
  routes.get('/directories', { config: { about: 'scope' }, schema: list }, async (request) => {
    const { scope } = adminCallerOf(request)
    const { page, next } = await readPage(pageOf(request.query), (wanted) =>
      organizations.listDirectories(scope, wanted),
    )
    return { directories: page, next }
  })

  const one = { summary: 'Get a directory', params: Params, response: { 200: ShownDirectory } }
  routes.get('/directories/:id', { schema: one }, ({ params }) => organizations.getDirectory(params.id))

  const change = { ...one, summary: 'Change what a directory does with unknown members', body: Change }
  routes.patch('/directories/:id', { schema: change }, (request) =>
    organizations.updateDirectory(actorOf(request), request.params.id, request.body),
  )

  const seen = {
    summary: 'List what the identity provider needed us to tolerate, counted',
    params: Params,
    response: { 200: ShownTolerances },
  }
  routes.get('/directories/:id/tolerances', { schema: seen }, async ({ params }) => {
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
}
