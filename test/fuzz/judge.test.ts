// What the fuzzing would find: each thing that must not be answered is told from what may be.
import { expect, test } from 'vitest'
import { startTestApp } from '../support/app.ts'
import { createTestDatabase } from '../support/postgres.ts'
import { errorUrn, patchBody } from '../support/protocol.ts'
import { answered, aScene } from '../support/provisioning.ts'
import type { Ask, Got } from './ask.ts'
import { openFingerprint } from './fingerprint.ts'
import { faultOf } from './judge.ts'

const scim = (more: Partial<Ask> = {}): Ask => ({ method: 'GET', path: '/scim/v2/Users', ...more })
const admin: Ask = { method: 'GET', path: '/v1/organizations' }

const scimError = (status: number, body: object): Got => ({
  status,
  contentType: 'application/scim+json; charset=utf-8',
  body: JSON.stringify({ schemas: [errorUrn], status: String(status), detail: 'no', ...body }),
})
const problem = (status: number, body: object = {}): Got => ({
  status,
  contentType: 'application/problem+json; charset=utf-8',
  body: JSON.stringify({ type: 'about:blank', title: 'Bad', status, detail: 'no', ...body }),
})
const bulk = (operation: object): Got => ({
  status: 200,
  contentType: 'application/scim+json; charset=utf-8',
  body: JSON.stringify({ Operations: [operation] }),
})

test.each<[string, Ask, Got | null]>([
  ['nothing at all', scim(), null],
  ['an error of the service', scim(), scimError(500, {})],
  ['a method that something takes, as one that nothing does', admin, problem(501)],
  ['an outage', admin, problem(503)],
  ['a problem on a SCIM route', scim(), problem(400)],
  ['a SCIM error on an admin route', admin, scimError(400, { scimType: 'invalidValue' })],
  ['a scimType that nobody knows', scim(), scimError(400, { scimType: 'wrong' })],
  ['a 400 without scimType', scim(), scimError(400, {})],
  ['a SCIM error that tells more', scim(), scimError(404, { stack: 'at' })],
  ['a SCIM error of another status', scim(), scimError(404, { status: '400' })],
  ['a problem of another status', admin, problem(404, { status: 400 })],
  ['an error that is no JSON', scim(), { ...scimError(404, {}), body: '<html>' }],
  ['an answer that is no JSON', scim(), { ...bulk({}), body: '{' }],
  ['a body with 204', scim({ method: 'DELETE' }), { status: 204, contentType: '', body: 'x' }],
  ['an operation of a bulk that failed inside', scim({ path: '/scim/v2/Bulk' }), bulk({ status: '500' })],
  ['an operation of a bulk without its error', scim({ path: '/scim/v2/Bulk' }), bulk({ status: '404' })],
])('%s is a fault', (_name, ask, got) => {
  expect(faultOf(ask, got)).not.toBeNull()
})

test.each<[string, Ask, Got]>([
  ['a refusal', scim(), scimError(400, { scimType: 'invalidFilter' })],
  ['a resource that is not there', scim(), scimError(404, {})],
  ['a problem', admin, problem(409)],
  ['/Me', scim({ path: '/scim/v2/Me' }), scimError(501, {})],
  ['a method that nothing takes', { ...admin, method: 'PROPFIND' }, problem(501)],
  [
    'nothing, where nothing is to be said',
    scim({ method: 'DELETE' }),
    { status: 204, contentType: '', body: '' },
  ],
  ['a bulk', scim({ path: '/scim/v2/Bulk' }), bulk({ status: '201' })],
])('%s is none', (_name, ask, got) => {
  expect(faultOf(ask, got)).toBeNull()
})

test('the fingerprint of a database changes with every write, and with nothing else', async () => {
  const testDatabase = await createTestDatabase()
  const app = await startTestApp({ testDatabase })
  const print = await openFingerprint(testDatabase.url)
  try {
    const { idp, tenant } = await aScene(app)
    const seen = new Set([await print.take()])
    const id = await idp.user('anna')
    seen.add(await print.take())
    await idp.setActive(id, false)
    const before = await print.take()
    seen.add(before)
    expect(seen.size).toBe(3)
    await answered(tenant.scim.get('/Users'), 200)
    await answered(
      tenant.scim.patch(`/Users/${id}`, patchBody({ op: 'replace', path: 'id', value: 'x' })),
      400,
    )
    expect(await print.take()).toBe(before)
  } finally {
    await print.close()
    await app.close()
  }
})
