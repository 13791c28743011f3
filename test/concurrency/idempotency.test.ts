// One Idempotency-Key, sent many times at once to several processes: what it asks for happens once.
import supertest from 'supertest'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminClient, startTestApp, type TestApp } from '../support/app.ts'
import { type ServiceProcess, startProcess } from '../support/process.ts'

let app: TestApp
let processes: readonly ServiceProcess[] = []
beforeAll(async () => {
  app = await startTestApp()
  // with a tenant there, no process makes one of its own
  await app.createTenant()
  const env = { DATABASE_URL: app.databaseUrl, ROLLCALL_DATABASE_POOL_SIZE: '5' }
  processes = [await startProcess(env)]
})
afterAll(async () => {
  await Promise.all(processes.map((service) => service.end('SIGKILL')))
  await app.close()
})

test('the same POST ten times at once makes one; the others wait for its answer, or get it', async () => {
  const clients = [app.http, ...processes.map(({ origin }) => supertest(origin))].map((http) =>
    adminClient({ http, adminToken: app.adminToken }),
  )
  for (const round of [1, 2, 3]) {
    const body = { name: `Round ${round}`, plan: 'enterprise' }
    const send = (turn: number) =>
      (clients[turn % clients.length] ?? adminClient(app))
        .post('/parent-organizations', body)
        .set('Idempotency-Key', `"round-${round}"`)
    const answers = await Promise.all(Array.from({ length: 10 }, (_, i) => send(i)))
    const made = answers.filter(({ status }) => status === 201)
    const waiting = answers.filter(({ status }) => status === 409)
    expect(made.length + waiting.length).toBe(10)
    expect(made.filter(({ headers }) => headers['idempotency-replayed'] === undefined)).toHaveLength(1)
    expect(new Set(made.map(({ text }) => text)).size).toBe(1)
    const again = await Promise.all([send(0), send(1)])
    expect(again.map(({ status, text }) => [status, text])).toEqual([
      [201, made[0]?.text],
      [201, made[0]?.text],
    ])
    expect(await app.database.client.parentOrganization.count({ where: { name: body.name } })).toBe(1)
  }
})
