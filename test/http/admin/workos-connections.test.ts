// Connections to WorkOS, as an administrator sets them up: list, make, read, change, delete, and their secrets.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KEY_BYTES, SecretBox } from '../../../src/secret-box.ts'
import { adminClient, startTestApp, type Tenant, type TestApp } from '../../support/app.ts'
import { eventsOf } from '../../support/provisioning.ts'
import { SIGNING_SECRET, signatureOf, WorkosDirectory, WorkosEndpoint } from '../../support/workos.ts'

let app: TestApp
let tenant: Tenant
beforeAll(async () => {
  app = await startTestApp()
  tenant = await app.createTenant()
})
afterAll(() => app.close())

const at = (rest = '', directoryId = tenant.directoryId) =>
  `/directories/${directoryId}/workos-connections${rest}`
const body = {
  name: 'Okta by WorkOS',
  workosDirectoryId: 'directory_01EXAMPLE',
  signingSecret: SIGNING_SECRET,
}

const create = async () => (await adminClient(app).post(at(), body).expect(201)).body

describe('domain.md 8 a connection', () => {
  test('is made, listed, read, changed and deleted; its secret is never shown', async () => {
    const admin = adminClient(app)
    const made = await admin.post(at(), body).expect(201)
    const { id } = made.body
    const shown = {
      id,
      directoryId: tenant.directoryId,
      name: 'Okta by WorkOS',
      workosDirectoryId: 'directory_01EXAMPLE',
      state: 'pending',
      endpoint: `/webhooks/workos/${id}`,
      secrets: [{ id: expect.any(String), createdAt: expect.any(String) }],
      lastEventAt: null,
      createdAt: expect.any(String),
    }
    expect(made.body).toEqual(shown)
    expect(made.headers.location).toBe(`/v1${at(`/${id}`)}`)
    expect((await admin.get(at(`/${id}`)).expect(200)).body).toEqual(shown)
    expect((await admin.get(at()).expect(200)).body.workosConnections).toContainEqual(shown)
    const changed = await admin.patch(at(`/${id}`), { name: 'Renamed', workosDirectoryId: null }).expect(200)
    expect(changed.body).toEqual({ ...shown, name: 'Renamed', workosDirectoryId: null })
    await admin.delete(at(`/${id}`)).expect(204)
    await admin.get(at(`/${id}`)).expect(404)
    const rows = await app.database.client.workosSecret.findMany()
    expect(JSON.stringify(rows)).not.toContain(SIGNING_SECRET)
    const told = (await eventsOf(app, tenant.directoryId)).filter(({ subject_id }) => subject_id === id)
    expect(told.map(({ type }) => type)).toEqual([
      'workos_connection.created',
      'workos_connection.updated',
      'workos_connection.deleted',
    ])
    expect(JSON.stringify(told)).not.toContain(SIGNING_SECRET)
  })

  test('two signing secrets are valid at once, never three and never none', async () => {
    const admin = adminClient(app)
    const { id, secrets } = await create()
    const workos = new WorkosEndpoint(app, id)
    const directory = new WorkosDirectory()
    directory.user('ada')
    const [event] = directory.events
    const text = JSON.stringify(event)
    const statusWith = async (secret: string) => (await workos.post(text, signatureOf(text, secret))).status
    const second = await admin.post(at(`/${id}/secrets`), { signingSecret: 'example-two' }).expect(201)
    expect(second.body).toEqual({ id: expect.any(String), createdAt: expect.any(String) })
    expect([await statusWith(SIGNING_SECRET), await statusWith('example-two')]).toEqual([200, 200])
    await admin.post(at(`/${id}/secrets`), { signingSecret: 'example-three' }).expect(409)
    await admin.delete(at(`/${id}/secrets/${secrets[0].id}`)).expect(204)
    expect([await statusWith(SIGNING_SECRET), await statusWith('example-two')]).toEqual([401, 200])
    await admin.delete(at(`/${id}/secrets/${second.body.id}`)).expect(409)
    await admin.delete(at(`/${id}/secrets/${secrets[0].id}`)).expect(404)
    expect(await statusWith('example-two')).toBe(200)
  })

  test('a secret whose encryption key is gone does not stand in the way of a new one', async () => {
    const { id } = await create()
    await app.database.client.workosSecret.updateMany({
      where: { connectionId: id },
      data: { secret: new SecretBox([Buffer.alloc(KEY_BYTES, 1)]).seal(SIGNING_SECRET, 'of another key') },
    })
    const workos = new WorkosEndpoint(app, id)
    const text = JSON.stringify({ event: 'ping' })
    expect((await workos.post(text)).status).toBe(500)
    await adminClient(app)
      .post(at(`/${id}/secrets`), { signingSecret: 'example-two' })
      .expect(201)
    expect((await workos.post(text, signatureOf(text, 'example-two'))).status).toBe(200)
  })

  test('deleted, it takes no events, and whom it brought stays', async () => {
    const own = await app.createTenant()
    const admin = adminClient(app)
    const { id } = (await admin.post(at('', own.directoryId), body).expect(201)).body
    const workos = new WorkosEndpoint(app, id)
    const directory = new WorkosDirectory()
    directory.add(directory.group('Engineers'), directory.user('ada'))
    await workos.send(directory.events)
    await admin.delete(at(`/${id}`, own.directoryId)).expect(204)
    expect((await workos.post(directory.events[0])).status).toBe(401)
    expect((await own.scim.get('/Users')).body.totalResults).toBe(1)
  })

  test('another directory has none of them', async () => {
    const admin = adminClient(app)
    const { id, secrets } = await create()
    const other = await app.createTenant()
    const path = at(`/${id}`, other.directoryId)
    await admin.get(path).expect(404)
    await admin.patch(path, { name: 'mine' }).expect(404)
    await admin.post(`${path}/secrets`, { signingSecret: 'mine' }).expect(404)
    await admin.delete(`${path}/secrets/${secrets[0].id}`).expect(404)
    await admin.delete(path).expect(404)
    expect((await admin.get(at('', other.directoryId)).expect(200)).body.workosConnections).toEqual([])
    expect((await admin.get(at(`/${id}`)).expect(200)).body.name).toBe('Okta by WorkOS')
  })

  test.each([
    [{ ...body, signingSecret: undefined }, 'signingSecret'],
    [{ ...body, signingSecret: '' }, 'signingSecret'],
    [{ ...body, signingSecret: 'with space' }, 'signingSecret'],
    [{ ...body, name: '' }, 'name'],
    [{ ...body, workosDirectoryId: 'org_1' }, 'workosDirectoryId'],
    [{ ...body, secret: 'x' }, 'secret'],
  ])('%j is refused', async (wrong, field) => {
    const response = await adminClient(app).post(at(), wrong).expect(400)
    expect(response.body.field).toBe(field)
  })

  test('a directory that is none has no connections', async () => {
    const nowhere = '0192e4a0-0000-7000-8000-000000000000'
    await adminClient(app).get(at('', nowhere)).expect(404)
    await adminClient(app).post(at('', nowhere), body).expect(404)
  })
})

test('without an encryption key no secret is kept, and the answer says what is missing', async () => {
  const keyless = await startTestApp({ secretBox: new SecretBox([]) })
  try {
    const { directoryId } = await keyless.createTenant()
    const response = await adminClient(keyless).post(at('', directoryId), body).expect(409)
    expect(response.body.detail).toContain('ROLLCALL_ENCRYPTION_KEYS')
    const { workosConnections } = (await adminClient(keyless).get(at('', directoryId)).expect(200)).body
    expect(workosConnections).toEqual([])
  } finally {
    await keyless.close()
  }
})

test('connections are listed in pages, and a page after what is not there is refused', async () => {
  const { directoryId } = await app.createTenant()
  const path = `/directories/${directoryId}/workos-connections`
  const made: string[] = []
  for (const name of ['one', 'two', 'three']) {
    const { id } = (
      await adminClient(app)
        .post(path, { ...body, name })
        .expect(201)
    ).body
    made.push(id)
  }
  const first = (await adminClient(app).get(`${path}?limit=2`).expect(200)).body
  const second = (await adminClient(app).get(`${path}?limit=2&after=${first.next}`).expect(200)).body
  const ids = [...first.workosConnections, ...second.workosConnections].map(({ id }: { id: string }) => id)
  expect([...ids].sort()).toEqual([...made].sort())
  expect([first.workosConnections.length, first.next, second.next]).toEqual([2, ids[1], null])
  const refused = await adminClient(app).get(`${path}?after=${directoryId}`).expect(400)
  expect(refused.body.field).toBe('after')
})
