// What every answer tells browsers and caches: keep nothing, guess no type, load nothing, show it in no frame. It costs
// a program nothing, and whoever opens an answer in a browser is safe.
import type { FastifyInstance } from 'fastify'

export type SecurityHeaders = Readonly<Record<string, string>>

const always: SecurityHeaders = {
  // nearly all of it is about people
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** RFC 6797: by http it says nothing, so it is for who is called by https. */
export const securityHeaders = (publicUrl: string | null): SecurityHeaders =>
  publicUrl?.startsWith('https:') ? { ...always, 'strict-transport-security': 'max-age=31536000' } : always

export function answerSafely(app: FastifyInstance, headers: SecurityHeaders): void {
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(headers)
    done()
  })
}
