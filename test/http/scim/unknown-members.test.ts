// Members that do not exist: refused by name, or skipped and told where the directory is set so (scim.md 5.8).
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectScimError } from '../../support/answers.ts'
import { adminClient, startTestApp, type Tenant, type TestApp } from '../../support/app.ts'
import { groupUrn, patchBody, userUrn } from '../../support/protocol.ts'

let app: TestApp
let tenant: Tenant
let user: string
beforeAll(async () => {
  app = await startTestApp()
  tenant = await app.createTenant()
  user = (await tenant.scim.post('/Users', { schemas: [userUrn], userName: 'anna' }).expect(201)).body.id
})
afterAll(() => app.close())

const stranger = '01890000-0000-7000-8000-000000000000'
const unknown = [stranger, 'no-uuid', '', "'; DROP TABLE users; --", '\u0000', '\ud800'].filter(
  (id) => id !== '',
)

const events = (type: string) =>
  app.database.client.event.findMany({
    where: { directoryId: tenant.directoryId, type },
    orderBy: { seq: 'asc' },
  })

test.each(unknown)('scim.md 5.8 %j: 400 invalidValue naming it, and nothing changed', async (id) => {
  const members = [{ value: user }, { value: id }]
  const group = { schemas: [groupUrn], displayName: 'G' }
  const refused = await tenant.scim.post('/Groups', { ...group, members })
  expect(expectScimError(refused, 400, 'invalidValue')).toBe(
    `members: there is no user or group ${JSON.stringify(id)}.`,
  )
  expect((await tenant.scim.get('/Groups')).body.totalResults).toBe(0)

  const created = (await tenant.scim.post('/Groups', group).expect(201)).body
  expectScimError(
    await tenant.scim.put(`/Groups/${created.id}`, { ...group, displayName: 'H', members }),
    400,
    'invalidValue',
  )
  for (const op of ['add', 'replace']) {
    const patch = patchBody(
      { op: 'replace', path: 'displayName', value: 'H' },
      { op, path: 'members', value: members },
    )
    expectScimError(await tenant.scim.patch(`/Groups/${created.id}`, patch), 400, 'invalidValue')
  }
  expect((await tenant.scim.get(`/Groups/${created.id}`)).body).toEqual(created)
  await tenant.scim.delete(`/Groups/${created.id}`).expect(204)
})

test('scim.md 5.8 a user or group of another directory is as unknown as any', async () => {
  const other = await app.createTenant()
  const theirs = (await other.scim.post('/Users', { schemas: [userUrn], userName: 'b' }).expect(201)).body.id
  const refused = await tenant.scim.post('/Groups', {
    schemas: [groupUrn],
    displayName: 'X',
    members: [{ value: theirs }],
  })
  expect(expectScimError(refused, 400, 'invalidValue')).toContain(theirs)
})

test('scim.md 5.8 skipped where the directory is set so, and reported in the events', async () => {
  const path = `/directories/${tenant.directoryId}`
  await adminClient(app).patch(path, { unknownMembers: 'skip' }).expect(200)
  const members = [{ value: user }, { value: stranger }, { value: 'ann@acme.test' }]
  const created = await tenant.scim.post('/Groups', { schemas: [groupUrn], displayName: 'Skip', members })
  expect(created.status).toBe(201)
  expect(created.body.members.map(({ value }: { value: string }) => value)).toEqual([user])

  const before = await events('group.members_skipped')
  expect(before.map(({ subjectId, data }) => [subjectId, data])).toEqual([
    [created.body.id, { unknown: [stranger, '(no id)'] }],
  ])
  const add = patchBody({ op: 'add', path: 'members', value: [{ value: 'other' }] })
  const answer = await tenant.scim.patch(`/Groups/${created.body.id}`, add)
  expect([answer.status, answer.headers.etag]).toEqual([200, 'W/"1"'])
  expect((await events('group.members_skipped')).at(-1)?.data).toEqual({ unknown: ['(no id)'] })

  const odd = await tenant.scim.put(`/Groups/${created.body.id}`, {
    schemas: [groupUrn],
    displayName: 'Skip',
    members: [{ value: '\u0000' }, { value: '\ud800' }],
  })
  expect(odd.status).toBe(200)
  expect(odd.body).not.toHaveProperty('members')
})
