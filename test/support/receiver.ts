// A receiver of webhooks: a real HTTP server that keeps what it gets, answers as it is told, and verifies as receivers do.
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { vi } from 'vitest'

/** An event as GET /v1/events shows it. */
export interface ShownEvent {
  readonly seq: number
  readonly time: string
  readonly type: string
  readonly subjectId: string
  readonly organizationId: string | null
}

export interface Received {
  readonly id: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly event: ShownEvent
}

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
}

export interface Receiver {
  readonly url: string
  /** in the order in which they arrived, whatever was answered */
  readonly received: Received[]
  /** decides over the answers; 204 at first */
  answer: (message: Received) => Answer | Promise<Answer>
  /** the events that were answered with 2xx, in order */
  accepted(): ShownEvent[]
  /** waits until it has got so many */
  has(count: number): Promise<void>
  close(): Promise<void>
}

export async function startReceiver(): Promise<Receiver> {
  const accepted: ShownEvent[] = []
  const receiver = {
    received: [] as Received[],
    answer: (): Answer | Promise<Answer> => ({ status: 204 }),
  }
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const message = { id: String(request.headers['webhook-id']), headers: request.headers, body }
    const received = { ...message, event: JSON.parse(body).data }
    receiver.received.push(received)
    const answer: (message: Received) => Answer | Promise<Answer> = receiver.answer
    const { status, headers = {} } = await answer(received)
    if (status >= 200 && status < 300) accepted.push(received.event)
    response.writeHead(status, headers).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(receiver, {
    url: `http://127.0.0.1:${port}/hook`,
    accepted: () => accepted,
    has: (count: number) =>
      vi.waitFor(
        () => {
          if (receiver.received.length < count) throw new Error(`${receiver.received.length} of ${count}`)
        },
        { timeout: 15_000, interval: 10 },
      ),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
}

/** What the library makes of a message: its payload, or an error where the secret did not sign it. */
export const verified = (secret: string, { body, headers }: Received): unknown =>
  new Webhook(secret).verify(
    body,
    Object.fromEntries(Object.entries(headers).map(([k, v]) => [k, String(v)])),
  )
