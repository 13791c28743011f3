// Generates the Prisma client of src/store/generated when it does not match schema.prisma, and only then: tests
// and services that run from the same folder must not lose files while they load them.

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const root = new URL('../', import.meta.url)
const generated = new URL('src/store/generated/', root)
const stamp = new URL('.made-of', generated)
const lock = new URL('node_modules/.rollcall-generate.lock/', root)
const abandonedMs = 60_000

const prismaPackage = createRequire(import.meta.url).resolve('prisma/package.json')
const prisma = JSON.parse(readFileSync(prismaPackage, 'utf8'))

// Everything that the result depends on.
const sources = [prisma.version, readFileSync(new URL('prisma/schema.prisma', root))]
const wanted = sources.reduce((hash, source) => hash.update(source), createHash('sha256')).digest('hex')

function isCurrent() {
  try {
    return readFileSync(stamp, 'utf8') === wanted
  } catch {
    return false
  }
}

/** Whether this process is now the one that generates. */
function takeLock() {
  try {
    mkdirSync(lock)
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    const { mtimeMs } = statSync(lock, { throwIfNoEntry: false }) ?? {}
    if (mtimeMs !== undefined && Date.now() - mtimeMs > abandonedMs)
      rmSync(lock, { recursive: true, force: true })
    return false
  }
}

while (!isCurrent()) {
  if (!takeLock()) {
    await sleep(100)
    continue
  }
  try {
    const command = join(dirname(prismaPackage), prisma.bin.prisma)
    const { status, stdout, stderr } = spawnSync(process.execPath, [command, 'generate', '--no-hints'], {
      cwd: root,
      // No question for a newer version: a machine without a network must not wait for the answer.
      env: { ...process.env, CHECKPOINT_DISABLE: '1' },
      encoding: 'utf8',
    })
    if (status !== 0) {
      process.stderr.write(`${stdout}${stderr}`)
      process.exitCode = 1
      break
    }
    writeFileSync(stamp, wanted)
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}
