// npm run admin-token, for whoever has lost theirs: a new one from the machine.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminClient, startTestApp, type TestApp } from './support/app.ts'
import { createEmptyDatabase } from './support/postgres.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

const run = (env: Record<string, string>, ...args: string[]) => {
  const { PATH = '', HOME = '' } = process.env
  const command = ['--import', 'tsx', 'src/admin-token.ts', ...args]
  return promisify(execFile)(process.execPath, command, { env: { PATH, HOME, ...env } })
}

test('prints a token that may do everything, which an event tells', async () => {
  const { stdout } = await run({ DATABASE_URL: app.databaseUrl }, '--name', 'found again')
  const token = /^Admin token: (rollcall_adm_\w{49})\n$/.exec(stdout)?.[1] ?? ''
  const client = adminClient(app, token)
  const { body } = await client.get('/admin-tokens').expect(200)
  const made = body.adminTokens.find(({ name }: { name: string }) => name === 'found again')
  expect(made).toMatchObject({ scope: 'all', access: 'read_write', expiresAt: null })
  const { events } = (await client.get(`/events?subject=${made.id}`).expect(200)).body
  expect(events).toMatchObject([{ type: 'admin_token.created', actor: { kind: 'system' } }])
})

test('says what is wrong with the database or the command, without a stack', async () => {
  const empty = await createEmptyDatabase()
  const failure = await run({ DATABASE_URL: empty.url }).catch((error: { stderr: string }) => error.stderr)
  expect(failure).toBe('The database does not answer, or is not of this version: start the service first.\n')
  await empty.drop()
  const misspelt = await run({ DATABASE_URL: app.databaseUrl }, '--nam', 'x').catch((error) => error.stderr)
  expect(misspelt).toMatch(/^Unknown option '--nam'[^\n]*\n$/)
})
