// Sign-ins (domain.md section 6): what an application's SSO layer asks. A refusal is an answer, not an error.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { Services } from '../../services/index.ts'
import { listOf, orNull, Reason } from './answers.ts'
import { actorOf } from './auth.ts'
import { Email, Id, LongName, strict } from './bodies.ts'
import { Member, shownMember } from './members.ts'

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

const Answer = Type.Object(
  {
    allowed: Type.Boolean(),
    why: listOf(Reason),
    unknownGroups: Type.Immutable(
      Type.Array(Type.String(), {
        description: 'Names of nothing in the directory, which count for nothing.',
      }),
    ),
    member: orNull(Member),
  },
  { title: 'SignIn' },
)

export function signInRoutes(scope: FastifyInstance, { signIns }: Services): void {
  const routes = scope.withTypeProvider<TypeBoxTypeProvider>()

  routes.post(
    '/organizations/:id/sign-ins',
    {
      config: { forSignIn: true },
      schema: {
        summary: 'Ask whether a person may enter',
        description:
          'For whoever has authenticated the person. A refusal is an answer (200) too. In mode `jit` it adds, changes ' +
          'or removes the member. One of `email` and `userName` is needed.',
        params: Params,
        body: Body,
        response: { 200: Answer },
      },
    },
    async (request, reply) => {
      const { params, body } = request
      const { member, ...answer } = await signIns.signIn(actorOf(request), params.id, body)
      return reply.send({ ...answer, member: member === null ? null : shownMember(member) })
    },
  )
}
