// Parent organizations, organizations and their seats.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { parentPlans, planNames, rolesOf, seatTypesOf } from '../../provisioning/catalogue.ts'
import type { Seats } from '../../provisioning/types.ts'
import type { Services } from '../../services/index.ts'
import type { LockedOrganization } from '../../store/organizations.ts'
import { actorOf } from './auth.ts'
import { Id, Name, oneOf, strict } from './bodies.ts'

const ParentBody = Type.Object({ name: Name, plan: oneOf(parentPlans) }, strict)
const OrganizationBody = Type.Object({ name: Name, plan: oneOf(planNames) }, strict)
/** seats purchased per seat type; null is unlimited */
const SeatsBody = Type.Record(
  Type.String(),
  Type.Union([Type.Integer({ minimum: 0, maximum: 1_000_000_000 }), Type.Null()]),
)
const Params = Type.Object({ id: Id })

export function organizationRoutes(scope: FastifyInstance, { organizations }: Services): void {
  const routes = scope.withTypeProvider<TypeBoxTypeProvider>()

  routes.post('/parent-organizations', { schema: { body: ParentBody } }, async (request, reply) => {
    const parent = await organizations.createParent(actorOf(request), request.body)
    return reply.code(201).header('location', `/v1/parent-organizations/${parent.id}`).send(parent)
  })

  routes.get('/parent-organizations', async () => ({
    parentOrganizations: await organizations.listParents(),
  }))

  routes.get('/parent-organizations/:id', { schema: { params: Params } }, ({ params }) =>
    organizations.getParent(params.id),
  )

  routes.post(
    '/parent-organizations/:id/organizations',
    { schema: { params: Params, body: OrganizationBody } },
    async (request, reply) => {
      const organization = await organizations.create(actorOf(request), request.params.id, request.body)
      return reply
        .code(201)
        .header('location', `/v1/organizations/${organization.id}`)
        .send(shown(organization))
    },
  )

  routes.get('/organizations/:id', { schema: { params: Params } }, async ({ params }) =>
    shown(await organizations.get(params.id)),
  )

  routes.get('/organizations/:id/seats', { schema: { params: Params } }, async ({ params }) => ({
    seats: shownSeats((await organizations.get(params.id)).seats),
  }))

  routes.put('/organizations/:id/seats', { schema: { params: Params, body: SeatsBody } }, async (request) => {
    const { params, body } = request
    return { seats: shownSeats(await organizations.setPurchased(actorOf(request), params.id, body)) }
  })
}

function shown({
  settings: _settings,
  settingsVersion: _version,
  brake: _brake,
  seats,
  ...organization
}: LockedOrganization) {
  const { plan } = organization
  return { ...organization, roles: rolesOf(plan), seatTypes: seatTypesOf(plan), seats: shownSeats(seats) }
}

const shownSeats = (seats: Seats) =>
  [...seats].map(([seatType, { purchased, assigned }]) => ({
    seatType,
    purchased,
    assigned,
    available: purchased === null ? null : Math.max(0, purchased - assigned),
  }))
