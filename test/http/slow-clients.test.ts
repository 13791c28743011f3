// Clients that take their time: each is ended, and told why where it began a request. Limits of milliseconds stand for
// those of a running service.
import { createConnection, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { timeouts } from '../../src/http/timeouts.ts'
import { startTestApp, type Tenant, type TestApp } from '../support/app.ts'
import { errorUrn } from '../support/protocol.ts'

let app: TestApp
let tenant: Tenant
beforeAll(async () => {
  app = await startTestApp({
    timeouts: { headersMs: 150, requestMs: 300, silenceMs: 600, keepAliveMs: 100, checkMs: 20 },
  })
  tenant = await app.createTenant()
})
afterAll(() => app.close())

/** Says something and then nothing; what came back when the service had closed the connection. */
function answerTo(begin: string, go: (socket: Socket) => void = () => {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(Number(new URL(app.origin).port), '127.0.0.1', () => {
      socket.write(begin)
      go(socket)
    })
    const chunks: Buffer[] = []
    socket.on('data', (chunk) => void chunks.push(chunk))
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()))
    // bytes that were still on their way when the other side had closed
    socket.on('error', (error) =>
      'code' in error && error.code === 'ECONNRESET' ? undefined : reject(error),
    )
  })
}

const head = (...more: string[]) =>
  ['POST /scim/v2/Users HTTP/1.1', 'Host: x', `Authorization: Bearer ${tenant.token}`, ...more].join('\r\n')
const whole = (length: number) =>
  `${head('Content-Type: application/scim+json', `Content-Length: ${length}`)}\r\n\r\n`

function expectTimeout(answer: string): void {
  expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/)
  const body = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4))
  expect(body).toEqual({ schemas: [errorUrn], status: '408', detail: expect.any(String) })
}

test('half a body: 408, and nothing is written', async () => {
  expectTimeout(await answerTo(`${whole(100)}{"userName":"half`))
  expect((await tenant.scim.get('/Users').expect(200)).body.totalResults).toBe(0)
})

test('a body that drips', async () => {
  let dripping: NodeJS.Timeout | undefined
  const answer = await answerTo(whole(10_000), (socket) => {
    dripping = setInterval(() => socket.write(' '), 20)
  })
  clearInterval(dripping)
  expectTimeout(answer)
})

test('half of the headers', async () => {
  expectTimeout(await answerTo(`${head()}\r\nX-Slow: `))
})

test('nothing at all', async () => {
  expect(await answerTo('')).not.toContain('200')
})

test('a connection that asks nothing more is closed, after its answer', async () => {
  expect(await answerTo('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
})

test('an answer that takes longer than a request may is waited for', async () => {
  const begin = performance.now()
  const [, made] = await app.database.client.$transaction(async (client) => {
    await client.$executeRaw`LOCK TABLE users IN ACCESS EXCLUSIVE MODE`
    const waiting = tenant.scim.post('/Users', { userName: 'patient' }).then((answer) => answer)
    return [await client.$executeRaw`SELECT pg_sleep(0.5)`, waiting] as const
  })
  expect((await made).status).toBe(201)
  expect(performance.now() - begin).toBeGreaterThan(300)
})

test('the limits of a running service leave time for what is large and far away', () => {
  const { headersMs, requestMs, silenceMs, keepAliveMs, checkMs } = timeouts
  expect(headersMs).toBeLessThanOrEqual(requestMs)
  expect(checkMs).toBeLessThan(headersMs)
  // load balancers end theirs after 60 seconds; a live tail says something every 15
  expect(keepAliveMs).toBeGreaterThan(60_000)
  expect(silenceMs).toBeGreaterThan(60_000)
})
