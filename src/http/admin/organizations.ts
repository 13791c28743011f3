// Parent organizations, organizations and their seats.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { parentPlans, planNames, rolesOf, seatTypesOf } from '../../provisioning/catalogue.ts'
import type { Seats as HeldSeats } from '../../provisioning/types.ts'
import type { Services } from '../../services/index.ts'
import type { LockedOrganization } from '../../store/organizations.ts'
import { listOf, Mode, orNull, Role, SeatType, Time, Uuid } from './answers.ts'
import { actorOf } from './auth.ts'
import { Id, Name, oneOf, strict } from './bodies.ts'

const ParentBody = Type.Object({ name: Name, plan: oneOf(parentPlans) }, strict)
const OrganizationBody = Type.Object({ name: Name, plan: oneOf(planNames) }, strict)
/** seats purchased per seat type; null is unlimited */
const SeatsBody = Type.Record(
  Type.String(),
  Type.Union([Type.Integer({ minimum: 0, maximum: 1_000_000_000 }), Type.Null()]),
  { description: 'How many seats of each type were purchased; `null` is unlimited.' },
)
const Params = Type.Object({ id: Id })

const parent = {
  id: Uuid,
  name: Type.String(),
  plan: oneOf(parentPlans),
  directoryId: Uuid,
  createdAt: Time,
}
const organization = {
  id: Uuid,
  parentOrganizationId: Uuid,
  directoryId: Uuid,
  name: Type.String(),
  plan: oneOf(planNames),
  mode: Mode,
  groupMappings: Type.Boolean(),
  primaryOwnerId: orNull(Uuid),
  createdAt: Time,
}
const Parent = Type.Object(parent, { title: 'ParentOrganization' })
const ParentWithOrganizations = Type.Object(
  {
    ...parent,
    organizations: listOf(
      Type.Object({ ...organization, settingsVersion: Type.Integer() }, { title: 'JoinedOrganization' }),
    ),
  },
  { title: 'ParentOrganizationWithOrganizations' },
)
const SeatCount = Type.Object(
  {
    seatType: SeatType,
    purchased: orNull(Type.Integer({ description: '`null`: unlimited' })),
    assigned: Type.Integer(),
    available: orNull(Type.Integer({ description: '`null`: unlimited' })),
  },
  { title: 'SeatCount' },
)
const Seats = Type.Object({ seats: listOf(SeatCount) }, { title: 'Seats' })
const Organization = Type.Object(
  {
    ...organization,
    roles: listOf(Role),
    seatTypes: listOf(SeatType),
    seats: listOf(SeatCount),
  },
  { title: 'Organization' },
)

export function organizationRoutes(scope: FastifyInstance, { organizations }: Services): void {
  const routes = scope.withTypeProvider<TypeBoxTypeProvider>()

  routes.post(
    '/parent-organizations',
    {
      schema: {
        summary: 'Create a parent organization, with its directory',
        body: ParentBody,
        response: { 201: Parent },
      },
    },
    async (request, reply) => {
      const created = await organizations.createParent(actorOf(request), request.body)
      return reply.code(201).header('location', `/v1/parent-organizations/${created.id}`).send(created)
    },
  )

  routes.get(
    '/parent-organizations',
    {
      schema: {
        summary: 'List the parent organizations',
        response: { 200: Type.Object({ parentOrganizations: listOf(Parent) }) },
      },
    },
    async () => ({ parentOrganizations: await organizations.listParents() }),
  )

  routes.get(
    '/parent-organizations/:id',
    {
      schema: {
        summary: 'Read a parent organization, with its organizations',
        params: Params,
        response: { 200: ParentWithOrganizations },
      },
    },
    ({ params }) => organizations.getParent(params.id),
  )

  routes.post(
    '/parent-organizations/:id/organizations',
    {
      schema: {
        operationId: 'createOrganization',
        summary: 'Join a new organization to a parent organization',
        description: 'It begins in mode `manual`, with unlimited seats of each type of its plan.',
        params: Params,
        body: OrganizationBody,
        response: { 201: Organization },
      },
    },
    async (request, reply) => {
      const created = await organizations.create(actorOf(request), request.params.id, request.body)
      return reply.code(201).header('location', `/v1/organizations/${created.id}`).send(shown(created))
    },
  )

  routes.get(
    '/organizations/:id',
    {
      schema: {
        summary: 'Read an organization, the roles and seat types of its plan, and its seats',
        params: Params,
        response: { 200: Organization },
      },
    },
    async ({ params }) => shown(await organizations.get(params.id)),
  )

  routes.get(
    '/organizations/:id/seats',
    { schema: { summary: 'Read the seats of an organization', params: Params, response: { 200: Seats } } },
    async ({ params }) => ({ seats: shownSeats((await organizations.get(params.id)).seats) }),
  )

  routes.put(
    '/organizations/:id/seats',
    {
      schema: {
        summary: 'Set how many seats were purchased',
        description: 'Types that the body does not name stay as they are. Whoever waits gets what is free.',
        params: Params,
        body: SeatsBody,
        response: { 200: Seats },
      },
    },
    async (request) => {
      const { params, body } = request
      return { seats: shownSeats(await organizations.setPurchased(actorOf(request), params.id, body)) }
    },
  )
}

function shown({
  settings: _settings,
  settingsVersion: _version,
  brake: _brake,
  seats,
  ...own
}: LockedOrganization) {
  const { plan } = own
  return { ...own, roles: rolesOf(plan), seatTypes: seatTypesOf(plan), seats: shownSeats(seats) }
}

const shownSeats = (seats: HeldSeats) =>
  [...seats].map(([seatType, { purchased, assigned }]) => ({
    seatType,
    purchased,
    assigned,
    available: purchased === null ? null : Math.max(0, purchased - assigned),
  }))
