// Lists (RFC 7644 section 3.4.2): filters, pages, projections, over HTTP.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestApp, type Tenant, type TestApp } from '../../support/app.ts'
import { enterpriseUrn, listUrn } from '../../support/protocol.ts'

const names = Array.from({ length: 25 }, (_, i) => `person-${String(i).padStart(2, '0')}@example.com`)

let app: TestApp
let tenant: Tenant
let ids: string[]
let groupId: string
beforeAll(async () => {
  app = await startTestApp()
  tenant = await app.createTenant()
  ids = []
  for (const [i, userName] of names.entries()) {
    const body = {
      userName,
      externalId: `E${i}`,
      active: i % 2 === 0,
      emails: [
        { value: userName.toUpperCase(), type: 'work', primary: true },
        { value: `home-${i}@example.org`, type: 'home' },
      ],
      [enterpriseUrn]: { department: i < 5 ? 'Sales' : 'Research' },
    }
    ids.push((await tenant.scim.post('/Users', body).expect(201)).body.id)
  }
  const group = { displayName: 'Readers', members: ids.slice(0, 3).map((value) => ({ value })) }
  groupId = (await tenant.scim.post('/Groups', group).expect(201)).body.id
})
afterAll(() => app.close())

const list = async (query: string) => (await tenant.scim.get(`/Users?${query}`).expect(200)).body

const found = async (filter: string): Promise<string[]> => {
  const { Resources } = await list(`filter=${encodeURIComponent(filter)}`)
  return Resources.map(({ userName }: { userName: string }) => userName)
}

describe('RFC 7644 3.4.2.4 pages', () => {
  test('cover everybody once, in one order, with numbers on each page', async () => {
    const seen: string[] = []
    for (let startIndex = 1; startIndex <= names.length; startIndex += 10) {
      const page = await list(`startIndex=${startIndex}&count=10`)
      expect(page).toMatchObject({ schemas: [listUrn], totalResults: 25, startIndex })
      expect(page.itemsPerPage).toBe(page.Resources.length)
      seen.push(...page.Resources.map(({ id }: { id: string }) => id))
    }
    expect(seen).toEqual(ids)
  })

  test.each([
    ['startIndex=0', 1, 25],
    ['startIndex=-5', 1, 25],
    ['count=0', 1, 0],
    ['count=-1', 1, 0],
    ['count=100000', 1, 25],
    ['startIndex=26', 26, 0],
    ['startIndex=24&count=10', 24, 2],
    ['startIndex=&count=', 1, 25],
  ])('%s', async (query, startIndex, itemsPerPage) => {
    const page = await list(query)
    expect(page).toMatchObject({ totalResults: 25, startIndex, itemsPerPage })
    expect(page.Resources).toHaveLength(itemsPerPage)
  })

  test('nothing found is 200 with no results (Entra quarantines on 404)', async () => {
    const page = await list(`filter=${encodeURIComponent('userName eq "nobody"')}`)
    expect(page).toEqual({
      schemas: [listUrn],
      totalResults: 0,
      startIndex: 1,
      itemsPerPage: 0,
      Resources: [],
    })
  })
})

describe('RFC 7644 3.4.2.2 filters', () => {
  test.each([
    ['USERNAME EQ "PERSON-03@EXAMPLE.COM"', [3]],
    ['externalId eq "E3"', [3]],
    ['externalId eq "e3"', []],
    ['emails[type eq "work"].value eq "person-04@example.com"', [4]],
    ['emails[type eq "home"].value eq "person-04@example.com"', []],
    ['emails.type eq "home" and emails.value eq "person-04@example.com"', [4]],
    [`${enterpriseUrn}:department eq "sales" and active eq true`, [0, 2, 4]],
    ['active eq "False" and userName sw "person-0"', [1, 3, 5, 7, 9]],
    ['not (active eq true) and userName le "person-03@example.com"', [1, 3]],
    ['userName ew "-21@example.com" or userName co "n-22@"', [21, 22]],
    ['groups.display eq "readers"', [0, 1, 2]],
    ['groups pr and emails[value sw "home-2"]', [2]],
    ['meta.resourceType eq "User" and meta.lastModified gt "2100-01-01T00:00:00Z"', []],
    ['title pr', []],
  ])('%s', async (filter, expected) => {
    expect(await found(filter)).toEqual(expected.map((i) => names[i]))
  })

  test('plus signs are blanks, as Entra and Okta write them', async () => {
    const page = await list('filter=userName+eq+%22person-07%40example.com%22')
    expect(page.totalResults).toBe(1)
  })

  test('scim.md 3 Entra asks whether somebody is a member', async () => {
    for (const [member, total] of [
      [ids[0], 1],
      [ids[9], 0],
    ]) {
      const filter = encodeURIComponent(`id eq "${groupId}" and members eq "${member}"`)
      const { body } = await tenant.scim
        .get(`/Groups?excludedAttributes=members&filter=${filter}`)
        .expect(200)
      expect(body.totalResults).toBe(total)
    }
  })
})

describe('RFC 7644 3.9 projections', () => {
  const keysOf = async (query: string) => Object.keys((await list(`${query}&count=1`)).Resources[0])

  test('attributes: those, and what is always returned', async () => {
    expect(await keysOf('attributes=userName')).toEqual(['schemas', 'id', 'userName'])
    expect(await keysOf('attributes=USERNAME,emails.value')).toEqual(['schemas', 'id', 'userName', 'emails'])
    const { Resources } = await list(`attributes=emails.value,${enterpriseUrn}:department&count=1`)
    expect(Resources[0]).toMatchObject({ [enterpriseUrn]: { department: 'Sales' } })
    expect(Resources[0].emails).toEqual([{ value: names[0]?.toUpperCase() }, { value: 'home-0@example.org' }])
  })

  test('either may come in several parts', async () => {
    expect(await keysOf('attributes=userName&attributes=active,externalId')).toEqual([
      'schemas',
      'id',
      'externalId',
      'userName',
      'active',
    ])
    const keys = await keysOf('excludedAttributes=emails&excludedAttributes=meta&excludedattributes=groups')
    expect(keys).toEqual(['schemas', 'id', 'externalId', 'userName', 'active', enterpriseUrn])
  })

  test('excludedAttributes: all but those, and never what is always returned', async () => {
    const keys = await keysOf('excludedAttributes=emails,id,schemas,meta')
    expect(keys).toEqual(['schemas', 'id', 'externalId', 'userName', 'active', 'groups', enterpriseUrn])
    const { Resources } = await list('excludedAttributes=emails.type,emails.primary&count=1')
    expect(Resources[0].emails[1]).toEqual({ value: 'home-0@example.org' })
  })

  test('groups come without members where these are excluded, alone and in lists', async () => {
    const one = await tenant.scim.get(`/Groups/${groupId}?excludedAttributes=members`).expect(200)
    expect(one.body).not.toHaveProperty('members')
    const all = await tenant.scim.get('/Groups').expect(200)
    expect(all.body.Resources[0].members).toHaveLength(3)
  })
})
