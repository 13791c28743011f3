// What no route takes: 405 with Allow, 404, 501, in each API's own format, after authentication and before the body.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectProblem, expectScimError } from '../support/answers.ts'
import { startTestApp, type Tenant, type TestApp } from '../support/app.ts'
import { userUrn } from '../support/protocol.ts'

let app: TestApp
let tenant: Tenant
beforeAll(async () => {
  app = await startTestApp()
  tenant = await app.createTenant()
})
afterAll(() => app.close())

const methods = ['get', 'post', 'put', 'patch', 'delete', 'options', 'trace'] as const
/** Read by the parser of requests, and known to no route. */
const unknownMethods = ['propfind', 'lock'] as const

/** A request whose body no route of the service could read. */
const send = (method: (typeof methods | typeof unknownMethods)[number], path: string, token?: string) => {
  const request = app.http[method](path).set('Content-Type', 'text/plain').send('{')
  return token === undefined ? request : request.set('Authorization', `Bearer ${token}`)
}

const id = '00000000-0000-7000-8000-000000000000'

describe('RFC 9110 15.5.6 a known path with another method: 405 with Allow', () => {
  test.each([
    ['/ServiceProviderConfig', ['GET', 'HEAD']],
    ['/ResourceTypes', ['GET', 'HEAD']],
    ['/ResourceTypes/User', ['GET', 'HEAD']],
    ['/Schemas', ['GET', 'HEAD']],
    [`/Schemas/${userUrn}`, ['GET', 'HEAD']],
    ['/Users', ['GET', 'HEAD', 'POST']],
    [`/Users/${id}`, ['DELETE', 'GET', 'HEAD', 'PATCH', 'PUT']],
    ['/Users/.search', ['POST']],
    ['/Groups', ['GET', 'HEAD', 'POST']],
    [`/Groups/${id}`, ['DELETE', 'GET', 'HEAD', 'PATCH', 'PUT']],
  ])('%s', async (path, allowed) => {
    const others = methods.filter((method) => !allowed.includes(method.toUpperCase()))
    for (const method of others) {
      const answer = await send(method, `/scim/v2${path}`, tenant.token)
      expect(expectScimError(answer, 405)).toContain(`does not take ${method.toUpperCase()}, but`)
      expect(answer.headers.allow?.split(', ').sort()).toEqual(allowed)
    }
  })

  test.each([
    ['/v1/parent-organizations', ['GET', 'HEAD', 'POST']],
    [`/v1/organizations/${id}`, ['DELETE', 'GET', 'HEAD', 'PATCH']],
    ['/v1/organizations/no-id/primary-owner', ['PUT']],
    [`/v1/directories/${id}/tokens/${id}`, ['DELETE', 'GET', 'HEAD', 'PATCH']],
    ['/v1/admin-tokens', ['GET', 'HEAD', 'POST']],
    ['/healthz', ['GET', 'HEAD']],
    ['/readyz', ['GET', 'HEAD']],
  ])('%s, as a problem', async (path, allowed) => {
    const others = methods.filter((method) => !allowed.includes(method.toUpperCase()))
    for (const method of others) {
      const answer = await send(method, path, app.adminToken)
      expectProblem(answer, 405)
      expect(answer.headers.allow?.split(', ').sort()).toEqual(allowed)
    }
  })

  test('who may not enter is told 401, whatever the method', async () => {
    expectScimError(await send('delete', '/scim/v2/Users'), 401)
    expectScimError(await send('options', `/scim/v2/Users/${id}`, 'wrong'), 401)
    expectScimError(await send('put', '/scim/v2/Me'), 401)
    expectProblem(await send('delete', '/v1/parent-organizations'), 401)
    // what can be read without a token needs none to be refused
    expectScimError(await send('delete', '/scim/v2/Schemas'), 405)
  })

  test('HEAD is GET without a body where there is GET, and else refused', async () => {
    const head = (path: string) =>
      app.http.head(`/scim/v2${path}`).set('Authorization', `Bearer ${tenant.token}`)
    const answer = await head('/Users').expect(200)
    expect(answer.headers['content-type']).toBe('application/scim+json; charset=utf-8')
    expect(Number(answer.headers['content-length'])).toBeGreaterThan(0)
    expect(answer.text ?? '').toBe('')
    await head('/Users/.search').expect(405).expect('allow', 'POST')
    await head('/Nothing').expect(404)
  })
})

test('RFC 7644 3.11 /Me: 501 for every method', async () => {
  for (const method of methods) {
    const detail = expectScimError(await send(method, '/scim/v2/Me', tenant.token), 501)
    expect(detail).toContain('stands for no user')
  }
})

describe('RFC 7644 3.12 an unknown path: 404 that names what was asked for', () => {
  test.each(['/Nothing', `/Users/${id}/emails`, '/users', '/Me/x'])('%s', async (path) => {
    for (const method of methods) {
      const answer = await send(method, `/scim/v2${path}?secret=1`, tenant.token)
      const detail = expectScimError(answer, 404)
      expect(detail).toBe(`There is no endpoint ${method.toUpperCase()} /scim/v2${path}.`)
    }
  })

  test('a long path is cut', async () => {
    const answer = await tenant.scim.get(`/${'x/'.repeat(1000)}`)
    expect(expectScimError(answer, 404).length).toBeLessThan(300)
  })

  test('as a problem outside of SCIM, of the admin API after authentication', async () => {
    expect(expectProblem(await send('trace', '/nothing'), 404)).toBe('There is no endpoint TRACE /nothing.')
    expectProblem(await send('get', '/v1/nothing'), 401)
    expect(expectProblem(await send('put', '/v1/nothing', app.adminToken), 404)).toBe(
      'There is no endpoint PUT /v1/nothing.',
    )
  })
})

describe('RFC 9110 9.1 a method that no endpoint takes: 501, whatever the path', () => {
  test.each(unknownMethods)('%s', async (method) => {
    const said = `No endpoint takes ${method.toUpperCase()}.`
    for (const path of ['/Users', `/Users/${id}`, '/Schemas', '/Me', '/Nothing'])
      expect(expectScimError(await send(method, `/scim/v2${path}`, tenant.token), 501)).toBe(said)
    expectScimError(await send(method, '/scim/v1/Users', tenant.token), 400, 'invalidVers')
    for (const path of ['/v1/parent-organizations', '/v1/nothing', '/healthz', '/nothing'])
      expect(expectProblem(await send(method, path, app.adminToken), 501)).toBe(said)
    expectProblem(await send(method, '/v1/parent-organizations'), 401)
  })
})
