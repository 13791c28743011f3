// Microsoft Entra ID's users, as it sends them by default (scim.md section 3).
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { expectScimError } from '../../../support/answers.ts'
import { type Client, startTestApp, type Tenant, type TestApp } from '../../../support/app.ts'
import { enterpriseUrn, groupUrn, listUrn, patchBody, userUrn } from '../../../support/protocol.ts'
import { created, entra, memberIds, speaking, toleratedFrom, wherePlus } from '../../../support/providers.ts'

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
  displayName: 'Ines Duarte',
  emails: [{ primary: true, type: 'work', value: userName }],
  meta: { resourceType: 'User' },
  name: { formatted: 'Ines Duarte', familyName: 'Duarte', givenName: 'Ines' },
  roles: [],
})
const ines = 'ines@harbour.example'

describe('scim.md 3 Entra users', () => {
  let id: string
  let boss: string
  beforeEach(async () => {
    id = await created(scim, '/Users', user(ines))
    boss = await created(scim, '/Users', user('boss@harbour.example'))
  })
  /** The user after a PATCH, which answers 200 with it. */
  const patch = async (...operations: object[]) =>
    (await scim.patch(`/Users/${id}`, patchBody(...operations)).expect(200)).body
  const totals = async (filter: string): Promise<number> =>
    (await scim.get(`/Users?${wherePlus(filter)}`).expect(200)).body.totalResults

  test('connection test: a random value finds nobody: 200 and an empty list', async () => {
    const { body } = await scim.get(`/Users?${wherePlus('userName eq "8c1f2b5e-probe"')}`).expect(200)
    expect(body).toMatchObject({ schemas: [listUrn], totalResults: 0, Resources: [] })
  })

  test.each([
    'userName eq "INES@harbour.example"',
    'USERNAME EQ "ines@HARBOUR.example"',
    'externalId eq "nick-ines@harbour.example"',
    'emails[type eq "work"].value eq "Ines@Harbour.example"',
    'Emails[Type Eq "Work"].Value Eq "ines@harbour.example"',
    'displayName eq "ines duarte" and userName eq "ines@harbour.example"',
    'userName eq "ines@harbour.example" and active eq "True"',
    '(ActiVe eq true) and userName eq "ines@harbour.example"',
  ])('matching by %s', async (filter) => expect(await totals(filter)).toBe(1))

  test('matching by externalId is caseExact', async () => {
    expect(await totals('externalId eq "NICK-ines@harbour.example"')).toBe(0)
  })

  test('references: id and manager together, before and after', async () => {
    const filter = `id eq "${id}" and manager eq "${boss}"`
    expect(await totals(filter)).toBe(0)
    await patch({ op: 'Add', path: `${enterpriseUrn}:manager`, value: boss })
    expect(await totals(filter)).toBe(1)
  })

  test('one operation for each attribute, in capitals, Booleans as text', async () => {
    const changed = await patch(
      { op: 'Replace', path: 'active', value: 'False' },
      { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '+351 1' },
      { op: 'Replace', path: 'emails[type eq "work"].value', value: 'duarte@harbour.example' },
      { op: 'Replace', path: 'name.familyName', value: 'Duarte Costa' },
      { op: 'Add', path: `${enterpriseUrn}:department`, value: 'Quay' },
      { op: 'Add', path: 'profileUrl', value: 'no URI' },
      { op: 'Add', path: 'timezone', value: 'no zone' },
      { op: 'Remove', path: 'name.formatted' },
    )
    expect(changed).toMatchObject({
      active: false,
      phoneNumbers: [{ type: 'mobile', value: '+351 1' }],
      emails: [{ primary: true, type: 'work', value: 'duarte@harbour.example' }],
      profileUrl: 'no URI',
      timezone: 'no zone',
      [enterpriseUrn]: { department: 'Quay' },
    })
    expect(changed.name).toEqual({ familyName: 'Duarte Costa', givenName: 'Ines' })
    expect(await toleratedFrom(app, tenant)).toEqual(['booleanAsText', 'elementMade', 'operationCase'])
  })

  test('an address is made once by five operations, and cleared one by one', async () => {
    const parts = ['streetAddress', 'locality', 'region', 'postalCode', 'country']
    const each = (value: string) =>
      parts.map((part) => ({ op: 'Add', path: `addresses[type eq "work"].${part}`, value: value && part }))
    expect((await patch(...each('x'))).addresses).toEqual([
      { type: 'work', ...Object.fromEntries(parts.map((part) => [part, part])) },
    ])
    const country = { op: 'Replace', path: 'addresses[type eq "work"].country', value: '' }
    expect((await patch(country)).addresses[0]).not.toHaveProperty('country')
    expect(await patch(...each(''))).not.toHaveProperty('addresses')
  })

  test.each<[string, (id: string) => unknown]>([
    ['text', (value) => value],
    ['an object', (value) => ({ value })],
    ['an object with $ref null', (value) => ({ $ref: null, value, displayName: 'B' })],
    ['a list with one object', (value) => [{ $ref: null, value }]],
  ])('manager as %s, cleared by each form of nothing', async (_form, managerAs) => {
    const path = `${enterpriseUrn}:manager`
    const managed = { [enterpriseUrn]: { manager: { value: boss } } }
    for (const nothing of ['', null, { value: '' }, [{ value: '' }]]) {
      expect(await patch({ op: 'Add', path, value: managerAs(boss) })).toMatchObject(managed)
      expect(await patch({ op: 'Replace', path, value: nothing })).not.toHaveProperty([enterpriseUrn])
    }
    await patch({ op: 'Replace', path, value: managerAs(boss) })
    expect(await patch({ op: 'Remove', path })).not.toHaveProperty([enterpriseUrn])
  })

  test('"" and null clear every mapped attribute, also a second time', async () => {
    const paths = [
      'displayName',
      'title',
      'name.givenName',
      'name.formatted',
      'preferredLanguage',
      'emails[type eq "work"].value',
      'phoneNumbers[type eq "work"].value',
      'phoneNumbers[type eq "fax"].value',
      'addresses[type eq "work"].formatted',
      `${enterpriseUrn}:employeeNumber`,
      `${enterpriseUrn}:department`,
    ]
    for (const nothing of ['', null]) {
      await patch(...paths.map((path) => ({ op: 'Add', path, value: 'set' })))
      const cleared = paths.map((path) => ({ op: 'Replace', path, value: nothing }))
      const after = await patch(...cleared)
      const { schemas: _schemas, id: _id, meta, ...rest } = after
      expect(rest).toEqual({
        userName: ines,
        externalId: `nick-${ines}`,
        active: true,
        name: { familyName: 'Duarte' },
      })
      expect((await patch(...cleared)).meta.version).toBe(meta.version)
    }
  })

  test('a list of one object for a plain attribute', async () => {
    const one = (value: unknown) => [{ $ref: null, value }]
    expect(
      await patch(
        { op: 'Add', path: 'title', value: one('Pilot') },
        { op: 'Replace', path: 'active', value: one('False') },
        { op: 'Add', path: 'name.givenName', value: one('Inês') },
        { op: 'Replace', path: 'emails[type eq "work"].value', value: one('i@harbour.example') },
        { op: 'Add', path: `${enterpriseUrn}:department`, value: one('Quay') },
      ),
    ).toMatchObject({
      title: 'Pilot',
      active: false,
      name: { givenName: 'Inês' },
      emails: [{ type: 'work', value: 'i@harbour.example' }],
      [enterpriseUrn]: { department: 'Quay' },
    })
    expect(await toleratedFrom(app, tenant)).toContain('listForSingle')
  })

  test('roles: one by value path, several as JSON in their value, objects at creation', async () => {
    expect(
      (await patch({ op: 'Add', path: 'roles[primary eq "True"].value', value: 'Pilot' })).roles,
    ).toEqual([{ primary: true, value: 'Pilot' }])
    const packed = (value: string) => ({
      value: JSON.stringify({ id: `id-${value}`, value, displayName: `The ${value}` }),
    })
    expect((await patch({ op: 'Replace', path: 'roles', value: [packed('A'), packed('B')] })).roles).toEqual([
      { value: 'A', display: 'The A' },
      { value: 'B', display: 'The B' },
    ])
    expect((await patch({ op: 'Add', path: 'roles', value: [packed('B'), packed('C')] })).roles).toHaveLength(
      3,
    )
    const text = await patch({ op: 'Replace', path: 'roles', value: '{"value":"D","primary":"True"}' })
    expect(text.roles).toEqual([{ value: 'D', primary: true }])
    const roles = [{ primary: 'False', type: 'AppRole', displayName: 'User', value: 'User' }]
    const post = await scim.post('/Users', { ...user('r@harbour.example'), roles }).expect(201)
    expect(post.body.roles).toEqual([{ primary: false, type: 'AppRole', display: 'User', value: 'User' }])
  })

  test('creation: addresses null, extension data without its URN, then the same again is 409', async () => {
    const body = {
      ...user('odd@harbour.example'),
      schemas: [userUrn],
      addresses: null,
      [enterpriseUrn]: { employeeNumber: '17', manager: { value: boss } },
    }
    const post = await scim.post('/Users', body).expect(201)
    expect(post.body).toMatchObject({
      schemas: [userUrn, enterpriseUrn],
      [enterpriseUrn]: { employeeNumber: '17' },
    })
    expectScimError(await scim.post('/Users', body), 409, 'uniqueness')
    const taken = await scim.patch(
      `/Users/${id}`,
      patchBody({ op: 'Replace', path: 'userName', value: 'ODD@harbour.example' }),
    )
    expectScimError(taken, 409, 'uniqueness')
    expect(await toleratedFrom(app, tenant)).toEqual(['operationCase', 'undeclaredExtension'])
  })

  test('unassigned, found, assigned again with its groups kept; gone for good, then made anew', async () => {
    const group = await created(scim, '/Groups', { schemas: [groupUrn], displayName: 'Pilots' })
    await scim.patch(
      `/Groups/${group}`,
      patchBody({ op: 'Add', path: 'members', value: [{ $ref: null, value: id }] }),
    )
    expect((await patch({ op: 'Replace', path: 'active', value: 'False' })).active).toBe(false)
    const found = (await scim.get(`/Users?${wherePlus(`userName eq "${ines}"`)}`).expect(200)).body
    expect(found).toMatchObject({ totalResults: 1, Resources: [{ id, active: false }] })
    expect((await scim.get(`/Users/${id}`).expect(200)).body.active).toBe(false)
    expect(await patch({ op: 'Replace', path: 'active', value: 'True' })).toMatchObject({
      active: true,
      groups: [{ value: group, display: 'Pilots', type: 'direct' }],
    })

    await patch({ op: 'Replace', path: 'active', value: 'False' })
    await scim.delete(`/Users/${id}`).expect(204)
    expectScimError(await scim.get(`/Users/${id}`), 404)
    expectScimError(await scim.delete(`/Users/${id}`), 404)
    expect(await memberIds(scim, group)).toEqual([])
    expect(await created(scim, '/Users', user(ines))).not.toBe(id)
  })

  test('two tokens at once, so that one can be rotated', async () => {
    const actor = { kind: 'system' } as const
    const second = await app.services.tokens.create(actor, tenant.directoryId, {
      name: 'next',
      expiresAt: null,
    })
    const next = speaking(app, { ...tenant, token: second.token }, entra)
    for (const client of [scim, next]) await client.get(`/Users/${id}`).expect(200)
  })
})
