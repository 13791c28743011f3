// Before anything is timed: the service and the floor are asked the same, one request at a time, to see that they answer
// the same and write the same rows, and to count their round trips.
import { isDeepStrictEqual } from 'node:util'
import type pg from 'pg'
import { withClient } from './cluster.ts'
import { type Answer, connect, type Send } from './http.ts'
import { cameTo, type Ledger, readLedger, transactionsSoFar } from './ledger.ts'
import { type Operation, WORKERS } from './operations/operation.ts'
import { reset } from './reset.ts'
import { type CountingProxy, startProxy } from './round-trips.ts'
import type { ServerProcess } from './server-process.ts'
import type { World } from './world.ts'

/** What one server did in the turns of an operation. */
export interface Observed {
  /** waits for PostgreSQL, per request */
  readonly roundTrips: number
  /** transactions that wrote, per request */
  readonly transactions: number
  /** what PostgreSQL was sent for the last turn */
  readonly statements: readonly string[]
  readonly wrote: Ledger
  readonly answers: readonly Answer[]
}

/** A server that asks PostgreSQL through a proxy. */
export interface ObservedServer {
  observe(operation: Operation, world: World): Promise<Observed>
  stop(): Promise<void>
}

/** An even number: what one turn takes away the next puts back. Enough to see past what happens once a minute. */
const TURNS = 12

export async function observeServer(
  databaseUrl: string,
  token: string,
  start: (databaseUrl: string) => Promise<ServerProcess>,
): Promise<ObservedServer> {
  const proxy = await startProxy(databaseUrl)
  const server = await start(proxy.url)
  const connection = connect(server.origin, token)
  return {
    observe: (operation, world) =>
      withClient(databaseUrl, (client) =>
        observe({ client, proxy, send: connection.send }, operation, world),
      ),
    stop: async () => {
      await connection.close()
      await server.stop()
      await proxy.close()
    },
  }
}

interface Observation {
  readonly client: pg.ClientBase
  readonly proxy: CountingProxy
  readonly send: Send
}

async function observe(
  { client, proxy, send }: Observation,
  operation: Operation,
  world: World,
): Promise<Observed> {
  const roundTrips: number[] = []
  const transactions: number[] = []
  const answers: Answer[] = []
  let seen = 0
  const before = await readLedger(client)
  // what needs an empty group again has another worker's
  const turns = operation.turnsPerRound === undefined ? TURNS : WORKERS
  for (let turn = 0; turn < turns; turn += 1) {
    const played = operation.turnsPerRound === undefined ? { worker: 0, turn } : { worker: turn, turn: 0 }
    let requests = 0
    const counted: Send = async (wire) => {
      requests += 1
      const answer = await send(wire)
      answers.push(answer)
      return answer
    }
    const [tripsBefore, transactionsBefore] = [proxy.roundTrips(), await transactionsSoFar(client)]
    seen = proxy.statements().length
    await operation.play(counted, { ...played, world })
    roundTrips.push((proxy.roundTrips() - tripsBefore) / requests)
    transactions.push(((await transactionsSoFar(client)) - transactionsBefore) / requests)
  }
  const statements = proxy.statements().slice(seen)
  const wrote = cameTo(before, await readLedger(client))
  if (operation.isReset) await reset(client)
  return {
    roundTrips: withoutBackground(roundTrips),
    transactions: withoutBackground(transactions),
    statements,
    wrote,
    answers,
  }
}

/**
 * What a turn costs by itself: whatever the service does in the background only adds. Even turns and odd ones may do
 * different things, such as add and remove.
 */
function withoutBackground(perTurn: readonly number[]): number {
  const least = (parity: number) => Math.min(...perTurn.filter((_, turn) => turn % 2 === parity))
  return (least(0) + least(1)) / 2
}

/** Throws where the floor is no floor: where it writes or answers something else than the service. */
export function requireSame({ name }: Operation, service: Observed, floor: Observed): void {
  if (!isDeepStrictEqual(service.wrote, floor.wrote)) {
    const [ours, theirs] = [JSON.stringify(service.wrote), JSON.stringify(floor.wrote)]
    throw new Error(`${name}: the service writes ${ours}, and the floor ${theirs}.`)
  }
  if (service.transactions !== floor.transactions) {
    throw new Error(
      `${name}: the service needs ${service.transactions} transactions, and the floor ${floor.transactions}.`,
    )
  }
  for (const [i, answer] of service.answers.entries()) {
    const other = floor.answers[i]
    if (other !== undefined && isDeepStrictEqual(comparable(answer), comparable(other))) continue
    throw new Error(`${name}: the service answers ${answer.body}, and the floor ${other?.body}.`)
  }
}

/** What differs from server to server and from run to run: origins, new ids, users that only one has, and times. */
function comparable({ status, body }: Answer): unknown {
  const plain = body
    .replace(/http:\/\/127\.0\.0\.1:\d+/g, '')
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => (id.startsWith('019a0000-') ? id : 'new'))
    .replace(/20\d\d-\d\d-\d\dT[\d:.]+Z/g, 'time')
    .replace(/\w+\.\w+\.new\.\d+@|new\.\d+/g, 'new')
  return { status, body: plain === '' ? null : withoutNames(JSON.parse(plain)) }
}

/** Names of new users go by number, and the numbers of the two servers are not the same. */
function withoutNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNames)
  if (typeof value !== 'object' || value === null) return value
  const named = ['name', 'displayName', 'display', 'department']
  return Object.fromEntries(
    Object.entries(value).map(([key, held]) => [key, named.includes(key) ? typeof held : withoutNames(held)]),
  )
}
