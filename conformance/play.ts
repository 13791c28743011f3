// One suite from installation to verdict: a folder and a tenant of its own.
import { copyFile, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Access, createTenant, revokeToken } from '../demo/administrator.ts'
import { hasProgram, runProgram } from './program.ts'
import type { Check, Command, Suite, Target } from './suite.ts'

const INSTALL_TIMEOUT_MS = 600_000
const RUN_TIMEOUT_MS = 300_000

export type Outcome =
  | { readonly kind: 'ran'; readonly checks: readonly Check[] }
  /** the machine lacks a program that the suite needs */
  | { readonly kind: 'not run'; readonly lacks: string }
  /** it could not be installed, or gave no result */
  | { readonly kind: 'broken'; readonly why: string }

export async function playSuite(suite: Suite, access: Access, installed: string): Promise<Outcome> {
  const folder = join(installed, suite.name)
  // anew each time: of another version nothing must be left
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  for (const program of suite.runtime) {
    if (!(await hasProgram(program, folder))) return { kind: 'not run', lacks: program }
  }
  const tenant = await createTenant(access, suite.name)
  try {
    await install(suite, folder)
    const target = { baseUrl: `${access.origin}/scim/v2`, token: tenant.directoryToken }
    return { kind: 'ran', checks: await run(suite, folder, target) }
  } catch (error) {
    return { kind: 'broken', why: error instanceof Error ? error.message : String(error) }
  } finally {
    await revokeToken(access, tenant)
  }
}

async function install(suite: Suite, folder: string): Promise<void> {
  for (const file of suite.files)
    await copyFile(join(import.meta.dirname, 'drivers', file), join(folder, file))
  for (const command of suite.install) {
    const ended = await runProgram(command, { cwd: folder, env: process.env, timeoutMs: INSTALL_TIMEOUT_MS })
    if (ended.code !== 0) throw failed(command, ended)
  }
}

/** A suite that finds something may end with another code than 0: its output decides. */
async function run(suite: Suite, folder: string, target: Target): Promise<Check[]> {
  const env = { ...process.env, BASE_URL: target.baseUrl, TOKEN: target.token }
  const command = suite.run(target)
  const ended = await runProgram(command, { cwd: folder, env, timeoutMs: RUN_TIMEOUT_MS })
  try {
    return suite.parse(ended.stdout)
  } catch (error) {
    throw new Error(failed(command, ended).message, { cause: error })
  }
}

function failed([program]: Command, ended: { code: number | null; stdout: string; stderr: string }): Error {
  const lastLines = `${ended.stdout}\n${ended.stderr}`.trim().split('\n').slice(-20).join('\n')
  return new Error(`${program} ended with ${ended.code}:\n${lastLines}`)
}
