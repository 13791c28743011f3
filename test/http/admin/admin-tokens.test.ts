// Admin tokens over HTTP: made, shown once, changed, revoked; none may do more than the one that made it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseText, expectProblem } from '../../support/answers.ts'
import { adminClient, type Client, startTestApp, type TestApp } from '../../support/app.ts'
import { answered, aScene, type Scene } from '../../support/provisioning.ts'

const unknown = '00000000-0000-7000-8000-000000000000'

let app: TestApp
let admin: Client
let scene: Scene
let other: Scene
beforeAll(async () => {
  app = await startTestApp()
  admin = adminClient(app)
  scene = await aScene(app)
  other = await aScene(app)
})
afterAll(() => app.close())

interface Made {
  readonly id: string
  readonly token: string
  readonly [name: string]: unknown
}
const make = async (body: object, by = admin): Promise<Made> =>
  (await answered(by.post('/admin-tokens', body), 201)).body
const full = { name: 'full', scope: 'all', access: 'read_write' }
const ofParent = () => ({
  name: 'parent',
  scope: 'parent',
  access: 'read_write',
  parentOrganizationId: scene.tenant.parentOrganizationId,
})
const ofOrganization = () => ({
  name: 'organization',
  scope: 'organization',
  access: 'read_write',
  organizationId: scene.org.id,
})
const clientOf = ({ token }: Made) => adminClient(app, token)
const idsSeenBy = async (client: Client): Promise<string[]> =>
  (await answered(client.get('/admin-tokens?limit=1000'), 200)).body.adminTokens.map(
    ({ id }: { id: string }) => id,
  )

describe('a token', () => {
  test('is shown once, found where Location says, and kept as a hash', async () => {
    const answer = await admin.post('/admin-tokens', {
      ...ofOrganization(),
      expiresAt: '2099-01-01T00:00:00Z',
    })
    expect(answer.status).toBe(201)
    expect(answer.headers['cache-control']).toBe('no-store')
    const { token, ...shown } = answer.body
    expect(token).toMatch(/^rollcall_adm_[0-9A-Za-z]{49}$/)
    expect(answer.headers.location).toBe(`/v1/admin-tokens/${shown.id}`)
    expect(shown).toEqual({
      id: expect.any(String),
      name: 'organization',
      scope: 'organization',
      parentOrganizationId: scene.tenant.parentOrganizationId,
      organizationId: scene.org.id,
      access: 'read_write',
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
      expiresAt: '2099-01-01T00:00:00.000Z',
      revokedAt: null,
      lastUsedAt: null,
    })
    expect((await answered(admin.get(`/admin-tokens/${shown.id}`), 200)).body).toEqual(shown)
    const text = await databaseText(app.database)
    expect(text).toContain(shown.id)
    expect(text).not.toContain(token.slice(-20))
  })

  test('is used, which is remembered; revoked, it is not taken any more', async () => {
    const made = await make(full)
    await answered(clientOf(made).get('/organizations'), 200)
    const used = (await answered(admin.get(`/admin-tokens/${made.id}`), 200)).body
    expect(used.lastUsedAt).toEqual(expect.any(String))
    await answered(clientOf(made).get('/organizations'), 200)
    expect((await answered(admin.get(`/admin-tokens/${made.id}`), 200)).body).toEqual(used)
    await answered(admin.delete(`/admin-tokens/${made.id}`), 204)
    await answered(admin.delete(`/admin-tokens/${made.id}`), 204)
    expectProblem(await clientOf(made).get('/organizations'), 401)
    const { body } = await answered(admin.get(`/admin-tokens/${made.id}`), 200)
    expect(body.revokedAt).toEqual(expect.any(String))
    expectProblem(await admin.patch(`/admin-tokens/${made.id}`, { expiresAt: null }), 409)
  })

  test('has another name or end; once it has ended it does not come back', async () => {
    const made = await make(full)
    const path = `/admin-tokens/${made.id}`
    const renamed = (await answered(admin.patch(path, { name: 'renamed' }), 200)).body
    expect(renamed).toMatchObject({ name: 'renamed', expiresAt: null })
    const ending = (await answered(admin.patch(path, { expiresAt: '2098-01-01T00:00:00Z' }), 200)).body
    expect(ending).toMatchObject({ name: 'renamed', expiresAt: '2098-01-01T00:00:00.000Z' })
    expect((await answered(admin.get(path), 200)).body).toEqual(ending)
    await app.database.client.adminToken.update({
      where: { id: made.id },
      data: { expiresAt: new Date(1000) },
    })
    expectProblem(await clientOf(made).get('/organizations'), 401)
    expectProblem(await admin.patch(path, { expiresAt: '2099-01-01T00:00:00Z' }), 409)
    expectProblem(await admin.patch(path, {}), 400, { field: '' })
  })

  test('A2 making, changing and revoking it is told once each, without the token', async () => {
    const made = await make(ofOrganization())
    const path = `/admin-tokens/${made.id}`
    await answered(admin.patch(path, { name: 'other' }), 200)
    await answered(admin.patch(path, { name: 'other' }), 200)
    await answered(admin.delete(path), 204)
    await answered(admin.delete(path), 204)
    const { events } = (await answered(admin.get(`/events?subject=${made.id}`), 200)).body
    expect(events).toMatchObject([
      { type: 'admin_token.created', organizationId: scene.org.id, directoryId: scene.tenant.directoryId },
      { type: 'admin_token.updated', data: { before: { name: 'organization' }, after: { name: 'other' } } },
      { type: 'admin_token.revoked', actor: { kind: 'admin_token' } },
    ])
    expect(JSON.stringify(events)).not.toContain(made.token.slice(-20))
    const everywhere = await make(full)
    const told = (await answered(admin.get(`/events?subject=${everywhere.id}`), 200)).body.events
    expect(told).toMatchObject([{ type: 'admin_token.created', directoryId: null, organizationId: null }])
  })
})

describe('nobody makes a token that may do more than their own', () => {
  test('a limited one makes and sees those of its scope, and no others', async () => {
    const [everywhere, parent, organization, elsewhere] = [
      await make(full),
      await make(ofParent()),
      await make(ofOrganization()),
      await make({ ...ofOrganization(), organizationId: other.org.id }),
    ]
    const seen = await idsSeenBy(clientOf(parent))
    expect(seen).toEqual(expect.arrayContaining([parent.id, organization.id]))
    for (const { id } of [everywhere, elsewhere]) {
      expect(seen).not.toContain(id)
      for (const client of [clientOf(parent), clientOf(organization)]) {
        const none = JSON.stringify((await client.get(`/admin-tokens/${unknown}`)).body).replace(unknown, id)
        for (const answer of [
          await client.get(`/admin-tokens/${id}`),
          await client.patch(`/admin-tokens/${id}`, { name: 'mine' }),
          await client.delete(`/admin-tokens/${id}`),
        ]) {
          expectProblem(answer, 404)
          expect(JSON.stringify(answer.body)).toBe(none)
        }
      }
      await answered(admin.get(`/admin-tokens/${id}`), 200)
    }
    expect(await idsSeenBy(clientOf(organization))).not.toContain(parent.id)
    expectProblem(await clientOf(organization).delete(`/admin-tokens/${parent.id}`), 404)

    const made = await make({ ...ofOrganization(), access: 'read_only' }, clientOf(organization))
    expect(await idsSeenBy(clientOf(organization))).toContain(made.id)
    await answered(clientOf(parent).delete(`/admin-tokens/${made.id}`), 204)
  })

  test('no wider scope: what is elsewhere is as unknown as what is not', async () => {
    const parent = clientOf(await make(ofParent()))
    const organization = clientOf(await make(ofOrganization()))
    expectProblem(await parent.post('/admin-tokens', full), 403)
    expectProblem(await organization.post('/admin-tokens', full), 403)
    const attempts: [Client, Record<string, unknown>, string][] = [
      [organization, ofParent(), 'parentOrganizationId'],
      [organization, { ...ofOrganization(), organizationId: other.org.id }, 'organizationId'],
      [parent, { ...ofOrganization(), organizationId: other.org.id }, 'organizationId'],
      [
        parent,
        { ...ofParent(), parentOrganizationId: other.tenant.parentOrganizationId },
        'parentOrganizationId',
      ],
    ]
    for (const [client, body, field] of attempts) {
      const detail = expectProblem(await client.post('/admin-tokens', body), 400, { field })
      const none = expectProblem(await client.post('/admin-tokens', { ...body, [field]: unknown }), 400, {
        field,
      })
      expect(detail.replace(String(body[field]), unknown)).toBe(none)
    }
  })

  test('no longer life, neither at its making nor later', async () => {
    const short = await make({ ...full, expiresAt: '2090-01-01T00:00:00Z' })
    const client = clientOf(short)
    for (const expiresAt of [null, undefined, '2090-01-01T00:00:01Z']) {
      expectProblem(await client.post('/admin-tokens', { ...full, expiresAt }), 403)
    }
    const made = await make({ ...full, expiresAt: '2090-01-01T00:00:00Z' }, client)
    for (const id of [made.id, short.id]) {
      expectProblem(await client.patch(`/admin-tokens/${id}`, { expiresAt: null }), 403)
      expectProblem(await client.patch(`/admin-tokens/${id}`, { expiresAt: '2091-01-01T00:00:00Z' }), 403)
    }
    await answered(client.patch(`/admin-tokens/${made.id}`, { expiresAt: '2080-01-01T00:00:00Z' }), 200)
  })

  test('no write at all with a token that may not write', async () => {
    for (const access of ['read_only', 'sign_in']) {
      const client = clientOf(await make({ ...full, access }))
      expectProblem(await client.post('/admin-tokens', { ...full, access }), 403)
    }
  })
})

describe('the last token that may do everything', () => {
  test('is not revoked, also while the one before it is being revoked by somebody else', async () => {
    const alone = await startTestApp()
    const first = adminClient(alone)
    const [{ id: firstId }] = (await first.get('/admin-tokens').expect(200)).body.adminTokens
    const limited = (await first.post('/admin-tokens', { ...full, access: 'read_only' }).expect(201)).body
    expectProblem(await first.delete(`/admin-tokens/${firstId}`), 409)
    await first.delete(`/admin-tokens/${limited.id}`).expect(204)
    const { body: made } = await first.post('/admin-tokens', full).expect(201)
    const second = adminClient(alone, made.token)
    const { client } = alone.database
    const isWaiting = async () =>
      client.$queryRaw`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
    const answer = await alone.database.transaction(async (tx) => {
      await tx.adminToken.update({ where: { id: firstId }, data: { revokedAt: new Date() } })
      const asked = second.delete(`/admin-tokens/${made.id}`).then((response) => response)
      await expect.poll(isWaiting).toHaveLength(1)
      return { asked }
    })
    expectProblem(await answer.asked, 409)
    await second.get('/admin-tokens').expect(200)
    await alone.close()
  })
})

describe('what is not taken', () => {
  test.each<[object, string]>([
    [{ scope: 'all', access: 'read_write' }, 'name'],
    [{ name: 'x', access: 'read_write' }, 'scope'],
    [{ name: 'x', scope: 'all' }, 'access'],
    [{ name: 'x', scope: 'some', access: 'read_write' }, 'scope'],
    [{ name: 'x', scope: 'all', access: 'write' }, 'access'],
    [{ name: 'x', scope: 'parent', access: 'read_only' }, 'parentOrganizationId'],
    [{ name: 'x', scope: 'parent', access: 'read_only', parentOrganizationId: 'x' }, 'parentOrganizationId'],
    [
      { name: 'x', scope: 'parent', access: 'read_only', parentOrganizationId: unknown },
      'parentOrganizationId',
    ],
    [{ name: 'x', scope: 'organization', access: 'read_only' }, 'organizationId'],
    [{ name: 'x', scope: 'organization', access: 'read_only', organizationId: unknown }, 'organizationId'],
    [{ name: 'x', scope: 'all', access: 'read_only', organizationId: unknown }, 'organizationId'],
    [
      { name: 'x', scope: 'organization', access: 'read_only', parentOrganizationId: unknown },
      'parentOrganizationId',
    ],
    [{ ...full, expiresAt: '2001-01-01T00:00:00Z' }, 'expiresAt'],
    [{ ...full, expiresAt: 'soon' }, 'expiresAt'],
    [{ ...full, colour: 'red' }, 'colour'],
  ])('%j, naming the field', async (body, field) => {
    const before = await databaseText(app.database)
    expectProblem(await admin.post('/admin-tokens', body), 400, { field })
    expect(await databaseText(app.database)).toBe(before)
  })

  test('tokens go with the organization or the parent that they are for', async () => {
    const gone = await aScene(app)
    const made = await make({ ...ofOrganization(), organizationId: gone.org.id })
    const { parentOrganizationId } = gone.tenant
    const parent = await make({ ...ofParent(), parentOrganizationId })
    await answered(admin.delete(`/organizations/${gone.org.id}`), 204)
    expectProblem(await clientOf(made).get('/organizations'), 401)
    expectProblem(await admin.get(`/admin-tokens/${made.id}`), 404)
    await answered(clientOf(parent).delete(`/parent-organizations/${parentOrganizationId}`), 204)
    expectProblem(await clientOf(parent).get('/organizations'), 401)
  })
})
