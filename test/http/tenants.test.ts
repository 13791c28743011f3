// Tenants apart: every route that the application has, asked with another tenant's ids, answers as it does for ids that
// nobody has: the same status, headers and body, and nothing written. With another API's token, as with none that holds.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newToken } from '../../src/secrets.ts'
import { databaseText } from '../support/answers.ts'
import { adminClient, startTestApp, type TestApp } from '../support/app.ts'
import { bulkBody, groupUrn, patchBody, userUrn } from '../support/protocol.ts'
import { answered, aScene, type Scene } from '../support/provisioning.ts'
import { parametersOf, type Route, urlWith, withRoutes } from '../support/routes.ts'
import { anEndpoint, fastWebhooks } from '../support/webhooks.ts'
import { connectWorkos, signatureOf } from '../support/workos.ts'

const unknown = '00000000-0000-7000-8000-000000000000'
const unknownUrn = 'urn:example:nobody:2.0:User'
/** As long as those that there are, and later. */
const UNKNOWN_SEQ = '99'

/** What stands in a path for each of its parameters. */
type Names = Readonly<Record<string, string>>

interface Side {
  readonly scene: Scene
  readonly userId: string
  readonly groupId: string
  readonly memberId: string
  readonly adminTokenId: string
  readonly directoryTokenId: string
  readonly endpointId: string
  readonly seq: string
  readonly connectionId: string
  readonly secretId: string
  readonly urn: string
}

let app: TestApp
let routes: readonly Route[]
let ours: Side
let theirs: Side
beforeAll(async () => {
  const { started, routes: found } = await withRoutes(() => startTestApp({ webhooks: fastWebhooks }))
  app = started
  routes = found
  ours = await aSide('ours')
  theirs = await aSide('theirs')
})
afterAll(() => app.close())

/** A tenant with one of everything. */
async function aSide(name: string): Promise<Side> {
  const scene = await aScene(app)
  const { tenant, idp, org } = scene
  const admin = adminClient(app)
  const directory = `/directories/${tenant.directoryId}`
  const urn = `urn:example:${name}:2.0:User`
  const url = 'http://127.0.0.1:1/nobody-listens'
  const hook = await anEndpoint(app, { url, parentOrganizationId: tenant.parentOrganizationId })
  const userId = await idp.user(name)
  const groupId = await idp.group(`${name} team`, [userId])
  await org.save({ mode: 'scim' })
  const [member] = await org.members()
  const schema = { id: urn, name: 'Hr', attributes: [{ name: 'badge' }] }
  await answered(admin.post(`${directory}/schemas`, { schema }), 201)
  const limited = { name, scope: 'organization', organizationId: org.id, access: 'read_write' }
  const made = await answered(admin.post('/admin-tokens', limited), 201)
  const [token] = (await answered(admin.get(`${directory}/tokens`), 200)).body.tokens
  await hook.deliver()
  const [delivery] = await hook.deliveries()
  const { connectionId } = await connectWorkos(app, tenant)
  const connection = (await answered(admin.get(`${directory}/workos-connections/${connectionId}`), 200)).body
  return {
    scene,
    userId,
    groupId,
    memberId: member?.id ?? expect.unreachable(),
    adminTokenId: made.body.id,
    directoryTokenId: token.id,
    endpointId: hook.id,
    seq: String(delivery?.seq ?? expect.unreachable()),
    connectionId,
    secretId: connection.secrets[0].id,
    urn,
  }
}

/** What a side has for the parameters of a route. */
function namesOf(side: Side, { url }: Route): Names {
  const { tenant, org } = side.scene
  const id = {
    organizations: org.id,
    'parent-organizations': tenant.parentOrganizationId,
    directories: tenant.directoryId,
    'webhook-endpoints': side.endpointId,
    Users: side.userId,
    Groups: side.groupId,
  }[url.split('/')[url.startsWith('/scim') ? 3 : 2] ?? '']
  const isAboutAdmins = url.startsWith('/v1/admin-tokens')
  return {
    ...(id === undefined ? {} : { id }),
    memberId: side.memberId,
    userId: side.userId,
    tokenId: isAboutAdmins ? side.adminTokenId : side.directoryTokenId,
    connectionId: side.connectionId,
    connection: side.connectionId,
    secretId: side.secretId,
    seq: side.seq,
    urn: side.urn,
    version: '1',
    name: 'User',
  }
}

const nobody: Names = { urn: unknownUrn, seq: UNKNOWN_SEQ, version: '1', name: 'Nobody' }

interface Ask {
  readonly route: Route
  readonly url: string
  readonly token: string | null
  readonly body?: unknown
}

/** The answer as text, but for what no two answers have in common. */
async function answerTo({ route, url, token, body }: Ask): Promise<string> {
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` }
  const text = body === undefined ? undefined : JSON.stringify(body)
  if (text !== undefined) headers['content-type'] = 'application/json'
  if (url.startsWith('/webhooks') && text !== undefined)
    headers['workos-signature'] = signatureOf(text, 'a secret of our own')
  const response = await fetch(`${app.origin}${url}`, {
    method: route.method,
    headers,
    ...(text === undefined ? {} : { body: text }),
  })
  const kept = [...response.headers].filter(([name]) => name !== 'date' && name !== 'x-request-id')
  return JSON.stringify([response.status, kept, await response.text()])
}

const statusIn = (answer: string): unknown => JSON.parse(answer)[0]

/** Ids that one side alone has, as they may be found in an answer. */
const hide = (text: string): string =>
  Object.values({ ...theirs, scene: '', org: theirs.scene.org.id, ...theirs.scene.tenant })
    .filter((value): value is string => typeof value === 'string' && value.length > 10)
    .reduce((left, id) => left.replaceAll(id, unknown), text)
    .replaceAll(unknownUrn, unknown)
    .replaceAll(`Delivery ${theirs.seq} `, `Delivery ${UNKNOWN_SEQ} `)

/** Bodies that pass validation, so that what the request names is looked for; without ids of anybody. */
const bodies: Readonly<Record<string, unknown>> = {
  'PATCH /v1/admin-tokens/:tokenId': { name: 'taken' },
  'PATCH /v1/parent-organizations/:id': { name: 'taken' },
  'POST /v1/parent-organizations/:id/organizations': { name: 'Joined', plan: 'console' },
  'PATCH /v1/organizations/:id': { name: 'taken' },
  'PUT /v1/organizations/:id/seats': { premium: 1 },
  'PUT /v1/organizations/:id/provisioning': { mode: 'manual' },
  'POST /v1/organizations/:id/provisioning::preview': { mode: 'manual' },
  'POST /v1/organizations/:id/members': { email: 'thief@ours.test' },
  'PATCH /v1/organizations/:id/members/:memberId': { role: 'admin' },
  'PUT /v1/organizations/:id/primary-owner': { memberId: null },
  'POST /v1/organizations/:id/held-removals::release': { all: true },
  'POST /v1/organizations/:id/held-removals::discard': { all: true },
  'POST /v1/organizations/:id/sign-ins': { email: 'thief@ours.test' },
  'PATCH /v1/directories/:id': { unknownMembers: 'skip' },
  'POST /v1/directories/:id/tokens': { name: 'taken' },
  'PATCH /v1/directories/:id/tokens/:tokenId': { name: 'taken' },
  'POST /v1/directories/:id/schemas': {
    schema: { id: unknownUrn, name: 'Hr', attributes: [{ name: 'badge' }] },
  },
  'PATCH /v1/webhook-endpoints/:id': { enabled: false },
  'POST /v1/directories/:id/workos-connections': { name: 'taken', signingSecret: 'taken' },
  'PATCH /v1/directories/:id/workos-connections/:connectionId': { name: 'taken' },
  'POST /v1/directories/:id/workos-connections/:connectionId/secrets': { signingSecret: 'taken' },
  'PUT /scim/v2/Users/:id': { schemas: [userUrn], userName: 'taken' },
  'PATCH /scim/v2/Users/:id': patchBody({ op: 'replace', path: 'active', value: false }),
  'PUT /scim/v2/Groups/:id': { schemas: [groupUrn], displayName: 'taken' },
  'PATCH /scim/v2/Groups/:id': patchBody({ op: 'remove', path: 'members' }),
  'POST /webhooks/workos/:connection': { event: 'dsync.user.created' },
}

const keyOf = ({ method, url }: Route): string => `${method} ${url}`

function bodyOf(route: Route, urn: string): unknown {
  if (keyOf(route) === 'PUT /v1/directories/:id/schemas/:urn') {
    return { schema: { id: urn, name: 'Hr', attributes: [{ name: 'other' }] } }
  }
  return bodies[keyOf(route)]
}

/** The tokens of our side that a route takes, and none where it takes signatures. */
async function callersOf({ url }: Route): Promise<(string | null)[]> {
  if (url.startsWith('/scim')) return [ours.scene.tenant.token]
  if (url.startsWith('/webhooks')) return [null]
  return limitedTokens()
}

let limited: Promise<string[]> | undefined
/** For our parent organization, and for our organization. */
function limitedTokens(): Promise<string[]> {
  const admin = adminClient(app)
  const { parentOrganizationId } = ours.scene.tenant
  const scopes = [
    { scope: 'parent', parentOrganizationId },
    { scope: 'organization', organizationId: ours.scene.org.id },
  ]
  limited ??= Promise.all(
    scopes.map(async (scope) => {
      const body = { name: scope.scope, access: 'read_write', ...scope }
      return String((await answered(admin.post('/admin-tokens', body), 201)).body.token)
    }),
  )
  return limited
}

/** Everything that the database holds stays as it is. */
async function changingNothing(work: () => Promise<void>): Promise<void> {
  const before = await databaseText(app.database)
  await work()
  expect(await databaseText(app.database)).toBe(before)
}

describe('another tenant’s ids in the path', () => {
  /** Parameters that name nothing of a tenant. */
  const isId = (parameter: string) => parameter !== 'version' && parameter !== 'name'

  test('there are many of them', () => {
    expect(routes.filter((route) => parametersOf(route).some(isId)).length).toBeGreaterThan(60)
  })

  test('answer as those that nobody has, on every route and in every place, and change nothing', async () => {
    const tried: string[] = []
    await limitedTokens()
    await changingNothing(async () => {
      for (const route of routes) {
        const [own, foreign] = [namesOf(ours, route), namesOf(theirs, route)]
        const parameters = parametersOf(route)
        for (const [place, parameter] of parameters.entries()) {
          if (!isId(parameter)) continue
          /** our own up to the place, and theirs from there on */
          const ask = (names: Names) => {
            const name = (each: string) => {
              const from = parameters.indexOf(each) < place ? own : names
              return (
                from[each] ?? (names === nobody ? unknown : expect.unreachable(`${keyOf(route)}: ${each}`))
              )
            }
            return { route, url: urlWith(route, name), body: bodyOf(route, name('urn')) }
          }
          // whoever may do everything is in no tenant, but what is below one is below no other
          const full = place > 0 && route.url.startsWith('/v1') ? [app.adminToken] : []
          for (const token of [...(await callersOf(route)), ...full]) {
            const answer = await answerTo({ ...ask(foreign), token })
            const none = await answerTo({ ...ask(nobody), token })
            expect([keyOf(route), parameter, hide(answer)]).toEqual([keyOf(route), parameter, hide(none)])
            tried.push(`${statusIn(answer)} ${keyOf(route)}`)
          }
        }
      }
    })
    // what was looked for and not found, or is not for this token at all, and not what was refused for its form
    expect(tried.filter((each) => !/^(404|403|401 POST .webhooks)/.test(each))).toEqual([])
    expect(new Set(tried.filter((each) => each.startsWith('404'))).size).toBeGreaterThan(50)
  })

  test('the routes are there: each is found with ids of our own', async () => {
    for (const route of routes) {
      if (route.method !== 'GET' || !parametersOf(route).some(isId)) continue
      const own = namesOf(ours, route)
      const token = route.url.startsWith('/scim') ? ours.scene.tenant.token : app.adminToken
      const url = urlWith(route, (parameter) => own[parameter] ?? expect.unreachable())
      const answer = await answerTo({ route, url: `${url}${/diff$/.test(url) ? '?with=1' : ''}`, token })
      expect([keyOf(route), statusIn(answer)]).toEqual([keyOf(route), 200])
    }
  })
})

describe('another tenant’s ids in bodies and queries', () => {
  /** For each route and field: the request with such an id in it. */
  const fields: Readonly<Record<string, (side: Side | null) => { query?: string; body?: unknown }>> = {
    'POST /v1/admin-tokens parentOrganizationId': (side) => ({
      body: {
        name: 'x',
        scope: 'parent',
        access: 'read_only',
        parentOrganizationId: side?.scene.tenant.parentOrganizationId ?? unknown,
      },
    }),
    'POST /v1/admin-tokens organizationId': (side) => ({
      body: {
        name: 'x',
        scope: 'organization',
        access: 'read_only',
        organizationId: side?.scene.org.id ?? unknown,
      },
    }),
    'PATCH /v1/organizations/:id actingMember': (side) => ({
      body: { plan: 'enterprise_usage', actingMember: side?.memberId ?? unknown },
    }),
    'PUT /v1/organizations/:id/provisioning groupId': (side) => mapping(side),
    'PUT /v1/organizations/:id/provisioning actingMember': (side) => ({
      body: { mode: 'jit', actingMember: side?.memberId ?? unknown },
    }),
    'POST /v1/organizations/:id/provisioning::preview groupId': (side) => mapping(side),
    'POST /v1/organizations/:id/provisioning::preview actingMember': (side) => ({
      body: { mode: 'jit', actingMember: side?.memberId ?? unknown },
    }),
    'POST /v1/organizations/:id/members userId': (side) => ({ body: { userId: side?.userId ?? unknown } }),
    'POST /v1/directories/:id/erasures userId': (side) => ({ body: { userId: side?.userId ?? unknown } }),
    'POST /v1/organizations/:id/erasures memberId': (side) => ({
      body: { memberId: side?.memberId ?? unknown },
    }),
    'PUT /v1/organizations/:id/primary-owner memberId': (side) => ({
      body: { memberId: side?.memberId ?? unknown },
    }),
    'POST /v1/organizations/:id/held-removals::release memberIds': (side) => ({
      body: { memberIds: [side?.memberId ?? unknown] },
    }),
    'POST /v1/organizations/:id/held-removals::discard memberIds': (side) => ({
      body: { memberIds: [side?.memberId ?? unknown] },
    }),
    'GET /v1/events directory': (side) => ({
      query: `directory=${side?.scene.tenant.directoryId ?? unknown}`,
    }),
    'GET /v1/events organization': (side) => ({ query: `organization=${side?.scene.org.id ?? unknown}` }),
    'GET /v1/events subject': (side) => ({ query: `subject=${side?.userId ?? unknown}` }),
    // for tokens that may do everything alone
    'POST /v1/webhook-endpoints parentOrganizationId': (side) => ({
      body: {
        url: 'https://receiver.example.com/x',
        parentOrganizationId: side?.scene.tenant.parentOrganizationId ?? unknown,
      },
    }),
    'POST /v1/webhook-endpoints organizationId': (side) => ({
      body: { url: 'https://receiver.example.com/x', organizationId: side?.scene.org.id ?? unknown },
    }),
  }
  const mapping = (side: Side | null) => ({
    body: {
      mode: 'scim',
      groupMappings: true,
      mappings: [{ groupId: side?.groupId ?? unknown, role: 'user' }],
      acknowledge: ['no_top_role', 'too_many_removed'],
    },
  })

  /** SCIM says in its bodies what it means, not in a schema of the route. */
  const inScim: Readonly<Record<string, (side: Side | null) => { query?: string; body?: unknown }>> = {
    'GET /scim/v2/Users': (side) => ({
      query: `filter=${encodeURIComponent(`id eq "${side?.userId ?? unknown}"`)}`,
    }),
    'GET /scim/v2/Groups': (side) => ({
      query: `filter=${encodeURIComponent(`members.value eq "${side?.userId ?? unknown}"`)}`,
    }),
    'GET /scim/v2': (side) => ({
      query: `filter=${encodeURIComponent(`id eq "${side?.groupId ?? unknown}"`)}`,
    }),
    'POST /scim/v2/Users/.search': (side) => ({
      body: { filter: `groups.value eq "${side?.groupId ?? unknown}"` },
    }),
    'POST /scim/v2/Groups/.search': (side) => ({ body: { filter: `id eq "${side?.groupId ?? unknown}"` } }),
    'POST /scim/v2/.search': (side) => ({ body: { filter: `id eq "${side?.userId ?? unknown}"` } }),
    'POST /scim/v2/Groups': (side) => ({
      body: { schemas: [groupUrn], displayName: 'thieves', members: [{ value: side?.userId ?? unknown }] },
    }),
    'PUT /scim/v2/Groups/:id': (side) => ({
      body: { schemas: [groupUrn], displayName: 'thieves', members: [{ value: side?.groupId ?? unknown }] },
    }),
    'PATCH /scim/v2/Groups/:id': (side) => ({
      body: patchBody({ op: 'add', path: 'members', value: [{ value: side?.userId ?? unknown }] }),
    }),
    'POST /scim/v2/Bulk': (side) => ({
      body: bulkBody([
        { method: 'DELETE', path: `/Users/${side?.userId ?? unknown}` },
        {
          method: 'PATCH',
          path: `/Groups/${side?.groupId ?? unknown}`,
          data: patchBody({ op: 'remove', path: 'members' }),
        },
        {
          method: 'PATCH',
          path: `/Groups/${ours.groupId}`,
          data: patchBody({ op: 'add', path: 'members', value: [{ value: side?.userId ?? unknown }] }),
        },
      ]),
    }),
  }

  test('every field of the admin API that holds an id of a tenant is tried', () => {
    const found = routes.flatMap((route) => {
      const text = JSON.stringify([route.schema.body ?? {}, route.schema.querystring ?? {}])
      const names = [...text.matchAll(/"(\w*Ids?|actingMember|directory|organization|subject)":\{/g)]
      return [...new Set(names.map(([, name]) => `${keyOf(route)} ${name}`))]
    })
    expect(found.filter((each) => !/workosDirectoryId$/.test(each)).sort()).toEqual(
      Object.keys(fields).sort(),
    )
  })

  test('answer as those that nobody has, and change nothing', async () => {
    const tokens = await limitedTokens()
    await changingNothing(async () => {
      for (const [key, make] of [...Object.entries(fields), ...Object.entries(inScim)]) {
        const route = routes.find((each) => key === keyOf(each) || key.startsWith(`${keyOf(each)} `))
        if (route === undefined) return expect.unreachable(key)
        const own = namesOf(ours, route)
        const ask = (side: Side | null, token: string) => {
          const { query = '', body } = make(side)
          const url = urlWith(route, (parameter) => own[parameter] ?? expect.unreachable())
          return answerTo({ route, url: `${url}?${query}`, token, body })
        }
        const isScim = route.url.startsWith('/scim')
        for (const token of isScim ? [ours.scene.tenant.token] : tokens) {
          const [answer, none] = [await ask(theirs, token), await ask(null, token)]
          expect([key, hide(answer)]).toEqual([key, none])
        }
      }
    })
  })

  test('what the other tenant calls its people, groups and schemas is free here', async () => {
    const { scim } = ours.scene.tenant
    const user = { schemas: [userUrn], userName: 'theirs@acme.test', externalId: 'theirs' }
    const made = await scim.post('/Users', user).expect(201)
    const group = await scim.post('/Groups', { schemas: [groupUrn], displayName: 'theirs team' }).expect(201)
    expect((await scim.get('/Users?filter=userName+eq+%22theirs@acme.test%22')).body.totalResults).toBe(1)
    for (const { body } of [made, group])
      await scim.delete(new URL(body.meta.location).pathname.slice(8)).expect(204)
    const { idp } = theirs.scene
    await answered(idp.scim.get(`/Users/${theirs.userId}`), 200)
    await answered(idp.scim.get(`/Groups/${theirs.groupId}`), 200)
  })
})

describe('tokens', () => {
  test('of another API, revoked or expired answer on every route as one that never was', async () => {
    const admin = adminClient(app)
    const path = `/directories/${theirs.scene.tenant.directoryId}/tokens`
    const made = async (body: object) => (await answered(admin.post(path, body), 201)).body
    const revoked = await made({ name: 'revoked' })
    await answered(admin.delete(`${path}/${revoked.id}`), 204)
    const revokedAdmin = (
      await answered(admin.post('/admin-tokens', { name: 'x', scope: 'all', access: 'read_write' }), 201)
    ).body
    await answered(admin.delete(`/admin-tokens/${revokedAdmin.id}`), 204)
    await changingNothing(async () => {
      for (const route of routes) {
        if (!/^\/(scim|v1)/.test(route.url) || /\/(docs|openapi\.json)$/.test(route.url)) continue
        const isScim = route.url.startsWith('/scim')
        const own = namesOf(ours, route)
        const url = urlWith(route, (parameter) => own[parameter] ?? expect.unreachable())
        const wrong = isScim
          ? [app.adminToken, ...(await limitedTokens()), revoked.token]
          : [ours.scene.tenant.token, theirs.scene.tenant.token, revokedAdmin.token]
        const never = await answerTo({ route, url, token: newToken(isScim ? 'directory' : 'admin') })
        expect([keyOf(route), statusIn(never)]).toEqual([keyOf(route), 401])
        for (const token of wrong) {
          expect([keyOf(route), await answerTo({ route, url, token })]).toEqual([keyOf(route), never])
        }
      }
    })
  })
})
