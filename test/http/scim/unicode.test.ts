// Names in other alphabets: kept as they were sent, compared as they look (RFC 7644 sections 3.8, 5 and 7.8).
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectScimError } from '../../support/answers.ts'
import { startTestApp, type Tenant, type TestApp } from '../../support/app.ts'
import { groupUrn, userUrn } from '../../support/protocol.ts'

let app: TestApp
let tenant: Tenant
beforeAll(async () => {
  app = await startTestApp()
  tenant = await app.createTenant()
})
afterAll(() => app.close())

test('RFC 7644 5 a userName that differs in form alone is taken: 409', async () => {
  for (const [userName, others] of [
    ['E\u0301va', ['éva', 'ÉVA', 'e\u0301VA']],
    ['ｂｏｂ＠x', ['bob@x', 'Bob＠X']],
    ['ΟΔΟΣ', ['οδος', 'οδοσ']],
  ] as const) {
    await tenant.scim.post('/Users', { schemas: [userUrn], userName }).expect(201)
    for (const other of others) {
      const refused = await tenant.scim.post('/Users', { schemas: [userUrn], userName: other })
      expectScimError(refused, 409, 'uniqueness')
    }
  }
})

test('RFC 7644 7.8 a filter finds a name whichever way it is written, and the answer has it as it was sent', async () => {
  const userName = 'Zoe\u0308@例え.テスト'
  const displayName = 'ＺＯË'
  await tenant.scim.post('/Users', { schemas: [userUrn], userName, displayName }).expect(201)
  for (const filter of [
    'userName eq "zoë@例え.テスト"',
    'userName sw "ZOË"',
    'displayName eq "zoe\u0308"',
    'displayName co "Ｏ"',
  ]) {
    const { body } = await tenant.scim.get(`/Users?filter=${encodeURIComponent(filter)}`).expect(200)
    expect([filter, body.Resources[0]]).toMatchObject([filter, { userName, displayName }])
  }
})

test('RFC 7644 3.8 bodies are UTF-8 in both directions, with or without a charset', async () => {
  for (const [i, type] of ['application/scim+json', 'application/scim+json; charset=utf-8'].entries()) {
    const displayName = `Grüße 😀 ${i}`
    const created = await app.http
      .post('/scim/v2/Groups')
      .set('Authorization', `Bearer ${tenant.token}`)
      .set('Content-Type', type)
      .send(Buffer.from(JSON.stringify({ schemas: [groupUrn], displayName }), 'utf8').toString())
    expect(created.status).toBe(201)
    expect(created.headers['content-type']).toBe('application/scim+json; charset=utf-8')
    const raw = await fetch(created.headers.location ?? '', {
      headers: { Authorization: `Bearer ${tenant.token}` },
    })
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await raw.arrayBuffer())
    expect(JSON.parse(text).displayName).toBe(displayName)
  }
})
