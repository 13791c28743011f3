// Erasing people on request: from a directory with all its organizations, or from one organization.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Services } from '../../services/index.ts'
import { listOf, Uuid } from './answers.ts'
import { actorOf } from './auth.ts'
import { Email, Id, strict } from './bodies.ts'

const Params = Type.Object({ id: Id })
const FromDirectory = Type.Object({ userId: Type.Optional(Id), email: Type.Optional(Email) }, strict)
const FromOrganization = Type.Object({ memberId: Type.Optional(Id), email: Type.Optional(Email) }, strict)
const Erasure = Type.Object(
  {
    userIds: listOf(Uuid),
    members: listOf(Type.Object({ organizationId: Uuid, memberId: Uuid })),
    managedUserIds: listOf(Uuid),
  },
  { title: 'Erasure', description: 'What went: empty lists where nothing was left of the person.' },
)

export function erasureRoutes(scope: FastifyInstance, { erasures }: Services): void {
  const routes = scope.withTypeProvider<TypeBoxTypeProvider>()

  const fromDirectory = {
    summary: 'Erase a person from a directory and all its organizations',
    description:
      'The user, its memberships and values, what WorkOS told of it, the members that it was, and itself as the manager ' +
      'of others (`managedUserIds`). By `userId`, or by `email` for whoever has that primary e-mail or userName, also ' +
      'when the directory has deleted the user before. Refused while the person is assigned or a member anywhere. ' +
      'Safe to be repeated.',
    params: Params,
    body: FromDirectory,
    response: { 200: Erasure },
  }
  routes.post('/directories/:id/erasures', { schema: fromDirectory }, (request) =>
    erasures.eraseFromDirectory(actorOf(request), request.params.id, request.body),
  )

  const fromOrganization = {
    summary: 'Erase a former member of an organization',
    description:
      'Somebody who left and whom the directory does not have: by `memberId`, or by `email`. Who comes back after that ' +
      'is a new member with a new id. Safe to be repeated.',
    params: Params,
    body: FromOrganization,
    response: { 200: Erasure },
  }
  routes.post('/organizations/:id/erasures', { schema: fromOrganization }, (request) =>
    erasures.eraseFromOrganization(actorOf(request), request.params.id, request.body),
  )
}
