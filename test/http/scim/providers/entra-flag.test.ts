// Microsoft Entra ID with its flag aadOptscim062020 in the tenant URL (scim.md sections 3 and 5.5), and its own tool.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { expectScimError } from '../../../support/answers.ts'
import { type Client, startTestApp, type Tenant, type TestApp } from '../../../support/app.ts'
import { enterpriseUrn, groupUrn, patchBody, userUrn } from '../../../support/protocol.ts'
import { created, entra, memberIds, speaking, toleratedFrom, wherePlus } from '../../../support/providers.ts'

const flag = 'aadOptscim062020'

let app: TestApp
let tenant: Tenant
let scim: Client
beforeAll(async () => {
  app = await startTestApp()
})
beforeEach(async () => {
  tenant = await app.createTenant()
  scim = speaking(app, tenant, entra)
})
afterAll(() => app.close())

const user = (userName: string) => ({
  schemas: [userUrn, enterpriseUrn],
  externalId: `nick-${userName}`,
  userName,
  active: true,
  emails: [{ primary: true, type: 'work', value: userName }],
  meta: { resourceType: 'User' },
  name: { familyName: 'Lind', givenName: 'Otto' },
})

describe('scim.md 3 Entra with aadOptscim062020', () => {
  test('the flag beside a filter, before it or behind it, means nothing to a search', async () => {
    const id = await created(scim, `/Users?${flag}`, user('otto@harbour.example'))
    const filter = wherePlus('userName eq "otto@harbour.example"')
    for (const query of [`${flag}&${filter}`, `${filter}&${flag}`, `${filter}&${flag}=`]) {
      const { body } = await scim.get(`/Users?${query}`).expect(200)
      expect(body).toMatchObject({ totalResults: 1, Resources: [{ id }] })
    }
  })

  test('several attributes in one value without path, with dotted and URN-qualified keys', async () => {
    const id = await created(scim, `/Users?${flag}`, user('otto@harbour.example'))
    const { body } = await scim
      .patch(
        `/Users/${id}?${flag}`,
        patchBody(
          { op: 'replace', path: 'emails[type eq "work"].value', value: 'o@harbour.example' },
          {
            op: 'replace',
            value: {
              active: false,
              displayName: 'Otto',
              'name.givenName': 'Ottokar',
              [`${enterpriseUrn}:employeeNumber`]: '7',
              [`${enterpriseUrn}:manager`]: { value: id },
            },
          },
          { op: 'add', path: 'nickName', value: 'Otti' },
        ),
      )
      .expect(200)
    expect(body).toMatchObject({
      schemas: [userUrn, enterpriseUrn],
      active: false,
      displayName: 'Otto',
      nickName: 'Otti',
      name: { givenName: 'Ottokar', familyName: 'Lind' },
      emails: [{ primary: true, type: 'work', value: 'o@harbour.example' }],
      [enterpriseUrn]: { employeeNumber: '7', manager: { value: id } },
    })
    const cleared = await scim.patch(
      `/Users/${id}?${flag}`,
      patchBody({ op: 'replace', value: { 'name.givenName': '', [`${enterpriseUrn}:manager`]: '' } }),
    )
    expect(cleared.body.name).toEqual({ familyName: 'Lind' })
    expect(cleared.body[enterpriseUrn]).toEqual({ employeeNumber: '7' })
    expect(await toleratedFrom(app, tenant)).toEqual(['emptyText', 'qualifiedKey'])
  })

  test('members: add by value, remove by path, activation with a real Boolean', async () => {
    const id = await created(scim, `/Users?${flag}`, user('otto@harbour.example'))
    const group = await created(scim, `/Groups?${flag}`, { schemas: [groupUrn], displayName: 'Pilots' })
    const send = (operation: object) =>
      scim.patch(`/Groups/${group}?${flag}`, patchBody(operation)).expect(200)
    await send({ op: 'add', path: 'members', value: [{ value: id }] })
    expect(await memberIds(scim, group)).toEqual([id])
    await scim
      .patch(`/Users/${id}?${flag}`, patchBody({ op: 'replace', path: 'active', value: false }))
      .expect(200)
    await scim
      .patch(`/Users/${id}?${flag}`, patchBody({ op: 'replace', path: 'active', value: true }))
      .expect(200)
    expect(await memberIds(scim, group)).toEqual([id])
    await send({ op: 'remove', path: `members[value eq "${id}"]` })
    expect(await memberIds(scim, group)).toEqual([])
    expect(await toleratedFrom(app, tenant)).toEqual([])
  })
})

describe("scim.md 3 Entra's validator", () => {
  test('reads from /Schemas which e-mails there are, and finds work among them', async () => {
    const { body } = await scim.get('/Schemas').expect(200)
    const schema = body.Resources.find(({ id }: { id: string }) => id === userUrn)
    for (const name of ['emails', 'phoneNumbers', 'addresses']) {
      const attribute = schema.attributes.find((each: { name: string }) => each.name === name)
      const type = attribute.subAttributes.find((each: { name: string }) => each.name === 'type')
      expect(type.canonicalValues).toContain('work')
    }
  })

  test('all attributes at once, each replaced by its own operation, the manager emptied', async () => {
    const full = {
      ...user('full@harbour.example'),
      addresses: [
        { type: 'work', formatted: 'F', streetAddress: 'S', locality: 'L', primary: true, country: 'PT' },
      ],
      phoneNumbers: [
        { type: 'work', value: '1', primary: true },
        { type: 'mobile', value: '2' },
        { type: 'fax', value: '3' },
      ],
      roles: [{ primary: 'True', display: 'D', value: 'V', type: 'T' }],
      [enterpriseUrn]: { costCenter: 'C', organization: 'O', manager: { value: 'nobody we know' } },
    }
    const id = await created(scim, '/Users', full)
    const replaced = {
      'emails[type eq "work"].value': 'new@harbour.example',
      'emails[type eq "work"].primary': true,
      'name.honorificPrefix': 'Dr.',
      'addresses[type eq "work"].country': 'SE',
      'phoneNumbers[type eq "mobile"].value': '22',
      'phoneNumbers[type eq "fax"].value': '33',
      [`${enterpriseUrn}:costCenter`]: 'CC',
      'roles[primary eq "True"].display': 'DD',
      'roles[primary eq "True"].value': 'VV',
      timezone: 'Europe/Lisbon',
    }
    const operations = Object.entries(replaced).map(([path, value]) => ({ op: 'replace', path, value }))
    const { body } = await scim.patch(`/Users/${id}`, patchBody(...operations)).expect(200)
    expect(body).toMatchObject({
      emails: [{ type: 'work', value: 'new@harbour.example', primary: true }],
      name: { givenName: 'Otto', familyName: 'Lind', honorificPrefix: 'Dr.' },
      addresses: [{ type: 'work', locality: 'L', country: 'SE' }],
      phoneNumbers: [{ value: '1' }, { value: '22' }, { value: '33' }],
      roles: [{ primary: true, display: 'DD', value: 'VV', type: 'T' }],
      timezone: 'Europe/Lisbon',
      [enterpriseUrn]: { costCenter: 'CC', organization: 'O' },
    })
    const emptied = patchBody({ op: 'replace', path: `${enterpriseUrn}:manager`, value: { value: '' } })
    expect((await scim.patch(`/Users/${id}`, emptied).expect(200)).body[enterpriseUrn]).toEqual({
      costCenter: 'CC',
      organization: 'O',
    })
  })

  test('what is deleted is 404 to GET and to a second DELETE; who never was, too', async () => {
    for (const [path, body] of [
      ['/Users', user('brief@harbour.example')],
      ['/Groups', { schemas: [groupUrn], displayName: 'Brief' }],
    ] as const) {
      const id = await created(scim, path, body)
      await scim.delete(`${path}/${id}`).expect(204)
      expectScimError(await scim.get(`${path}/${id}`), 404)
      expectScimError(await scim.delete(`${path}/${id}`), 404)
      expectScimError(await scim.delete(`${path}/0f0e6f2c-6f5b-4d50-9f30-1f2f3f4f5f6f`), 404)
    }
  })
})
