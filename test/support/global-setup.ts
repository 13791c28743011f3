// Before all tests: one PostgreSQL for the run and in it the template that every test file clones; after them,
// nothing is left. With TEST_DATABASE_URL that server is used; its user must be allowed to create databases.

import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { clusterPath } from '../../src/store/embedded/cluster.ts'
import { stopOrphan } from '../../src/store/embedded/orphan.ts'
import { claim } from '../../src/store/embedded/owner.ts'
import { startEmbedded } from '../../src/store/embedded.ts'
import { createTemplate } from './postgres.ts'

const prefix = 'rollcall-test-'

/** Called by vitest; what it returns is called after the last test. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startServer()
  try {
    const template = await createTemplate(server.url)
    project.provide('database', { serverUrl: server.url, template: template.name })
    return async () => {
      await template.drop()
      await server.stop()
    }
  } catch (error) {
    await server.stop()
    throw error
  }
}

async function startServer(): Promise<{ url: string; stop(): Promise<void> }> {
  const given = process.env.TEST_DATABASE_URL
  if (given) return { url: given, stop: async () => {} }

  await sweep()
  const directory = await mkdtemp(join(tmpdir(), prefix))
  const remove = () => rm(directory, { recursive: true, force: true })
  try {
    // The data live for one run: nothing is lost if they are not safe on the disk.
    const settings = {
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      max_connections: '200',
    }
    const embedded = await startEmbedded({ dataDirectory: directory, settings })
    return { url: embedded.url, stop: () => embedded.stop().then(remove) }
  } catch (error) {
    await remove()
    throw error
  }
}

/** Stops and removes what killed runs of this user left; a run that lives owns its folder and is left alone. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix)) continue
    const directory = join(tmpdir(), name)
    const { uid, mtimeMs } = await stat(directory).catch(() => ({ uid: -1, mtimeMs: 0 }))
    // A run that is just starting has its folder a moment before it owns it.
    if (uid !== process.getuid?.() || Date.now() - mtimeMs < 60_000) continue
    try {
      await claim(directory)
      await stopOrphan(clusterPath(directory), () => {})
      await rm(directory, { recursive: true, force: true })
    } catch {
      // In use, or not ours to remove.
    }
  }
}
