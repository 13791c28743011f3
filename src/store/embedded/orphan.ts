// What a killed service leaves behind: a server that still runs, or its stale lock file. Called by the owner of
// the data directory alone, so a server found here has lost the service that it belonged to.

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findServer, recordedPostmaster } from './process.ts'

// Fast shutdown, immediate shutdown, kill: each with the time that it is given.
const steps = [
  ['SIGINT', 15_000],
  ['SIGQUIT', 5_000],
  ['SIGKILL', 5_000],
] as const

/** Stops every PostgreSQL process that still works in `cluster`, and clears a lock file that would mislead the next. */
export async function stopOrphan(cluster: string, onLog: (line: string) => void): Promise<void> {
  for (const [signal, patienceMs] of steps) {
    const { postmaster, all } = await findServer(cluster)
    if (all.length === 0) return clearLock(cluster)
    onLog(
      `stopping the PostgreSQL that a killed service left behind (${signal} to process ${postmaster ?? all.join(', ')})`,
    )
    // Without a postmaster its children end by themselves; SIGINT would only cancel a query, SIGQUIT ends them.
    if (postmaster !== null && signal !== 'SIGKILL') kill(postmaster, signal)
    else if (signal !== 'SIGINT') for (const pid of all) kill(pid, signal)
    await waitForEnd(cluster, patienceMs)
  }
  const { all } = await findServer(cluster)
  if (all.length > 0)
    throw new Error(`PostgreSQL still runs on ${cluster} (process ${all.join(', ')}) and does not stop.`)
  await clearLock(cluster)
}

async function waitForEnd(cluster: string, patienceMs: number): Promise<void> {
  const end = performance.now() + patienceMs
  while (performance.now() < end) {
    if ((await findServer(cluster)).all.length === 0) return
    await sleep(50)
  }
}

/**
 * PostgreSQL itself clears a lock file whose process is dead. But if the number is used again by another program
 * of the same user, as happens in containers, it would refuse to start.
 */
async function clearLock(cluster: string): Promise<void> {
  const recorded = await recordedPostmaster(cluster)
  if (recorded !== null && isAlive(recorded)) await rm(join(cluster, 'postmaster.pid'), { force: true })
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended in the meantime.
  }
}
