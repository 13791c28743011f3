// Okta's conversations (scim.md section 2): apps made with its wizard, which PUT everything, and catalogue apps, which PATCH.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { expectScimError } from '../../../support/answers.ts'
import { type Client, startTestApp, type Tenant, type TestApp } from '../../../support/app.ts'
import { groupUrn, listUrn, patchBody, userUrn } from '../../../support/protocol.ts'
import {
  created,
  type Dialect,
  memberIds,
  speaking,
  toleratedFrom,
  where,
} from '../../../support/providers.ts'

const read = {
  'User-Agent': 'Okta SCIM Client 1.0.0',
  Accept: 'application/scim+json',
  'Accept-Charset': 'utf-8',
}
const okta: Dialect = { read, write: { ...read, 'Content-Type': 'application/scim+json; charset=utf-8' } }

let app: TestApp
let tenant: Tenant
let scim: Client
beforeAll(async () => {
  app = await startTestApp()
})
beforeEach(async () => {
  tenant = await app.createTenant()
  scim = speaking(app, tenant, okta)
})
afterAll(() => app.close())

const user = (login: string) => ({
  schemas: [userUrn],
  userName: login,
  name: { givenName: 'Mirjam', familyName: 'Okafor' },
  emails: [{ primary: true, value: login, type: 'work' }],
  displayName: 'Mirjam Okafor',
  locale: 'en-US',
  externalId: `00u-${login}`,
  groups: [],
  password: 'Un-wanted-1',
  active: true,
})
const login = 'Mirjam.Okafor@Fjord.example'
const lookUp = (name: string) => `/Users?${where(`userName eq "${name}"`)}&startIndex=1&count=100`

describe('scim.md 2 Okta', () => {
  test('connection test: two users and the groups asked for, of an empty directory', async () => {
    for (const path of ['/Users?startIndex=1&count=2', '/Groups?startIndex=1&count=100']) {
      const { body, headers } = await scim.get(path).expect(200)
      expect(body).toEqual({
        schemas: [listUrn],
        totalResults: 0,
        startIndex: 1,
        itemsPerPage: 0,
        Resources: [],
      })
      expect(headers['content-type']).toBe('application/scim+json; charset=utf-8')
    }
  })

  test('wizard apps: look up, POST, read and PUT everything, reactivate', async () => {
    expect((await scim.get(lookUp(login)).expect(200)).body.totalResults).toBe(0)
    const post = await scim.post('/Users', user(login)).expect(201)
    expect(post.headers.location).toBe(post.body.meta.location)
    expect(post.body).not.toHaveProperty('password')
    const { id } = post.body

    const held = (await scim.get(`/Users/${id}`).expect(200)).body
    const off = (await scim.put(`/Users/${id}`, { ...held, active: false }).expect(200)).body
    expect(off).toMatchObject({ id, active: false, userName: login, externalId: `00u-${login}` })
    const renamed = {
      ...off,
      name: { givenName: 'Mirjam', familyName: 'Berg', middleName: '' },
      active: true,
    }
    const on = (await scim.put(`/Users/${id}`, renamed).expect(200)).body
    expect(on).toMatchObject({ id, active: true, name: { givenName: 'Mirjam', familyName: 'Berg' } })
    expect(on.name).not.toHaveProperty('middleName')
    expect(await toleratedFrom(app, tenant)).toEqual(['emptyText'])
  })

  test('a PUT that says our own representation back changes nothing, not even the version', async () => {
    const id = await created(scim, '/Users', user(login))
    const held = (await scim.get(`/Users/${id}`).expect(200)).body
    expect((await scim.put(`/Users/${id}`, held).expect(200)).body).toEqual(held)
    const group = await created(scim, '/Groups', {
      schemas: [groupUrn],
      displayName: 'Crew',
      members: [{ value: id, display: login }],
    })
    const heldGroup = (await scim.get(`/Groups/${group}`).expect(200)).body
    expect((await scim.put(`/Groups/${group}`, heldGroup).expect(200)).body).toEqual(heldGroup)
    // a user in groups is said back with them: they are readOnly
    const inGroup = (await scim.get(`/Users/${id}`).expect(200)).body
    expect(inGroup.groups).toMatchObject([{ value: group, display: 'Crew', type: 'direct' }])
    expect((await scim.put(`/Users/${id}`, { ...inGroup, groups: [] }).expect(200)).body).toEqual(inGroup)
    expect(await memberIds(scim, group)).toEqual([id])
  })

  test('adopts: whoever is there, also deactivated and in other case, is found and PUT over, never 409', async () => {
    const id = await created(scim, '/Users', user(login))
    await scim.patch(`/Users/${id}`, patchBody({ op: 'replace', value: { active: false } })).expect(200)
    const found = (await scim.get(lookUp(login.toUpperCase())).expect(200)).body
    expect(found).toMatchObject({ totalResults: 1, startIndex: 1, itemsPerPage: 1 })
    expect(found.Resources[0]).toMatchObject({
      id,
      userName: login,
      name: { givenName: 'Mirjam', familyName: 'Okafor' },
      active: false,
      emails: [{ value: login }],
    })
    const adopted = { ...user(login), externalId: '00u-new', password: undefined }
    expect((await scim.put(`/Users/${id}`, adopted).expect(200)).body).toMatchObject({
      id,
      active: true,
      externalId: '00u-new',
    })
    expect(await toleratedFrom(app, tenant)).toEqual([])
  })

  test('import: pages of 100, each user once, numbers as numbers', async () => {
    for (let i = 0; i < 7; i++) await created(scim, '/Users', user(`u${i}@fjord.example`))
    const ids: string[] = []
    for (const startIndex of [1, 4, 7]) {
      const { body } = await scim.get(`/Users?startIndex=${startIndex}&count=3`).expect(200)
      expect(body).toMatchObject({ totalResults: 7, startIndex, itemsPerPage: startIndex === 7 ? 1 : 3 })
      for (const { id, userName, name, active, emails } of body.Resources) {
        expect([userName, name.givenName, name.familyName, active, emails[0].value]).toEqual([
          userName,
          'Mirjam',
          'Okafor',
          true,
          userName,
        ])
        ids.push(id)
      }
    }
    expect(new Set(ids).size).toBe(7)
  })

  test('catalogue apps: activation and password by PATCH without path, GET of what came of it', async () => {
    const id = await created(scim, '/Users', user(login))
    for (const active of [false, true]) {
      const { body } = await scim
        .patch(`/Users/${id}`, patchBody({ op: 'replace', value: { active } }))
        .expect(200)
      expect(body).toMatchObject({ id, active, displayName: 'Mirjam Okafor' })
      expect((await scim.get(`/Users/${id}`).expect(200)).body.active).toBe(active)
    }
    const synced = await scim.patch(
      `/Users/${id}`,
      patchBody({ op: 'replace', value: { password: 'Next-2' } }),
    )
    expect([synced.status, 'password' in synced.body]).toEqual([200, false])
    // recorded: text for the Boolean, and an id that is not the user's
    const odd = await scim.patch(
      `/Users/${id}`,
      patchBody({ op: 'Replace', value: { id: 'other', active: 'False' } }),
    )
    expect([odd.status, odd.body.id, odd.body.active]).toEqual([200, id, false])
  })

  test('what its spec test asserts: application/json, 409 with an error body, 404, 401', async () => {
    const specTest = speaking(app, tenant, {
      read: { Accept: '*/*' },
      write: { Accept: '*/*', 'Content-Type': 'application/json' },
    })
    const list = (await specTest.get('/Users?count=1&startIndex=1').expect(200)).body
    expect(list.schemas).toContain(listUrn)
    const created = (await specTest.post('/Users', user(login)).expect(201)).body
    expect(created).toMatchObject({ active: true, userName: login, emails: [{ value: login }] })
    expect(created.schemas).toContain(userUrn)
    expectScimError(await specTest.post('/Users', user(login.toLowerCase())), 409, 'uniqueness')
    expectScimError(await specTest.get('/Users/010101001010101011001010101011'), 404)
    const withoutToken = await app.http.get('/scim/v2/Users').set(okta.read)
    expectScimError(withoutToken, 401)
    expect(withoutToken.headers['www-authenticate']).toBe('Bearer')
    const wrongToken = await app.http.get('/scim/v2/Users').set({ ...okta.read, Authorization: 'Bearer no' })
    expectScimError(wrongToken, 401)
    expect(wrongToken.headers['www-authenticate']).toBe('Bearer error="invalid_token"')
  })

  test('a base URL with a slash at its end, as the on-premises agent wants it', async () => {
    const id = await created(scim, '//Users', user(login))
    const { body } = await scim.get(`//Users/${id}`).expect(200)
    expect(body.meta.location).toBe(`${app.origin}/scim/v2/Users/${id}`)
  })
})

describe('scim.md 2 Okta groups', () => {
  let anna: string
  let bob: string
  let group: string
  beforeEach(async () => {
    anna = await created(scim, '/Users', user('anna@fjord.example'))
    bob = await created(scim, '/Users', user('bob@fjord.example'))
    group = await created(scim, '/Groups', { schemas: [groupUrn], displayName: 'Crew', members: [] })
  })
  const send = (...operations: object[]) =>
    scim.patch(`/Groups/${group}`, patchBody(...operations)).expect(200)
  const display = (value: string) => ({ value, display: 'x@fjord.example' })

  test('catalogue apps: a rename beside memberships, add, remove, replace, empty', async () => {
    await send(
      { op: 'replace', value: { id: group, displayName: 'Deck' } },
      { op: 'add', path: 'members', value: [display(anna), display(bob)] },
    )
    expect((await scim.get(`/Groups/${group}`)).body.displayName).toBe('Deck')
    expect(await memberIds(scim, group)).toEqual([anna, bob])
    await send(
      { op: 'remove', path: `members[value eq "${anna}"]` },
      { op: 'add', path: 'members', value: [display(bob)] },
    )
    expect(await memberIds(scim, group)).toEqual([bob])
    await send({ op: 'replace', path: 'members', value: [display(anna)] })
    expect(await memberIds(scim, group)).toEqual([anna])
    await send({ op: 'replace', value: { members: [display(bob)] } })
    expect(await memberIds(scim, group)).toEqual([bob])
    await send({ op: 'replace', path: 'members', value: [] })
    expect(await memberIds(scim, group)).toEqual([])
    await send({ op: 'add', path: 'members', value: [display(anna)] })
    await send({ op: 'replace', value: { members: [], id: group, displayName: 'Deck' } })
    expect(await memberIds(scim, group)).toEqual([])
    expect(await toleratedFrom(app, tenant)).toEqual([])
  })

  test('a group is found by its name before it is linked, and gone after DELETE', async () => {
    const found = await scim
      .get(`/Groups?${where('displayName eq "crew"')}&startIndex=1&count=100`)
      .expect(200)
    expect(found.body).toMatchObject({ totalResults: 1, Resources: [{ id: group, displayName: 'Crew' }] })
    expectScimError(
      await scim.post('/Groups', { schemas: [groupUrn], displayName: 'CREW' }),
      409,
      'uniqueness',
    )
    await scim.delete(`/Groups/${group}`).expect(204)
    expectScimError(await scim.get(`/Groups/${group}`), 404)
  })

  test('wizard apps PUT the whole group: whom it does not name leaves', async () => {
    const put = (members: object[]) =>
      scim
        .put(`/Groups/${group}`, { schemas: [groupUrn], id: group, displayName: 'Crew', members })
        .expect(200)
    expect((await put([display(anna), display(bob)])).body.members).toHaveLength(2)
    await put([display(bob)])
    expect(await memberIds(scim, group)).toEqual([bob])
    await put([])
    expect(await memberIds(scim, group)).toEqual([])
  })

  test('a member that is not there: 400 naming it, and nothing of the PATCH is done', async () => {
    const gone = '00000000-0000-7000-8000-000000000000'
    const refused = await scim.patch(
      `/Groups/${group}`,
      patchBody(
        { op: 'replace', value: { displayName: 'Z' } },
        { op: 'add', path: 'members', value: [display(gone)] },
      ),
    )
    expect(expectScimError(refused, 400, 'invalidValue')).toContain(gone)
    expect((await scim.get(`/Groups/${group}`)).body.displayName).toBe('Crew')
  })
})
