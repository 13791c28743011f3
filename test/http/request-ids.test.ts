// The id of a request: on its answer, in the log, and on each event that it caused (A2).
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adminClient, startTestApp, type Tenant, type TestApp } from '../support/app.ts'
import { groupUrn, patchBody, userUrn } from '../support/protocol.ts'

let app: TestApp
let tenant: Tenant
beforeAll(async () => {
  app = await startTestApp()
  tenant = await app.createTenant()
})
afterAll(() => app.close())

const made = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** The types of the events that name this request. */
async function eventsOf(requestId: string): Promise<string[]> {
  const { body } = await adminClient(app)
    .get(`/events?directory=${tenant.directoryId}&limit=1000`)
    .expect(200)
  return body.events
    .filter(({ actor }: { actor: { requestId?: string } }) => actor.requestId === requestId)
    .map(({ type }: { type: string }) => type)
}

test.each(['7f3a', 'Root=1-67891233-abcdef012345678912345678', 'a/b+c=', 'x'.repeat(128)])(
  'A2 a client’s own id %s is taken, answered and on the event',
  async (id) => {
    const answer = await tenant.scim
      .post('/Users', { schemas: [userUrn], userName: `user ${id.slice(0, 30)}` })
      .set('X-Request-Id', id)
      .expect(201)
    expect(answer.headers['x-request-id']).toBe(id)
    expect(await eventsOf(id)).toEqual(['user.created'])
  },
)

test.each(['', 'ann@acme.test', 'two words', '"quoted"', 'é', 'x'.repeat(129), '{"a":1}'])(
  'A2 in the place of %j an id is made',
  async (id) => {
    const answer = await tenant.scim.get('/Users').set('X-Request-Id', Buffer.from(id).toString('latin1'))
    expect(answer.status).toBe(200)
    expect(answer.headers['x-request-id']).toMatch(made)
  },
)

test('A2 all that one request brings about has its id, in bulk and by an administrator too', async () => {
  const bulk = await tenant.scim
    .post('/Bulk', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: [
        { method: 'POST', path: '/Users', bulkId: 'u', data: { schemas: [userUrn], userName: 'bulky' } },
        {
          method: 'POST',
          path: '/Groups',
          bulkId: 'g',
          data: { schemas: [groupUrn], displayName: 'Bulky', members: [{ value: 'bulkId:u' }] },
        },
      ],
    })
    .expect(200)
  const id = String(bulk.headers['x-request-id'])
  expect(id).toMatch(made)
  expect(await eventsOf(id)).toEqual(['user.created', 'group.created', 'group.members_changed'])

  const changed = await adminClient(app)
    .patch(`/directories/${tenant.directoryId}`, { unknownMembers: 'skip' })
    .set('X-Request-Id', 'change-1')
    .expect(200)
  expect(changed.headers['x-request-id']).toBe('change-1')
  expect(await eventsOf('change-1')).toEqual(['directory.updated'])
})

test.each([
  ['a refusal', '/scim/v2/Users', 401],
  ['an unknown endpoint', '/v1/nothing', 401],
  ['an unknown path', '/nothing', 404],
  ['a URL that cannot be decoded', '/scim/v2/Users/%zz', 400],
  ['health', '/healthz', 200],
])('A2 %s has the id too', async (_name, path, status) => {
  const answer = await app.http.get(path).set('X-Request-Id', 'here-1')
  expect(answer.status).toBe(status)
  expect(answer.headers['x-request-id']).toBe('here-1')
})

test('A2 an error has the id of the request', async () => {
  const answer = await tenant.scim
    .patch('/Users/none', patchBody({ op: 'remove', path: 'title' }))
    .set('X-Request-Id', 'lost-1')
  expect(answer.status).toBe(404)
  expect(answer.headers['x-request-id']).toBe('lost-1')
})
