// Which processes live, and which of them are a PostgreSQL server on a given folder. Numbers of processes are
// used again, in containers within seconds: so a number alone is never taken for a process.

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdir, readFile, readlink, realpath } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * A short text that belongs to the process `pid` from its start to its end, and to no later process with the
 * same number; null if there is no such process, or it is a zombie.
 */
export async function fingerprint(pid: number): Promise<string | null> {
  const start = process.platform === 'linux' ? await startOnLinux(pid) : await startElsewhere(pid)
  return start === null ? null : createHash('sha256').update(start).digest('hex').slice(0, 16)
}

/** The PostgreSQL processes whose data directory is `cluster`; the server itself is `postmaster`, if it lives. */
export async function findServer(cluster: string): Promise<{ postmaster: number | null; all: number[] }> {
  const recorded = await recordedPostmaster(cluster)
  const all =
    process.platform === 'linux' ? await findOnLinux(cluster) : await findElsewhere(cluster, recorded)
  return { postmaster: recorded !== null && all.includes(recorded) ? recorded : null, all }
}

/** The number in the server's own lock file, which may be long dead or another program's. */
export async function recordedPostmaster(cluster: string): Promise<number | null> {
  const text = await readFile(`${cluster}/postmaster.pid`, 'utf8').catch(() => '')
  const pid = Number.parseInt(text, 10)
  return pid > 1 ? pid : null
}

type Stat = { command: string; state: string; startTicks: string }

async function statOnLinux(pid: number): Promise<Stat | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  // "pid (command) state …": the command may hold spaces and brackets, so count from its last bracket.
  const [, command, rest] = text?.match(/^\d+ \((.*)\) (.*)$/s) ?? []
  const fields = rest?.split(' ')
  const state = fields?.[0]
  const startTicks = fields?.[19]
  if (command === undefined || state === undefined || startTicks === undefined) return null
  return { command, state, startTicks }
}

async function startOnLinux(pid: number): Promise<string | null> {
  const stat = await statOnLinux(pid)
  if (stat === null || stat.state === 'Z' || stat.state === 'X') return null
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')
  return `${boot.trim()} ${stat.startTicks}`
}

async function startElsewhere(pid: number): Promise<string | null> {
  const { stdout } = await run('ps', ['-o', 'stat=,lstart=', '-p', String(pid)]).catch(() => ({ stdout: '' }))
  const [, state, start] = stdout.trim().match(/^(\S+)\s+(.+)$/) ?? []
  return start === undefined || state?.startsWith('Z') ? null : start
}

/** Every process of the server works in its data directory, also one whose postmaster was killed. */
async function findOnLinux(cluster: string): Promise<number[]> {
  const place = await realpath(cluster).catch(() => null)
  if (place === null) return []
  const numbers = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const found = await Promise.all(
    numbers.map(async (pid) => {
      const directory = await readlink(`/proc/${pid}/cwd`).catch(() => null)
      if (directory !== place) return null
      // A shell that somebody left in the folder is no server.
      return (await statOnLinux(pid))?.command === 'postgres' ? pid : null
    }),
  )
  return found.filter((pid) => pid !== null)
}

async function findElsewhere(cluster: string, recorded: number | null): Promise<number[]> {
  if (recorded === null) return []
  const { stdout } = await run('ps', ['-ww', '-o', 'command=', '-p', String(recorded)]).catch(() => ({
    stdout: '',
  }))
  return stdout.includes('postgres') && stdout.includes(cluster) ? [recorded] : []
}
