// Serves the document of the admin API, to anybody: it holds no secret, and tools that read it have no token.
import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import type { TSchema } from 'typebox'
import { completed, type Document, type Draft } from './document.ts'

const DESCRIPTION = `What an administrator or an application asks of Rollcall. Every request has an admin token;
every error is a problem (RFC 9457).`

/** From now on the scope's routes are remembered, with their schemas. */
export async function describeRoutes(scope: FastifyInstance, publicUrl: string | null): Promise<void> {
  await scope.register(swagger, {
    convertConstToEnum: false,
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Rollcall admin API', version: '1', description: DESCRIPTION },
      // relative to where the document is
      servers: [{ url: publicUrl ?? '/' }],
      security: [{ adminToken: [] }],
      components: { securitySchemes: { adminToken: { type: 'http', scheme: 'bearer' } } },
    },
  })
}

export function documentRoutes(scope: FastifyInstance, prefix: string, problem: TSchema): void {
  let json = ''
  // made before the first request: a fault in a schema is one of the start
  scope.addHook('onReady', async () => {
    json = JSON.stringify(documentOf(scope, prefix, problem))
  })
  scope.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(json),
  )
}

/** The document of all routes that were registered since `describeRoutes`. */
function documentOf(scope: FastifyInstance, prefix: string, problem: TSchema): Document {
  // as it goes over the wire: schemas carry more in memory than they say
  const draft: Draft = JSON.parse(JSON.stringify(scope.swagger()))
  return completed(draft, prefix, { ...problem })
}
