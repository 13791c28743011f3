// The service that is fuzzed, on a database of its own, with one of everything; what is in the database, down to the
// version of each row; and what must be true of it at the end.
import { pino } from 'pino'
import { Client } from 'undici'
import { isId } from '../../src/ids.ts'
import { writeCursor } from '../../src/scim/cursor.ts'
import { fingerprint } from '../../src/secrets.ts'
import { adminClient, startTestApp, type TestApp } from '../support/app.ts'
import { heldAnswers } from '../support/held-answers-found.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { Administrated, answered, aScene, type Scene } from '../support/provisioning.ts'
import { connectWorkos, SIGNING_SECRET, signatureOf } from '../support/workos.ts'
import { type Ask, filled, type Got, type PlaceKind } from './ask.ts'
import { openFingerprint } from './fingerprint.ts'
import { objectIn } from './judge.ts'

type Ids = Map<string, string[]>

/** So many ids of a kind are remembered: those that the world began with, and the latest. */
const MOST_IDS = 40
const ANSWER_TIMEOUT_MS = 60_000

export interface World {
  readonly document: unknown
  send(ask: Ask): Promise<Got | null>
  /** changes with every row that is written */
  fingerprint(): Promise<string>
  /** what the service said of itself since the last time: errors that it logged, answers that its document lacks */
  complaints(): string[]
  /** what is not as it must be when all is over */
  endFaults(): Promise<string[]>
  close(): Promise<void>
}

export async function startWorld(testDatabase: TestDatabase): Promise<World> {
  const logged: string[] = []
  const logger = pino({ level: 'error' }, { write: (line: string) => void logged.push(line.slice(0, 2000)) })
  const app = await startTestApp({ testDatabase, logger })
  const scene = await aScene(app)
  const ids = await provide(app, scene)
  const client = new Client(app.origin, { headersTimeout: ANSWER_TIMEOUT_MS, bodyTimeout: ANSWER_TIMEOUT_MS })
  const prints = await openFingerprint(testDatabase.url)
  return {
    document: (await app.http.get('/v1/openapi.json')).body,
    send: async (ask) => {
      const got = await dispatch(client, app, scene, ids, ask)
      if (got !== null) remember(ids, ask, got)
      return got
    },
    fingerprint: () => prints.take(),
    complaints: () => [...logged.splice(0), ...heldAnswers.takeFaults()],
    endFaults: () => endFaults(app, scene.tenant.parentOrganizationId),
    close: async () => {
      await client.close()
      await prints.close()
      await app.close()
    },
  }
}

/** People, groups in groups, organizations of which one goes by mappings, and one of everything that has an id. */
async function provide(app: TestApp, { tenant, idp, org, join }: Scene): Promise<Ids> {
  const admin = adminClient(app)
  const directory = `/directories/${tenant.directoryId}`
  const made = async (path: string, body: object): Promise<string> =>
    String((await answered(admin.post(path, body), 201)).body.id)
  const users: string[] = []
  for (let i = 0; i < 8; i += 1)
    users.push(
      await idp.user(`u${i}`, {
        displayName: `Person ${i}`,
        emails: [{ value: `u${i}@acme.test`, type: 'work', primary: true }],
      }),
    )
  const groups = [await idp.group('team 0', users.slice(0, 4)), await idp.group('team 1', users.slice(2, 6))]
  groups.push(await idp.group('team 2', [...groups, users[6] ?? '']))
  const [admins = '', staff = ''] = groups
  await org.buy({ premium: 2, standard: 3 })
  await org.map([
    { groupId: admins, role: 'admin' },
    { groupId: admins, seatType: 'premium' },
    { groupId: staff, role: 'user' },
  ])
  const other = await join('console')
  await other.save({ mode: 'scim' })
  const urn = 'urn:example:hr:2.0:User'
  const schema = {
    id: urn,
    name: 'Hr',
    attributes: [
      { name: 'badge', uniqueness: 'server' },
      { name: 'grade', type: 'integer' },
    ],
  }
  await answered(admin.post(`${directory}/schemas`, { schema }), 201)
  const { connectionId: workos } = await connectWorkos(app, tenant)
  const { connectionId } = await connectWorkos(app, tenant)
  const connections = (await answered(admin.get(`${directory}/workos-connections/${connectionId}`), 200)).body
  const spareOrg = [(await join('team')).id, (await join('console')).id]
  const spareParent = [await made('/parent-organizations', { name: 'Spare', plan: 'enterprise' })]
  const token = { name: 'limited', scope: 'organization', organizationId: org.id, access: 'read_write' }
  return new Map<PlaceKind, string[]>([
    ['user', users],
    ['group', groups],
    ['member', (await org.members()).map(({ id }) => id)],
    ['org', [org.id, other.id, ...spareOrg]],
    ['parent', [tenant.parentOrganizationId, ...spareParent]],
    ['directory', [tenant.directoryId]],
    ['directoryToken', [await made(`${directory}/tokens`, { name: 'other' })]],
    ['adminToken', [await made('/admin-tokens', token)]],
    [
      'endpoint',
      [
        await made('/webhook-endpoints', {
          url: 'https://example.com/',
          parentOrganizationId: tenant.parentOrganizationId,
        }),
      ],
    ],
    ['connection', [connectionId]],
    ['secret', [connections.secrets[0].id]],
    ['spareOrg', spareOrg],
    ['spareParent', spareParent],
    ['workos', [workos]],
    ['urn', [urn]],
    ['seq', ['1', '5', '30']],
    ['cursor', []],
  ])
}

/** How the ids of what was made by inputs are known: by the end of the path that made it. */
const makers: readonly (readonly [end: string, ...kinds: PlaceKind[]])[] = [
  ['/Users', 'user'],
  ['/Groups', 'group'],
  ['/members', 'member'],
  ['/parent-organizations', 'parent', 'spareParent'],
  ['/organizations', 'org', 'spareOrg'],
  ['/workos-connections', 'connection'],
  ['/admin-tokens', 'adminToken'],
  ['/tokens', 'directoryToken'],
  ['/webhook-endpoints', 'endpoint'],
]

function remember(ids: Ids, { method, path }: Ask, { status, body }: Got): void {
  if (status === 404 || status === 204) forget(ids, path, body)
  if (status !== 200 && status !== 201) return
  const cursor = method === 'GET' && body.includes('"nextCursor"') ? objectIn(body)?.nextCursor : undefined
  if (typeof cursor === 'string') keep(ids, 'cursor', cursor)
  if (status !== 201) return
  const [plain = ''] = path.split('?')
  const [, ...kinds] = makers.find(([end]) => plain.endsWith(end)) ?? ['']
  const id = objectIn(body)?.id
  if (typeof id === 'string') for (const kind of kinds) keep(ids, kind, id)
}

/** A user or group that is gone is met a few times more, and not for ever. */
function forget(ids: Ids, path: string, body: string): void {
  if (path.startsWith('/scim/v2/'))
    for (const kind of ['user', 'group']) {
      const known = ids.get(kind) ?? []
      const at = known.findIndex((id) => body.includes(id))
      if (at >= 0 && known.length > 1) known.splice(at, 1)
    }
}

function keep(ids: Ids, kind: PlaceKind, id: string): void {
  const known = ids.get(kind) ?? []
  known.push(id)
  // the first ones stay
  if (known.length > MOST_IDS) known.splice(MOST_IDS / 2, 1)
  ids.set(kind, known)
}

async function dispatch(client: Client, app: TestApp, scene: Scene, ids: Ids, ask: Ask): Promise<Got | null> {
  const fill = (text: string) =>
    filled(text, (kind, index) => {
      const known = ids.get(kind) ?? []
      return known[index % Math.max(known.length, 1)]
    })
  const path = fill(ask.path) + cursorOf(app, scene, ask, fill)
  const body = typeof ask.body === 'string' ? fill(ask.body) : ask.body
  try {
    const {
      statusCode,
      headers,
      body: stream,
    } = await client.request({
      // undici's type has the common methods, and the service is to bear others
      method: methodOf(ask.method),
      path,
      headers: {
        ...headersOf(path, app, scene),
        ...(ask.isSigned === true ? signed(body) : {}),
        ...ask.headers,
      },
      body: body ?? null,
    })
    return {
      status: statusCode,
      contentType: String(headers['content-type'] ?? ''),
      body: await stream.text(),
    }
  } catch {
    return null
  }
}

function methodOf(name: string): NonNullable<Parameters<Client['request']>[0]>['method']
function methodOf(name: string): string {
  return name
}

function headersOf(path: string, { adminToken }: TestApp, { tenant }: Scene): Record<string, string> {
  if (path.startsWith('/webhooks')) return { 'content-type': 'application/json' }
  if (path.startsWith('/scim')) {
    return { authorization: `Bearer ${tenant.token}`, 'content-type': 'application/scim+json' }
  }
  return { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' }
}

function signed(body: string | Uint8Array | undefined): Record<string, string> {
  const text = typeof body === 'string' ? body : Buffer.from(body ?? []).toString()
  return { 'workos-signature': signatureOf(text, SIGNING_SECRET) }
}

function cursorOf(
  { origin }: TestApp,
  { tenant }: Scene,
  { forged }: Ask,
  fill: (text: string) => string,
): string {
  if (forged === undefined) return ''
  const query = {
    directoryId: tenant.directoryId,
    baseUrl: `${origin}/scim/v2`,
    targets: [{ type: 'User', filter: null, sort: null }],
  }
  const position = { id: fill(forged.id), key: forged.key }
  const tools = { now: new Date(), fingerprint, isId }
  return `&cursor=${writeCursor({ bound: forged.bound, position }, query, tools)}`
}

/** It lives; whoever is a member is so by an evaluation from scratch, and seats are as many as are counted. */
async function endFaults(app: TestApp, parentOrganizationId: string): Promise<string[]> {
  const faults: string[] = []
  const admin = adminClient(app)
  for (const path of ['/healthz', '/readyz']) {
    const { status } = await app.http.get(path)
    if (status !== 200) faults.push(`${path} answers ${status}`)
  }
  const path = `/parent-organizations/${parentOrganizationId}/organizations?limit=1000`
  const organizations: { id: string; plan: string }[] = (await answered(admin.get(path), 200)).body
    .organizations
  for (const { id } of organizations) faults.push(...(await organizationFaults(new Administrated(admin, id))))
  return faults
}

async function organizationFaults(org: Administrated): Promise<string[]> {
  const faults: string[] = []
  const { body: settings } = await answered(org.admin.get(org.path('/provisioning')), 200)
  const again = await org.admin.put(org.path('/provisioning'), settings)
  const { added, changed, removed, waiting } = again.body.changes ?? {}
  if (again.status !== 200 || added + changed + removed + waiting !== 0) {
    faults.push(`${org.id}: an evaluation from scratch answers ${again.status} ${again.text.slice(0, 500)}`)
  }
  const members = await org.members()
  for (const [seatType, assigned] of Object.entries(await org.assigned())) {
    const counted = members.filter((member) => member.seatType === seatType).length
    if (counted !== assigned) faults.push(`${org.id}: ${assigned} ${seatType} assigned, ${counted} counted`)
  }
  return faults
}
