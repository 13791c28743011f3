// What a process has used: the time of the processor, and the most memory that it ever had.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Linux counts in hundredths of a second for whoever asks, whatever it does inside (USER_HZ). */
const TICK_MS = 10

/** User and system time of all threads. */
export async function cpuMsOf(pid: number): Promise<number> {
  if (process.platform === 'linux') {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // "pid (command) state …": the command may hold spaces and brackets, so count from its last bracket
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS
  }
  const { stdout } = await run('ps', ['-o', 'time=', '-p', String(pid)])
  return (
    stdout
      .trim()
      .split(':')
      .reduce((total, part) => total * 60 + Number(part), 0) * 1000
  )
}

/** The most that it ever had resident, in MB; where the system does not remember that, what it has now. */
export async function peakMemoryMb(pid: number): Promise<number> {
  if (process.platform === 'linux') {
    const status = await readFile(`/proc/${pid}/status`, 'utf8')
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024
  }
  const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)])
  return Number(stdout.trim()) / 1024
}
