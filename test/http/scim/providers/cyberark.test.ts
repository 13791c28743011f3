// CyberArk Identity (scim.md section 4): reads what the service can, one document at a time, before it writes.
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

const cyberark: Dialect = {
  read: { Accept: 'application/scim+json' },
  write: { Accept: 'application/scim+json', 'Content-Type': 'application/scim+json' },
}

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

test('scim.md 4 CyberArk reads ServiceProviderConfig, each ResourceType, and the schemas that these name', async () => {
  const scim = speaking(app, await app.createTenant(), cyberark)
  const config = (await scim.get('/ServiceProviderConfig').expect(200)).body
  expect(config).toMatchObject({ patch: { supported: true }, filter: { supported: true } })
  for (const path of ['/Users?count=1', '/Groups']) await scim.get(path).expect(200)
  const urns: string[] = []
  for (const name of ['User', 'Group']) {
    const { body } = await scim.get(`/ResourceTypes/${name}`).expect(200)
    expect(body).toMatchObject({ name, endpoint: `/${name}s` })
    const extensions = (body.schemaExtensions ?? []).map(({ schema }: { schema: string }) => schema)
    urns.push(body.schema, ...extensions)
  }
  expect(urns).toEqual([userUrn, enterpriseUrn, groupUrn])
  for (const urn of urns) {
    for (const path of [`/Schemas/${urn}`, `/Schemas/${encodeURIComponent(urn)}`]) {
      const { body } = await scim.get(path).expect(200)
      expect(body.id).toBe(urn)
      expect(body.attributes.length).toBeGreaterThan(0)
    }
  }
})

test('scim.md 4 CyberArk brings a role: the user, the group of its name, the membership, and takes it away', async () => {
  const tenant = await app.createTenant()
  const scim = speaking(app, tenant, cyberark)
  expect((await scim.get(`/Users?${where('userName eq "kit@vault.example"')}`)).body.totalResults).toBe(0)
  const body = {
    schemas: [userUrn],
    userName: 'kit@vault.example',
    name: { givenName: 'Kit', familyName: 'Ott' },
  }
  const id = await created(scim, '/Users', { ...body, active: true })
  expect((await scim.get(`/Groups?${where('displayName eq "Auditors"')}`)).body.totalResults).toBe(0)
  const group = await created(scim, '/Groups', { schemas: [groupUrn], displayName: 'Auditors' })
  const add = patchBody({ op: 'add', path: 'members', value: [{ value: id }] })
  await scim.patch(`/Groups/${group}`, add).expect(200)
  expect(await memberIds(scim, group)).toEqual([id])
  await scim
    .patch(`/Groups/${group}`, patchBody({ op: 'remove', path: `members[value eq "${id}"]` }))
    .expect(200)
  const off = await scim.put(`/Users/${id}`, { ...body, id, active: false }).expect(200)
  expect(off.body).toMatchObject({ id, active: false })
  await scim.delete(`/Users/${id}`).expect(204)
  expectScimError(await scim.get(`/Users/${id}`), 404)
  expect(await toleratedFrom(app, tenant)).toEqual([])
})
