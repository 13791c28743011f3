// For the load balancer: alive without a database, ready only with one that has every migration.
import { pino } from 'pino'
import supertest from 'supertest'
import { expect, test } from 'vitest'
import { buildApp } from '../../src/app.ts'
import { noRateLimits } from '../../src/http/limits.ts'
import { SecretBox } from '../../src/secret-box.ts'
import { newToken } from '../../src/secrets.ts'
import { createServices } from '../../src/services/index.ts'
import { openDatabase } from '../../src/store/database.ts'
import { isMigrated } from '../../src/store/migrate.ts'
import { expectScimError } from '../support/answers.ts'
import { startTestApp } from '../support/app.ts'
import { createEmptyDatabase, createTestDatabase } from '../support/postgres.ts'

test('with a database: alive and ready', async () => {
  const app = await startTestApp()
  await app.http.get('/healthz').expect(200, { status: 'ok' })
  await app.http.get('/readyz').expect(200, { status: 'ready' })
  await app.close()
})

async function appOn(url: string, stopping = new AbortController().signal) {
  const database = openDatabase(url, 2)
  const app = await buildApp({
    services: createServices(database, new SecretBox([])),
    logger: pino({ level: 'silent' }),
    isReady: () => isMigrated((sql) => database.client.$queryRawUnsafe(sql)),
    publicUrl: null,
    trustedProxies: [],
    rateLimits: noRateLimits,
    bodyLimitBytes: 1_000_000,
    stopping,
  })
  await app.ready()
  const close = () => app.close().then(() => database.close())
  return { http: supertest(app.server), close }
}

test('a database without migrations: alive, not ready', async () => {
  const empty = await createEmptyDatabase()
  const { http, close } = await appOn(empty.url)
  await http.get('/healthz').expect(200)
  await http.get('/readyz').expect(503, { status: 'not ready' })
  await close()
  await empty.drop()
})

test('what cannot be a token is refused without a question to the database', async () => {
  const { http, close } = await appOn('postgresql://nobody@127.0.0.1:1/none')
  for (const kind of ['directory', 'admin'] as const) {
    const path = { directory: '/scim/v2/Users/x', admin: '/v1/parent-organizations' }[kind]
    const ask = async (token: string) => (await http.get(path).set('Authorization', `Bearer ${token}`)).status
    const token = newToken(kind)
    expect([await ask(token), await ask(token.replace(/.$/, '_')), await ask('wrong')]).toEqual([
      503, 401, 401,
    ])
  }
  await close()
})

test('about to stop: not ready, though it serves, and keeps no connection', async () => {
  const database = await createTestDatabase()
  const stopping = new AbortController()
  const { http, close } = await appOn(database.url, stopping.signal)
  const get = (path: string) => http.get(path).set('Connection', 'keep-alive')
  await get('/readyz').expect(200).expect('connection', 'keep-alive')
  stopping.abort()
  await get('/readyz').expect(503, { status: 'stopping' }).expect('connection', 'close')
  await get('/healthz').expect(200).expect('connection', 'close')
  await get('/scim/v2/Users').expect(401).expect('connection', 'close')
  await close()
  await database.drop()
})

test('no database: alive, not ready, and an outage never looks like "no such user"', async () => {
  const { http, close } = await appOn('postgresql://nobody@127.0.0.1:1/none')
  await http.get('/healthz').expect(200)
  await http.get('/readyz').expect(503)
  const asked = await http.get('/scim/v2/Users/x').set('Authorization', `Bearer ${newToken('directory')}`)
  expectScimError(asked, 503)
  expect(asked.headers['retry-after']).toMatch(/^\d+$/)
  const administered = await http
    .get('/v1/parent-organizations')
    .set('Authorization', `Bearer ${newToken('admin')}`)
  expect(administered.status).toBe(503)
  expect(administered.headers['content-type']).toContain('application/problem+json')
  // WorkOS sends again what is not answered with 2xx
  const told = await http.post('/webhooks/workos/0192e4a0-0000-7000-8000-000000000000').send({})
  expect([told.status, told.headers['retry-after']]).toEqual([503, '5'])
  await close()
})
