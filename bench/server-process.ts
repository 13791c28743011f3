// A server as a process of its own: the service as it is started everywhere, or the floor.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { findFreePort } from '../src/store/embedded/server.ts'

export interface ServerProcess {
  readonly pid: number
  readonly origin: string
  /** from its start until it was ready */
  readonly startMs: number
  stop(): Promise<void>
}

const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url))

const READY_TIMEOUT_MS = 60_000
const STOP_TIMEOUT_MS = 25_000

/** The service with the settings that it has by itself, but without the hourly sync and the limit of requests. `nodeOptions` go before the program, e.g. --cpu-prof. */
export const startService = (
  databaseUrl: string,
  nodeOptions: readonly string[] = [],
): Promise<ServerProcess> =>
  startProcess([...nodeOptions, '--enable-source-maps', pathOf('../dist/main.js')], {
    DATABASE_URL: databaseUrl,
    ROLLCALL_SYNC_INTERVAL_MINUTES: '0',
    ROLLCALL_RATE_LIMIT_PER_SECOND: '0',
    ROLLCALL_DRAIN_SECONDS: '0',
  })

export const startFloor = (databaseUrl: string, token: string): Promise<ServerProcess> =>
  startProcess(['--import', import.meta.resolve('tsx'), pathOf('floor/main.ts')], {
    DATABASE_URL: databaseUrl,
    FLOOR_TOKEN: token,
  })

async function startProcess(
  args: readonly string[],
  settings: Record<string, string>,
): Promise<ServerProcess> {
  // an empty folder, so that no `.env` is read
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-bench-server-'))
  const port = await findFreePort()
  const begin = performance.now()
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', PORT: String(port), NODE_ENV: 'production', ...settings },
    // a log that nobody reads is written all the same
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  // a measurement that ends by an exception or by Ctrl-C must not leave a server behind
  const lastResort = () => child.kill('SIGKILL')
  process.once('exit', lastResort)
  child.once('exit', () => process.off('exit', lastResort))
  let complaint = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString('utf8')).slice(-4000)
  })
  const stop = () => end(child).then(() => rm(folder, { recursive: true, force: true }))
  const origin = `http://127.0.0.1:${port}`
  try {
    await waitUntilReady(child, origin)
    if (child.pid === undefined) throw new Error('no process')
    return { pid: child.pid, origin, startMs: performance.now() - begin, stop }
  } catch (error) {
    await stop()
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`A server did not start. ${reason}\n${complaint}`, { cause: error })
  }
}

async function waitUntilReady(child: ChildProcess, origin: string): Promise<void> {
  const end = performance.now() + READY_TIMEOUT_MS
  while (child.exitCode === null && performance.now() < end) {
    const answer = await fetch(`${origin}/readyz`).catch(() => null)
    if (answer?.ok) return
    await sleep(10)
  }
  throw new Error(child.exitCode === null ? 'It is not ready.' : `It ended with ${child.exitCode}.`)
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const exited = once(child, 'exit')
  const killing = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  child.kill('SIGTERM')
  await exited
  clearTimeout(killing)
}
