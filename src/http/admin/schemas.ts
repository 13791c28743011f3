// Extension schemas of a directory: SCIM Schema documents (RFC 7643 section 7) that one of its resource types takes on.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { schemaDocument } from '../../scim/discovery.ts'
import type { JsonObject } from '../../scim/resource.ts'
import { resourceTypeNames } from '../../scim/resource-types.ts'
import type { Services } from '../../services/index.ts'
import type { ExtensionSchema } from '../../services/schemas.ts'
import { Done, listOf, Time } from './answers.ts'
import { actorOf } from './auth.ts'
import { Id, oneOf, strict, Urn } from './bodies.ts'
import { Next, pageOf, pageParameters, pageWithin } from './paging.ts'

const Params = Type.Object({ id: Id })
const SchemaParams = Type.Object({ id: Id, urn: Urn })
const Body = Type.Object(
  {
    resourceType: Type.Optional(oneOf(resourceTypeNames)),
    required: Type.Optional(Type.Boolean()),
    // read by scim/schema-document.ts, which names the attribute at fault
    schema: Type.Unknown({
      description:
        'A SCIM Schema document (RFC 7643 section 7). It needs `id`, the URN, and `attributes`; what it leaves out has ' +
        "the RFC's defaults.",
    }),
  },
  strict,
)

const simpleAttribute = {
  name: Type.String(),
  type: Type.String(),
  multiValued: Type.Boolean(),
  description: Type.String(),
  required: Type.Boolean(),
  caseExact: Type.Optional(Type.Boolean()),
  mutability: Type.String(),
  returned: Type.String(),
  uniqueness: Type.Optional(Type.String()),
  canonicalValues: Type.Optional(Type.Array(Type.String())),
  referenceTypes: Type.Optional(Type.Array(Type.String())),
}
const Attribute = Type.Object(
  { ...simpleAttribute, subAttributes: Type.Optional(Type.Array(Type.Object(simpleAttribute))) },
  { title: 'ScimAttribute', description: 'RFC 7643 section 7.' },
)
const ScimSchema = Type.Object(
  {
    schemas: Type.Array(Type.String()),
    id: Type.String(),
    name: Type.String(),
    description: Type.String(),
    attributes: Type.Array(Attribute),
  },
  { title: 'ScimSchema', description: 'RFC 7643 section 7.' },
)
const Extension = Type.Object(
  {
    resourceType: oneOf(resourceTypeNames),
    required: Type.Boolean(),
    schema: Type.Unsafe<JsonObject>(ScimSchema),
    createdAt: Time,
    updatedAt: Time,
  },
  { title: 'Extension', description: 'Sent back, it is the request that makes it.' },
)
const Extensions = Type.Object({ schemas: listOf(Extension), next: Next })
const PageOfSchemas = Type.Object({ after: Type.Optional(Urn), limit: pageParameters.limit })

const keyOf = ({ schema }: ExtensionSchema) => schema.id

export function schemaRoutes(scope: FastifyInstance, { schemas }: Services): void {
  const routes = scope.withTypeProvider<TypeBoxTypeProvider>()

  routes.get(
    '/directories/:id/schemas',
    {
      schema: {
        summary: 'List the schemas that a directory adds',
        description: 'In the order in which they were added.',
        params: Params,
        querystring: PageOfSchemas,
        response: { 200: Extensions },
      },
    },
    async ({ params, query }) => {
      const { page, next } = pageWithin(await schemas.list(params.id), pageOf(query), keyOf)
      return { schemas: page.map(shown), next }
    },
  )

  routes.post(
    '/directories/:id/schemas',
    {
      schema: {
        summary: 'Add a schema to a directory',
        params: Params,
        body: Body,
        response: { 201: Extension },
      },
    },
    async (request, reply) => {
      const created = await schemas.create(actorOf(request), request.params.id, asRequest(request.body))
      return reply.code(201).send(shown(created))
    },
  )

  routes.get(
    '/directories/:id/schemas/:urn',
    {
      schema: {
        summary: 'Read a schema of a directory',
        params: SchemaParams,
        response: { 200: Extension },
      },
    },
    async ({ params }) => shown(await schemas.get(params.id, params.urn)),
  )

  routes.put(
    '/directories/:id/schemas/:urn',
    {
      schema: {
        summary: 'Change a schema of a directory',
        description: 'While resources have values of it, only what no value depends on.',
        params: SchemaParams,
        body: Body,
        response: { 200: Extension },
      },
    },
    async (request) => {
      const { id, urn } = request.params
      return shown(await schemas.replace(actorOf(request), id, urn, asRequest(request.body)))
    },
  )

  routes.delete(
    '/directories/:id/schemas/:urn',
    {
      schema: {
        summary: 'Delete a schema of a directory',
        description: 'While no resource has values of it.',
        params: SchemaParams,
        response: { 204: Done },
      },
    },
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
