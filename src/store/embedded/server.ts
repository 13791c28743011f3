// The running embedded server: on a free port of 127.0.0.1, in a process group of its own, stopped in order.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Account } from './account.ts'
import { type Binaries, programEnvironment } from './binaries.ts'
import type { Cluster } from './cluster.ts'

export type ServerOptions = Readonly<{
  cluster: Cluster
  account: Account
  binaries: Binaries
  /** lines of postgresql.conf */
  settings: Readonly<Record<string, string>>
  onLog: (line: string) => void
  /** called when the server ends though nobody stopped it */
  onDeath: (reason: string) => void
}>

export type Server = Readonly<{ port: number; stop(): Promise<void> }>

const ports = 10

/** Starts the server and waits until it answers. */
export async function startServer(options: ServerOptions): Promise<Server> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await findFreePort()
    const started = await launch(options, port)
    if (started.ready) return { port, stop: started.stop }
    // Between looking for a free port and using it another program may take it: then take another.
    const taken = started.log.some((line) => line.includes('could not bind'))
    if (!taken || attempt === ports) throw new Error(`PostgreSQL did not start:\n${started.log.join('\n')}`)
  }
}

type Launched = { ready: true; stop(): Promise<void> } | { ready: false; log: readonly string[] }

async function launch(options: ServerOptions, port: number): Promise<Launched> {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // errors of statements are the service's to tell: here they would quote rows and values (they rank below `log`)
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    ...options.settings,
    port: String(port),
  }
  const child = spawn(
    options.binaries.postgres,
    [
      '-D',
      options.cluster.seenAs,
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    {
      ...options.account,
      cwd: options.cluster.path,
      env: programEnvironment,
      // Ctrl-C goes to the whole process group, and would shut the database down under requests that are being
      // finished. In a group of its own the server lives until `stop`.
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  // `close` comes when the last process of the server has closed its log: all of them have ended then.
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`))
  })
  const log: string[] = []
  const ready = new Promise<true>((resolve) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (log.length < 50) log.push(line)
      options.onLog(line)
      if (line.includes('database system is ready to accept connections')) resolve(true)
    })
  })
  // Crash recovery may take as long as it takes: as long as the server lives, wait.
  const outcome = await Promise.race([ready, exited])
  if (outcome !== true) return { ready: false, log: [...log, outcome] }
  return { ready: true, stop: watch(child, exited, options.onDeath) }
}

/** Watches a running server; returns what stops it. */
function watch(
  child: ChildProcess,
  exited: Promise<string>,
  onDeath: (reason: string) => void,
): () => Promise<void> {
  let stopping: Promise<void> | null = null
  // A process that ends without `stop`, by an exception for instance, must not leave the server behind.
  const lastResort = () => child.kill('SIGINT')
  process.once('exit', lastResort)

  void exited.then((reason) => {
    process.off('exit', lastResort)
    if (stopping === null) onDeath(`PostgreSQL ended unexpectedly (${reason})`)
  })

  return () => {
    stopping ??= end(child, exited)
    return stopping
  }
}

/** PostgreSQL's own order of severity: fast shutdown, immediate shutdown, kill. */
async function end(child: ChildProcess, exited: Promise<string>): Promise<void> {
  for (const [signal, patienceMs] of [
    ['SIGINT', 30_000],
    ['SIGQUIT', 10_000],
    ['SIGKILL', 10_000],
  ] as const) {
    child.kill(signal)
    const patience = new AbortController()
    const late = sleep(patienceMs, 'late', { signal: patience.signal }).catch(() => 'late')
    const result = await Promise.race([exited, late])
    patience.abort()
    if (result !== 'late') return
  }
}

/** A port of this machine that nobody listens on at the moment. */
export async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port on 127.0.0.1')
  return address.port
}
