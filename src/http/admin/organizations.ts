// Organizations: those of all, those of a parent, one, and what happens to it as a whole.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { planNames, rolesOf, seatTypesOf } from '../../provisioning/catalogue.ts'
import { DEFAULT_MAX_REMOVED_PERCENT, warningNames } from '../../provisioning/guard.ts'
import { Invalid } from '../../services/errors.ts'
import type { Services } from '../../services/index.ts'
import type { ListedOrganization } from '../../store/organizations.ts'
import { ChangedOrganization, Done, ShownOrganization } from './answers.ts'
import { actorOf, adminCallerOf } from './auth.ts'
import { Id, Name, oneOf, strict, Text } from './bodies.ts'
import { Next, type Page, pageOf, pageParameters, readPage } from './paging.ts'
import { shownSeats } from './seats.ts'

const Params = Type.Object({ id: Id })
const Query = Type.Object(pageParameters, strict)
const NewOrganization = Type.Object({ name: Name, plan: oneOf(planNames) }, strict)
/** A change of plan is guarded as a save of settings is. */
const Change = Type.Object(
  {
    name: Type.Optional(Name),
    plan: Type.Optional(oneOf(planNames)),
    acknowledge: Type.Array(oneOf(warningNames), { maxItems: 100, default: [] }),
    actingMember: Type.Optional(Text),
    maxRemovedPercent: Type.Integer({ minimum: 0, maximum: 100, default: DEFAULT_MAX_REMOVED_PERCENT }),
  },
  strict,
)
const ShownOrganizations = Type.Object(
  { organizations: Type.Array(ShownOrganization), next: Next },
  { title: 'Organizations' },
)

export function organizationRoutes(scope: FastifyInstance, services: Services): void {
  const { organizations, organizationChanges } = services
  const routes = scope.withTypeProvider<TypeBoxTypeProvider>()

  const listed = async (wanted: Page, read: Parameters<typeof readPage<ListedOrganization>>[1]) => {
    const { page, next } = await readPage(wanted, read)
    return { organizations: page.map(shown), next }
  }

  const list = { summary: 'List organizations', querystring: Query, response: { 200: ShownOrganizations } }
  routes.get('/organizations', { config: { about: 'scope' }, schema: list }, (request) => {
    const { scope } = adminCallerOf(request)
    return listed(pageOf(request.query), (page) =>
      organizations.list(scope, { ...page, parentOrganizationId: null }),
    )
  })

  const joined = { ...list, summary: 'List the organizations of a parent', params: Params }
  routes.get('/parent-organizations/:id/organizations', { schema: joined }, (request) => {
    const { scope } = adminCallerOf(request)
    const { id: parentOrganizationId } = request.params
    return listed(pageOf(request.query), (page) =>
      organizations.list(scope, { ...page, parentOrganizationId }),
    )
  })

  const create = {
    operationId: 'createOrganization',
    summary: 'Join a new organization to a parent',
    description: 'It begins in mode `manual`, with unlimited seats of each type of its plan.',
    params: Params,
    body: NewOrganization,
    response: { 201: ShownOrganization },
  }
  routes.post('/parent-organizations/:id/organizations', { schema: create }, async (request, reply) => {
    const organization = await organizations.create(actorOf(request), request.params.id, request.body)
    return reply
      .code(201)
      .header('location', `/v1/organizations/${organization.id}`)
      .send(shown(organization))
  })

  const one = { summary: 'Get an organization', params: Params, response: { 200: ShownOrganization } }
  routes.get('/organizations/:id', { schema: one }, async ({ params }) =>
    shown(await organizations.get(params.id)),
  )

  const change = {
    summary: 'Change the name or the plan of an organization',
    description:
      'Another plan evaluates everybody, guarded as a save of settings; mappings and roles that it has not are refused.',
    params: Params,
    body: Change,
    response: { 200: ChangedOrganization },
  }
  routes.patch('/organizations/:id', { schema: change }, async (request) => {
    const { params, body } = request
    if (body.name === undefined && body.plan === undefined)
      throw new Invalid('name', 'Give a name or a plan to change.')
    const { organization, changes } = await organizationChanges.change(actorOf(request), params.id, body)
    return { ...shown(organization), changes }
  })

  const remove = {
    summary: 'Delete an organization',
    description: 'With its members, settings, seats and tokens. Its events stay.',
    params: Params,
    response: { 204: Done },
  }
  routes.delete('/organizations/:id', { schema: remove }, async (request, reply) => {
    await organizationChanges.remove(actorOf(request), request.params.id)
    return reply.code(204).send()
  })
}

function shown(organization: ListedOrganization) {
  const { id, parentOrganizationId, directoryId, name, plan, mode, groupMappings } = organization
  const { primaryOwnerId, createdAt, seats } = organization
  return {
    id,
    parentOrganizationId,
    directoryId,
    name,
    plan,
    mode,
    groupMappings,
    primaryOwnerId,
    createdAt,
    roles: [...rolesOf(plan)],
    seatTypes: [...seatTypesOf(plan)],
    seats: shownSeats(seats),
  }
}
