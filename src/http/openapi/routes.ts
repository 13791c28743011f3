// Serves the document of the admin API and the page of it, to anybody: it holds no secret, and tools that read it have no token.
import swagger from '@fastify/swagger'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { TSchema } from 'typebox'
import type { Limits } from '../limits.ts'
import { completed, type Document, type Draft } from './document.ts'
import { PAGE_POLICY, pageOf } from './page.ts'

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

export function documentRoutes(
  scope: FastifyInstance,
  limits: Limits,
  prefix: string,
  problem: TSchema,
): void {
  // made for the first who asks: most processes are asked by nobody, and it took a fifth of their start
  const document = once(() => documentOf(scope, prefix, problem))
  const json = once(() => JSON.stringify(document()))
  const page = once(() => pageOf(document()))
  const open = {
    schema: { hide: true },
    onRequest: async (request: FastifyRequest, reply: FastifyReply) => limits.countStranger(request, reply),
  }
  scope.get('/openapi.json', open, async (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(json()),
  )
  scope.get('/docs', open, async (_request, reply) =>
    reply.header('content-security-policy', PAGE_POLICY).type('text/html; charset=utf-8').send(page()),
  )
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

/** The document of all routes that were registered since `describeRoutes`. */
function documentOf(scope: FastifyInstance, prefix: string, problem: TSchema): Document {
  // as it goes over the wire: schemas carry more in memory than they say
  const draft: Draft = JSON.parse(JSON.stringify(scope.swagger()))
  return completed(draft, prefix, { ...problem })
}
