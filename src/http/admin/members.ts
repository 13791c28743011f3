// Members of an organization: list, look up with explanation, and what an administrator may change.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { emailKeyOf } from '../../provisioning/identity.ts'
import type { Services } from '../../services/index.ts'
import type { StoredMember } from '../../store/members.ts'
import { Done, Explanation, listOf, Mode, orNull, Role, SeatType, Time, Uuid, WaitsFor } from './answers.ts'
import { actorOf } from './auth.ts'
import { After, Email, Id, Limit, oneOf, strict, Text } from './bodies.ts'
import { pageOf, readPage } from './paging.ts'

const Params = Type.Object({ id: Id })
const MemberParams = Type.Object({ id: Id, memberId: Id })
const PersonParams = Type.Object({ id: Id, userId: Id })
const Query = Type.Object({
  status: Type.Optional(oneOf(['active', 'waiting'])),
  role: Type.Optional(Text),
  seatType: Type.Optional(Text),
  email: Type.Optional(Text),
  removal: Type.Optional(oneOf(['held', 'discarded'])),
  after: Type.Optional(After),
  limit: Type.Optional(Limit),
})
const NewMember = Type.Object(
  {
    email: Type.Optional(Email),
    userId: Type.Optional(Id),
    role: Type.Optional(Text),
    seatType: Type.Optional(Text),
  },
  strict,
)
const Change = Type.Object(
  { role: Type.Optional(Text), seatType: Type.Optional(Text) },
  { ...strict, minProperties: 1 },
)
const PrimaryOwner = Type.Object({ memberId: Type.Union([Id, Type.Null()]) }, strict)

const status = oneOf(['active', 'waiting'])
const member = {
  id: Uuid,
  userId: orNull(Uuid),
  email: Type.String(),
  // who left is no member, and is not shown
  status: Type.Unsafe<StoredMember['status']>(status),
  role: orNull(Role),
  seatType: orNull(SeatType),
  source: Mode,
  since: orNull(Time),
  waitsFor: WaitsFor,
  waitingSince: orNull(Time),
  removalHeldSince: orNull(Time),
  removalDiscardedSince: orNull(Time),
}
export const Member = Type.Object(member, { title: 'Member' })
const Members = Type.Object({ members: listOf(Member), next: orNull(Uuid) }, { title: 'Members' })
const ExplainedMember = Type.Object({ ...member, explanation: Explanation }, { title: 'ExplainedMember' })
const Person = Type.Object(
  {
    userId: Type.String(),
    assigned: Type.Boolean({ description: 'Whether the user is active in the directory.' }),
    memberId: orNull(Uuid),
    status: orNull(status),
    explanation: Explanation,
  },
  { title: 'Person' },
)

export function memberRoutes(scope: FastifyInstance, { members }: Services): void {
  const routes = scope.withTypeProvider<TypeBoxTypeProvider>()

  routes.get(
    '/organizations/:id/members',
    {
      config: { forSignIn: true },
      schema: {
        summary: 'List the members of an organization',
        description: 'In the order of their ids, a page at a time.',
        params: Params,
        querystring: Query,
        response: { 200: Members },
      },
    },
    async ({ params, query }) => {
      const { page, next } = await readPage(pageOf(query), (wanted) =>
        members.search(params.id, {
          status: query.status ?? null,
          role: query.role ?? null,
          seatType: query.seatType ?? null,
          emailKey: query.email === undefined ? null : emailKeyOf(query.email),
          removal: query.removal ?? null,
          ...wanted,
        }),
      )
      return { members: page.map(shownMember), next }
    },
  )

  routes.post(
    '/organizations/:id/members',
    {
      schema: {
        summary: 'Add a member by hand',
        description:
          'Where no mapping decides. Without `role` it has the base role, without `seatType` the highest free seat.',
        params: Params,
        body: NewMember,
        response: { 201: Member },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const member = await members.add(actorOf(request), id, request.body)
      return reply
        .code(201)
        .header('location', `/v1/organizations/${id}/members/${member.id}`)
        .send(shownMember(member))
    },
  )

  routes.get(
    '/organizations/:id/members/:memberId',
    {
      config: { forSignIn: true },
      schema: {
        summary: 'Read a member, and why it is one',
        params: MemberParams,
        response: { 200: ExplainedMember },
      },
    },
    async ({ params }) => {
      const { member, explanation } = await members.get(params.id, params.memberId)
      return { ...shownMember(member), explanation }
    },
  )

  routes.patch(
    '/organizations/:id/members/:memberId',
    {
      schema: {
        summary: 'Change the role or the seat of a member',
        description: 'Where no mapping decides.',
        params: MemberParams,
        body: Change,
        response: { 200: Member },
      },
    },
    async (request) => {
      const { params, body } = request
      return shownMember(await members.change(actorOf(request), params.id, params.memberId, body))
    },
  )

  routes.delete(
    '/organizations/:id/members/:memberId',
    {
      schema: {
        summary: 'Remove a member',
        description:
          'Where no mapping decides, and in mode `jit`. The seat goes to whoever has waited for it longest.',
        params: MemberParams,
        response: { 204: Done },
      },
    },
    async (request, reply) => {
      await members.remove(actorOf(request), request.params.id, request.params.memberId)
      return reply.code(204).send()
    },
  )

  routes.put(
    '/organizations/:id/primary-owner',
    {
      schema: {
        summary: 'Name the primary owner, or nobody',
        params: Params,
        body: PrimaryOwner,
        response: { 200: PrimaryOwner },
      },
    },
    async (request) => {
      const { params, body } = request
      await members.namePrimaryOwner(actorOf(request), params.id, body.memberId)
      return body
    },
  )

  routes.get(
    '/organizations/:id/people/:userId',
    {
      schema: {
        summary: 'Read whether a directory user is a member, and why or why not',
        params: PersonParams,
        response: { 200: Person },
      },
    },
    async ({ params }) => {
      const { person, explanation } = await members.getPerson(params.id, params.userId)
      const { user, member } = person
      const isIn = member !== null && member.status !== 'removed'
      return {
        userId: params.userId,
        assigned: user?.active === true,
        memberId: isIn ? member.id : null,
        status: isIn ? member.status : null,
        explanation,
      }
    },
  )
}

export function shownMember(member: StoredMember) {
  const { id, userId, email, status, role, seatType, source, since, wantedSeat, waitingSince } = member
  const { removal, removalSince } = member
  return {
    id,
    userId,
    email,
    status,
    role,
    seatType,
    source,
    since,
    waitsFor: wantedSeat,
    waitingSince: waitingSince === null ? null : new Date(waitingSince / 1000),
    removalHeldSince: removal === 'held' ? removalSince : null,
    removalDiscardedSince: removal === 'discarded' ? removalSince : null,
  }
}
