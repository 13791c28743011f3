// Schemas that a directory adds (RFC 7643 sections 3.3, 6 and 7): told by discovery, then validated, stored, found and
// returned as the built-in ones are.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectScimError } from '../../support/answers.ts'
import { adminClient, startTestApp, type Tenant, type TestApp } from '../../support/app.ts'
import { enterpriseUrn, groupUrn, patchBody, userUrn } from '../../support/protocol.ts'

const hr = 'urn:example:schemas:hr:2.0:User'
const team = 'urn:example:schemas:team:2.0:Group'

const hrSchema = {
  id: hr,
  name: 'Hr',
  attributes: [
    { name: 'badge', uniqueness: 'server', caseExact: false },
    { name: 'hired', type: 'dateTime', mutability: 'immutable' },
    { name: 'level', type: 'integer' },
    { name: 'load', type: 'decimal' },
    { name: 'remote', type: 'boolean' },
    { name: 'tags', multiValued: true },
    { name: 'keys', multiValued: true, caseExact: true, uniqueness: 'global' },
    { name: 'notes', returned: 'request' },
    { name: 'grade', returned: 'always' },
    { name: 'pin', mutability: 'writeOnly' },
    { name: 'score', mutability: 'readOnly' },
    {
      name: 'desk',
      type: 'complex',
      subAttributes: [
        { name: 'floor', type: 'integer', required: true },
        { name: 'room', returned: 'request' },
        { name: 'serial', mutability: 'immutable' },
        { name: 'code', mutability: 'writeOnly' },
      ],
    },
    {
      name: 'devices',
      type: 'complex',
      multiValued: true,
      subAttributes: [
        { name: 'value', caseExact: true },
        { name: 'type', canonicalValues: ['laptop', 'phone'] },
        { name: 'primary', type: 'boolean' },
        { name: 'asset', mutability: 'immutable' },
        { name: 'secret', returned: 'never' },
        { name: 'code', mutability: 'writeOnly' },
      ],
    },
  ],
}

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

const add = ({ directoryId }: Tenant, schema: object, more: object = {}) =>
  adminClient(app).post(`/directories/${directoryId}/schemas`, { schema, ...more })

async function directoryWith(schema: object, more: object = {}): Promise<Tenant> {
  const tenant = await app.createTenant()
  const added = await add(tenant, schema, more)
  expect([added.status, added.body.detail]).toEqual([201, undefined])
  return tenant
}

const user = (userName: string, held?: object) => ({
  schemas: [userUrn, hr],
  userName,
  ...(held ? { [hr]: held } : {}),
})

let count = 0
async function create({ scim }: Tenant, held?: object): Promise<string> {
  count += 1
  const created = await scim.post('/Users', user(`user-${count}`, held))
  expect([created.status, created.body.detail]).toEqual([201, undefined])
  return created.body.id
}

describe('RFC 7643 6 and 7 discovery', () => {
  test('tells the directory alone of its schema, which reads as it was written', async () => {
    const [tenant, other] = [await directoryWith(hrSchema), await app.createTenant()]
    const types = (await tenant.scim.get('/ResourceTypes/User').expect(200)).body
    expect(types.schemaExtensions).toEqual([
      { schema: enterpriseUrn, required: false },
      { schema: hr, required: false },
    ])
    const served = (await tenant.scim.get(`/Schemas/${hr.toUpperCase()}`).expect(200)).body
    expect(served.meta.location).toBe(`${app.origin}/scim/v2/Schemas/${hr}`)
    expect(served.attributes[0]).toEqual({
      name: 'badge',
      type: 'string',
      multiValued: false,
      description: '',
      required: false,
      caseExact: false,
      mutability: 'readWrite',
      returned: 'default',
      uniqueness: 'server',
    })
    const all = (await tenant.scim.get('/Schemas').expect(200)).body
    expect(all.Resources.map(({ id }: { id: string }) => id)).toEqual([userUrn, groupUrn, enterpriseUrn, hr])
    for (const nobody of [other.scim.get(`/Schemas/${hr}`), app.http.get(`/scim/v2/Schemas/${hr}`)]) {
      expectScimError(await nobody, 404)
    }
    expect((await other.scim.get('/Schemas')).body.totalResults).toBe(3)
  })

  test('another directory ignores its data, as those of any schema that it does not know', async () => {
    const other = await app.createTenant()
    const created = await other.scim.post('/Users', user('ignored', { badge: 'B' })).expect(201)
    expect(created.body.schemas).toEqual([userUrn])
    expect(created.body).not.toHaveProperty([hr])
  })

  test('a group can be extended too', async () => {
    const schema = {
      id: team,
      name: 'Team',
      attributes: [{ name: 'active', type: 'boolean' }, { name: 'members' }],
    }
    const { scim } = await directoryWith(schema, { resourceType: 'Group' })
    const held = { active: true, members: 'all of us' }
    const created = await scim.post('/Groups', { displayName: 'G', [team]: held }).expect(201)
    expect(created.body).toMatchObject({ schemas: [groupUrn, team], [team]: held })
    const path = `/Groups/${created.body.id}`
    await scim.patch(path, patchBody({ op: 'replace', path: `${team}:members`, value: 'some' })).expect(200)
    await scim.patch(path, patchBody({ op: 'remove', path: `${team}:active` })).expect(200)
    expect((await scim.get(path)).body[team]).toEqual({ members: 'some' })
    expect((await scim.get('/Groups/?filter=members+eq+%22x%22')).body.totalResults).toBe(0)
    const found = await scim
      .get(`/Groups?filter=${encodeURIComponent(`${team}:members sw "SO"`)}`)
      .expect(200)
    expect(found.body.totalResults).toBe(1)
  })
})

describe('RFC 7643 2.3 and 7 values are validated and kept in canonical form', () => {
  test('of every type, in any case of the names', async () => {
    const tenant = await directoryWith(hrSchema)
    const id = await create(tenant, {
      BADGE: 'B-1',
      hired: '2020-01-01T01:00:00+01:00',
      level: 3,
      load: 0.5,
      Remote: 'True',
      tags: ['a', 'b'],
      score: 'ignored',
      pin: 'thrown away',
      desk: { FLOOR: 2 },
      devices: [
        { value: 'd1', type: 'laptop', primary: true },
        { value: 'd2', primary: true },
      ],
    })
    expect((await tenant.scim.get(`/Users/${id}`).expect(200)).body[hr]).toEqual({
      badge: 'B-1',
      hired: '2020-01-01T00:00:00.000Z',
      level: 3,
      load: 0.5,
      remote: true,
      tags: ['a', 'b'],
      desk: { floor: 2 },
      devices: [
        { value: 'd1', type: 'laptop', primary: false },
        { value: 'd2', primary: true },
      ],
    })
  })

  test.each([
    [{ level: 1.5 }, 'level'],
    [{ level: '1' }, 'level'],
    [{ load: 'much' }, 'load'],
    [{ remote: 'perhaps' }, 'remote'],
    [{ hired: 'yesterday' }, 'hired'],
    [{ tags: [1] }, 'tags'],
    [{ badge: ['a', 'b'] }, 'badge'],
    [{ badge: 'x'.repeat(501) }, 'badge'],
    [{ desk: { room: '5' } }, 'desk.floor'],
    [{ desk: 5 }, 'desk'],
  ])('%j is refused, naming %s, and nothing is written', async (held, name) => {
    const tenant = await directoryWith(hrSchema)
    expect(
      expectScimError(await tenant.scim.post('/Users', user('wrong', held)), 400, 'invalidValue'),
    ).toContain(name)
    expect((await tenant.scim.get('/Users')).body.totalResults).toBe(0)
  })
})

describe('RFC 7643 2.2 returned', () => {
  const held = {
    badge: 'B',
    notes: 'n',
    grade: 'g',
    pin: 'p',
    desk: { floor: 1, room: 'r' },
    devices: [{ value: 'v', secret: 's' }],
  }
  const read = async ({ scim }: Tenant, id: string, query: string) =>
    (await scim.get(`/Users/${id}${query}`).expect(200)).body[hr]

  test('request only when asked for, always even when not, never at all; of sub-attributes as well', async () => {
    const tenant = await directoryWith(hrSchema)
    const id = await create(tenant, held)
    const whole = { badge: 'B', grade: 'g', desk: { floor: 1 }, devices: [{ value: 'v' }] }
    expect(await read(tenant, id, '')).toEqual(whole)
    expect(await read(tenant, id, '?attributes=userName')).toEqual({ grade: 'g' })
    expect(await read(tenant, id, `?attributes=${hr}:notes`)).toEqual({ notes: 'n', grade: 'g' })
    expect(await read(tenant, id, `?attributes=${hr}:desk.room`)).toEqual({ desk: { room: 'r' }, grade: 'g' })
    expect(await read(tenant, id, `?attributes=${hr}:desk`)).toEqual({ desk: { floor: 1 }, grade: 'g' })
    expect(await read(tenant, id, `?excludedAttributes=${hr}`)).toEqual({ grade: 'g' })
    expect(await read(tenant, id, `?excludedAttributes=${hr}:grade,${hr}:desk.floor,${hr}:devices`)).toEqual({
      badge: 'B',
      grade: 'g',
    })
    const secret = await read(tenant, id, `?attributes=${hr}:devices.secret,${hr}:pin`)
    expect(secret).toEqual({ grade: 'g' })
  })

  test('RFC 7643 7 what is returned on request is returned to whoever writes it', async () => {
    const { scim } = await directoryWith(hrSchema)
    const sent = {
      notes: 'n',
      grade: 'g',
      desk: { floor: 1, room: 'r' },
      devices: [{ value: 'v', secret: 's' }],
    }
    const told = { ...sent, devices: [{ value: 'v' }] }
    const created = await scim.post('/Users', user('writer', sent)).expect(201)
    expect(created.body[hr]).toEqual(told)
    const url = `/Users/${created.body.id}`
    expect((await scim.put(url, user('writer', sent)).expect(200)).body[hr]).toEqual(told)
    const patched = async (query: string, ...operations: object[]) =>
      (await scim.patch(`${url}${query}`, patchBody(...operations)).expect(200)).body[hr]
    const bare = { grade: 'g', desk: { floor: 1 }, devices: [{ value: 'v' }] }
    const level = { op: 'add', path: `${hr}:level`, value: 1 }
    expect(await patched('', level)).toEqual({ ...bare, level: 1 })
    const note = { op: 'replace', path: `${hr}:notes`, value: 'm' }
    expect(await patched('', note)).toEqual({ ...bare, level: 1, notes: 'm' })
    expect(await patched(`?attributes=${hr}:level`, note)).toEqual({ grade: 'g', level: 1 })
    expect(await patched(`?excludedAttributes=${hr}:notes`, note)).toEqual({ ...bare, level: 1 })
    const room = { op: 'replace', value: { [`${hr}:desk.room`]: 'q' } }
    expect(await patched('', room)).toEqual({ ...bare, level: 1, desk: { floor: 1, room: 'q' } })
    expect((await scim.get(url)).body[hr]).toEqual({ ...bare, level: 1 })
  })

  test('what is writeOnly is kept nowhere, also inside complex attributes; to send it again changes nothing', async () => {
    const tenant = await directoryWith(hrSchema)
    const code = 'thrown away'
    const id = await create(tenant, {
      pin: code,
      desk: { floor: 1, code },
      devices: [{ value: 'v', code }],
    })
    const paths = ['pin', 'desk.code', 'devices.code', 'devices[value eq "v"].code']
    const operations = [
      ...paths.map((path) => ({ op: 'add', path: `${hr}:${path}`, value: code })),
      { op: 'replace', path: `${hr}:desk`, value: { code } },
      { op: 'add', path: `${hr}:devices`, value: [{ value: 'v', code }] },
      { op: 'replace', path: `${hr}:devices[value eq "v"]`, value: { value: 'v', code } },
    ]
    for (const operation of operations) {
      const patched = await tenant.scim.patch(`/Users/${id}`, patchBody(operation)).expect(200)
      expect(patched.body.meta.version).toBe('W/"1"')
    }
    const kept = await app.database.client.user.findMany({ where: { directoryId: tenant.directoryId } })
    expect(kept).toHaveLength(1)
    expect(JSON.stringify(kept)).not.toContain(code)
    const wrong = patchBody({ op: 'add', path: `${hr}:desk.code`, value: 5 })
    expectScimError(await tenant.scim.patch(`/Users/${id}`, wrong), 400, 'invalidValue')
  })

  test('what is never returned cannot be searched', async () => {
    const { scim } = await directoryWith(hrSchema)
    for (const filter of [`${hr}:devices.secret eq "s"`, `${hr}:devices[secret sw "s"]`, `${hr}:pin pr`]) {
      expectScimError(await scim.get(`/Users?filter=${encodeURIComponent(filter)}`), 400, 'invalidFilter')
    }
    expectScimError(await scim.get(`/Users?sortBy=${hr}:devices.secret`), 400, 'invalidValue')
  })
})

describe('RFC 7643 2.2 immutable', () => {
  const path = `${hr}:hired`
  const [first, second] = ['2020-01-01T00:00:00.000Z', '2021-01-01T00:00:00.000Z']

  test('once assigned, it stays: another value is 400 mutability, the same one and silence are fine', async () => {
    const tenant = await directoryWith(hrSchema)
    const id = await create(tenant, { level: 1 })
    const url = `/Users/${id}`
    const { scim } = tenant
    await scim.patch(url, patchBody({ op: 'add', path, value: first })).expect(200)
    await scim.patch(url, patchBody({ op: 'replace', path, value: '2020-01-01T00:00:00Z' })).expect(200)
    const refused = [
      scim.patch(url, patchBody({ op: 'replace', path, value: second })),
      scim.patch(url, patchBody({ op: 'add', value: { [hr]: { hired: second } } })),
      scim.patch(url, patchBody({ op: 'remove', path })),
      scim.patch(url, patchBody({ op: 'remove', path: hr })),
      scim.patch(url, patchBody({ op: 'remove', path }, { op: 'add', path, value: second })),
      scim.put(url, user('same', { hired: second })),
    ]
    for (const answer of await Promise.all(refused)) {
      expect(expectScimError(answer, 400, 'mutability')).toContain('hired')
    }
    const put = await scim.put(url, user('same')).expect(200)
    expect(put.body).toMatchObject({ userName: 'same', schemas: [userUrn, hr], [hr]: { hired: first } })
    expect(put.body[hr]).toEqual({ hired: first })
  })

  test('RFC 7644 3.5.1 values match as they compare: case counts where caseExact is, order never does', async () => {
    const tenant = await directoryWith({
      id: hr,
      attributes: [
        { name: 'site', mutability: 'immutable' },
        { name: 'key', mutability: 'immutable', caseExact: true },
        { name: 'keys', mutability: 'immutable', multiValued: true },
      ],
    })
    const held = { site: 'Oslo', key: 'K', keys: ['a', 'b', 'b'] }
    const url = `/Users/${await create(tenant, held)}`
    const { scim } = tenant
    const kept = [
      scim.patch(url, patchBody({ op: 'replace', path: `${hr}:site`, value: 'OSLO' })),
      scim.patch(url, patchBody({ op: 'replace', path: `${hr}:keys`, value: ['B', 'a', 'b'] })),
      scim.put(url, user('user', { site: 'oslo', keys: ['b', 'A', 'b'] })),
    ]
    for (const answer of await Promise.all(kept)) {
      expect([answer.status, answer.body[hr]]).toEqual([200, held])
    }
    const refused = [
      scim.patch(url, patchBody({ op: 'replace', path: `${hr}:key`, value: 'k' })),
      scim.patch(url, patchBody({ op: 'add', path: `${hr}:keys`, value: ['c'] })),
      scim.put(url, user('user', { keys: ['a', 'a', 'b'] })),
    ]
    for (const answer of await Promise.all(refused)) expectScimError(answer, 400, 'mutability')
  })

  test('sub-attributes too, of one value and of elements', async () => {
    const tenant = await directoryWith(hrSchema)
    const id = await create(tenant, {
      desk: { floor: 1, serial: 'S' },
      devices: [{ value: 'v', asset: 'A' }],
    })
    const url = `/Users/${id}`
    const { scim } = tenant
    const refused = [
      { op: 'replace', path: `${hr}:desk.serial`, value: 'T' },
      { op: 'remove', path: `${hr}:desk.serial` },
      { op: 'replace', path: `${hr}:desk`, value: { serial: 'T' } },
      { op: 'replace', path: `${hr}:devices[value eq "v"].asset`, value: 'B' },
      { op: 'add', path: `${hr}:devices[value eq "v"]`, value: { asset: 'B' } },
      { op: 'add', path: `${hr}:devices`, value: [{ value: 'v', asset: 'B' }] },
    ]
    for (const operation of refused) {
      expectScimError(await scim.patch(url, patchBody(operation)), 400, 'mutability')
    }
    await scim.patch(url, patchBody({ op: 'replace', path: `${hr}:desk.floor`, value: 2 })).expect(200)
    const put = await scim.put(
      url,
      user('desk', { desk: { floor: 3 }, devices: [{ value: 'w', asset: 'B' }] }),
    )
    expect(put.body[hr]).toEqual({ desk: { floor: 3, serial: 'S' }, devices: [{ value: 'w', asset: 'B' }] })
  })
})

describe('RFC 7643 7 uniqueness', () => {
  test('another resource with the value is 409, compared as the attribute compares; freed by change and deletion', async () => {
    const tenant = await directoryWith(hrSchema)
    const { scim } = tenant
    const holder = await create(tenant, { badge: 'B-1', keys: ['k1', 'k2'] })
    const other = await create(tenant, { badge: 'B-2', keys: ['K1'] })
    const refused = [
      scim.post('/Users', user('taker', { badge: 'b-1' })),
      scim.post('/Users', user('taker', { keys: ['k3', 'k2'] })),
      scim.patch(`/Users/${other}`, patchBody({ op: 'add', path: `${hr}:keys`, value: ['k1'] })),
      scim.put(`/Users/${other}`, user('put', { badge: 'B-1' })),
    ]
    for (const answer of await Promise.all(refused)) {
      expect(expectScimError(answer, 409, 'uniqueness')).toContain(hr)
    }
    await scim.put(`/Users/${holder}`, user('holder', { badge: 'b-1', keys: ['k2'] })).expect(200)
    await scim
      .patch(`/Users/${other}`, patchBody({ op: 'add', path: `${hr}:keys`, value: ['k1'] }))
      .expect(200)
    expectScimError(await scim.post('/Users', user('taker', { badge: 'B-1' })), 409, 'uniqueness')
    await scim.delete(`/Users/${holder}`).expect(204)
    await scim.post('/Users', user('taker', { badge: 'B-1' })).expect(201)
    // another directory has its own
    await create(await directoryWith(hrSchema), { badge: 'B-1' })
  })

  test('of many who take one value at once, one gets it', async () => {
    const tenant = await directoryWith(hrSchema)
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        tenant.scim.post('/Users', user(`racer-${i}`, { badge: 'one', keys: ['x'] })),
      ),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(7).fill(409)])
    expect((await tenant.scim.get('/Users')).body.totalResults).toBe(1)
  })
})

describe('RFC 7643 6 and 7 required', () => {
  const strict = { id: hr, name: 'Hr', attributes: [{ name: 'badge', required: true }, { name: 'level' }] }

  test('an extension that has data must have all of it that is required', async () => {
    const { scim } = await directoryWith(strict)
    const { id } = (await scim.post('/Users', user('without')).expect(201)).body
    expect(
      expectScimError(await scim.post('/Users', user('half', { level: 'l' })), 400, 'invalidValue'),
    ).toContain('badge')
    const add = { op: 'add', path: `${hr}:level`, value: 'l' }
    expectScimError(await scim.patch(`/Users/${id}`, patchBody(add)), 400, 'invalidValue')
    await scim
      .patch(`/Users/${id}`, patchBody(add, { op: 'add', path: `${hr}:badge`, value: 'b' }))
      .expect(200)
    expectScimError(
      await scim.patch(`/Users/${id}`, patchBody({ op: 'remove', path: `${hr}:badge` })),
      400,
      'mutability',
    )
  })

  test('a required extension: nobody is created without, and who was before can still be deactivated', async () => {
    const tenant = await app.createTenant()
    const before = (await tenant.scim.post('/Users', { userName: 'before' }).expect(201)).body.id
    expect((await add(tenant, strict, { required: true })).status).toBe(201)
    expect(
      expectScimError(await tenant.scim.post('/Users', { userName: 'after' }), 400, 'invalidValue'),
    ).toContain(hr)
    const { id } = (await tenant.scim.post('/Users', user('with', { badge: 'b' })).expect(201)).body
    expectScimError(
      await tenant.scim.patch(`/Users/${id}`, patchBody({ op: 'remove', path: hr })),
      400,
      'mutability',
    )
    const off = await tenant.scim.patch(
      `/Users/${before}`,
      patchBody({ op: 'replace', value: { active: false } }),
    )
    expect([off.status, off.body.active]).toEqual([200, false])
    await tenant.scim.put(`/Users/${before}`, { userName: 'before', active: false }).expect(200)
  })
})

describe('RFC 7644 3.4 and 3.5 filters, sorting and PATCH', () => {
  test('find, order and change its values as those of any schema', async () => {
    const tenant = await directoryWith(hrSchema)
    const { scim } = tenant
    const one = await create(tenant, {
      level: 10,
      tags: ['red'],
      hired: '2020-01-01T00:00:00Z',
      devices: [{ value: 'X', type: 'phone' }],
    })
    const two = await create(tenant, {
      level: 9,
      tags: ['Red', 'blue'],
      remote: true,
      devices: [
        { value: 'x', type: 'phone' },
        { value: 'X', type: 'laptop' },
      ],
    })
    const found = async (query: string) =>
      (await scim.get(`/Users?${query}`).expect(200)).body.Resources.map(({ id }: { id: string }) => id)
    const filtered = (filter: string) => found(`filter=${encodeURIComponent(filter)}`)
    expect(await filtered(`${hr}:level gt 9`)).toEqual([one])
    expect(await filtered(`${hr.toUpperCase()}:TAGS eq "RED"`)).toEqual([one, two])
    expect(await filtered(`${hr}:tags eq "blue" and ${hr}:remote eq true`)).toEqual([two])
    expect(await filtered(`${hr}:hired lt "2020-06-01T00:00:00+02:00"`)).toEqual([one])
    expect(await filtered(`${hr}:devices[type eq "phone" and value eq "X"]`)).toEqual([one])
    expect(await filtered(`${hr}:devices[type eq "phone"].value eq "x"`)).toEqual([two])
    for (const urn of [hr, hr.toUpperCase()])
      expect(await filtered(`schemas eq "${urn}"`)).toEqual([one, two])
    expect(await filtered(`schemas sw "URN:EXAMPLE:"`)).toEqual([one, two])
    expect(await found(`sortBy=${hr}:level`)).toEqual([two, one])
    expectScimError(
      await scim.get(`/Users?filter=${encodeURIComponent(`${hr}:nothing pr`)}`),
      400,
      'invalidFilter',
    )

    const patched = await scim.patch(
      `/Users/${two}`,
      patchBody(
        { op: 'add', path: `${hr}:tags`, value: ['green'] },
        { op: 'remove', path: `${hr}:tags`, value: ['BLUE'] },
        { op: 'replace', path: `${hr}:devices[type eq "phone"].value`, value: 'y' },
        { op: 'replace', value: { [`${hr}:level`]: 4, [hr]: { remote: false } } },
      ),
    )
    expect(patched.body[hr]).toEqual({
      level: 4,
      tags: ['Red', 'green'],
      remote: false,
      devices: [
        { value: 'y', type: 'phone' },
        { value: 'X', type: 'laptop' },
      ],
    })
    const bare = await scim.patch(`/Users/${two}`, patchBody({ op: 'remove', path: hr })).expect(200)
    expect(bare.body.schemas).toEqual([userUrn])
  })

  test('a bulk takes them too', async () => {
    const tenant = await directoryWith(hrSchema)
    const Operations = [
      { method: 'POST', path: '/Users', bulkId: 'a', data: user('bulked', { badge: 'bulk' }) },
      { method: 'POST', path: '/Users', bulkId: 'b', data: user('refused', { badge: 'BULK' }) },
    ]
    const { body } = await tenant.scim.post('/Bulk', { Operations }).expect(200)
    expect(body.Operations.map(({ status }: { status: string }) => status)).toEqual(['201', '409'])
  })
})
