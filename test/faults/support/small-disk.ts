// A file system of some megabytes, which can be filled and made empty again.
import { execFile } from 'node:child_process'
import { mkdtemp, open, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface SmallDisk {
  readonly folder: string
  /** Takes all the room that is left, to the last page. */
  fill(): Promise<void>
  /** Gives the room back. */
  empty(): Promise<void>
  remove(): Promise<void>
}

/** Needs the right to mount, which root has outside of most containers; where it is missing, says so in place of a disk. */
export async function mountSmallDisk(megabytes: number): Promise<SmallDisk | string> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-faults-disk-'))
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'rollcall-faults', folder])
  } catch (error) {
    await rm(folder, { recursive: true })
    return error instanceof Error ? error.message.trim().replaceAll('\n', ' ') : String(error)
  }
  const filler = join(folder, 'filler')
  const empty = () => rm(filler, { force: true })
  return {
    folder,
    fill: () => fill(folder, filler),
    empty,
    remove: async () => {
      await run('umount', [folder])
      await rm(folder, { recursive: true })
    },
  }
}

async function fill(folder: string, filler: string): Promise<void> {
  const page = Buffer.alloc(4096)
  const file = await open(filler, 'a')
  try {
    for (;;) {
      const { bavail, bsize } = await statfs(folder)
      await file.write(bavail > 0 ? Buffer.alloc(bavail * bsize) : page)
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  } finally {
    await file.close()
  }
}
