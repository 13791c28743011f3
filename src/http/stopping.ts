// How a server that is told to stop goes: it says so to load balancers, keeps no connection, and is closed within a
// bound whatever its clients do.
import type { FastifyInstance } from 'fastify'

/**
 * Once `stopping` is aborted each answer closes its connection, so that the client's next request goes elsewhere; all
 * are served until the server is closed.
 */
export function keepNoConnections(app: FastifyInstance, stopping: AbortSignal): void {
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (stopping.aborted) reply.header('connection', 'close')
    done(null, payload)
  })
}

/** The requests of a server whose answers have not ended yet. */
export class OpenRequests {
  #count = 0
  #onNone = () => {}

  constructor({ server }: FastifyInstance) {
    server.on('request', (_, response) => {
      this.#count += 1
      response.once('close', () => {
        this.#count -= 1
        if (this.#count === 0) this.#onNone()
      })
    })
  }

  /** Waits until there is none, at most so long. */
  none(timeoutMs: number): Promise<void> {
    if (this.#count === 0) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs)
      this.#onNone = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

/**
 * Stops listening, lets the requests that run end, at most so long, and then ends every connection: Node waits for those
 * on which nothing or half a request was sent.
 */
export async function closeServer(
  app: FastifyInstance,
  requests: OpenRequests,
  timeoutMs: number,
): Promise<void> {
  const closed = app.close()
  await requests.none(timeoutMs)
  app.server.closeAllConnections()
  await closed
}
