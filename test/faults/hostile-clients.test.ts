// Clients that are slow, send half of what they said, hold thousands of connections, or send what is too large or too
// deep: each is answered or cut off, and nobody else waits for them.
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ServiceProcess } from '../support/process.ts'
import { checkAll } from './support/consistency.ts'
import { Figures } from './support/figures.ts'
import { type FaultyPostgres, startFaultyPostgres } from './support/postgres.ts'
import { Push } from './support/push.ts'
import { type Scene, setUp, startService } from './support/scene.ts'
import { Sender } from './support/sender.ts'

const REQUEST_TIMEOUT_SECONDS = 3
const BODY_LIMIT_BYTES = 2 * 1024 * 1024
/** Of each kind of client that holds a connection. */
const CONNECTIONS = 600
const PEOPLE = 200

let postgres: FaultyPostgres
let service: ServiceProcess
let scene: Scene
beforeAll(async () => {
  postgres = await startFaultyPostgres()
  service = await startService(postgres.url('postgres'), {
    ROLLCALL_REQUEST_TIMEOUT_SECONDS: String(REQUEST_TIMEOUT_SECONDS),
    ROLLCALL_BODY_LIMIT_BYTES: String(BODY_LIMIT_BYTES),
  })
  scene = await setUp(service, new Figures('set up'), { premium: 20, standard: 20 })
}, 60_000)
afterAll(async () => {
  await service?.end('SIGKILL')
  await postgres?.remove()
})

interface Held {
  readonly socket: Socket
  answer: string
  isClosed: boolean
}

async function hold(first: string): Promise<Held> {
  const socket = connect(Number(new URL(service.origin).port), '127.0.0.1')
  const held: Held = { socket, answer: '', isClosed: false }
  socket.on('error', () => {})
  socket.on('data', (chunk) => {
    held.answer += chunk.toString('latin1')
  })
  socket.once('close', () => {
    held.isClosed = true
  })
  await new Promise<void>((resolve) => socket.once('connect', resolve))
  socket.write(first)
  return held
}

test('thousands of connections that are idle, slow or send half a request keep nobody waiting, and are cut off', async () => {
  const figures = new Figures(`Slow clients and ${5 * CONNECTIONS} held connections`)
  const head = (method: string, path: string) =>
    `${method} ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${scene.directoryToken}\r\n`
  const halfBody = `${head('POST', '/scim/v2/Users')}Content-Type: application/json\r\nContent-Length: 99\r\n\r\n{`
  const many = (first: string) => Promise.all(Array.from({ length: CONNECTIONS }, () => hold(first)))
  const silent = await many('')
  const halfHeads = await many(head('GET', '/scim/v2/Users'))
  const halfBodies = await many(halfBody)
  const drippers = await many(halfBody)
  const dripping = setInterval(() => {
    for (const { socket } of drippers) if (socket.writable) socket.write(' ')
  }, 500)
  // it asks for much again and again, and reads none of it
  const readers = await many('')
  for (const { socket } of readers) {
    socket.pause()
    socket.write(`${head('GET', '/scim/v2/Schemas')}\r\n`.repeat(5))
  }
  const sender = new Sender(service.origin, scene.directoryToken, figures)
  try {
    const push = new Push(scene, 'beside', PEOPLE)
    await push.run(sender, 4)
    expect(figures.slowestMs).toBeLessThan(10_000)
    const cutOff = [...silent, ...halfHeads, ...halfBodies, ...drippers]
    await expect
      .poll(() => cutOff.filter(({ isClosed }) => !isClosed).length, { timeout: 30_000, interval: 100 })
      .toBe(0)
    const told = cutOff.filter(({ answer }) => answer.startsWith('HTTP/1.1 408'))
    figures.note(`${cutOff.length} cut off, ${told.length} of them told 408`)
    expect(told.length).toBeGreaterThan(2 * CONNECTIONS)
    await push.check(postgres, 'postgres', figures)
    await checkAll(postgres, 'postgres', scene, service.origin, figures)
  } finally {
    clearInterval(dripping)
    for (const { socket } of readers) socket.destroy()
    figures.print()
    await sender.close()
  }
  expect(figures).toMatchObject({ lost: [], inconsistencies: [], wrongAnswers: [] })
  expect(figures.count('503')).toBe(0)
})

const nested = (open: string, inner: string, close: string, depth: number) =>
  `${open.repeat(depth)}${inner}${close.repeat(depth)}`
/** As deep as fits into the limit. */
const DEEP = nested('[', '1', ']', 900_000)
const DEEP_OBJECT = nested('{"a":', '1', '}', 300_000)
const USER = '"userName":"deep@acme.test"'
const PATCH = '"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]'

test.each<[string, string, string, string]>([
  ['an array', 'POST', '/scim/v2/Users', DEEP],
  ['an object', 'POST', '/scim/v2/Users', DEEP_OBJECT],
  ['an unknown attribute', 'POST', '/scim/v2/Users', `{${USER},"unknown":${DEEP}}`],
  ['a complex attribute', 'POST', '/scim/v2/Users', `{${USER},"name":${DEEP_OBJECT}}`],
  ['a list', 'POST', '/scim/v2/Users', `{${USER},"emails":${DEEP}}`],
  ['members', 'POST', '/scim/v2/Groups', `{"displayName":"Deep","members":${DEEP}}`],
  [
    'an extension',
    'POST',
    '/scim/v2/Users',
    `{${USER},"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":${DEEP_OBJECT}}`,
  ],
  [
    'a value of PATCH',
    'PATCH',
    '/scim/v2/Groups/GROUP',
    `{${PATCH},"Operations":[{"op":"replace","value":${DEEP_OBJECT}}]}`,
  ],
  [
    'members of PATCH',
    'PATCH',
    '/scim/v2/Groups/GROUP',
    `{${PATCH},"Operations":[{"op":"add","path":"members","value":${DEEP}}]}`,
  ],
  ['Operations', 'PATCH', '/scim/v2/Groups/GROUP', `{${PATCH},"Operations":${DEEP}}`],
  [
    'a bulk request',
    'POST',
    '/scim/v2/Bulk',
    `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{"method":"POST","path":"/Users","bulkId":"a","data":${DEEP_OBJECT}}]}`,
  ],
  [
    'a search',
    'POST',
    '/scim/v2/.search',
    `{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"filter":${DEEP}}`,
  ],
  [
    'parentheses of a filter',
    'POST',
    '/scim/v2/.search',
    `{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"filter":"${nested('(', 'active eq true', ')', 300_000)}"}`,
  ],
  [
    'nots of a filter',
    'POST',
    '/scim/v2/.search',
    `{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"filter":"${nested('not (', 'active eq true', ')', 100_000)}"}`,
  ],
  [
    'ands of a filter',
    'POST',
    '/scim/v2/.search',
    `{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"filter":"${nested('active eq true and ', 'active eq true', '', 60_000)}"}`,
  ],
  [
    'settings',
    'PUT',
    '/v1/organizations/ORGANIZATION/provisioning',
    `{"mode":"scim","groupMappings":true,"mappings":${DEEP}}`,
  ],
  ['the name of an organization', 'PATCH', '/v1/organizations/ORGANIZATION', `{"name":${DEEP_OBJECT}}`],
  [
    'a schema',
    'POST',
    '/v1/directories/DIRECTORY/schemas',
    `{"resourceType":"User","required":false,"schema":${DEEP_OBJECT}}`,
  ],
  [
    'a webhook of WorkOS',
    'POST',
    '/webhooks/workos/0192e4a0-0000-7000-8000-000000000000',
    `{"event":${DEEP}}`,
  ],
])('JSON or a filter of great depth is refused as what it is: %s', async (_, method, path, body) => {
  const isAdmin = path.startsWith('/v1')
  const [directory] = await postgres.query<{ id: string }>('postgres', 'SELECT id FROM directories LIMIT 1')
  const url = path
    .replace('GROUP', scene.groupIds[0] ?? '')
    .replace('ORGANIZATION', scene.organizationId)
    .replace('DIRECTORY', directory?.id ?? '')
  const answer = await fetch(`${service.origin}${url}`, {
    method,
    headers: {
      authorization: `Bearer ${isAdmin ? scene.adminToken : scene.directoryToken}`,
      'content-type': 'application/json',
    },
    body,
    signal: AbortSignal.timeout(20_000),
  })
  expect(`${answer.status} ${await answer.text()}`).toMatch(/^[24]\d\d /)
  expect((await fetch(`${service.origin}/readyz`)).status).toBe(200)
})

test.each<[number, string, Record<string, string>, string]>([
  [413, '/scim/v2/Users', {}, `{${USER},"title":"${'x'.repeat(BODY_LIMIT_BYTES)}"}`],
  [413, '/v1/admin-tokens', {}, `{"name":"${'x'.repeat(BODY_LIMIT_BYTES)}"}`],
  [431, '/scim/v2/Users', { 'x-large': 'x'.repeat(100_000) }, '{}'],
])('what is too large is answered %s: %s', async (status, path, headers, body) => {
  const authorization = `Bearer ${path.startsWith('/v1') ? scene.adminToken : scene.directoryToken}`
  const all = { authorization, 'content-type': 'application/json', ...headers }
  const answer = await fetch(`${service.origin}${path}`, { method: 'POST', headers: all, body })
  expect(answer.status).toBe(status)
})

test('after all of it the service is as it was', async () => {
  const figures = new Figures('After hostile clients')
  await sleep(100)
  await checkAll(postgres, 'postgres', scene, service.origin, figures)
  figures.print()
  expect(figures.inconsistencies).toEqual([])
})
