// Serves the document of the admin API and the page of it, to anybody: it holds no secret, and tools that read it have no token.
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type RouteOptions,
} from 'fastify'
import type { TSchema } from 'typebox'
import type { Limits } from '../limits.ts'
import { once } from '../once.ts'
import { schemaController, validateWhenAsked } from '../validation.ts'
import { completed, type Document, type Draft } from './document.ts'
import { PAGE_POLICY, pageOf } from './page.ts'

const DESCRIPTION = `What an administrator or an application asks of Rollcall. Every request has an admin token;
every error is a problem (RFC 9457).`

/** From now on the scope's routes are remembered, with their schemas; those that are hidden are not. */
export function rememberRoutes(scope: FastifyInstance): readonly RouteOptions[] {
  const routes: RouteOptions[] = []
  scope.addHook('onRoute', (route) => {
    if (route.method !== 'HEAD' && route.schema?.hide !== true) routes.push(route)
  })
  return routes
}

/** What the document says beside the routes. */
export interface Description {
  readonly publicUrl: string | null
  /** of the routes */
  readonly prefix: string
  readonly problem: TSchema
}

export function documentRoutes(
  scope: FastifyInstance,
  limits: Limits,
  routes: readonly RouteOptions[],
  description: Description,
): void {
  // made for the first who asks: most processes are asked by nobody, and it took a fifth of their start
  const document = once(() => documentOf(routes, description))
  const json = once(async () => JSON.stringify(await document()))
  const page = once(async () => pageOf(await document()))
  const open = {
    schema: { hide: true },
    onRequest: async (request: FastifyRequest, reply: FastifyReply) => limits.countStranger(request, reply),
  }
  scope.get('/openapi.json', open, async (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(await json()),
  )
  scope.get('/docs', open, async (_request, reply) =>
    reply
      .header('content-security-policy', PAGE_POLICY)
      .type('text/html; charset=utf-8')
      .send(await page()),
  )
}

async function documentOf(
  routes: readonly RouteOptions[],
  { publicUrl, prefix, problem }: Description,
): Promise<Document> {
  // with an application that nobody asks: what makes documents has to be loaded before its routes
  const app = Fastify({ schemaController, exposeHeadRoutes: false })
  validateWhenAsked(app)
  const { default: swagger } = await import('@fastify/swagger')
  await app.register(swagger, {
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
  for (const route of routes) app.route(route)
  await app.ready()
  // as it goes over the wire: schemas carry more in memory than they say
  const draft: Draft = JSON.parse(JSON.stringify(app.swagger()))
  return completed(draft, prefix, { ...problem })
}
