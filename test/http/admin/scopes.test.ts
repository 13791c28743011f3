// What limited admin tokens may do: every route that is registered, tried with tokens of other scopes and accesses.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AdminRoute, adminRoutesOf, pathWith } from '../../support/admin-routes.ts'
import { expectProblem } from '../../support/answers.ts'
import { adminClient, type Client, startTestApp, type TestApp } from '../../support/app.ts'
import { answered, aScene, type Scene } from '../../support/provisioning.ts'
import { streamOf } from '../../support/streams.ts'

const unknown = '00000000-0000-7000-8000-000000000000'

let app: TestApp
let admin: Client
let own: Scene
let sibling: string
let foreign: Scene
let routes: readonly AdminRoute[]
beforeAll(async () => {
  app = await startTestApp()
  admin = adminClient(app)
  own = await aScene(app)
  sibling = (await own.join('console')).id
  foreign = await aScene(app)
  routes = await adminRoutesOf(app.services)
})
afterAll(() => app.close())

type Scope = 'all' | 'parent' | 'organization'
type Access = 'read_only' | 'read_write' | 'sign_in'

/** A new token of the own tenant. */
async function newToken(scope: Scope, access: Access): Promise<{ id: string; token: string }> {
  const { parentOrganizationId } = own.tenant
  const within = scope === 'parent' ? { parentOrganizationId } : { organizationId: own.org.id }
  const body = { name: `${scope} ${access}`, scope, access, ...(scope === 'all' ? {} : within) }
  return (await answered(admin.post('/admin-tokens', body), 201)).body
}
const as = async (scope: Scope, access: Access): Promise<Client> =>
  adminClient(app, (await newToken(scope, access)).token)

type Kind = 'organization' | 'parent' | 'directory'
const kinds: readonly [prefix: string, kind: Kind][] = [
  ['/organizations/:id', 'organization'],
  ['/parent-organizations/:id', 'parent'],
  ['/directories/:id', 'directory'],
]
/** What all below a path is about; `/organizations/:idea` would be another parameter. */
const kindOf = ({ path }: AdminRoute): Kind | null =>
  kinds.find(([prefix]) => path.startsWith(prefix) && !/^\w/.test(path.slice(prefix.length)))?.[1] ?? null

const idOf = ({ tenant, org }: Scene, kind: Kind): string =>
  ({ organization: org.id, parent: tenant.parentOrganizationId, directory: tenant.directoryId })[kind]

const send = (client: Client, { method, path }: AdminRoute, id: string) =>
  client[method](pathWith(path, id, unknown), method === 'get' || method === 'delete' ? undefined : {})

describe('a token of a limited scope', () => {
  test('there are routes of every kind', () => {
    const found = new Set(routes.map(kindOf))
    expect([...found].sort()).toEqual(['directory', 'organization', 'parent', null].sort())
    expect(routes.length).toBeGreaterThan(40)
  })

  test.each(['parent', 'organization'] as const)(
    '%s: what is elsewhere answers as what does not exist, on every route',
    async (scope) => {
      const client = await as(scope, 'read_write')
      for (const route of routes) {
        const kind = kindOf(route)
        if (kind === null) continue
        const elsewhere = idOf(foreign, kind)
        const [answer, none] = [await send(client, route, elsewhere), await send(client, route, unknown)]
        expect([route.path, answer.status]).toEqual([route.path, 404])
        expect(JSON.stringify(none.body)).toBe(JSON.stringify(answer.body).replaceAll(elsewhere, unknown))
      }
      await answered(admin.get(`/organizations/${foreign.org.id}`), 200)
    },
  )

  test('organization: its parent, its directory and its siblings are elsewhere too', async () => {
    const client = await as('organization', 'read_write')
    for (const route of routes) {
      const kind = kindOf(route)
      if (kind === null) continue
      const id = kind === 'organization' ? sibling : idOf(own, kind)
      expect([route.path, (await send(client, route, id)).status]).toEqual([route.path, 404])
    }
    await answered(admin.get(`/organizations/${sibling}`), 200)
  })

  test.each(['parent', 'organization'] as const)(
    '%s: a route that is about no one thing is refused, but for those that keep to the scope by themselves',
    async (scope) => {
      const client = await as(scope, 'read_write')
      const others = routes.filter((route) => kindOf(route) === null && route.config.about !== 'scope')
      expect(others.map(({ method, path }) => `${method} ${path}`)).toContain('post /parent-organizations')
      for (const route of others) {
        expect([route.path, (await send(client, route, unknown)).status]).toEqual([route.path, 403])
      }
    },
  )

  test('these routes keep to the scope by themselves: each has a test below', () => {
    const kept = routes.filter(({ config }) => config.about === 'scope')
    expect(kept.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
      'delete /admin-tokens/:tokenId',
      'get /admin-tokens',
      'get /admin-tokens/:tokenId',
      'get /directories',
      'get /events',
      'get /organizations',
      'get /parent-organizations',
      'patch /admin-tokens/:tokenId',
      'post /admin-tokens',
    ])
  })

  test('reads and writes what is its own', async () => {
    const { parentOrganizationId, directoryId } = own.tenant
    const organization = await as('organization', 'read_write')
    await answered(organization.put(own.org.path('/seats'), { premium: 7 }), 200)
    await answered(organization.post(own.org.path('/members'), { email: 'ann@acme.test' }), 201)
    const parent = await as('parent', 'read_write')
    await answered(parent.get(own.org.path('/members')), 200)
    await answered(parent.get(`/organizations/${sibling}`), 200)
    await answered(parent.get(`/parent-organizations/${parentOrganizationId}`), 200)
    await answered(parent.post(`/directories/${directoryId}/tokens`, { name: 'okta' }), 201)
    const joined = await answered(
      parent.post(`/parent-organizations/${parentOrganizationId}/organizations`, {
        name: 'New',
        plan: 'console',
      }),
      201,
    )
    await answered(parent.delete(`/organizations/${joined.body.id}`), 204)
  })

  test('lists show what is within it', async () => {
    const { parentOrganizationId, directoryId } = own.tenant
    const ids = async (client: Client, path: string, key: string) =>
      (await answered(client.get(path), 200)).body[key].map(({ id }: { id: string }) => id)
    const [all, parent, organization] = [
      admin,
      await as('parent', 'read_only'),
      await as('organization', 'read_only'),
    ]
    expect(await ids(all, '/organizations', 'organizations')).toEqual(
      expect.arrayContaining([own.org.id, sibling, foreign.org.id]),
    )
    expect(await ids(parent, '/organizations', 'organizations')).toEqual([own.org.id, sibling])
    expect(await ids(organization, '/organizations', 'organizations')).toEqual([own.org.id])
    expect(await ids(parent, '/parent-organizations', 'parentOrganizations')).toEqual([parentOrganizationId])
    expect(await ids(organization, '/parent-organizations', 'parentOrganizations')).toEqual([])
    expect(await ids(parent, '/directories', 'directories')).toEqual([directoryId])
    expect(await ids(organization, '/directories', 'directories')).toEqual([])
    expect(await ids(all, '/directories', 'directories')).toContain(foreign.tenant.directoryId)
  })
})

describe('a token of a limited access', () => {
  test('read_only: reads everything of its scope, and previews; every other request is refused', async () => {
    const client = await as('parent', 'read_only')
    const writes: string[] = []
    for (const route of routes) {
      const kind = kindOf(route)
      if (kind === null && route.config.about !== 'scope') continue
      const id = kind === null ? unknown : idOf(own, kind)
      const { status } = await send(client, route, id)
      if (status === 403) writes.push(`${route.method} ${route.path}`)
    }
    const reads = routes.filter(({ method, config }) => method === 'get' || config.readsOnly === true)
    const others = routes.filter(
      (route) => !reads.includes(route) && (kindOf(route) !== null || route.config.about),
    )
    expect(writes.sort()).toEqual(others.map(({ method, path }) => `${method} ${path}`).sort())
    expect(reads.filter(({ method }) => method !== 'get').map(({ path }) => path)).toEqual([
      '/organizations/:id/provisioning::preview',
    ])
    await answered(client.post(own.org.path('/provisioning:preview'), { mode: 'scim' }), 200)
  })

  test('sign_in: asks who may enter and reads members; every other request is refused', async () => {
    const client = await as('organization', 'sign_in')
    const allowed: string[] = []
    for (const route of routes.filter((each) => kindOf(each) === 'organization' || each.config.about)) {
      const { status } = await send(client, route, own.org.id)
      if (status !== 403) allowed.push(`${route.method} ${route.path}`)
    }
    expect(allowed.sort()).toEqual([
      'get /organizations/:id/members',
      'get /organizations/:id/members/:memberId',
      'post /organizations/:id/sign-ins',
    ])
    await answered(client.post(own.org.path('/sign-ins'), { email: 'nobody@acme.test' }), 200)
    expectProblem(await client.post(`/organizations/${sibling}/sign-ins`, { email: 'nobody@acme.test' }), 404)
  })
})

describe('A2 events', () => {
  test.each(['parent', 'organization'] as const)(
    '%s: only those of the scope, whatever is asked for',
    async (scope) => {
      await own.idp.user(`ann-${scope}`)
      await foreign.idp.user(`bob-${scope}`)
      const client = await as(scope, 'read_only')
      const seen = async (query: string) =>
        (await answered(client.get(`/events?limit=1000${query}`), 200)).body.events
      const all: { directoryId: string | null; organizationId: string | null }[] = await seen('')
      expect(all.length).toBeGreaterThan(0)
      const key = scope === 'parent' ? 'directoryId' : 'organizationId'
      const is = scope === 'parent' ? own.tenant.directoryId : own.org.id
      expect(all.filter((event) => event[key] !== is)).toEqual([])
      expect(await seen(`&directory=${foreign.tenant.directoryId}`)).toEqual([])
      expect(await seen(`&organization=${foreign.org.id}`)).toEqual([])
      expect(await seen(`&organization=${own.org.id}`)).not.toEqual([])
    },
  )

  test('the live tail keeps to the scope too', async () => {
    const { token } = await newToken('organization', 'read_only')
    const stream = await streamOf(`${app.origin}/v1/events`, { authorization: `Bearer ${token}` })
    await stream.next()
    await foreign.org.buy({ premium: 3 })
    await own.org.buy({ premium: 4 })
    expect(JSON.parse((await stream.next())?.data ?? '{}')).toMatchObject({ organizationId: own.org.id })
    await stream.cancel()
  })

  test('a live tail ends when its token is revoked, or has come to its end', async () => {
    const [revoked, expiring, kept] = [
      await newToken('parent', 'read_only'),
      await newToken('organization', 'read_only'),
      await newToken('organization', 'read_only'),
    ]
    const open = async ({ token }: { token: string }) => {
      const stream = await streamOf(`${app.origin}/v1/events`, { authorization: `Bearer ${token}` })
      await stream.next()
      return stream
    }
    const streams = [await open(revoked), await open(expiring), await open(kept)] as const
    await answered(admin.delete(`/admin-tokens/${revoked.id}`), 204)
    for (let event = await streams[0].next(); event !== null; ) event = await streams[0].next()
    const expiresAt = new Date(Date.now() + 500).toISOString()
    await answered(admin.patch(`/admin-tokens/${expiring.id}`, { expiresAt }), 200)
    for (let event = await streams[1].next(); event !== null; ) event = await streams[1].next()
    await own.org.buy({ premium: 5 })
    for (let event = await streams[2].next(); event?.event !== 'seats.purchased'; )
      event = await streams[2].next()
    await streams[2].cancel()
  })
})
