// Extension schemas of a directory: SCIM Schema documents (RFC 7643 section 7) that one of its resource types takes on.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { schemaDocument } from '../../scim/discovery.ts'
import { resourceTypeNames } from '../../scim/resource-types.ts'
import type { Services } from '../../services/index.ts'
import type { ExtensionSchema } from '../../services/schemas.ts'
import { actorOf } from './auth.ts'
import { Id, oneOf, strict, Urn } from './bodies.ts'

const Params = Type.Object({ id: Id })
const SchemaParams = Type.Object({ id: Id, urn: Urn })
const Body = Type.Object(
  {
    resourceType: Type.Optional(oneOf(resourceTypeNames)),
    required: Type.Optional(Type.Boolean()),
    // read by scim/schema-document.ts, which names the attribute at fault
    schema: Type.Unknown(),
  },
  strict,
)

export function schemaRoutes(scope: FastifyInstance, { schemas }: Services): void {
  const routes = scope.withTypeProvider<TypeBoxTypeProvider>()

  routes.get('/directories/:id/schemas', { schema: { params: Params } }, async ({ params }) => ({
    schemas: (await schemas.list(params.id)).map(shown),
  }))

  routes.post(
    '/directories/:id/schemas',
    { schema: { params: Params, body: Body } },
    async (request, reply) => {
      const created = await schemas.create(actorOf(request), request.params.id, asRequest(request.body))
      return reply.code(201).send(shown(created))
    },
  )

  routes.get('/directories/:id/schemas/:urn', { schema: { params: SchemaParams } }, async ({ params }) =>
    shown(await schemas.get(params.id, params.urn)),
  )

  routes.put(
    '/directories/:id/schemas/:urn',
    { schema: { params: SchemaParams, body: Body } },
    async (request) => {
      const { id, urn } = request.params
      return shown(await schemas.replace(actorOf(request), id, urn, asRequest(request.body)))
    },
  )

  routes.delete(
    '/directories/:id/schemas/:urn',
    { schema: { params: SchemaParams } },
    async (request, reply) => {
      await schemas.remove(actorOf(request), request.params.id, request.params.urn)
      return reply.code(204).send()
    },
  )
}

const asRequest = ({ resourceType = 'User', required = false, schema }: Type.Static<typeof Body>) => ({
  resourceType,
  required,
  schema,
})

/** Sent back, it is the same request. */
const shown = ({ resourceType, required, schema, createdAt, updatedAt }: ExtensionSchema) => ({
  resourceType,
  required,
  schema: schemaDocument(schema),
  createdAt,
  updatedAt,
})
