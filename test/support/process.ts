// The service as a process of its own: started, asked, stopped or killed, as a user's shell does it.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

export interface ServiceProcess {
  /** all that it printed so far */
  output(): string
  /** where it listens, once it does */
  readonly origin: string
  /** sends a signal and gives the exit code, null if the signal ended it */
  end(signal: NodeJS.Signals): Promise<number | null>
}

/**
 * Starts src/main.ts, or another program with these options of Node, with these variables and no others of ours; rejects
 * if it ends before it listens.
 */
export async function startProcess(
  env: Record<string, string>,
  program: readonly string[] = ['--import', 'tsx', 'src/main.ts'],
): Promise<ServiceProcess> {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, program, {
    env: { PATH, HOME, HOST: '127.0.0.1', PORT: '0', ROLLCALL_DRAIN_SECONDS: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // a run that ends by an exception must not leave the service behind
  const lastResort = () => child.kill('SIGKILL')
  process.once('exit', lastResort)
  child.once('exit', () => process.off('exit', lastResort))
  let output = ''
  const listening = new Promise<string>((resolve, reject) => {
    const onData = (chunk: Buffer) => {
      output += chunk.toString()
      const origin = /Server listening at (http:\/\/[\d.]+:\d+)/.exec(output)?.[1]
      if (origin !== undefined) resolve(origin)
    }
    child.stdout.on('data', onData)
    child.stderr.on('data', onData)
    child.once('exit', (code) => reject(new Error(`The service ended with ${code}:\n${output}`)))
  })
  return { origin: await listening, output: () => output, end: (signal) => end(child, signal) }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
  return child.exitCode
}
