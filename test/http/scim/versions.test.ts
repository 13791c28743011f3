// Versions: ETag, If-Match and If-None-Match (RFC 7644 section 3.14, RFC 9110 section 13).
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectScimError } from '../../support/answers.ts'
import { startTestApp, type Tenant, type TestApp } from '../../support/app.ts'
import { groupUrn, patchBody, userUrn } from '../../support/protocol.ts'

let app: TestApp
let tenant: Tenant
let made = 0
beforeAll(async () => {
  app = await startTestApp()
  tenant = await app.createTenant()
})
afterAll(() => app.close())

type Kind = { endpoint: string; body: (name: string) => object; change: object; patchStatus: number }
const kinds: Kind[] = [
  {
    endpoint: '/Users',
    body: (name) => ({ schemas: [userUrn], userName: name }),
    change: { op: 'replace', path: 'externalId', value: 'changed' },
    patchStatus: 200,
  },
  {
    endpoint: '/Groups',
    body: (name) => ({ schemas: [groupUrn], displayName: name }),
    change: { op: 'replace', path: 'externalId', value: 'changed' },
    patchStatus: 200,
  },
]

async function create({ endpoint, body }: Kind): Promise<{ path: string; name: string }> {
  made += 1
  const name = `versioned-${made}`
  const created = await tenant.scim.post(endpoint, body(name)).expect(201)
  return { path: `${endpoint}/${created.body.id}`, name }
}

describe.each(kinds)('RFC 7644 3.14 $endpoint', (kind) => {
  test('GET with If-None-Match: 304 without a body while the version is the same', async () => {
    const { path } = await create(kind)
    for (const tag of ['W/"1"', '"1"', '*', '"9", W/"1"']) {
      const same = await tenant.scim.get(path).set('If-None-Match', tag)
      expect([same.status, same.text, same.headers.etag]).toEqual([304, '', 'W/"1"'])
    }
    await tenant.scim.patch(path, patchBody(kind.change)).expect(kind.patchStatus)
    const changed = await tenant.scim.get(path).set('If-None-Match', 'W/"1"')
    expect([changed.status, changed.headers.etag, changed.body.meta.version]).toEqual([200, 'W/"2"', 'W/"2"'])
  })

  test('PUT, PATCH and DELETE with another version in If-Match: 412, and nothing changed', async () => {
    const { path, name } = await create(kind)
    const before = (await tenant.scim.get(path)).body
    for (const tag of ['W/"2"', '"0"', 'nonsense', '']) {
      const refused = [
        await tenant.scim.put(path, { ...kind.body(name), externalId: 'changed' }).set('If-Match', tag),
        await tenant.scim.patch(path, patchBody(kind.change)).set('If-Match', tag),
        await tenant.scim.delete(path).set('If-Match', tag),
      ]
      for (const answer of refused) expect(expectScimError(answer, 412)).toContain('W/"1"')
    }
    expect((await tenant.scim.get(path)).body).toEqual(before)
  })

  test('the version in If-Match, or any: carried out', async () => {
    const { path, name } = await create(kind)
    const put = await tenant.scim.put(path, { ...kind.body(name), externalId: 'a' }).set('If-Match', 'W/"1"')
    expect([put.status, put.headers.etag]).toEqual([200, 'W/"2"'])
    const patched = await tenant.scim.patch(path, patchBody(kind.change)).set('If-Match', '"2"')
    expect([patched.status, patched.headers.etag]).toEqual([kind.patchStatus, 'W/"3"'])
    expect((await tenant.scim.delete(path).set('If-Match', '*')).status).toBe(204)
  })

  test('a resource that is not there is 404, whatever If-Match says', async () => {
    const path = `${kind.endpoint}/01890000-0000-7000-8000-000000000000`
    expectScimError(await tenant.scim.delete(path).set('If-Match', 'W/"1"'), 404)
    expectScimError(await tenant.scim.patch(path, patchBody(kind.change)).set('If-Match', '*'), 404)
  })
})
