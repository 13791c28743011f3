// The load: workers that each send one request after the other, on connections of their own, for a round.
import { type Connection, connect, type Send } from './http.ts'
import { type Operation, WORKERS } from './operations/operation.ts'
import { cpuMsOf } from './process-usage.ts'
import type { ServerProcess } from './server-process.ts'
import type { Round } from './statistics.ts'
import type { World } from './world.ts'

export interface MeasuredRound extends Round {
  readonly latenciesMs: readonly number[]
  /** of the servers' processes */
  readonly cpuMs: number
}

export interface Load {
  round(operation: Operation, roundMs: number): Promise<MeasuredRound>
  close(): Promise<void>
}

/** A load on one server, or on several that share a database. */
export function openLoad(servers: readonly ServerProcess[], token: string, world: World): Load {
  const workers = Array.from({ length: WORKERS }, (_, worker) => {
    const server = servers[worker % servers.length]
    if (server === undefined) throw new Error('no server')
    return { worker, connection: connect(server.origin, token) }
  })
  /** turns that the workers have had, by operation and worker: nobody has one twice */
  const turns = new Map<string, number>()

  async function work(worker: number, connection: Connection, operation: Operation, until: number) {
    const latencies: number[] = []
    const send: Send = async (wire) => {
      const begin = performance.now()
      const answer = await connection.send(wire)
      latencies.push(performance.now() - begin)
      return answer
    }
    const key = `${operation.name} ${worker}`
    for (let count = 0; ; count += 1) {
      const turn = turns.get(key) ?? 0
      if (!isGoingOn(operation, { count, turn }, until)) return latencies
      await operation.play(send, { worker, turn, world })
      turns.set(key, turn + 1)
    }
  }

  return {
    async round(operation, roundMs) {
      const cpuBefore = await cpuOf(servers)
      const begin = performance.now()
      const results = await Promise.all(
        workers.map(({ worker, connection }) => work(worker, connection, operation, begin + roundMs)),
      )
      const elapsedMs = performance.now() - begin
      const latenciesMs = results.flat()
      const cpuMs = (await cpuOf(servers)) - cpuBefore
      return { requests: latenciesMs.length, elapsedMs, latenciesMs, cpuMs }
    },
    close: async () => {
      await Promise.all(workers.map(({ connection }) => connection.close()))
    },
  }
}

function isGoingOn(
  { turnsPerRound, isPaired }: Operation,
  { count, turn }: { readonly count: number; readonly turn: number },
  until: number,
): boolean {
  if (turnsPerRound !== undefined) return count < turnsPerRound
  return performance.now() < until || (isPaired === true && turn % 2 === 1)
}

async function cpuOf(servers: readonly ServerProcess[]): Promise<number> {
  const used = await Promise.all(servers.map(({ pid }) => cpuMsOf(pid)))
  return used.reduce((sum, ms) => sum + ms, 0)
}
