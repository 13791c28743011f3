// The directories of several sizes that are compared, each with a service of its own, all on one PostgreSQL.
import type { Cluster } from '../cluster.ts'
import type { Tokens } from '../population/load.ts'
import { print } from '../report.ts'
import { type ServerProcess, startService } from '../server-process.ts'
import { type World, worldOf } from '../world.ts'

export interface SizedDirectory {
  readonly world: World
  readonly url: string
  readonly service: ServerProcess
}

/** Smallest first. */
export async function createDirectories(
  cluster: Cluster,
  sizes: readonly number[],
  tokens: Tokens,
): Promise<SizedDirectory[]> {
  const directories: SizedDirectory[] = []
  for (const size of sizes.toSorted((a, b) => a - b)) {
    const [name, world] = [`users_${size}`, worldOf(size)]
    const begin = performance.now()
    await cluster.createDirectory(name, world, tokens)
    const seconds = ((performance.now() - begin) / 1000).toFixed(1)
    const url = cluster.urlOf(name)
    const service = await startService(url)
    const ready = `the service ready ${Math.round(service.startMs)} ms after its start`
    print(`${counted(size)} users, ${counted(world.groups)} groups: loaded in ${seconds} s, ${ready}`)
    directories.push({ world, url, service })
  }
  return directories
}

export const counted = (n: number): string => n.toLocaleString('en-US')
