// Every route of the application as Fastify has it: whoever walks them walks a new one too.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { FastifyInstance, RouteOptions } from 'fastify'

export interface Route {
  readonly method: string
  /** e.g. `/v1/organizations/:id` */
  readonly url: string
  readonly config: NonNullable<RouteOptions['config']>
  readonly schema: NonNullable<RouteOptions['schema']>
}

const isInstance = (value: unknown): value is FastifyInstance =>
  typeof value === 'object' && value !== null && 'addHook' in value

/** What `start` gives, and the routes of the application that it started, without those that only refuse a method. */
export async function withRoutes<T>(start: () => Promise<T>): Promise<{ started: T; routes: Route[] }> {
  const routes: Route[] = []
  const watch = (message: unknown) => {
    const app =
      typeof message === 'object' && message !== null && 'fastify' in message ? message.fastify : null
    if (!isInstance(app)) return
    // the application comes first: what describes it makes another one of the same routes
    unsubscribe('fastify.initialization', watch)
    app.addHook('onRoute', ({ method, url, config = {}, schema = {} }) => {
      // a refusal takes many methods; HEAD follows from GET
      if (typeof method === 'string' && method !== 'HEAD') routes.push({ method, url, config, schema })
    })
  }
  subscribe('fastify.initialization', watch)
  try {
    return { started: await start(), routes }
  } finally {
    unsubscribe('fastify.initialization', watch)
  }
}

export const parametersOf = ({ url }: Route): string[] =>
  [...url.replaceAll('::', '').matchAll(/:(\w+)/g)].map(([, name]) => name ?? '')

/** The URL with these names; two colons are one, and a parameter may have a pattern. */
export const urlWith = ({ url }: Route, name: (parameter: string) => string): string =>
  url
    .replaceAll('(^[^:]+$)', '')
    .split('::')
    .map((part) => part.replace(/:(\w+)/g, (_, parameter: string) => encodeURIComponent(name(parameter))))
    .join(':')
