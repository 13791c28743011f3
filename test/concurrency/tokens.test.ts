// What one process keeps of tokens while another changes them: it is felt in all of them, within a second.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  adminClient,
  type Client,
  scimClient,
  startTestApp,
  type Tenant,
  type TestApp,
} from '../support/app.ts'
import { startInstance } from '../support/cluster.ts'

let app: TestApp
let other: Awaited<ReturnType<typeof startInstance>>
let tenant: Tenant
let elsewhere: Client
let admin: Client
beforeAll(async () => {
  app = await startTestApp()
  other = await startInstance(app)
  admin = adminClient(app)
})
afterAll(async () => {
  await other.close()
  await app.close()
})

/** A tenant whose token the other process knows. */
async function aKnownTenant(): Promise<void> {
  tenant = await app.createTenant()
  elsewhere = scimClient(other.http, tenant.token)
  await elsewhere.get('/Users').expect(200)
}

/** The other process refuses: whoever asks it a second later, or more, is not let in, however busy the machine is. */
async function expectRefusedWithinASecondOf(moment: number): Promise<void> {
  let lastLetIn = moment
  const asked = async () => {
    const begin = performance.now()
    const { status } = await elsewhere.get('/Users')
    if (status === 200) lastLetIn = begin
    return status
  }
  await expect.poll(asked, patience).toBe(401)
  expect(lastLetIn - moment).toBeLessThan(1000)
}

describe('a process that knows a token', () => {
  test('refuses it soon after another process revoked it', async () => {
    await aKnownTenant()
    const path = `/directories/${tenant.directoryId}/tokens`
    const { tokens } = (await admin.get(path).expect(200)).body
    for (const { id } of tokens) await admin.delete(`${path}/${id}`).expect(204)
    const revoked = performance.now()
    await tenant.scim.get('/Users').expect(401)
    await expectRefusedWithinASecondOf(revoked)
  })

  test('refuses it soon after it was given an end', async () => {
    await aKnownTenant()
    const path = `/directories/${tenant.directoryId}/tokens`
    const { tokens } = (await admin.get(path).expect(200)).body
    const expiresAt = new Date(Date.now() + 50).toISOString()
    for (const { id } of tokens) await admin.patch(`${path}/${id}`, { expiresAt }).expect(200)
    await expectRefusedWithinASecondOf(performance.now())
  })

  test('refuses an admin token at once', async () => {
    const body = { name: 'elsewhere', scope: 'all', access: 'read_only' }
    const { id, token } = (await admin.post('/admin-tokens', body).expect(201)).body
    const client = adminClient({ http: other.http, adminToken: token })
    await client.get('/organizations').expect(200)
    await admin.delete(`/admin-tokens/${id}`).expect(204)
    await client.get('/organizations').expect(401)
  })

  test('refuses it soon after the directory is gone, and writes nothing until then', async () => {
    await aKnownTenant()
    await admin.delete(`/parent-organizations/${tenant.parentOrganizationId}`).expect(204)
    await tenant.scim.get('/Users').expect(401)
    expect([401, 503]).toContain((await elsewhere.post('/Users', { userName: 'late' })).status)
    await expect.poll(async () => (await elsewhere.get('/Users')).status, patience).toBe(401)
  })

  test('writes that are under way when the directory is deleted are refused, and none fails', async () => {
    await aKnownTenant()
    const statuses: number[] = []
    let isOver = false
    const write = async (scim: Client, i: number) => {
      for (let turn = 0; !isOver; turn += 1) {
        const user = await scim.post('/Users', { userName: `late-${i}-${turn}` })
        const members = user.status === 201 ? [{ value: user.body.id }] : []
        const group = await scim.post('/Groups', { displayName: `Late ${i} ${turn}`, members })
        const path = `/Groups/${group.body.id}`
        const nested = await scim.post('/Groups', {
          displayName: `Outer ${i} ${turn}`,
          members: [{ value: group.body.id }],
        })
        statuses.push(user.status, group.status, nested.status, (await scim.delete(path)).status)
      }
    }
    const writing = Promise.all(
      [0, 1, 2, 3, 4, 5].map((i) => write(i % 2 === 0 ? tenant.scim : elsewhere, i)),
    )
    await expect.poll(() => statuses.length).toBeGreaterThan(20)
    await admin.delete(`/parent-organizations/${tenant.parentOrganizationId}`).expect(204)
    await expect.poll(() => statuses.slice(-12).every((status) => status === 401), patience).toBe(true)
    isOver = true
    await writing
    // 400: the group that it would have been in is gone
    expect(statuses.filter((status) => ![201, 204, 400, 401, 404, 503].includes(status))).toEqual([])
  })

  test('never writes by schemas that another process changed, the first one too', async () => {
    await aKnownTenant()
    const urn = 'urn:example:hr:2.0:User'
    const add = { schema: { id: urn, name: 'Hr', attributes: [{ name: 'badge' }] } }
    await admin.post(`/directories/${tenant.directoryId}/schemas`, add).expect(201)
    const create = () => elsewhere.post('/Users', { userName: 'late', [urn]: { badge: 'B' } })
    const first = await create()
    if (first.status !== 201) {
      expect(first.status).toBe(503)
      expect(first.headers['retry-after']).toBe('5')
      await expect.poll(async () => (await create()).status, patience).toBe(201)
    }
    const [held] = (await tenant.scim.get('/Users').expect(200)).body.Resources
    expect(held[urn]).toEqual({ badge: 'B' })
  })
})

const patience = { timeout: 10_000 }
