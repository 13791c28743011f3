// Where resources are for the client (RFC 7644 sections 3.1 and 3.3): as it called the service, also through a proxy.
import { afterEach, describe, expect, test } from 'vitest'
import { startTestApp, type TestApp } from '../../support/app.ts'

let app: TestApp
afterEach(() => app.close())

const forwarded = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'scim.example.com' }

/** The places that an answer to a POST, to a list and to discovery name; all have the same beginning. */
async function baseOf(headers: Record<string, string>): Promise<string> {
  const { scim } = await app.createTenant()
  const created = await scim.post('/Users', { userName: 'ada' }).set(headers).expect(201)
  const { id } = created.body
  const group = await scim
    .post('/Groups', { displayName: 'Readers', members: [{ value: id }] })
    .set(headers)
    .expect(201)
  const listed = await scim.get('/Users').set(headers).expect(200)
  const config = await app.http.get('/scim/v2/ServiceProviderConfig').set(headers).expect(200)
  const places: string[] = [
    created.headers.location,
    created.body.meta.location,
    listed.body.Resources[0].meta.location,
    listed.body.Resources[0].groups[0].$ref,
    group.body.members[0].$ref,
    config.body.meta.location,
  ]
  const bases = new Set(places.map((place) => place.replace(/\/(Users|Groups|ServiceProviderConfig).*$/, '')))
  expect(bases.size).toBe(1)
  return [...bases].join()
}

describe('RFC 7644 3.3 Location is meta.location, right for the client', () => {
  test('as the request says, whose forwarded headers nobody believes', async () => {
    app = await startTestApp()
    expect(await baseOf(forwarded)).toBe(`${app.origin}/scim/v2`)
  })

  test('as a trusted proxy was called', async () => {
    app = await startTestApp({ trustedProxies: ['loopback'] })
    expect(await baseOf(forwarded)).toBe('https://scim.example.com/scim/v2')
    expect(await baseOf({})).toBe(`${app.origin}/scim/v2`)
  })

  test('a proxy from elsewhere is not believed', async () => {
    app = await startTestApp({ trustedProxies: ['10.0.0.0/8'] })
    expect(await baseOf(forwarded)).toBe(`${app.origin}/scim/v2`)
  })

  test('a configured public URL comes before all else', async () => {
    app = await startTestApp({
      publicUrl: 'https://public.example.com/rollcall',
      trustedProxies: ['loopback'],
    })
    expect(await baseOf(forwarded)).toBe('https://public.example.com/rollcall/scim/v2')
  })
})
