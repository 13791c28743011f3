// `npm run bench`: the service against the floor, in one run on a PostgreSQL that keeps what it confirms.
//
//   npm run bench                        all operations, then two processes on one database
//   npm run bench -- get-user            one operation, or several
//   npm run bench -- --json FILE         writes the figures too
//   npm run bench -- get-user --sql      only shows what the service asks of PostgreSQL for one turn
//   npm run bench -- get-user --profile DIR    writes a CPU profile of the service while it is measured
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { newToken } from '../src/secrets.ts'
import { type Cluster, startCluster, withClient } from './cluster.ts'
import { type Observed, observeServer, requireSame } from './comparison.ts'
import { openLoad } from './load.ts'
import { measureInTurn, onEach, type Subject } from './measure.ts'
import { operationsNamed } from './operations/index.ts'
import type { Operation } from './operations/operation.ts'
import { measureProcesses } from './processes.ts'
import { type Line, lineTable, print, writeJson } from './report.ts'
import { reset } from './reset.ts'
import { requireRight } from './right.ts'
import { type ServerProcess, startFloor, startService } from './server-process.ts'
import { worldOf } from './world.ts'

/** Without groups in groups, which the floor does not follow. */
const world = { ...worldOf(20_000), nestings: 0 }
/** Each operation that needs no reset runs for so long before anything is measured. */
const WARM_UP_MS = 2000
const tokens = { directory: newToken('directory'), admin: newToken('admin') }

interface Compared {
  readonly operation: Operation
  readonly service: Observed
  readonly floor: Observed
}

process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'string' }, sql: { type: 'boolean' }, profile: { type: 'string' } },
  })
  const operations = operationsNamed(positionals)
  const cluster = await startCluster()
  try {
    await cluster.createDirectory('service', world, tokens)
    await cluster.copy('floor', 'service')
    const compared = await compare(cluster, operations)
    if (values.sql) printStatements(compared)
    else {
      const lines = await measureAll(cluster, compared, values.profile)
      if (values.json !== undefined) await writeJson(values.json, lines)
      if (positionals.length === 0) await measureProcesses(cluster.urlOf('service'), tokens.directory, world)
    }
  } finally {
    await cluster.stop()
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

async function compare(cluster: Cluster, operations: readonly Operation[]): Promise<Compared[]> {
  const service = await observeServer(cluster.urlOf('service'), tokens.directory, startService)
  const floor = await observeServer(cluster.urlOf('floor'), tokens.directory, (url) =>
    startFloor(url, tokens.directory),
  )
  try {
    const compared: Compared[] = []
    for (const operation of operations) {
      const pair = {
        service: await service.observe(operation, world),
        floor: await floor.observe(operation, world),
      }
      requireSame(operation, pair.service, pair.floor)
      compared.push({ operation, ...pair })
    }
    return compared
  } finally {
    await service.stop()
    await floor.stop()
  }
}

function printStatements(compared: readonly Compared[]): void {
  for (const { operation, service } of compared) {
    print(`\n${operation.title}`)
    for (const statement of service.statements) print(`  ${statement.replace(/\s+/g, ' ').trim()}`)
  }
}

async function measureAll(
  cluster: Cluster,
  compared: readonly Compared[],
  profile: string | undefined,
): Promise<Line[]> {
  const profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(profile)}`]
  const service = await startService(cluster.urlOf('service'), profiling)
  const floor = await startFloor(cluster.urlOf('floor'), tokens.directory)
  print(
    `The service was ready ${Math.round(service.startMs)} ms after its start, with ${world.users} users there.\n`,
  )
  const subjects = [subject(cluster.urlOf('service'), service), subject(cluster.urlOf('floor'), floor)]
  try {
    await warmUp(subjects)
    const lines: Line[] = []
    for (const each of compared) {
      lines.push(await measure(each, subjects))
      process.stderr.write(`${each.operation.name} `)
    }
    process.stderr.write('\n')
    print(lineTable(lines))
    await withClient(cluster.urlOf('service'), requireRight)
    return lines
  } finally {
    for (const { load } of subjects) await load.close()
    await service.stop()
    await floor.stop()
  }
}

/**
 * Node compiles what runs often while it runs, for some thousand requests: with all that is asked for, so that who is
 * measured first has no disadvantage.
 */
async function warmUp(subjects: readonly Subject[]): Promise<void> {
  for (const operation of operationsNamed([]).filter(({ isReset }) => !isReset))
    for (const { load } of subjects) await load.round(operation, WARM_UP_MS)
}

function subject(url: string, server: ServerProcess): Subject {
  return { load: openLoad([server], tokens.directory, world), reset: () => withClient(url, reset) }
}

async function measure({ operation, service, floor }: Compared, subjects: readonly Subject[]): Promise<Line> {
  const [ours, theirs] = await measureInTurn(onEach(operation, subjects))
  if (ours === undefined || theirs === undefined) throw new Error('two servers are measured')
  return {
    operation: operation.name,
    title: operation.title,
    target: operation.target,
    ratio: ours.requestsPerSecond / theirs.requestsPerSecond,
    requestsPerSecond: ours.requestsPerSecond,
    floorRequestsPerSecond: theirs.requestsPerSecond,
    p50Ms: ours.p50Ms,
    p99Ms: ours.p99Ms,
    cpuMsPerRequest: ours.cpuMsPerRequest,
    floorCpuMsPerRequest: theirs.cpuMsPerRequest,
    statements: service.roundTrips,
    floorStatements: floor.roundTrips,
  }
}
