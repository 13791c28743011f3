// Discovery over HTTP (RFC 7644 section 4): readable without a token, refusing filters.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectScimError } from '../../support/answers.ts'
import { startTestApp, type Tenant, type TestApp } from '../../support/app.ts'
import { enterpriseUrn, groupUrn, userUrn } from '../../support/protocol.ts'

let app: TestApp
let tenant: Tenant
beforeAll(async () => {
  app = await startTestApp()
  tenant = await app.createTenant()
})
afterAll(() => app.close())

const endpoints = [
  '/ServiceProviderConfig',
  '/ResourceTypes',
  '/ResourceTypes/User',
  '/ResourceTypes/Group',
  '/Schemas',
  `/Schemas/${userUrn}`,
  `/Schemas/${groupUrn}`,
  `/Schemas/${enterpriseUrn}`,
]

test.each(endpoints)(
  '%s is the same with a token and without; a token that does not hold is refused',
  async (path) => {
    const open = await app.http.get(`/scim/v2${path}`).expect(200)
    expect(open.headers['content-type']).toBe('application/scim+json; charset=utf-8')
    expect((await tenant.scim.get(path).expect(200)).body).toEqual(open.body)
    expectScimError(await app.http.get(`/scim/v2${path}`).set('Authorization', 'Bearer wrong'), 401)
    expectScimError(await app.http.get(`/scim/v2${path}?filter=id+pr`), 403)
  },
)

test('each resource says where it is, and is there', async () => {
  for (const path of ['/ResourceTypes', '/Schemas']) {
    const { body } = await tenant.scim.get(path).expect(200)
    expect(body.totalResults).toBe(body.Resources.length)
    for (const resource of body.Resources) {
      const { pathname } = new URL(resource.meta.location)
      expect((await app.http.get(pathname).expect(200)).body).toEqual(resource)
    }
  }
})

test('schemas are found without case; unknown ones are a 404', async () => {
  const { body } = await tenant.scim.get(`/Schemas/${userUrn.toUpperCase()}`).expect(200)
  expect(body.id).toBe(userUrn)
  expectScimError(await tenant.scim.get('/Schemas/urn:unknown'), 404)
  expectScimError(await tenant.scim.get('/ResourceTypes/Device'), 404)
})

test('a trailing slash changes nothing', async () => {
  await tenant.scim.get('/Schemas/').expect(200)
  await tenant.scim.get('/Users/').expect(200)
})
