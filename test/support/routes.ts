// The routes of an application, as Fastify itself tells them to whoever asks before it is built.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { FastifyInstance, RouteOptions } from 'fastify'

/** Fastify publishes each instance here before anything is registered in it. */
const CHANNEL = 'fastify.initialization'

/** The routes of all applications that `build` makes. */
export async function routesOf<T>(build: () => Promise<T>): Promise<{ built: T; routes: RouteOptions[] }> {
  const routes: RouteOptions[] = []
  const onInstance = (message: unknown) => {
    if (isInitialization(message)) message.fastify.addHook('onRoute', (route) => void routes.push(route))
  }
  subscribe(CHANNEL, onInstance)
  try {
    return { built: await build(), routes }
  } finally {
    unsubscribe(CHANNEL, onInstance)
  }
}

const isInitialization = (message: unknown): message is { readonly fastify: FastifyInstance } =>
  typeof message === 'object' && message !== null && 'fastify' in message
