// One process of the service and two on the same database: throughput, and whether the results are right.
import { withClient } from './cluster.ts'
import { openLoad } from './load.ts'
import { measureInTurn, onEach, type Subject } from './measure.ts'
import { operationsNamed } from './operations/index.ts'
import { print, rounded, table } from './report.ts'
import { reset } from './reset.ts'
import { requireRight } from './right.ts'
import { type ServerProcess, startService } from './server-process.ts'
import type { World } from './world.ts'

const measured = ['get-user', 'create-user', 'change-member', 'first-sync-okta'] as const

export async function measureProcesses(url: string, token: string, world: World): Promise<void> {
  const servers: ServerProcess[] = []
  const subjects: Subject[] = []
  try {
    for (let i = 0; i < 2; i += 1) servers.push(await startService(url))
    for (const some of [servers.slice(0, 1), servers]) {
      subjects.push({ load: openLoad(some, token, world), reset: () => withClient(url, reset) })
    }
    const rows = [['operation', 'one process, req/s', 'two processes, req/s', 'CPU ms', 'CPU ms of two']]
    for (const operation of operationsNamed(measured)) {
      const [one, two] = await measureInTurn(onEach(operation, subjects))
      if (one === undefined || two === undefined) throw new Error('one and two are measured')
      const rates = [one, two].map(({ requestsPerSecond }) => rounded(requestsPerSecond))
      const cpu = [one, two].map(({ cpuMsPerRequest }) => cpuMsPerRequest.toFixed(2))
      rows.push([operation.title, ...rates, ...cpu])
    }
    await withClient(url, requireRight)
    print(`\n${table(rows)}\n\nEvery member, role and seat is what the rules say.`)
  } finally {
    for (const { load } of subjects) await load.close()
    for (const server of servers) await server.stop()
  }
}
