// Held removals (S5): the members whom the brake keeps in, and an administrator's word on them.
import type {} from '@fastify/swagger'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { Invalid } from '../../services/errors.ts'
import type { Chosen, HeldRemoval } from '../../services/held-removals.ts'
import type { Services } from '../../services/index.ts'
import { Explanation, orNull } from './answers.ts'
import { actorOf } from './auth.ts'
import { After, DateTime, Id, Limit, strict } from './bodies.ts'
import { limitOf } from './paging.ts'

/** As many as a few pages hold: for more there is `all`. */
const MAX_CHOSEN = 10_000

const Params = Type.Object({ id: Id })
const Query = Type.Object({
  after: Type.Optional(After),
  limit: Type.Optional(Limit),
})
/** Either of the two: a list that a client forgot must not mean everybody. */
const Choice = Type.Object(
  {
    all: Type.Optional(Type.Literal(true)),
    memberIds: Type.Optional(Type.Array(Id, { minItems: 1, maxItems: MAX_CHOSEN })),
  },
  strict,
)

const HeldRemovalBody = Type.Object(
  {
    memberId: Type.String(),
    userId: orNull(Type.String()),
    email: Type.String(),
    role: orNull(Type.String()),
    seatType: orNull(Type.String()),
    heldSince: DateTime,
    explanation: Explanation,
  },
  { title: 'HeldRemoval' },
)
const Page = Type.Object(
  { heldRemovals: Type.Array(HeldRemovalBody), next: orNull(Type.String()) },
  { title: 'HeldRemovals' },
)
const Released = Type.Object({ removed: Type.Integer(), kept: Type.Integer(), notHeld: Type.Integer() })
const Discarded = Type.Object({ discarded: Type.Integer(), notHeld: Type.Integer() })

export function heldRemovalRoutes(scope: FastifyInstance, { heldRemovals }: Services): void {
  const routes = scope.withTypeProvider<TypeBoxTypeProvider>()

  routes.get(
    '/organizations/:id/held-removals',
    {
      schema: {
        summary: 'List the held removals',
        description:
          'Members whom pushes would have removed beyond the limit of the brake: who, since when and why.',
        params: Params,
        querystring: Query,
        response: { 200: Page },
      },
    },
    async ({ params, query }) => {
      const limit = limitOf(query)
      const found = await heldRemovals.list(params.id, { after: query.after ?? null, limit: limit + 1 })
      const page = found.slice(0, limit)
      const next = found.length > limit ? (page.at(-1)?.member.id ?? null) : null
      return { heldRemovals: page.map(shown), next }
    },
  )

  routes.post(
    // two colons are one in the path
    '/organizations/:id/held-removals::release',
    {
      schema: {
        summary: 'Release held removals',
        description:
          'Removes the members, but for those who are entitled meanwhile. Takes all, or memberIds.',
        params: Params,
        body: Choice,
        response: { 200: Released },
      },
    },
    (request) => heldRemovals.release(actorOf(request), request.params.id, chosenBy(request.body)),
  )

  routes.post(
    '/organizations/:id/held-removals::discard',
    {
      schema: {
        summary: 'Discard held removals',
        description:
          'The members stay, until they are entitled again or an administrator removes them. Takes all, or memberIds.',
        params: Params,
        body: Choice,
        response: { 200: Discarded },
      },
    },
    (request) => heldRemovals.discard(actorOf(request), request.params.id, chosenBy(request.body)),
  )
}

function chosenBy({ all, memberIds }: Type.Static<typeof Choice>): Chosen {
  if (all === true && memberIds === undefined) return 'all'
  if (all === undefined && memberIds !== undefined) return memberIds
  throw new Invalid('memberIds', 'Give either memberIds or "all": true.')
}

const shown = ({ member, explanation }: HeldRemoval) => ({
  memberId: member.id,
  userId: member.userId,
  email: member.email,
  role: member.role,
  seatType: member.seatType,
  heldSince: member.removalSince?.toISOString() ?? '',
  explanation,
})
