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
import { bulkBody, groupUrn, userUrn } from '../support/protocol.ts'
import { answered, aScene, type Scene } from '../support/provisioning.ts'
import { connectWorkos, SIGNING_SECRET, signatureOf } from '../support/workos.ts'
import type { Ask, Got, PlaceKind } from './ask.ts'
import { endFaults } from './end.ts'
import { openFingerprint } from './fingerprint.ts'
import { addedDocument, addedUrn } from './inputs/added-schema.ts'
import { Known } from './known.ts'

/** The longest that an answer is waited for. */
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

/** `crowd`: so many people more, in one group, for what takes the longer the more there are. */
export async function startWorld(testDatabase: TestDatabase, crowd = 0): Promise<World> {
  const logged: string[] = []
  const logger = pino({ level: 'error' }, { write: (line: string) => void logged.push(line.slice(0, 2000)) })
  const app = await startTestApp({ testDatabase, logger })
  const scene = await aScene(app)
  const known = new Known(await provide(app, scene, crowd))
  const client = new Client(app.origin, { headersTimeout: ANSWER_TIMEOUT_MS, bodyTimeout: ANSWER_TIMEOUT_MS })
  const prints = await openFingerprint(testDatabase.url)
  return {
    document: (await app.http.get('/v1/openapi.json')).body,
    send: async (ask) => {
      const path = known.fill(ask.path) + cursorOf(app, scene, ask, (text) => known.fill(text))
      const body = typeof ask.body === 'string' ? known.fill(ask.body) : (ask.body ?? null)
      const got = await dispatch(client, {
        ...ask,
        path,
        body,
        headers: headersOf(app, scene, { ...ask, path, body }),
      })
      if (got !== null) known.note({ ...ask, path }, got)
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
async function provide(
  app: TestApp,
  { tenant, idp, org, join }: Scene,
  crowd: number,
): Promise<ReadonlyMap<PlaceKind, readonly string[]>> {
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
  if (crowd > 0) await gather(idp, crowd)
  const [admins = '', staff = ''] = groups
  await org.buy({ premium: 2, standard: 3 })
  await org.map([
    { groupId: admins, role: 'admin' },
    { groupId: admins, seatType: 'premium' },
    { groupId: staff, role: 'user' },
  ])
  const other = await join('console')
  await other.save({ mode: 'scim' })
  await answered(admin.post(`${directory}/schemas`, { schema: addedDocument }), 201)
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
    ['urn', [addedUrn]],
    ['seq', ['1', '5', '30']],
    ['cursor', []],
  ])
}

async function gather(idp: Scene['idp'], count: number): Promise<void> {
  const people = Array.from({ length: count }, (_, i) => ({
    method: 'POST',
    path: '/Users',
    bulkId: `p${i}`,
    data: { schemas: [userUrn], userName: `crowd${i}@acme.test`, displayName: `Crowd ${i}` },
  }))
  const members = people.map(({ bulkId }) => ({ value: `bulkId:${bulkId}` }))
  const data = { schemas: [groupUrn], displayName: 'crowd', members }
  const operations = [...people, { method: 'POST', path: '/Groups', bulkId: 'all', data }]
  await answered(idp.scim.post('/Bulk', bulkBody(operations)), 200)
}

interface Wire {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | null
}

async function dispatch(client: Client, { method, path, headers, body }: Wire): Promise<Got | null> {
  try {
    const answer = await client.request({ method: methodOf(method), path, headers, body })
    const { 'content-type': contentType = '' } = answer.headers
    return { status: answer.statusCode, contentType: String(contentType), body: await answer.body.text() }
  } catch {
    return null
  }
}

/** undici's type has the common methods, and the service is to bear others. */
function methodOf(name: string): NonNullable<Parameters<Client['request']>[0]>['method']
function methodOf(name: string): string {
  return name
}

/** What the input does not say itself: the token of the API that it asks, or a signature. */
function headersOf(
  { adminToken }: TestApp,
  { tenant }: Scene,
  { path, body, isSigned, headers }: Omit<Ask, 'body'> & Pick<Wire, 'body'>,
): Record<string, string> {
  const text = typeof body === 'string' ? body : Buffer.from(body ?? []).toString()
  const isScim = path.startsWith('/scim')
  const token = isScim ? tenant.token : adminToken
  return {
    'content-type': isScim ? 'application/scim+json' : 'application/json',
    ...(path.startsWith('/webhooks') ? {} : { authorization: `Bearer ${token}` }),
    ...(isSigned === true ? { 'workos-signature': signatureOf(text, SIGNING_SECRET) } : {}),
    ...headers,
  }
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
