// Counts what a server asks of PostgreSQL: a proxy between the two that reads the messages which pass. Nothing is timed
// through it.
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface CountingProxy {
  /** the database behind the proxy */
  readonly url: string
  /** waits for an answer so far */
  roundTrips(): number
  /** the statements that were run so far */
  statements(): readonly string[]
  close(): Promise<void>
}

export async function startProxy(databaseUrl: string): Promise<CountingProxy> {
  const target = new URL(databaseUrl)
  let roundTrips = 0
  const statements: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const database = connect(Number(target.port), target.hostname)
    const statementOf = statementReader()
    let unanswered = 0
    const onAsked = messageReader('untyped', (type, content) => {
      if (asking.includes(type)) {
        // what is sent before the last was answered travels with it
        if (unanswered === 0) roundTrips += 1
        unanswered += 1
      }
      const statement = statementOf(type, content)
      if (statement !== null) statements.push(statement)
    })
    const onAnswered = messageReader('typed', (type) => {
      if (type === READY_FOR_QUERY && unanswered > 0) unanswered -= 1
    })
    client.on('data', onAsked)
    database.on('data', onAnswered)
    client.pipe(database).pipe(client)
    for (const [socket, other] of [
      [client, database],
      [database, client],
    ] as const) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => other.destroy())
      socket.on('close', () => sockets.delete(socket))
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  const url = new URL(databaseUrl)
  url.port = String(address.port)
  return {
    url: url.href,
    roundTrips: () => roundTrips,
    statements: () => statements,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A Query and a Sync: each is answered by one ReadyForQuery. */
const asking = ['Q', 'S']
const READY_FOR_QUERY = 'Z'

/** Tells what is run: the text of a Query, or of the statement that a Bind names, which may be prepared since long. */
function statementReader(): (type: string, content: Buffer) => string | null {
  const prepared = new Map<string, string>()
  return (type, content) => {
    const [first = '', second = ''] = content.toString('utf8').split('\0')
    if (type === 'Q') return first
    if (type === 'P') prepared.set(first, second)
    return type === 'B' ? (prepared.get(second) ?? null) : null
  }
}

const LENGTH_BYTES = 4

/** Messages out of the parts in which they arrive. The first that a client sends, which begins a session, has no type. */
function messageReader(
  first: 'typed' | 'untyped',
  take: (type: string, content: Buffer) => void,
): (chunk: Buffer) => void {
  let pending = Buffer.alloc(0)
  let typeBytes = first === 'typed' ? 1 : 0
  return (chunk) => {
    pending = Buffer.concat([pending, chunk])
    while (pending.length >= typeBytes + LENGTH_BYTES) {
      const end = typeBytes + pending.readUInt32BE(typeBytes)
      if (pending.length < end) return
      take(pending.toString('latin1', 0, typeBytes), pending.subarray(typeBytes + LENGTH_BYTES, end))
      pending = pending.subarray(end)
      typeBytes = 1
    }
  }
}
