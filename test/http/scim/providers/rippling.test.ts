// Rippling (scim.md section 4): repeats its POSTs, and expects to find what it made the first time.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectScimError } from '../../../support/answers.ts'
import { startTestApp, type TestApp } from '../../../support/app.ts'
import { enterpriseUrn, groupUrn, patchBody, userUrn } from '../../../support/protocol.ts'
import {
  created,
  type Dialect,
  memberIds,
  speaking,
  toleratedFrom,
  where,
} from '../../../support/providers.ts'

const rippling: Dialect = {
  read: { Accept: '*/*' },
  write: { Accept: '*/*', 'Content-Type': 'application/json' },
}

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

const user = {
  schemas: [userUrn, enterpriseUrn],
  externalId: 'emp-9',
  userName: 'jo@ripple.example',
  name: { givenName: 'Jo', familyName: 'Wren' },
  emails: [{ value: 'jo@ripple.example', primary: true }],
  active: true,
  [enterpriseUrn]: { employeeNumber: '9' },
}

test('scim.md 4 Rippling repeats a POST: 409, one user, found by userName and by externalId', async () => {
  const tenant = await app.createTenant()
  const scim = speaking(app, tenant, rippling)
  await scim.get('/ServiceProviderConfig').expect(200)
  const id = await created(scim, '/Users', user)
  for (const again of [user, { ...user, userName: 'JO@ripple.example', externalId: 'emp-10' }]) {
    expectScimError(await scim.post('/Users', again), 409, 'uniqueness')
  }
  const answers = await Promise.all(
    [1, 2, 3].map(() => scim.post('/Users', { ...user, userName: 'new@ripple.example' })),
  )
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409])
  for (const filter of ['userName eq "jo@ripple.example"', 'externalId eq "emp-9" and userName sw "jo"']) {
    const { body } = await scim.get(`/Users?${where(filter)}&startIndex=1&count=100`).expect(200)
    expect(body).toMatchObject({ totalResults: 1, Resources: [{ id }] })
  }
  expect((await scim.get('/Users').expect(200)).body.totalResults).toBe(2)
  expect(await toleratedFrom(app, tenant)).toEqual([])
})

test('scim.md 4 Rippling edits groups by PATCH, repeats that too, and deletes them', async () => {
  const scim = speaking(app, await app.createTenant(), rippling)
  const id = await created(scim, '/Users', user)
  const group = await created(scim, '/Groups', { schemas: [groupUrn], displayName: 'Nest' })
  expectScimError(await scim.post('/Groups', { schemas: [groupUrn], displayName: 'Nest' }), 409, 'uniqueness')
  const add = patchBody({ op: 'add', path: 'members', value: [{ value: id }] })
  for (let i = 0; i < 2; i++) await scim.patch(`/Groups/${group}`, add).expect(200)
  expect(await memberIds(scim, group)).toEqual([id])
  const remove = patchBody({ op: 'remove', path: `members[value eq "${id}"]` })
  for (let i = 0; i < 2; i++) await scim.patch(`/Groups/${group}`, remove).expect(200)
  expect(await memberIds(scim, group)).toEqual([])
  const off = patchBody({ op: 'replace', path: 'active', value: false })
  expect((await scim.patch(`/Users/${id}`, off).expect(200)).body.active).toBe(false)
  await scim.delete(`/Groups/${group}`).expect(204)
})
