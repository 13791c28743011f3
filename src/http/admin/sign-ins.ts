// Sign-ins (domain.md section 6): what an application's SSO layer asks. A refusal is an answer, not an error.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Services } from '../../services/index.ts'
import { actorOf } from './auth.ts'
import { Email, Id, LongName, strict } from './bodies.ts'
import { shownMember } from './members.ts'

const MAX_GROUPS = 2000

const Params = Type.Object({ id: Id })
const Body = Type.Object(
  {
    email: Type.Optional(Email),
    userName: Type.Optional(LongName),
    groups: Type.Optional(Type.Array(LongName, { maxItems: MAX_GROUPS })),
  },
  strict,
)

export function signInRoutes(scope: FastifyInstance, { signIns }: Services): void {
  const routes = scope.withTypeProvider<TypeBoxTypeProvider>()

  routes.post(
    '/organizations/:id/sign-ins',
    { config: { forSignIn: true }, schema: { params: Params, body: Body } },
    async (request, reply) => {
      const { params, body } = request
      const { member, ...answer } = await signIns.signIn(actorOf(request), params.id, body)
      return reply
        .header('cache-control', 'no-store')
        .send({ ...answer, member: member === null ? null : shownMember(member) })
    },
  )
}
