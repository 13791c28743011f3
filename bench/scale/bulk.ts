// Evaluations of many people in one transaction, one after the other in one process: how many people in a second, and
// how much memory the process takes.
import { withClient } from '../cluster.ts'
import { type Connection, connect, type Wire } from '../http.ts'
import { SCIM } from '../operations/operation.ts'
import type { Tokens } from '../population/load.ts'
import { peakMemoryMb } from '../process-usage.ts'
import { print, table } from '../report.ts'
import { requireRight } from '../right.ts'
import { startService } from '../server-process.ts'
import { groupId, LARGE_GROUP, tenant, type World } from '../world.ts'
import { counted, type SizedDirectory } from './directories.ts'

export interface BulkResult {
  readonly name: string
  readonly people: number
  readonly leastPerSecond: number | null
  /** null where the service did not do it, for which it says why */
  readonly peoplePerSecond: number | null
  readonly failure: string | null
  readonly peakMemoryMb: number
}

const LEAST_PEOPLE_PER_SECOND = 20_000
const MOST_MEMORY_MB = 400

interface Apis {
  readonly scim: Connection
  readonly admin: Connection
}

interface Evaluation {
  readonly name: string
  /** null: shown, and asked for by nobody */
  readonly leastPerSecond: number | null
  /** how many people the service has to look at */
  readonly people: (world: World) => number
  run(apis: Apis): Promise<unknown>
}

const provisioning = `/v1/organizations/${tenant.mappedId}/provisioning`

const save = (body: object): Wire => ({ method: 'PUT', path: provisioning, body, status: 200 })

/** The settings as they are, in a form in which they can be sent back. */
async function settingsOf({ admin }: Apis): Promise<object> {
  const { body } = await admin.send({ method: 'GET', path: provisioning, status: 200 })
  const { mode, groupMappings, mappings }: Record<string, unknown> = JSON.parse(body)
  return { mode, groupMappings, mappings, acknowledge: ['many_removed', 'no_top_role'] }
}

const everybody = ({ users }: World) => users

const sync = (name: string, leastPerSecond: number | null): Evaluation => ({
  name,
  leastPerSecond,
  people: everybody,
  run: ({ admin }) =>
    admin.send({ method: 'POST', path: `/v1/organizations/${tenant.mappedId}/sync`, status: 200 }),
})
const switchMappings = (groupMappings: boolean): Evaluation => ({
  name: `mappings switched ${groupMappings ? 'on' : 'off'}`,
  leastPerSecond: LEAST_PEOPLE_PER_SECOND,
  people: everybody,
  run: async (apis) => apis.admin.send(save({ ...(await settingsOf(apis)), groupMappings })),
})
const deleteLargeGroup: Evaluation = {
  name: 'a mapped group deleted',
  leastPerSecond: LEAST_PEOPLE_PER_SECOND,
  people: ({ largeGroup }) => largeGroup,
  run: ({ scim }) =>
    scim.send({ method: 'DELETE', path: `${SCIM}/Groups/${groupId(LARGE_GROUP)}`, status: 204 }),
}

/** In this order: without mappings everybody is a member, and with them those of the large group, until it is deleted. */
const evaluations = [
  // the first since PostgreSQL was started compares each resource with its document, those after it what has changed
  sync('the first sync', null),
  sync('a sync that changes nothing', LEAST_PEOPLE_PER_SECOND),
  switchMappings(false),
  switchMappings(true),
  deleteLargeGroup,
]

export async function measureBulk(directory: SizedDirectory, tokens: Tokens): Promise<BulkResult[]> {
  const results: BulkResult[] = []
  let service = await startWith(directory, tokens)
  try {
    for (const evaluation of evaluations) {
      const result = await measureOne(evaluation, service, directory.world)
      results.push(result)
      if (result.failure === null) continue
      // what it took in vain is not counted as that of the next one
      await service.stop()
      service = await startWith(directory, tokens)
    }
  } finally {
    await service.stop()
  }
  await withClient(directory.url, requireRight)
  print(`\n${table([heads(directory.world), ...results.map(cells)])}`)
  return results
}

interface Running extends Apis {
  readonly pid: number
  stop(): Promise<void>
}

async function startWith({ url }: SizedDirectory, tokens: Tokens): Promise<Running> {
  const service = await startService(url)
  const scim = connect(service.origin, tokens.directory)
  const admin = connect(service.origin, tokens.admin)
  return {
    pid: service.pid,
    scim,
    admin,
    async stop() {
      await scim.close()
      await admin.close()
      await service.stop()
    },
  }
}

/** The memory is the most that the process has had up to now. */
async function measureOne(
  { name, people, leastPerSecond, run }: Evaluation,
  service: Running,
  world: World,
): Promise<BulkResult> {
  const begin = performance.now()
  const failure = await run(service).then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
  const seconds = (performance.now() - begin) / 1000
  const count = people(world)
  return {
    name,
    people: count,
    leastPerSecond,
    peoplePerSecond: failure === null ? count / seconds : null,
    failure,
    peakMemoryMb: await peakMemoryMb(service.pid),
  }
}

const heads = ({ users }: World): string[] => [
  `in one transaction, of ${counted(users)}`,
  'people',
  'people/s',
  'at least',
  'peak MB',
  'at most',
]

function cells(result: BulkResult): string[] {
  const { name, people, leastPerSecond, peoplePerSecond, failure, peakMemoryMb: memory } = result
  const isSlow = peoplePerSecond === null || peoplePerSecond < (leastPerSecond ?? 0)
  const speed = peoplePerSecond === null ? 'failed' : counted(Math.round(peoplePerSecond))
  return [
    failure === null ? name : `${name} (${failure.slice(0, 200)})`,
    counted(people),
    `${isSlow ? '! ' : ''}${speed}`,
    leastPerSecond === null ? '' : counted(leastPerSecond),
    `${memory > MOST_MEMORY_MB ? '! ' : ''}${Math.round(memory)}`,
    String(MOST_MEMORY_MB),
  ]
}
