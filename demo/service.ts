// The real service as a process of its own, on a database that is thrown away with its folder.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Access } from './administrator.ts'

const program = fileURLToPath(new URL('../dist/main.js', import.meta.url))

const STOP_TIMEOUT_MS = 25_000

interface Service {
  /** Throws what the service wrote if it ends before it is ready. */
  readonly ready: Promise<Access>
  /** Ends the service and removes its folder. Can be called more than once. */
  stop(): Promise<void>
}

/** A service for as long as `use` takes; Ctrl-C ends both. */
export async function withService(use: (access: Access) => Promise<number>): Promise<number> {
  const interrupted = interruption()
  const service = await startService()
  try {
    return await Promise.race([service.ready.then(use), interrupted])
  } finally {
    await service.stop()
  }
}

/** The exit code of a process that Ctrl-C ended. Under npm the signal arrives twice: the second changes nothing. */
function interruption(): Promise<number> {
  return new Promise((resolve) => {
    process.on('SIGINT', () => resolve(130))
    process.on('SIGTERM', () => resolve(143))
  })
}

/** Nothing of the caller's settings reaches the service: no database of theirs, no `.env` of the current folder. */
async function startService(): Promise<Service> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-demo-'))
  const { PATH = '', TMPDIR = tmpdir() } = process.env
  const child = spawn(process.execPath, ['--enable-source-maps', program], {
    cwd: folder,
    env: {
      PATH,
      TMPDIR,
      ROLLCALL_DATA_DIR: join(folder, 'postgres'),
      PORT: '0',
      LOG_LEVEL: 'error',
      ROLLCALL_DRAIN_SECONDS: '0',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ready = firstStart(child)
  // who stops the service before it is ready does not wait for it
  ready.catch(() => {})
  let stopping: Promise<void> | null = null
  const stop = () => {
    stopping ??= end(child).then(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
    return stopping
  }
  return { ready, stop }
}

function firstStart(child: ChildProcess): Promise<Access> {
  return new Promise((resolve, reject) => {
    let output = ''
    const onText = (chunk: Buffer) => {
      output += chunk.toString('utf8')
      const access = parseFirstStart(output)
      if (access !== null) resolve(access)
    }
    child.stdout?.on('data', onText)
    child.stderr?.on('data', onText)
    child.once('error', reject)
    child.once('exit', (code, signal) =>
      reject(new Error(`The service ended before it was ready (${signal ?? code}):\n${output}`)),
    )
  })
}

/** Where the service is and the admin token, out of what its first start prints; null while lines are missing. */
export function parseFirstStart(output: string): Access | null {
  const origin = /^SCIM base URL: (\S+)\/scim\/v2$/m.exec(output)?.[1]
  const adminToken = /^Admin token: (\S+)\n/m.exec(output)?.[1]
  return origin === undefined || adminToken === undefined ? null : { origin, adminToken }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const exited = once(child, 'exit')
  const killing = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  child.kill('SIGTERM')
  await exited
  clearTimeout(killing)
}
