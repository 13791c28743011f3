// Users and groups as RFC 7643 draws them (sections 2 to 4 and 8.1 to 8.4): sent whole, and what comes back.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectScimError } from '../../support/answers.ts'
import { startTestApp, type Tenant, type TestApp } from '../../support/app.ts'
import { enterpriseUrn, groupUrn, patchBody, userUrn } from '../../support/protocol.ts'

let app: TestApp
let tenant: Tenant
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

/** Each group of tests on a directory of its own. */
async function newDirectory(): Promise<void> {
  tenant = await app.createTenant()
}

const create = async (endpoint: '/Users' | '/Groups', body: object) =>
  (await tenant.scim.post(endpoint, body).expect(201)).body

/** What a client may say of every user; `id`, `meta`, `groups` and `password` come beside it. */
const kept = {
  externalId: '4711',
  userName: 'lise@uranium.example',
  name: {
    formatted: 'Dr. Lise E Meitner, ForMemRS',
    familyName: 'Meitner',
    givenName: 'Lise',
    middleName: 'Elise',
    honorificPrefix: 'Dr.',
    honorificSuffix: 'ForMemRS',
  },
  displayName: 'Lise Meitner',
  nickName: 'Lise',
  profileUrl: 'https://people.uranium.example/lise',
  emails: [
    { value: 'lise@uranium.example', type: 'work', primary: true },
    { value: 'lise@meitner.example', type: 'home' },
  ],
  addresses: [
    {
      type: 'work',
      streetAddress: '63 Faradayweg',
      locality: 'Berlin',
      region: 'BE',
      postalCode: '14195',
      country: 'DE',
      formatted: '63 Faradayweg\n14195 Berlin',
      primary: true,
    },
    { type: 'home', streetAddress: '1 Kungsgatan', locality: 'Stockholm', country: 'SE' },
  ],
  phoneNumbers: [
    { value: '030-555-0101', type: 'work' },
    { value: '030-555-0102', type: 'mobile' },
  ],
  ims: [{ value: 'lisechat', type: 'aim' }],
  photos: [
    { value: 'https://photos.uranium.example/lise/F', type: 'photo' },
    { value: 'https://photos.uranium.example/lise/T', type: 'thumbnail' },
  ],
  userType: 'Employee',
  title: 'Professor',
  preferredLanguage: 'de-DE',
  locale: 'de-DE',
  timezone: 'Europe/Berlin',
  active: true,
  entitlements: [{ value: 'cyclotron' }],
  roles: [{ value: 'Faculty', primary: true }],
  x509Certificates: [{ value: 'MIIDQzCCAqygAwIBAgICEAAwDQYJKoZIhvcNAQEFBQAwTjELMAkGA1UEBhMCVVM=' }],
}

const ours = {
  id: '2819c223-7f76-453a-919d-413861904646',
  password: 'correct-horse-battery',
  groups: [{ value: 'e9e30dba-f08f-4109-8486-d5c6a331660a', display: 'Guides' }],
  meta: {
    resourceType: 'User',
    created: '2010-01-23T04:56:22Z',
    version: 'W/"a330"',
    location: 'https://x/1',
  },
}

describe('RFC 7643 8 representations', () => {
  beforeAll(newDirectory)

  test('RFC 7643 8.1 the least of a user: schemas, id, userName and meta, and active, which we default', async () => {
    const { id, meta, ...rest } = await create('/Users', { schemas: [userUrn], userName: 'least' })
    expect(rest).toEqual({ schemas: [userUrn], userName: 'least', active: true })
    expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    expect(Object.keys(meta).sort()).toEqual([
      'created',
      'lastModified',
      'location',
      'resourceType',
      'version',
    ])
  })

  test('RFC 7643 8.2 the whole of a user: all that is the client’s comes back as it was, all that is ours does not', async () => {
    const { id, meta, ...rest } = await create('/Users', { schemas: [userUrn], ...kept, ...ours })
    expect(rest).toEqual({ schemas: [userUrn], ...kept })
    expect(id).not.toBe(ours.id)
    expect(meta.created).not.toBe(ours.meta.created)
    expect((await tenant.scim.get(`/Users/${id}`).expect(200)).body).toEqual({ ...rest, id, meta })
  })

  test('RFC 7643 8.3 an enterprise user: the extension under its URN', async () => {
    const boss = await create('/Users', { schemas: [userUrn], userName: 'otto' })
    const extension = {
      employeeNumber: '4711',
      costCenter: '4130',
      organization: 'Kaiser Wilhelm Society',
      division: 'Chemistry',
      department: 'Radioactivity',
      manager: { value: boss.id, $ref: boss.meta.location },
    }
    const schemas = [userUrn, enterpriseUrn]
    const manager = { ...extension.manager, displayName: 'whoever' }
    const sent = { schemas, userName: 'lise', [enterpriseUrn]: { ...extension, manager } }
    const created = await create('/Users', sent)
    expect(created).toMatchObject({ schemas, [enterpriseUrn]: extension })
    expect(created[enterpriseUrn]).toEqual(extension)
    expect(created).not.toHaveProperty('department')
  })

  test('RFC 7643 8.4 a group: its members by id, with a $ref that leads to each', async () => {
    const [first, second] = [
      await create('/Users', { schemas: [userUrn], userName: 'babs', displayName: 'Babs' }),
      await create('/Users', { schemas: [userUrn], userName: 'mandy', displayName: 'Mandy' }),
    ]
    const members = [{ value: first.id }, { value: second.id }]
    const { id, meta, ...rest } = await create('/Groups', {
      schemas: [groupUrn],
      displayName: 'Guides',
      members,
    })
    expect(rest).toEqual({
      schemas: [groupUrn],
      displayName: 'Guides',
      members: [first, second].map(({ id, displayName, meta }) => ({
        value: id,
        $ref: meta.location,
        type: 'User',
        display: displayName,
      })),
    })
    expect(meta).toMatchObject({ resourceType: 'Group', location: `${app.origin}/scim/v2/Groups/${id}` })
  })

  test('RFC 7643 2.3.7 whoever follows a reference of ours finds the resource', async () => {
    const { Resources: groups } = (await tenant.scim.get('/Groups').expect(200)).body
    const references: string[] = groups[0].members.map(({ $ref }: { $ref: string }) => $ref)
    const member = (await tenant.scim.get(`/Users/${groups[0].members[0].value}`).expect(200)).body
    for (const $ref of [...references, member.groups[0].$ref]) {
      const found = await fetch($ref, { headers: { Authorization: `Bearer ${tenant.token}` } })
      expect([found.status, await found.json()]).toMatchObject([200, { meta: { location: $ref } }])
    }
  })
})

describe('RFC 7643 2 attributes', () => {
  beforeAll(newDirectory)

  test('RFC 7643 2.3.8 the order of attributes means nothing: the same in reverse is no change', async () => {
    const created = await create('/Users', { schemas: [userUrn], ...kept })
    const reversed = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(reversed)
        : typeof value === 'object' && value !== null
          ? Object.fromEntries(
              Object.entries(value)
                .reverse()
                .map(([name, held]) => [name, reversed(held)]),
            )
          : value
    const put = await tenant.scim.put(`/Users/${created.id}`, Object(reversed(created)))
    expect(put.status).toBe(200)
    expect(put.body).toEqual(created)
  })

  test('RFC 7643 2.1 names of attributes have no case, and come back in the spelling of the schema', async () => {
    const sent = { SCHEMAS: [userUrn], USERNAME: 'caseless', EMAILS: [{ VALUE: 'a@x', Primary: true }] }
    const created = await create('/Users', sent)
    expect(created).toMatchObject({ userName: 'caseless', emails: [{ value: 'a@x', primary: true }] })
    expect(created).not.toHaveProperty('USERNAME')
  })

  test('RFC 7643 2.4 at most one value is primary, whoever writes', async () => {
    const emails = [
      { value: 'a@x', primary: true },
      { value: 'b@x', primary: true },
    ]
    const created = await create('/Users', { schemas: [userUrn], userName: 'primary', emails })
    const primaryOf = (user: { emails: { value: string; primary?: boolean }[] }) =>
      user.emails.filter(({ primary }) => primary).map(({ value }) => value)
    expect(primaryOf(created)).toEqual(['b@x'])
    const add = patchBody({ op: 'add', path: 'emails', value: [{ value: 'c@x', primary: true }] })
    expect(primaryOf((await tenant.scim.patch(`/Users/${created.id}`, add).expect(200)).body)).toEqual([
      'c@x',
    ])
    const put = await tenant.scim.put(`/Users/${created.id}`, { ...created, emails }).expect(200)
    expect(primaryOf(put.body)).toEqual(['b@x'])
  })

  test('RFC 7643 7 what is caseExact keeps its case, and so do values that are not', async () => {
    const created = await create('/Users', { schemas: [userUrn], userName: 'KeepsCase', externalId: 'Ext-A' })
    expect(created).toMatchObject({ userName: 'KeepsCase', externalId: 'Ext-A' })
    const count = async (filter: string) =>
      (await tenant.scim.get(`/Users?filter=${encodeURIComponent(filter)}`).expect(200)).body.totalResults
    expect(await count('externalId eq "Ext-A"')).toBe(1)
    expect(await count('externalId eq "ext-a"')).toBe(0)
    expect(await count('userName eq "keepscase"')).toBe(1)
  })
})

describe('RFC 7643 3 schemas and common attributes', () => {
  beforeAll(newDirectory)

  test('RFC 7643 3 schemas has each URN once, of schemas that the resource uses, in whatever order they came', async () => {
    const extension = { [enterpriseUrn]: { department: 'D' } }
    for (const [i, schemas] of [
      [userUrn, enterpriseUrn],
      [enterpriseUrn, userUrn],
      [userUrn, userUrn, enterpriseUrn, enterpriseUrn.toUpperCase()],
      [userUrn, enterpriseUrn, 'urn:example:unknown'],
    ].entries()) {
      const created = await create('/Users', { schemas, userName: `schemas ${i}`, ...extension })
      expect(created.schemas).toEqual([userUrn, enterpriseUrn])
    }
    const plain = await create('/Users', { schemas: [userUrn, enterpriseUrn], userName: 'schemas plain' })
    expect(plain.schemas).toEqual([userUrn])
  })

  test('RFC 7643 3.1 id and created stay through every change; lastModified moves with it', async () => {
    const first = await create('/Users', { schemas: [userUrn], userName: 'stable' })
    expect(first.meta.lastModified).toBe(first.meta.created)
    const put = await tenant.scim.put(`/Users/${first.id}`, {
      schemas: [userUrn],
      userName: 'stable2',
      id: 'x',
    })
    const patch = patchBody({ op: 'replace', value: { id: 'y', userName: 'stable3' } })
    const patched = await tenant.scim.patch(`/Users/${first.id}`, patch).expect(200)
    let before = first.meta.lastModified
    for (const { id, meta } of [put.body, patched.body]) {
      expect([id, meta.created]).toEqual([first.id, first.meta.created])
      expect(meta.lastModified > before).toBe(true)
      before = meta.lastModified
    }
    await tenant.scim.get('/Users/x').expect(404)
  })

  test('RFC 7643 3.1 externalId is the client’s alone: never made up, not unique, and seen in its directory only', async () => {
    const without = await create('/Users', { schemas: [userUrn], userName: 'no external id' })
    expect(without).not.toHaveProperty('externalId')
    for (const userName of ['twin 1', 'twin 2']) {
      await create('/Users', { schemas: [userUrn], userName, externalId: 'twin' })
    }
    const other = await app.createTenant()
    const find = '/Users?filter=externalId%20eq%20%22twin%22'
    expect((await tenant.scim.get(find).expect(200)).body.totalResults).toBe(2)
    expect((await other.scim.get(find).expect(200)).body.totalResults).toBe(0)
  })

  test('RFC 7643 4.1.1 userName is unique among all users of the directory, and free in another', async () => {
    const body = { schemas: [userUrn], userName: 'only one' }
    await create('/Users', body)
    expectScimError(await tenant.scim.post('/Users', body), 409, 'uniqueness')
    const other = await app.createTenant()
    await other.scim.post('/Users', body).expect(201)
  })

  test('RFC 7643 4.1.2 groups of a user change through the group alone', async () => {
    const user = await create('/Users', { schemas: [userUrn], userName: 'grouped' })
    const [mine, other] = [
      await create('/Groups', { schemas: [groupUrn], displayName: 'Mine', members: [{ value: user.id }] }),
      await create('/Groups', { schemas: [groupUrn], displayName: 'Other' }),
    ]
    const path = `/Users/${user.id}`
    const groups = [{ value: other.id }]
    const put = await tenant.scim.put(path, { schemas: [userUrn], userName: 'grouped', groups }).expect(200)
    const pathless = patchBody({ op: 'replace', value: { groups } })
    const patched = await tenant.scim.patch(path, pathless).expect(200)
    for (const { body } of [put, patched])
      expect(body.groups).toMatchObject([{ value: mine.id, type: 'direct' }])
    const direct = patchBody({ op: 'add', path: 'groups', value: groups })
    expectScimError(await tenant.scim.patch(path, direct), 400, 'mutability')
    expect((await tenant.scim.get(`/Groups/${other.id}`)).body).not.toHaveProperty('members')
  })
})
