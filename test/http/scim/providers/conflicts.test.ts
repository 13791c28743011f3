// Where providers want different things (scim.md section 5): told apart by the request's own shape, or by a setting.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { expectScimError } from '../../../support/answers.ts'
import { adminClient, type Client, startTestApp, type Tenant, type TestApp } from '../../../support/app.ts'
import { enterpriseUrn, groupUrn, patchBody, userUrn } from '../../../support/protocol.ts'
import {
  created,
  type Dialect,
  entra,
  memberIds,
  speaking,
  toleratedFrom,
  where,
} from '../../../support/providers.ts'

let app: TestApp
let tenant: Tenant
let scim: Client
let id: string
beforeAll(async () => {
  app = await startTestApp()
})
beforeEach(async () => {
  tenant = await app.createTenant()
  scim = speaking(app, tenant, entra)
  id = await created(scim, '/Users', {
    schemas: [userUrn],
    userName: 'rui@bay.example',
    emails: [{ type: 'home', value: 'rui@home.example' }],
  })
})
afterAll(() => app.close())

const patch = (...operations: object[]) => scim.patch(`/Users/${id}`, patchBody(...operations))
const gone = '00000000-0000-7000-8000-000000000000'

describe('scim.md 5 where providers conflict', () => {
  test('5.1 Okta clears members without a value, Entra and JumpCloud take those of the value, [] takes nobody', async () => {
    const members = [{ value: id }, { value: await created(scim, '/Users', { userName: 'ana@bay.example' }) }]
    const group = await created(scim, '/Groups', { schemas: [groupUrn], displayName: 'Bay', members })
    const remove = (value?: object[]) =>
      scim.patch(`/Groups/${group}`, patchBody({ op: 'remove', path: 'members', value })).expect(200)
    await remove([])
    expect(await memberIds(scim, group)).toHaveLength(2)
    await remove([{ value: id }])
    expect(await memberIds(scim, group)).toEqual([members[1]?.value])
    await remove()
    expect(await memberIds(scim, group)).toEqual([])
  })

  test('5.2 Entra: a value path of eq and and makes the element; any other is noTarget; a removal succeeds', async () => {
    const made = await patch({
      op: 'replace',
      path: 'emails[type eq "work" and primary eq true].value',
      value: 'rui@bay.example',
    }).expect(200)
    expect(made.body.emails).toEqual([
      { type: 'home', value: 'rui@home.example' },
      { type: 'work', primary: true, value: 'rui@bay.example' },
    ])
    for (const filter of ['type sw "x"', 'type eq "a" or type eq "b"', 'not (type pr)']) {
      const path = `emails[${filter}].value`
      expectScimError(await patch({ op: 'replace', path, value: 'x' }), 400, 'noTarget')
      expect((await patch({ op: 'remove', path }).expect(200)).body).toEqual(made.body)
    }
  })

  test('5.3 Entra and OneLogin: text for Booleans in any case, in bodies and filters; nothing else is one', async () => {
    for (const [text, active] of [
      ['FALSE', false],
      ['tRuE', true],
    ] as const) {
      expect((await patch({ op: 'replace', path: 'active', value: text }).expect(200)).body.active).toBe(
        active,
      )
      const { body } = await scim.get(`/Users?${where(`active eq "${text}"`)}`).expect(200)
      expect(body).toMatchObject({ totalResults: 1, Resources: [{ id, active }] })
    }
    for (const value of ['yes', '1', 1, 0, 'Falsch', {}, ['true', 'false']]) {
      expectScimError(await patch({ op: 'replace', path: 'active', value }), 400, 'invalidValue')
      const put = { schemas: [userUrn], userName: 'rui@bay.example', active: value }
      expectScimError(await scim.put(`/Users/${id}`, put), 400, 'invalidValue')
    }
    expect((await scim.get(`/Users/${id}`)).body.active).toBe(true)
  })

  test('5.5 Entra of 2018: the old dot after the URN, as path and as key; a nested extension object', async () => {
    const value = { [`${enterpriseUrn}.division`]: 'Fish', [enterpriseUrn]: { costCenter: '4' } }
    await patch({ op: 'Add', path: `${enterpriseUrn}.department`, value: 'Nets' }).expect(200)
    const { body } = await patch({ op: 'Replace', value }).expect(200)
    expect(body[enterpriseUrn]).toEqual({ department: 'Nets', division: 'Fish', costCenter: '4' })
  })

  test('5.6 Okta: what is readOnly in a value without path is ignored; named as a path it is 400 mutability', async () => {
    const value = { id: 'x', groups: [], meta: { version: '1' }, title: 'Cook' }
    expect((await patch({ op: 'replace', value }).expect(200)).body).toMatchObject({ id, title: 'Cook' })
    for (const path of ['id', 'groups', 'meta.version']) {
      expectScimError(await patch({ op: 'replace', path, value: 'x' }), 400, 'mutability')
    }
  })

  test('5.7 Google and authentik: URNs and attributes that nobody knows are ignored and counted; no schemas at all', async () => {
    const foreign = 'urn:ietf:params:scim:schemas:extension:slack:profile:2.0:User'
    const body = {
      schemas: [userUrn, foreign],
      userName: 'eva@bay.example',
      shoe: 43,
      [foreign]: { startDate: 'x' },
    }
    const post = await scim.post('/Users', body).expect(201)
    expect(Object.keys(post.body).sort()).toEqual(['active', 'id', 'meta', 'schemas', 'userName'])
    const withoutSchema = { Operations: [{ op: 'replace', path: 'title', value: 'Cook' }] }
    expect((await scim.patch(`/Users/${id}`, withoutSchema).expect(200)).body.title).toBe('Cook')
    expect(await toleratedFrom(app, tenant)).toEqual(['missingSchemas', 'unknownAttribute', 'unknownSchema'])
  })

  test('5.8 Okta: a member that is not there is 400, unless the directory says to skip such members', async () => {
    const group = await created(scim, '/Groups', { schemas: [groupUrn], displayName: 'Bay' })
    const add = patchBody({ op: 'add', path: 'members', value: [{ value: id }, { value: gone }] })
    const refused = await scim.patch(`/Groups/${group}`, add)
    expect(expectScimError(refused, 400, 'invalidValue')).toContain(gone)
    expect(await memberIds(scim, group)).toEqual([])
    await adminClient(app).patch(`/directories/${tenant.directoryId}`, { unknownMembers: 'skip' }).expect(200)
    await scim.patch(`/Groups/${group}`, add).expect(200)
    expect(await memberIds(scim, group)).toEqual([id])
  })
})

test('scim.md 2 to 5 no answer depends on the User-Agent', async () => {
  const agents = ['Okta SCIM Client 1.0.0', 'Google-Auto-Provisioning', 'Microsoft-Entra', 'x', null]
  const operations = [
    { op: 'Replace', path: 'active', value: 'False' },
    { op: 'Remove', path: 'emails[type eq "none"]' },
    { op: 'replace', value: { 'name.givenName': 'Rui', id: 'y' } },
    { op: 'replace', path: 'emails[type sw "q"].value', value: 'x' },
    { op: 'replace', path: 'active', value: true },
  ]
  const seen = new Set<string>()
  for (const agent of agents) {
    const headers = agent === null ? {} : { 'User-Agent': agent }
    const dialect: Dialect = { read: headers, write: { ...entra.write, ...headers } }
    const client = speaking(app, tenant, dialect)
    const answers: unknown[] = []
    for (const operation of operations) {
      const { status, body } = await client.patch(`/Users/${id}`, patchBody(operation))
      const { meta: _meta, ...rest } = body
      answers.push([status, rest])
    }
    await client.patch(`/Users/${id}`, patchBody({ op: 'remove', path: 'name' })).expect(200)
    seen.add(JSON.stringify(answers))
  }
  expect(seen.size).toBe(1)
  expect([...seen][0]).toContain('noTarget')
})
