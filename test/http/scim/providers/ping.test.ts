// PingFederate and PingOne (scim.md section 4): users by PUT, groups found in the whole list, a filter of one's choice.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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

const ping: Dialect = {
  read: { Accept: 'application/json' },
  write: { Accept: 'application/json', 'Content-Type': 'application/json' },
}

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

const user = (userName: string) => ({
  schemas: [userUrn, enterpriseUrn],
  userName,
  name: { givenName: 'Ravi', familyName: 'Kumar' },
  emails: [{ value: userName, type: 'work', primary: true }],
  active: true,
})

describe('scim.md 4 PingFederate', () => {
  test('probes /Users/0: a 404 in the SCIM form says that the service is there', async () => {
    const scim = speaking(app, await app.createTenant(), ping)
    expectScimError(await scim.get('/Users/0'), 404)
  })

  test('finds by userName or by work e-mail, also with its short `emails eq`', async () => {
    const scim = speaking(app, await app.createTenant(), ping)
    const id = await created(scim, '/Users', user('ravi@delta.example'))
    for (const filter of [
      'userName eq "RAVI@delta.example"',
      'emails eq "ravi@delta.example"',
      'emails.value eq "ravi@delta.example"',
      'emails[type eq "work"].value eq "ravi@delta.example"',
      'emails[type eq "work" and value eq "ravi@delta.example"]',
    ]) {
      const { body } = await scim.get(`/Users?${where(filter)}`).expect(200)
      expect(body).toMatchObject({ totalResults: 1, Resources: [{ id }] })
    }
  })

  test('finds a group by reading all of them, then PATCHes its members', async () => {
    const scim = speaking(app, await app.createTenant(), ping)
    const id = await created(scim, '/Users', user('ravi@delta.example'))
    const group = await created(scim, '/Groups', { schemas: [groupUrn], displayName: 'Delta', members: [] })
    const { body } = await scim.get('/Groups').expect(200)
    expect(body.Resources.map(({ displayName }: { displayName: string }) => displayName)).toEqual(['Delta'])
    const send = (operation: object) => scim.patch(`/Groups/${group}`, patchBody(operation)).expect(200)
    await send({ op: 'add', path: 'members', value: [{ value: id, display: 'Ravi' }] })
    expect(await memberIds(scim, group)).toEqual([id])
    await send({ op: 'remove', path: `members[value eq "${id}"]` })
    expect(await memberIds(scim, group)).toEqual([])
  })
})

describe('scim.md 4 PingOne', () => {
  test('the removal action of its choice: PUT with active false, or DELETE', async () => {
    const tenant = await app.createTenant()
    const scim = speaking(app, tenant, ping)
    const id = await created(scim, '/Users', user('ravi@delta.example'))
    const off = await scim.put(`/Users/${id}`, { ...user('ravi@delta.example'), active: false }).expect(200)
    expect(off.body).toMatchObject({ id, active: false })
    const on = await scim.put(`/Users/${id}`, user('ravi@delta.example')).expect(200)
    expect(on.body).toMatchObject({ id, active: true })
    await scim.delete(`/Users/${id}`).expect(204)
    expectScimError(await scim.get(`/Users/${id}`), 404)
    expect(await toleratedFrom(app, tenant)).toEqual([])
  })

  test('members merged by PATCH, or overwritten by PUT', async () => {
    const scim = speaking(app, await app.createTenant(), ping)
    const ravi = await created(scim, '/Users', user('ravi@delta.example'))
    const lea = await created(scim, '/Users', user('lea@delta.example'))
    const members = [{ value: ravi }]
    const group = await created(scim, '/Groups', { schemas: [groupUrn], displayName: 'Delta', members })
    const merge = patchBody({ op: 'add', path: 'members', value: [{ value: lea }, { value: ravi }] })
    await scim.patch(`/Groups/${group}`, merge).expect(200)
    expect(await memberIds(scim, group)).toEqual([ravi, lea])
    const overwrite = { schemas: [groupUrn], id: group, displayName: 'Delta', members: [{ value: lea }] }
    expect((await scim.put(`/Groups/${group}`, overwrite).expect(200)).body.members).toMatchObject([
      { value: lea },
    ])
  })
})
