// A small load balancer: asks each process whether it is ready, and gives requests to those that are, in turn. Where a
// connection is refused it tries the next; what was begun it never sends twice.
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Balancer {
  readonly origin: string
  /** what it gives requests to, as far as they are ready */
  add(origin: string): void
  remove(origin: string): void
  /** the origins that are ready now */
  ready(): readonly string[]
  /** requests that a process which had been given them refused, or cut off */
  readonly cutOff: string[]
  close(): Promise<void>
}

const PROBE_MS = 100

export async function startBalancer(): Promise<Balancer> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const known = new Map<string, boolean>()
  const cutOff: string[] = []
  let turn = 0

  const probe = async (origin: string) => {
    const signal = AbortSignal.timeout(2500)
    const isReady = await fetch(`${origin}/readyz`, { signal }).then(
      (answer) => answer.ok,
      () => false,
    )
    if (known.has(origin)) known.set(origin, isReady)
  }
  const probing = setInterval(() => {
    for (const origin of known.keys()) void probe(origin)
  }, PROBE_MS)

  const ready = () => [...known].filter(([, isReady]) => isReady).map(([origin]) => origin)

  const forward = (incoming: IncomingMessage, body: Buffer, outgoing: ServerResponse, tried: string[]) => {
    const candidates = ready().filter((origin) => !tried.includes(origin))
    const origin = candidates[turn++ % candidates.length]
    if (origin === undefined) {
      outgoing.writeHead(503, { 'retry-after': '1' }).end()
      return
    }
    const { method, url = '/', headers } = incoming
    const passed = request(`${origin}${url}`, { method, headers, agent }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
      answer.once('error', () => outgoing.destroy())
    })
    passed.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') {
        known.set(origin, false)
        return forward(incoming, body, outgoing, [...tried, origin])
      }
      cutOff.push(`${method} ${url} by ${origin}: ${error.message}`)
      outgoing.destroy()
    })
    passed.end(body)
  }

  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    forward(incoming, Buffer.concat(chunks), outgoing, [])
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    add: (origin) => {
      known.set(origin, false)
      void probe(origin)
    },
    remove: (origin) => void known.delete(origin),
    ready,
    cutOff,
    close: async () => {
      clearInterval(probing)
      agent.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
