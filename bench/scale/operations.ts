// The operations at each size, in turn: how much slower they are among a million than among a thousand.
import { withClient } from '../cluster.ts'
import { openLoad } from '../load.ts'
import { type Measured, measureInTurn, onEach, type Subject } from '../measure.ts'
import { addManyMembers, changeMemberOfLargeGroup, changeMemberOfSmallGroup } from '../operations/groups.ts'
import { operations } from '../operations/index.ts'
import type { Operation } from '../operations/operation.ts'
import { print, rounded, table } from '../report.ts'
import { reset } from '../reset.ts'
import type { World } from '../world.ts'
import { counted, type SizedDirectory } from './directories.ts'
import { type Growth, growthCells } from './limits.ts'

const LIMIT = 1.5

/** Those that measure a whole sync grow as their parts do, and have no limit of their own. */
const compared: readonly Operation[] = operations.filter(({ name }) => !name.startsWith('first-sync'))

/** Whether a directory has enough people for it. */
const fits = (operation: Operation, world: World): boolean =>
  operation !== addManyMembers || world.users - world.largeGroup >= 8000

export async function measureOperations(
  directories: readonly SizedDirectory[],
  token: string,
): Promise<Growth[]> {
  const subjects = directories.map(({ service, url, world }) => ({
    world,
    load: openLoad([service], token, world),
    reset: () => withClient(url, reset),
  }))
  try {
    return await measureAll(subjects, directories)
  } finally {
    for (const { load } of subjects) await load.close()
  }
}

async function measureAll(
  subjects: readonly (Subject & { readonly world: World })[],
  directories: readonly SizedDirectory[],
): Promise<Growth[]> {
  const sizes = directories.map(({ world }) => `${counted(world.users)}, req/s`)
  const rows = [['operation', ...sizes, 'times slower', 'at most']]
  const growths: Growth[] = []
  for (const operation of compared) {
    const able = subjects.filter(({ world }) => fits(operation, world))
    const measured = await measureInTurn(onEach(operation, able))
    const [first, last] = [measured[0], measured.at(-1)]
    const growth = { name: operation.name, slower: slowerThan(last, first), limit: LIMIT }
    growths.push(growth)
    const missing = subjects.slice(able.length).map(() => '–')
    const rates = measured.map(({ requestsPerSecond }) => rounded(requestsPerSecond))
    rows.push([operation.title, ...missing, ...rates, ...growthCells(growth)])
  }
  print(`\n${table(rows)}`)
  growths.push(await measureLargeGroup(subjects.at(-1)))
  return growths
}

/** One member of the large group against one of a group of ten, in the largest directory; one group each for all workers. */
async function measureLargeGroup(
  largest: (Subject & { readonly world: World }) | undefined,
): Promise<Growth> {
  if (largest === undefined) throw new Error('no directory')
  const contestants = [changeMemberOfSmallGroup, changeMemberOfLargeGroup].map((operation) => ({
    operation,
    subject: largest,
  }))
  const [ten, large] = await measureInTurn(contestants)
  const growth = { name: changeMemberOfLargeGroup.name, slower: slowerThan(large, ten), limit: LIMIT }
  const members = counted(largest.world.largeGroup)
  const rates = [ten, large].map((measured) => rounded(measured?.requestsPerSecond ?? Number.NaN))
  print(
    `\n${table([
      ['one member added / removed', 'of ten, req/s', `of ${members}, req/s`, 'times slower', 'at most'],
      ['PATCH a group', ...rates, ...growthCells(growth)],
    ])}`,
  )
  return growth
}

const slowerThan = (one: Measured | undefined, other: Measured | undefined): number =>
  (other?.requestsPerSecond ?? Number.NaN) / (one?.requestsPerSecond ?? Number.NaN)
