// One service per data directory. Each service that uses the directory leaves an empty file in it, whose name
// holds its process: `owner-<pid>-<fingerprint>`. A file whose process is dead counts for nothing.

import { open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fingerprint } from './process.ts'

/** Another living process uses the data directory. */
export class InUseError extends Error {
  override readonly name = 'InUseError'
}

const attempts = 6

/**
 * Makes this process the only owner of `directory`, or throws InUseError. Returns what gives it back.
 *
 * Write first, look second: of two that start together at least one sees the other, so never both own it. If
 * both see each other, both step back and try again after a random pause.
 */
export async function claim(directory: string): Promise<() => Promise<void>> {
  const mine = `owner-${process.pid}-${await fingerprint(process.pid)}`
  for (let attempt = 1; ; attempt += 1) {
    const file = await open(join(directory, mine), 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'EEXIST' ? inUse(directory, process.pid) : error
    })
    await file.close()
    const release = () => rm(join(directory, mine), { force: true })

    const other = await findOther(directory, mine)
    if (other === null) return release
    await release()
    if (attempt === attempts) throw inUse(directory, other)
    await sleep(50 + Math.random() * 250)
  }
}

/** The living owner that is not `mine`; what dead owners left is removed on the way. */
async function findOther(directory: string, mine: string): Promise<number | null> {
  for (const name of await readdir(directory)) {
    const [, pid, print] = name.match(/^owner-(\d+)-([0-9a-f]+)$/) ?? []
    if (pid === undefined || name === mine) continue
    if ((await fingerprint(Number(pid))) === print) return Number(pid)
    await rm(join(directory, name), { force: true })
  }
  return null
}

const inUse = (directory: string, pid: number) =>
  new InUseError(
    `The data directory ${directory} is in use by ${pid === process.pid ? 'this process' : `process ${pid}`}. ` +
      'Stop that service first, or give this one another folder with ROLLCALL_DATA_DIR.',
  )
