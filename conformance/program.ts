// A program that is not ours, bounded in time: its output, or why there is none.
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import type { Command } from './suite.ts'

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Throws where the program cannot be started or does not end in time; what it started ends with it. */
export async function runProgram(
  [program, ...args]: Command,
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv; readonly timeoutMs: number },
): Promise<Ended> {
  // a process group of its own: Maven and pip start others
  const child = spawn(program, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  })
  let isLate = false
  const kill = () => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  }
  const late = setTimeout(() => {
    isLate = true
    kill()
  }, options.timeoutMs)
  process.once('exit', kill)
  try {
    const [code, stdout, stderr] = await Promise.all([exit, text(child.stdout), text(child.stderr)])
    if (isLate) throw new Error(`${program} did not end within ${options.timeoutMs / 1000} seconds.`)
    return { code, stdout, stderr }
  } finally {
    clearTimeout(late)
    process.off('exit', kill)
  }
}

/** Whether the machine has the program at all. */
export async function hasProgram(program: string, cwd: string): Promise<boolean> {
  try {
    const { code } = await runProgram([program, '--version'], { cwd, env: process.env, timeoutMs: 30_000 })
    return code === 0
  } catch {
    return false
  }
}
