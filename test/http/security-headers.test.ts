// What answers tell browsers and caches, on every route and in every error, and what no answer tells anybody.
import { createConnection } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectProblem, expectScimError } from '../support/answers.ts'
import { adminClient, startTestApp, type Tenant, type TestApp } from '../support/app.ts'
import { type Route, urlWith, withRoutes } from '../support/routes.ts'

let app: TestApp
let tenant: Tenant
let routes: readonly Route[]
beforeAll(async () => {
  const { started, routes: found } = await withRoutes(() =>
    startTestApp({ publicUrl: 'https://scim.example.com' }),
  )
  app = started
  routes = found
  tenant = await app.createTenant()
})
afterAll(() => app.close())

const expected = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
}

function expectSafe(headers: Readonly<Record<string, string>>): void {
  expect(headers).toMatchObject(expected)
  expectNoBanner(headers)
}

function expectNoBanner(headers: Readonly<Record<string, string>>): void {
  expect(Object.keys(headers).filter((name) => /^(server|x-powered-by|via)$/i.test(name))).toEqual([])
  expect(JSON.stringify(headers)).not.toMatch(/fastify|node|express/i)
}

test('every route, with and without a token', async () => {
  for (const route of routes) {
    const { method, url } = route
    const token = url.startsWith('/scim') ? tenant.token : app.adminToken
    for (const authorization of [undefined, `Bearer ${token}`]) {
      const response = await fetch(`${app.origin}${urlWith(route, () => 'x')}`, {
        method,
        headers: authorization === undefined ? {} : { authorization },
      })
      await response.text()
      const headers = Object.fromEntries(response.headers)
      if (url === '/v1/docs') expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
      else expectSafe(headers)
      expectNoBanner(headers)
    }
  }
  expect(routes.map(({ url }) => url)).toEqual(
    expect.arrayContaining(['/healthz', '/v1/docs', '/scim/v2/Users']),
  )
})

test('the page of the admin API loads, runs and frames nothing, and keeps the other headers', async () => {
  const { headers } = await app.http.get('/v1/docs').expect(200)
  expect(headers['content-security-policy']).toMatch(/default-src 'none'; style-src 'sha256-/)
  expect(headers).toMatchObject({ ...expected, 'content-security-policy': expect.any(String) })
})

describe('errors', () => {
  test('of the router and of the parser', async () => {
    const authorization = `Bearer ${tenant.token}`
    const answers = [
      await app.http.get('/nothing').expect(404),
      await app.http.get('/scim/v3/Users').expect(400),
      await app.http.delete('/scim/v2/Schemas').expect(405),
      await app.http.get('/scim/v2/Users/%E0%A4%A').expect(400),
      await app.http.get(`/scim/v2/Users/${'x'.repeat(600)}`).expect(414),
      await app.http
        .post('/scim/v2/Users')
        .set({ authorization, 'content-type': 'text/plain' })
        .send('x')
        .expect(415),
      await app.http
        .post('/scim/v2/Users')
        .set({ authorization, 'content-type': 'application/json' })
        .send('{')
        .expect(400),
    ]
    for (const { headers } of answers) expectSafe(headers)
  })

  test('bytes that are no HTTP', async () => {
    const head = await new Promise<string>((resolve, reject) => {
      const socket = createConnection(Number(new URL(app.origin).port), '127.0.0.1', () =>
        socket.write('GARBAGE\r\n\r\n'),
      )
      let text = ''
      socket.on('data', (chunk) => (text += chunk.toString()))
      socket.on('close', () => resolve(text))
      socket.on('error', reject)
    })
    const headers = [...head.matchAll(/^([\w-]+): (.*)$/gm)].map(([, name = '', value = '']) => [
      name.toLowerCase(),
      value.trim(),
    ])
    expect(head).toMatch(/^HTTP\/1\.1 400 /)
    expectSafe(Object.fromEntries(headers))
  })

  test('a fault of ours says nothing of what is inside', async () => {
    const broken = await startTestApp()
    const { scim } = await broken.createTenant()
    for (const table of ['users', 'organizations'])
      await broken.database.client.$executeRawUnsafe(`ALTER TABLE ${table} RENAME TO ${table}_elsewhere`)
    const ofScim = await scim.get('/Users/00000000-0000-7000-8000-000000000000')
    const ofAdmin = await adminClient(broken).get('/organizations')
    const said = 'The request failed for a reason of the service.'
    expect([expectScimError(ofScim, 500), expectProblem(ofAdmin, 500)]).toEqual([said, said])
    await broken.close()
  })
})

test('called by http, nothing binds the host to https', async () => {
  const plain = await startTestApp()
  const { headers } = await plain.http.get('/healthz').expect(200)
  expect(headers['strict-transport-security']).toBeUndefined()
  expect(headers['x-content-type-options']).toBe('nosniff')
  await plain.close()
})
