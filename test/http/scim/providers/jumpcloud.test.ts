// JumpCloud's conversations (scim.md section 4): a test user and group to activate it, whole users by PUT after that.
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

const jumpcloud: Dialect = {
  read: { Accept: 'application/scim+json' },
  write: { Accept: 'application/scim+json', 'Content-Type': 'application/scim+json' },
}

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

const user = (userName: string) => ({
  active: true,
  addresses: [{ country: 'CA', locality: 'Banff', primary: true, type: 'work' }],
  displayName: 'Per Alpin',
  emails: [{ primary: true, type: 'work', value: userName }],
  externalId: `jc-${userName}`,
  name: { familyName: 'Alpin', givenName: 'Per' },
  phoneNumbers: [{ primary: true, type: 'work', value: 'tel:+1-403-555-0100' }],
  schemas: [userUrn, enterpriseUrn],
  userName,
})

describe('scim.md 4 JumpCloud', () => {
  test('connection test: a user and a group are made, changed, joined, and deleted without a trace', async () => {
    const tenant = await app.createTenant()
    const scim = speaking(app, tenant, jumpcloud)
    const lookUp = `/Users?${where('userName eq "per@peak.example"')}`
    expect((await scim.get(lookUp).expect(200)).body.totalResults).toBe(0)
    const id = await created(scim, '/Users', user('per@peak.example'))
    await scim.put(`/Users/${id}`, { ...user('per@peak.example'), id, title: 'Guide' }).expect(200)
    const group = await created(scim, '/Groups', {
      schemas: [groupUrn],
      displayName: 'Test group',
      members: [],
    })
    await scim
      .patch(`/Groups/${group}`, patchBody({ op: 'add', path: 'members', value: [{ value: id }] }))
      .expect(200)
    await scim.delete(`/Groups/${group}`).expect(204)
    await scim.delete(`/Users/${id}`).expect(204)
    for (const path of [`/Users/${id}`, `/Groups/${group}`]) expectScimError(await scim.get(path), 404)
    expect((await scim.get(lookUp).expect(200)).body.totalResults).toBe(0)
  })

  test('PUT with null and []: what it empties is gone, what it omits too, the rest stays', async () => {
    const tenant = await app.createTenant()
    const scim = speaking(app, tenant, jumpcloud)
    const id = await created(scim, '/Users', user('per@peak.example'))
    const put = await scim
      .put(`/Users/${id}`, {
        active: true,
        addresses: [],
        emails: null,
        id,
        name: { familyName: 'Alpin', givenName: 'Per' },
        phoneNumbers: [],
        photos: [{ value: 'https://img.peak.example/p.png' }],
        schemas: [enterpriseUrn, userUrn],
        userName: 'per.alpin@peak.example',
      })
      .expect(200)
    for (const gone of ['addresses', 'emails', 'phoneNumbers', 'displayName', 'externalId']) {
      expect(put.body).not.toHaveProperty(gone)
    }
    expect(put.body).toMatchObject({ id, userName: 'per.alpin@peak.example', active: true, photos: [{}] })
    expect(await toleratedFrom(app, tenant)).toEqual([])
  })

  test('leaves by active false, comes back by active true; a group loses members by value list', async () => {
    const tenant = await app.createTenant()
    const scim = speaking(app, tenant, jumpcloud)
    const per = await created(scim, '/Users', user('per@peak.example'))
    const ida = await created(scim, '/Users', user('ida@peak.example'))
    const members = [{ value: per }, { value: ida }]
    const group = await created(scim, '/Groups', { schemas: [groupUrn], displayName: 'Guides', members })
    for (const active of [false, true]) {
      const put = await scim
        .put(`/Users/${per}`, { ...user('per@peak.example'), id: per, active })
        .expect(200)
      expect(put.body.active).toBe(active)
    }
    await scim
      .patch(`/Groups/${group}`, patchBody({ op: 'remove', path: 'members', value: [{ value: per }] }))
      .expect(200)
    expect(await memberIds(scim, group)).toEqual([ida])
    const renamed = { schemas: [groupUrn], displayName: 'Rangers', members: [{ value: ida }] }
    expect((await scim.put(`/Groups/${group}`, renamed).expect(200)).body.displayName).toBe('Rangers')
    expect(await toleratedFrom(app, tenant)).toEqual(['removeByValue'])
  })
})
