// Google Workspace's automated provisioning: a Content-Type on every request, also on those without a body; users only.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectScimError } from '../../../support/answers.ts'
import { startTestApp, type TestApp } from '../../../support/app.ts'
import { enterpriseUrn, patchBody, userUrn } from '../../../support/protocol.ts'
import { created, type Dialect, speaking, toleratedFrom, where } from '../../../support/providers.ts'

const headers = { 'User-Agent': 'Google-Auto-Provisioning', 'Content-Type': 'application/json' }
const google: Dialect = {
  read: headers,
  write: { ...headers, 'Content-Type': 'application/json; charset=UTF-8' },
}

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

const user = (userName: string) => ({
  schemas: [userUrn, enterpriseUrn],
  userName,
  name: { givenName: 'Uma', familyName: 'Reyes' },
  emails: [{ value: userName, type: 'work', primary: true }],
  active: true,
  [enterpriseUrn]: { department: 'Kiln' },
})

describe('scim.md Google Workspace', () => {
  test('looks up, creates, changes by PUT and by PATCH, suspends, deletes after its delay', async () => {
    const tenant = await app.createTenant()
    const scim = speaking(app, tenant, google)
    const lookUp = `/Users?${where('userName eq "uma@clay.example"')}`
    expect((await scim.get(lookUp).expect(200)).body.totalResults).toBe(0)
    const id = await created(scim, '/Users', user('uma@clay.example'))
    const put = { ...user('uma@clay.example'), id, title: 'Potter' }
    expect((await scim.put(`/Users/${id}`, put).expect(200)).body).toMatchObject({ id, title: 'Potter' })
    const off = patchBody({ op: 'replace', path: 'active', value: false })
    expect((await scim.patch(`/Users/${id}`, off).expect(200)).body.active).toBe(false)
    expect((await scim.get(lookUp).expect(200)).body).toMatchObject({ totalResults: 1, Resources: [{ id }] })
    const on = patchBody({ op: 'replace', value: { active: true, title: 'Glazer' } })
    expect((await scim.patch(`/Users/${id}`, on).expect(200)).body).toMatchObject({
      active: true,
      title: 'Glazer',
    })
    await scim.delete(`/Users/${id}`).expect(204)
    expectScimError(await scim.get(`/Users/${id}`), 404)
    expect(await toleratedFrom(app, tenant)).toEqual([])
  })

  test('data of an extension that another application has is ignored and counted', async () => {
    const tenant = await app.createTenant()
    const scim = speaking(app, tenant, google)
    const foreign = 'urn:ietf:params:scim:schemas:extension:Adobe:2.0:User'
    const body = {
      ...user('uma@clay.example'),
      schemas: [userUrn, foreign],
      [foreign]: { organizationalUnit: '/Kiln' },
    }
    const post = await scim.post('/Users', body).expect(201)
    expect(post.body.schemas).toEqual([userUrn, enterpriseUrn])
    expect(post.body).not.toHaveProperty([foreign])
    expect(await toleratedFrom(app, tenant)).toEqual([
      'undeclaredExtension',
      'unknownAttribute',
      'unknownSchema',
    ])
  })
})
