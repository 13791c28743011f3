// The limits of one request, as docs/security.md lists them: what is at the limit passes, what is beyond it is refused in
// the caller's format and changes nothing.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { MAX_HEADER_BYTES } from '../../src/http/framework-errors.ts'
import { MAX_JSON_DEPTH } from '../../src/http/json.ts'
import { timeouts } from '../../src/http/timeouts.ts'
import { MAX_BULK_OPERATIONS } from '../../src/scim/bulk.ts'
import { MAX_FILTER_DEPTH, MAX_FILTER_LENGTH, MAX_MEMBERSHIP_CONDITIONS } from '../../src/scim/filter.ts'
import { MAX_COUNT } from '../../src/scim/list.ts'
import { MAX_MEMBERS } from '../../src/scim/membership-patch.ts'
import { MAX_VALUES_VISITED } from '../../src/scim/patch.ts'
import { maxOperations } from '../../src/scim/patch-body.ts'
import { MAX_VALUES } from '../../src/scim/value.ts'
import { expectProblem, expectScimError } from '../support/answers.ts'
import { startTestApp, type Tenant, type TestApp } from '../support/app.ts'
import { bulkBody, groupUrn, patchBody } from '../support/protocol.ts'
import { connectWorkos } from '../support/workos.ts'

const BODY_LIMIT = 8 * 1024 * 1024

let app: TestApp
let tenant: Tenant
beforeAll(async () => {
  app = await startTestApp({ bodyLimitBytes: BODY_LIMIT })
  tenant = await app.createTenant()
})
afterAll(() => app.close())

/** A value that is nested so deep; the text has quotes, brackets and backslashes that open nothing. */
const nested = (levels: number) => `${'[{"\\\\\\"[{":'.repeat(levels / 2)}"[{\\\\"${'}]'.repeat(levels / 2)}`

const sendRaw = (path: string, token: string, body: string) =>
  app.http
    .post(path)
    .set({ authorization: `Bearer ${token}`, 'content-type': 'application/json' })
    .send(body)

describe('depth of JSON', () => {
  // the object around the value is a level too, and a pair is two
  const [most, more] = [MAX_JSON_DEPTH - 2, MAX_JSON_DEPTH]

  test('SCIM', async () => {
    const body = (levels: number) => `{"userName":"deep","unknown":${nested(levels)}}`
    const made = await sendRaw('/scim/v2/Users', tenant.token, body(most)).expect(201)
    const refused = await sendRaw('/scim/v2/Users', tenant.token, body(more).replace('deep', 'deeper'))
    expect(expectScimError(refused, 400, 'invalidSyntax')).toContain(`${MAX_JSON_DEPTH} levels`)
    expect((await tenant.scim.get('/Users').expect(200)).body.totalResults).toBe(1)
    await tenant.scim.delete(`/Users/${made.body.id}`).expect(204)
  })

  test('admin API and WorkOS', async () => {
    const body = (levels: number) => `{"name":"x","plan":${nested(levels)}}`
    const asked = (levels: number) => sendRaw('/v1/parent-organizations', app.adminToken, body(levels))
    expect(expectProblem(await asked(most), 400, { field: 'plan' })).not.toContain('levels')
    expect(expectProblem(await asked(more), 400)).toContain(`${MAX_JSON_DEPTH} levels`)
    const workos = await connectWorkos(app, tenant)
    expect((await workos.post(`{"event":${nested(most)}}`)).body).toEqual({ outcome: 'ignored' })
    expect(expectProblem(await workos.post(`{"event":${nested(more)}}`), 400)).toContain(
      `${MAX_JSON_DEPTH} levels`,
    )
  })

  test('millions of levels cost no more than their bytes', async () => {
    const refused = await sendRaw('/scim/v2/Users', tenant.token, '['.repeat(BODY_LIMIT - 1))
    expectScimError(refused, 400, 'invalidSyntax')
  })
})

describe('members in one request', () => {
  const ids = Array.from({ length: MAX_MEMBERS + 1 }, (_, i) => ({ value: String(i) }))
  const tooMany = [
    ['POST', () => tenant.scim.post('/Groups', { schemas: [groupUrn], displayName: 'crowd', members: ids })],
    [
      'PATCH, one operation',
      async (id: string) =>
        tenant.scim.patch(`/Groups/${id}`, patchBody({ op: 'add', path: 'members', value: ids })),
    ],
    [
      'PATCH, several operations',
      async (id: string) =>
        tenant.scim.patch(
          `/Groups/${id}`,
          patchBody(
            { op: 'add', path: 'members', value: ids.slice(0, MAX_MEMBERS / 2) },
            { op: 'remove', path: 'members', value: ids.slice(MAX_MEMBERS / 2) },
          ),
        ),
    ],
  ] as const

  test.each(tooMany)('%s: 413', async (_, send) => {
    const group = await tenant.scim.post('/Groups', { schemas: [groupUrn], displayName: 'few' }).expect(201)
    expect(expectScimError(await send(group.body.id), 413)).toContain(`${MAX_MEMBERS} members`)
    await tenant.scim.delete(`/Groups/${group.body.id}`).expect(204)
  })

  test('at the limit they are looked for', async () => {
    const members = ids.slice(1)
    const answer = await tenant.scim.post('/Groups', { schemas: [groupUrn], displayName: 'crowd', members })
    expect(expectScimError(answer, 400, 'invalidValue')).toContain('1')
  })
})

describe('operations in one request', () => {
  test('PATCH of a group', async () => {
    const group = await tenant.scim
      .post('/Groups', { schemas: [groupUrn], displayName: 'patched' })
      .expect(201)
    const operations = (count: number) =>
      patchBody(...Array.from({ length: count }, () => ({ op: 'add', path: 'members', value: [] })))
    const patch = (count: number) => tenant.scim.patch(`/Groups/${group.body.id}`, operations(count))
    expect([200, 204]).toContain((await patch(maxOperations.Group)).status)
    expectScimError(await patch(maxOperations.Group + 1), 413)
  })

  test('bulk', async () => {
    const operation = { method: 'DELETE', path: '/Users/00000000-0000-7000-8000-000000000000' } as const
    const many = Array.from({ length: MAX_BULK_OPERATIONS + 1 }, () => operation)
    expectScimError(await tenant.scim.post('/Bulk', bulkBody(many)), 413)
  })
})

describe('docs/security.md', () => {
  const text = readFileSync('docs/security.md', 'utf8')
  const table = text.slice(text.indexOf('## Limits'), text.indexOf('## Tokens'))
  const { bodyLimitBytes, rateLimits } = readConfig({})
  const limits: [what: string, limit: number | undefined][] = [
    ['requests of a caller, all the time', rateLimits.caller?.perSecond],
    ['at once', rateLimits.caller?.burst],
    ['without a token', rateLimits.stranger?.burst],
    ['body', bodyLimitBytes / 1024 ** 2],
    ['headers', MAX_HEADER_BYTES / 1024],
    ['depth of JSON', MAX_JSON_DEPTH],
    ['length of a filter', MAX_FILTER_LENGTH],
    ['depth of a filter', MAX_FILTER_DEPTH],
    ['conditions on memberships', MAX_MEMBERSHIP_CONDITIONS],
    ['operations on a user', maxOperations.User],
    ['operations on a group', maxOperations.Group],
    ['values of one attribute', MAX_VALUES],
    ['operations go through', MAX_VALUES_VISITED],
    ['bulk', MAX_BULK_OPERATIONS],
    ['members that are named', MAX_MEMBERS],
    ['page', MAX_COUNT],
    ['headers have to be here', timeouts.headersMs / 1000],
    ['a request has to be here', timeouts.requestMs / 1000],
    ['silence', timeouts.silenceMs / 1000],
    ['between requests', timeouts.keepAliveMs / 1000],
  ]

  test.each(limits)('says the limit of %s: %d', (what, limit) => {
    const row = table.split('\n').find((line) => line.startsWith('|') && line.includes(what))
    expect(row ?? what).toMatch(new RegExp(`(?<![\\d,])${limit?.toLocaleString('en')}(?!,?\\d)`))
  })
})
