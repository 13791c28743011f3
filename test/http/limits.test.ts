// Who may ask how often, and what whoever asks more is told: 429 with Retry-After, in the format of the API.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RateLimits } from '../../src/http/limits.ts'
import { newToken } from '../../src/secrets.ts'
import { expectProblem, expectScimError } from '../support/answers.ts'
import { adminClient, scimClient, startTestApp, type TestApp } from '../support/app.ts'
import { bulkBody } from '../support/protocol.ts'
import { connectWorkos, WorkosDirectory } from '../support/workos.ts'

/** So slow that no test waits for the next one. */
const few = { perSecond: 1 / 3600, burst: 4 }

const runningWith = (rateLimits: RateLimits): (() => TestApp) => {
  let app: TestApp | undefined
  beforeAll(async () => {
    // each test is another client, behind a proxy
    app = await startTestApp({ rateLimits, trustedProxies: ['loopback'] })
  })
  afterAll(() => app?.close())
  return () => app ?? expect.unreachable()
}

const many = async <T>(count: number, send: () => PromiseLike<T>): Promise<T[]> => {
  const answers: T[] = []
  for (let i = 0; i < count; i += 1) answers.push(await send())
  return answers
}

const statuses = (answers: readonly { status: number }[]) => answers.map(({ status }) => status)

/** Of the answers, the last, which is a refusal; a whole number, since some clients understand nothing else. */
function expectRefused<T extends { status: number; headers: Record<string, string> }>(
  answers: readonly T[],
): T {
  const last = answers.at(-1) ?? expect.unreachable()
  expect(last.status).toBe(429)
  expect(last.headers['retry-after']).toMatch(/^[1-9]\d{0,4}$/)
  return last
}

describe('a caller', () => {
  const app = runningWith({ caller: few, stranger: null })

  test('a directory: 429 as a SCIM error, for all of its tokens; another directory is heard', async () => {
    const [tenant, other] = [await app().createTenant(), await app().createTenant()]
    const second = await app().services.tokens.create({ kind: 'system' }, tenant.directoryId, {
      name: 'second',
      expiresAt: null,
    })
    const answers = [
      ...(await many(2, () => tenant.scim.get('/Users'))),
      ...(await many(2, () => scimClient(app().http, second.token).get('/Groups'))),
      await tenant.scim.post('/Users', { userName: 'late' }),
    ]
    expect(statuses(answers)).toEqual([200, 200, 200, 200, 429])
    expect(expectScimError(expectRefused(answers), 429)).toMatch(/next one is taken in \d+ s/)
    await other.scim.get('/Users').expect(200, /"totalResults":0/)
    expect(await app().database.client.user.count()).toBe(0)
  })

  test('an operation of a bulk request counts as a request', async () => {
    const tenant = await app().createTenant()
    const operations = ['a', 'b', 'c', 'd'].map((userName) => ({
      method: 'POST' as const,
      path: '/Users',
      bulkId: userName,
      data: { userName },
    }))
    expect((await tenant.scim.post('/Bulk', bulkBody(operations)).expect(200)).body.Operations).toHaveLength(
      4,
    )
    expectScimError(expectRefused([await tenant.scim.get('/Users')]), 429)
  })

  test('an admin token: 429 as a problem; another token is heard', async () => {
    const { token } = (await adminClient(app()).post('/admin-tokens', full).expect(201)).body
    const [first, second] = [adminClient(app(), token), adminClient(app())]
    const answers = await many(5, () => first.get('/organizations'))
    expect(statuses(answers)).toEqual([200, 200, 200, 200, 429])
    expectProblem(expectRefused(answers), 429)
    await second.get('/organizations').expect(200)
  })

  test('a connection of WorkOS: 429 as a problem, and nothing is applied', async () => {
    const tenant = await app().createTenant()
    const workos = await connectWorkos(app(), tenant, null)
    const directory = new WorkosDirectory()
    for (const name of ['a', 'b', 'c', 'd', 'e']) directory.user(name)
    const answers = []
    for (const event of directory.events) answers.push(await workos.post(event))
    expect(statuses(answers)).toEqual([200, 200, 200, 200, 429])
    expectProblem(expectRefused(answers), 429)
    expect(await app().database.client.user.count({ where: { directoryId: tenant.directoryId } })).toBe(4)
  })
})

const full = { name: 'full', scope: 'all', access: 'read_write' }

describe('an address without a token that holds', () => {
  const app = runningWith({ caller: null, stranger: few })
  const hosts = Array.from({ length: 250 }, (_, i) => `198.51.100.${i}`)
  /** An address that nobody else has. */
  const address = () => hosts.pop() ?? expect.unreachable()

  const scim = (from: string, token: string | null) => {
    const request = app().http.get('/scim/v2/Users').set('X-Forwarded-For', from)
    return token === null ? request : request.set('Authorization', `Bearer ${token}`)
  }
  const admin = (from: string, token: string) =>
    app().http.get('/v1/organizations').set('X-Forwarded-For', from).set('Authorization', `Bearer ${token}`)

  test('whoever guesses is told so a few times, and then heard no more, with the right token neither', async () => {
    const from = address()
    const answers = await many(5, () => scim(from, newToken('directory')))
    expect(statuses(answers)).toEqual([401, 401, 401, 401, 429])
    expectScimError(expectRefused(answers), 429)
    const { token } = await app().createTenant()
    expectScimError(expectRefused([await scim(from, token)]), 429)
    await scim(address(), token).expect(200)
  })

  test('the admin API the same, as a problem', async () => {
    const from = address()
    const answers = await many(5, () => admin(from, newToken('admin')))
    expect(statuses(answers)).toEqual([401, 401, 401, 401, 429])
    expectProblem(expectRefused(answers), 429)
    const { token } = (await adminClient(app()).post('/admin-tokens', full).expect(201)).body
    expectProblem(expectRefused([await admin(from, token)]), 429)
  })

  test('a token that was let in before goes on, whoever guesses beside it, until it is revoked', async () => {
    const from = address()
    const { token, directoryId } = await app().createTenant()
    await scim(from, token).expect(200)
    const made = (await adminClient(app()).post('/admin-tokens', full).expect(201)).body
    await admin(from, made.token).expect(200)
    expectRefused(await many(5, () => scim(from, null)))
    await scim(from, token).expect(200)
    await admin(from, made.token).expect(200)
    const [held] = await app().services.tokens.list(directoryId, { after: null, limit: 1 })
    await adminClient(app()).delete(`/directories/${directoryId}/tokens/${held?.id}`).expect(204)
    expectScimError(await scim(from, token), 429)
  })

  test('requests with a token that holds are not counted', async () => {
    const from = address()
    const { token } = await app().createTenant()
    for (const { status } of await many(10, () => scim(from, token))) expect(status).toBe(200)
    await scim(from, null).expect(401)
  })

  test.each(['/scim/v2/Schemas', '/scim/v2/ServiceProviderConfig', '/v1/docs', '/v1/openapi.json'])(
    'what needs no token is counted too: %s',
    async (path) => {
      const from = address()
      const answers = await many(5, () => app().http.get(path).set('X-Forwarded-For', from))
      expect(statuses(answers)).toEqual([200, 200, 200, 200, 429])
      const last = expectRefused(answers)
      if (path.startsWith('/scim')) expectScimError(last, 429)
      else expectProblem(last, 429)
    },
  )

  test('health is asked as often as one likes', async () => {
    const from = address()
    const answers = await many(6, () => app().http.get('/healthz').set('X-Forwarded-For', from))
    expect(new Set(statuses(answers))).toEqual(new Set([200]))
  })

  test('WorkOS: signatures that do not hold are counted; a connection that was heard before goes on', async () => {
    const from = address()
    const [tenant, other] = [await app().createTenant(), await app().createTenant()]
    const [known, fresh] = [await connectWorkos(app(), tenant, null), await connectWorkos(app(), other, null)]
    const directory = new WorkosDirectory()
    directory.user('ada')
    directory.user('bob')
    const [first, second] = directory.events
    expect((await known.post(first).set('X-Forwarded-For', from)).status).toBe(200)
    const answers = await many(5, () => fresh.post(first, 't=1, v1=abc').set('X-Forwarded-For', from))
    expect(statuses(answers)).toEqual([401, 401, 401, 401, 429])
    expectProblem(expectRefused(answers), 429)
    expect((await known.post(second).set('X-Forwarded-For', from)).status).toBe(200)
    expect((await fresh.post(first).set('X-Forwarded-For', from)).status).toBe(429)
  })

  test('of IPv6 a network of 64 bits is one address; IPv4 in the form of IPv6 is IPv4', async () => {
    const network = ['2001:db8:1:2::1', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2:ffff::', '2001:db8:1:2::9']
    for (const host of network) await scim(host, null).expect(401)
    await scim('2001:db8:1:2:aaaa::', null).expect(429)
    await scim('2001:db8:1:3::1', null).expect(401)
    const from = address()
    for (const host of [from, `::ffff:${from}`, from, `::ffff:${from}`]) await scim(host, null).expect(401)
    await scim(from, null).expect(429)
  })
})

describe('an address that is no proxy of ours', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startTestApp({ rateLimits: { caller: null, stranger: few } })
  })
  afterAll(() => app.close())

  test('is the client, whatever it says in X-Forwarded-For', async () => {
    const said: number[] = []
    for (let host = 1; host <= 5; host += 1) {
      const answer = await app.http.get('/scim/v2/Users').set('X-Forwarded-For', `203.0.113.${host}`)
      said.push(answer.status)
    }
    expect(said.at(-1)).toBe(429)
  })
})
