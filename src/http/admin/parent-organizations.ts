// Parent organizations, each with its directory.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { parentPlans } from '../../provisioning/catalogue.ts'
import type { Services } from '../../services/index.ts'
import { Done, ShownParent } from './answers.ts'
import { actorOf, adminCallerOf } from './auth.ts'
import { Id, Name, oneOf, strict } from './bodies.ts'
import { Next, pageOf, pageParameters, readPage } from './paging.ts'

const Params = Type.Object({ id: Id })
const Query = Type.Object(pageParameters, strict)
const NewParent = Type.Object({ name: Name, plan: oneOf(parentPlans) }, strict)
const Change = Type.Object(
  { name: Type.Optional(Name), plan: Type.Optional(oneOf(parentPlans)) },
  { ...strict, minProperties: 1 },
)
const ShownParents = Type.Object(
  { parentOrganizations: Type.Array(ShownParent), next: Next },
  { title: 'ParentOrganizations' },
)

export function parentOrganizationRoutes(scope: FastifyInstance, { parentOrganizations }: Services): void {
  const routes = scope.withTypeProvider<TypeBoxTypeProvider>()

  const create = {
    summary: 'Create a parent organization with its directory',
    body: NewParent,
    response: { 201: ShownParent },
  }
  routes.post('/parent-organizations', { schema: create }, async (request, reply) => {
    const parent = await parentOrganizations.create(actorOf(request), request.body)
    return reply.code(201).header('location', `/v1/parent-organizations/${parent.id}`).send(parent)
  })

  const list = { summary: 'List parent organizations', querystring: Query, response: { 200: ShownParents } }
  routes.get('/parent-organizations', { config: { about: 'scope' }, schema: list }, async (request) => {
    const { scope } = adminCallerOf(request)
    const { page, next } = await readPage(pageOf(request.query), (wanted) =>
      parentOrganizations.list(scope, wanted),
    )
    return { parentOrganizations: page, next }
  })

  const one = { summary: 'Get a parent organization', params: Params, response: { 200: ShownParent } }
  routes.get('/parent-organizations/:id', { schema: one }, ({ params }) => parentOrganizations.get(params.id))

  const change = {
    summary: 'Change the name or the plan of a parent organization',
    description: 'A plan under which one of its organizations may not stay in mode scim is refused.',
    params: Params,
    body: Change,
    response: { 200: ShownParent },
  }
  routes.patch('/parent-organizations/:id', { schema: change }, (request) =>
    parentOrganizations.change(actorOf(request), request.params.id, request.body),
  )

  const remove = {
    summary: 'Delete a parent organization',
    description: 'With its directory, users and groups; refused while an organization is joined to it.',
    params: Params,
    response: { 204: Done },
  }
  routes.delete('/parent-organizations/:id', { schema: remove }, async (request, reply) => {
    await parentOrganizations.remove(actorOf(request), request.params.id)
    return reply.code(204).send()
  })
}
