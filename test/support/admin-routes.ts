// Every route of the admin API as it is registered, without those that only refuse a method, and the pages about it.
import sensible from '@fastify/sensible'
import Fastify, { type RouteOptions } from 'fastify'
import { ADMIN_PREFIX, adminRoutes } from '../../src/http/admin/index.ts'
import { Limits, noRateLimits } from '../../src/http/limits.ts'
import type { Services } from '../../src/services/index.ts'

/** What tells of the API, to anybody, and is not of it. */
export const openPages: readonly string[] = ['/openapi.json', '/docs']

export interface AdminRoute {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** after the prefix, e.g. `/organizations/:id` */
  readonly path: string
  readonly config: Pick<NonNullable<RouteOptions['config']>, 'about' | 'readsOnly' | 'forSignIn'>
}

export async function adminRoutesOf(services: Services): Promise<AdminRoute[]> {
  const app = Fastify()
  await app.register(sensible)
  const routes: AdminRoute[] = []
  app.addHook('onRoute', ({ method, url, config = {}, onRequest }) => {
    // a refusal answers before a body is read, and takes many methods
    if (onRequest !== undefined || typeof method !== 'string' || method === 'HEAD') return
    const path = url.slice(ADMIN_PREFIX.length)
    if (!openPages.includes(path)) routes.push({ method: methodOf(method), path, config })
  })
  await app.register(adminRoutes, {
    prefix: ADMIN_PREFIX,
    services,
    limits: new Limits(noRateLimits),
    publicUrl: null,
  })
  await app.close()
  return routes
}

function methodOf(name: string): AdminRoute['method'] {
  const method = (['get', 'post', 'put', 'patch', 'delete'] as const).find(
    (each) => each === name.toLowerCase(),
  )
  if (method === undefined) throw new Error(`A route takes ${name}.`)
  return method
}

/** The path with these ids for `:id`, `:memberId` and so on; two colons are one. */
export const pathWith = (path: string, id: string, other: string): string =>
  path
    // a parameter may have a pattern
    .replaceAll('(^[^:]+$)', '')
    .replace('::', '\u0000')
    .replace(':id', id)
    .replace(':urn', 'urn:example')
    .replace(':version', '1')
    .replace(/:\w+/g, other)
    .replace('\u0000', ':')
