// Extension schemas in the admin API: added, read, changed and removed, and what their values forbid.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectProblem, expectScimError } from '../../support/answers.ts'
import { adminClient, type Client, startTestApp, type Tenant, type TestApp } from '../../support/app.ts'
import { enterpriseUrn, patchBody } from '../../support/protocol.ts'

const urn = 'urn:example:hr:2.0:User'
const schema = { id: urn, name: 'Hr', attributes: [{ name: 'badge' }, { name: 'level', type: 'integer' }] }

let app: TestApp
let admin: Client
beforeAll(async () => {
  app = await startTestApp()
  admin = adminClient(app)
})
afterAll(() => app.close())

const pathOf = ({ directoryId }: Tenant) => `/directories/${directoryId}/schemas`

async function aDirectory(): Promise<{ tenant: Tenant; path: string }> {
  const tenant = await app.createTenant()
  const path = pathOf(tenant)
  await admin.post(path, { schema }).expect(201)
  return { tenant, path }
}

describe('schemas of a directory', () => {
  test('are added, listed and read; what is read can be sent back', async () => {
    const { tenant, path } = await aDirectory()
    const listed = (await admin.get(path).expect(200)).body.schemas
    expect(listed).toMatchObject([{ resourceType: 'User', required: false, schema: { id: urn, name: 'Hr' } }])
    const read = (await admin.get(`${path}/${urn.toUpperCase()}`).expect(200)).body
    expect(read).toEqual(listed[0])
    const { createdAt, updatedAt, ...sent } = read
    expect([createdAt, updatedAt]).toEqual([expect.any(String), expect.any(String)])
    expect((await admin.put(`${path}/${urn}`, sent).expect(200)).body).toMatchObject(sent)
    const served = (await tenant.scim.get(`/Schemas/${urn}`).expect(200)).body
    expect(served).toMatchObject(sent.schema)
  })

  test('each change tells the running service and the audit log at once', async () => {
    const { tenant, path } = await aDirectory()
    const held = { badge: 'B', desk: 'D' }
    const create = async (userName: string) =>
      (await tenant.scim.post('/Users', { userName, [urn]: held }).expect(201)).body
    expect((await create('before'))[urn]).toEqual({ badge: 'B' })
    const wider = { ...schema, attributes: [...schema.attributes, { name: 'desk' }] }
    await admin.put(`${path}/${urn}`, { schema: wider }).expect(200)
    const after = await create('after')
    expect(after[urn]).toEqual(held)
    expectProblem(await admin.delete(`${path}/${urn}`), 409)
    for (const { id } of (await tenant.scim.get('/Users')).body.Resources) {
      await tenant.scim.patch(`/Users/${id}`, patchBody({ op: 'remove', path: urn })).expect(200)
    }
    await admin.delete(`${path}/${urn}`).expect(204)
    expect((await create('last'))[urn]).toBeUndefined()
    const events = await app.database.client.event.findMany({
      where: { directoryId: tenant.directoryId, type: { startsWith: 'schema.' } },
      orderBy: { seq: 'asc' },
    })
    expect(events.map(({ type }) => type)).toEqual(['schema.created', 'schema.updated', 'schema.deleted'])
  })

  test('under values, what these depend on stays; anything goes before there are some', async () => {
    const { tenant, path } = await aDirectory()
    const other = { ...schema, attributes: [{ name: 'badge', type: 'boolean' }] }
    await admin.put(`${path}/${urn}`, { schema: other, resourceType: 'Group' }).expect(200)
    await admin.put(`${path}/${urn}`, { schema }).expect(200)
    await tenant.scim.post('/Users', { userName: 'holder', [urn]: { badge: 'B' } }).expect(201)
    const refused = expectProblem(await admin.put(`${path}/${urn}`, { schema: other }), 409)
    expect(refused).toContain('badge.type, level')
    expect(
      expectProblem(await admin.put(`${path}/${urn}`, { schema, resourceType: 'Group' }), 409),
    ).toContain('resourceType')
    const found = await tenant.scim
      .get(`/Users?filter=${encodeURIComponent(`${urn}:badge eq "b"`)}`)
      .expect(200)
    expect(found.body.totalResults).toBe(1)
  })

  test('a write that was read by schemas which changed meanwhile is not carried out', async () => {
    const { tenant } = await aDirectory()
    const types = await app.services.schemas.typesOf(tenant.directoryId, 1)
    await admin.put(`${pathOf(tenant)}/${urn}`, { schema }).expect(200)
    const caller = {
      directoryId: tenant.directoryId,
      actor: { kind: 'system' },
      baseUrl: 'http://x',
      types,
      schemasVersion: 1,
    } as const
    const late = app.services.users.create(
      caller,
      { userName: 'late', [urn]: { badge: 'B' } },
      { kind: 'default', names: [] },
    )
    await expect(late).rejects.toThrow('send the request again')
    expect((await tenant.scim.get('/Users')).body.totalResults).toBe(0)
  })
})

describe('what is refused', () => {
  test('a document that is none, naming the field; a URN that is taken; another URN than the path', async () => {
    const { tenant, path } = await aDirectory()
    const attributes = [{ name: 'ok' }, { name: 'no', type: 'text' }]
    const field = 'schema.attributes[1].type'
    expect(
      expectProblem(await admin.post(path, { schema: { ...schema, attributes } }), 400, { field }),
    ).toContain(field)
    expectProblem(await admin.post(path, {}), 400, { field: 'schema' })
    expectProblem(await admin.post(path, { schema: [] }), 400, { field: 'schema' })
    expectProblem(await admin.post(path, { schema, resourceType: 'Device' }), 400, { field: 'resourceType' })
    expectProblem(await admin.post(path, { schema, more: 1 }), 400, { field: 'more' })
    expectProblem(await admin.post(path, { schema: { ...schema, id: urn.toUpperCase() } }), 409)
    const renamed = { schema: { ...schema, id: 'urn:example:hr:3.0:User' } }
    expectProblem(await admin.put(`${path}/${urn}`, renamed), 400, { field: 'schema.id' })
    expect((await tenant.scim.get('/Schemas')).body.totalResults).toBe(4)
  })

  test('RFC 7644 3.10 a schema by which a name would mean an attribute and a schema', async () => {
    const { path } = await aDirectory()
    const complex = { name: 'HR', type: 'complex', subAttributes: [{ name: 'x' }] }
    const refused = async (answer: ReturnType<Client['post']>, name: string) =>
      expect(expectProblem(await answer, 409)).toContain(name)
    const enterprise = enterpriseUrn.replace(/:User$/, '')
    const shadowing = { schema: { id: enterprise, attributes: [{ name: 'user' }] } }
    await refused(admin.post(path, shadowing), `${enterprise}:user`)
    await admin.post(path, { schema: { id: 'urn:example:a', attributes: [complex] } }).expect(201)
    await refused(admin.post(path, { schema: { ...schema, id: 'urn:example:A:hr' } }), 'urn:example:a:HR')
    await refused(admin.post(path, { schema: { ...schema, id: 'urn:example:a:hr.X' } }), 'urn:example:a:HR.x')
    await admin.post(path, { schema: { ...schema, id: 'urn:example:a:hrm' } }).expect(201)
    const widened = { id: 'urn:example:a', attributes: [complex, { name: 'hrm' }] }
    await refused(admin.put(`${path}/urn:example:a`, { schema: widened }), 'urn:example:a:hrm')
  })

  test('a twenty-first schema, an unknown one, an unknown directory, another directory', async () => {
    const { path } = await aDirectory()
    const numbered = (n: number) => ({ ...schema, id: `urn:example:n${n}` })
    for (let n = 2; n <= 20; n += 1) await admin.post(path, { schema: numbered(n) }).expect(201)
    expect(expectProblem(await admin.post(path, { schema: numbered(21) }), 409)).toContain('20')
    const other = pathOf(await app.createTenant())
    const nobody = '/directories/00000000-0000-7000-8000-000000000000/schemas'
    for (const each of [other, nobody]) {
      expectProblem(await admin.get(`${each}/${urn}`), 404)
      expectProblem(await admin.put(`${each}/${urn}`, { schema }), 404)
      expectProblem(await admin.delete(`${each}/${urn}`), 404)
    }
    expectProblem(await admin.get(nobody), 404)
    expectProblem(await admin.post(nobody, { schema }), 404)
  })

  test('without an admin token', async () => {
    const { tenant, path } = await aDirectory()
    await app.http.get(`/v1${path}`).expect(401)
    await app.http.get(`/v1${path}`).set('Authorization', `Bearer ${tenant.token}`).expect(401)
    expectScimError(await tenant.scim.post('/Schemas', schema), 405)
  })
})
