// POST /Bulk (RFC 7644 section 3.7): outcomes, references, circles, versions, failOnErrors and limits.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MAX_BULK_OPERATIONS } from '../../../src/scim/bulk.ts'
import { expectScimError } from '../../support/answers.ts'
import { adminClient, startTestApp, type Tenant, type TestApp } from '../../support/app.ts'
import {
  bulkBody,
  bulkResponseUrn,
  enterpriseUrn,
  errorUrn,
  groupUrn,
  patchBody,
  userUrn,
} from '../../support/protocol.ts'

let app: TestApp
let tenant: Tenant
let base: string
beforeAll(async () => {
  app = await startTestApp()
  base = `${app.origin}/scim/v2`
})
afterAll(() => app.close())

/** Each test on a directory of its own. */
async function newDirectory(): Promise<void> {
  tenant = await app.createTenant()
}

interface Outcome {
  readonly method: string
  readonly bulkId?: string
  readonly location?: string
  readonly version?: string
  readonly status: string
  readonly response?: { schemas: string[]; status: string; scimType?: string; detail: string }
}

/** What came of each operation. */
async function bulk(operations: readonly unknown[], more: object = {}): Promise<Outcome[]> {
  const answer = await tenant.scim.post('/Bulk', bulkBody(operations, more))
  expect(answer.status).toBe(200)
  expect(answer.headers['content-type']).toBe('application/scim+json; charset=utf-8')
  const { schemas, Operations, ...rest } = answer.body
  expect(schemas).toEqual([bulkResponseUrn])
  expect(rest).toEqual({})
  return Operations
}

const statuses = (outcomes: readonly Outcome[]) => outcomes.map(({ status }) => status)
const idOf = ({ location }: Outcome = { method: '', status: '' }) => location?.split('/').at(-1) ?? ''

const postUser = (bulkId: string, data: object = {}) => ({
  method: 'POST',
  path: '/Users',
  bulkId,
  data: { schemas: [userUrn], userName: bulkId, ...data },
})
const postGroup = (bulkId: string, ...members: string[]) => ({
  method: 'POST',
  path: '/Groups',
  bulkId,
  data: { schemas: [groupUrn], displayName: bulkId, members: members.map((value) => ({ value })) },
})

const newUser = async (userName: string): Promise<string> =>
  (await tenant.scim.post('/Users', { schemas: [userUrn], userName }).expect(201)).body.id

/** The members of a group, by what they are displayed as. */
async function membersOf(id: string): Promise<string[]> {
  const { body } = await tenant.scim.get(`/Groups/${id}`).expect(200)
  return (body.members ?? []).map(({ display }: { display: string }) => display).sort()
}

const count = async (path: '/Users' | '/Groups') =>
  (await tenant.scim.get(path).expect(200)).body.totalResults

describe('RFC 7644 3.7.3 outcomes', () => {
  beforeAll(newDirectory)

  test('POST, PUT, PATCH and DELETE, each with location, version and status', async () => {
    const [ben, cleo, dora] = [await newUser('ben'), await newUser('cleo'), await newUser('dora')]
    const outcomes = await bulk(
      [
        postUser('alice'),
        {
          method: 'PUT',
          path: `/Users/${ben}`,
          version: 'W/"1"',
          data: { schemas: [userUrn], id: ben, userName: 'Bob' },
        },
        {
          method: 'PATCH',
          path: `/Users/${cleo}`,
          version: 'W/"1"',
          data: patchBody({ op: 'remove', path: 'nickName' }, { op: 'add', path: 'userName', value: 'Dave' }),
        },
        { method: 'DELETE', path: `/Users/${dora}`, version: 'W/"1"' },
      ],
      { failOnErrors: 1 },
    )
    const alice = idOf(outcomes[0])
    expect(outcomes).toEqual([
      {
        location: `${base}/Users/${alice}`,
        method: 'POST',
        bulkId: 'alice',
        version: 'W/"1"',
        status: '201',
      },
      { location: `${base}/Users/${ben}`, method: 'PUT', version: 'W/"2"', status: '200' },
      { location: `${base}/Users/${cleo}`, method: 'PATCH', version: 'W/"2"', status: '200' },
      { location: `${base}/Users/${dora}`, method: 'DELETE', status: '204' },
    ])
    const { body } = await tenant.scim.get('/Users?attributes=userName')
    const names = body.Resources.map(({ userName }: { userName: string }) => userName)
    expect(names.sort()).toEqual(['Bob', 'Dave', 'alice'])
    const read = await tenant.scim.get(`/Users/${alice}`).expect(200)
    expect(read.body.meta).toMatchObject({ location: outcomes[0]?.location, version: 'W/"1"' })
  })

  test('failures say why in response, as SCIM errors; others go on', async () => {
    const id = await newUser('erin')
    const outcomes = await bulk([
      postUser('erin'),
      { method: 'PUT', path: `/Users/${id}`, version: 'W/"9"', data: { userName: 'Erin' } },
      {
        method: 'PATCH',
        path: `/Users/${id}`,
        data: patchBody({ op: 'replace', path: 'shoeSize', value: 1 }),
      },
      { method: 'DELETE', path: '/Users/unknown' },
      { method: 'POST', bulkId: 'noName', path: '/Users', data: { schemas: [userUrn] } },
      postUser('frank'),
    ])
    expect(statuses(outcomes)).toEqual(['409', '412', '400', '404', '400', '201'])
    expect(outcomes.map(({ location }) => location)).toEqual([
      undefined,
      `${base}/Users/${id}`,
      `${base}/Users/${id}`,
      `${base}/Users/unknown`,
      undefined,
      expect.stringContaining(`${base}/Users/`),
    ])
    expect(outcomes[0]).toEqual({
      method: 'POST',
      bulkId: 'erin',
      status: '409',
      response: {
        schemas: [errorUrn],
        status: '409',
        scimType: 'uniqueness',
        detail: expect.stringContaining('erin'),
      },
    })
    expect(outcomes.slice(1, 5).map(({ response }) => response?.scimType)).toEqual([
      undefined,
      'invalidPath',
      undefined,
      'invalidValue',
    ])
    for (const { response, status, version } of outcomes.slice(0, 5)) {
      expect(response).toMatchObject({ schemas: [errorUrn], status, detail: expect.any(String) })
      expect(version).toBeUndefined()
    }
    // a failed operation has changed nothing
    expect((await tenant.scim.get(`/Users/${id}`)).body).toMatchObject({ userName: 'erin', active: true })
  })

  test('what is wrong with one operation is told in its place, with the location that it named', async () => {
    const outcomes = await bulk([
      { method: 'POST', path: '/Users', data: { userName: 'x1' } },
      { method: 'DELETE', path: '/Devices/1' },
      { method: 'PUT', path: '/Users', data: { userName: 'x2' } },
      { method: 'DELETE' },
      postUser('gina'),
    ])
    expect(statuses(outcomes)).toEqual(['400', '400', '400', '400', '201'])
    expect(outcomes.map(({ location }) => location).slice(0, 4)).toEqual([
      undefined,
      `${base}/Devices/1`,
      `${base}/Users`,
      undefined,
    ])
    for (const [i, { response }] of outcomes.slice(0, 4).entries()) {
      expect(response).toMatchObject({
        scimType: 'invalidSyntax',
        detail: expect.stringContaining(`Operations[${i}]`),
      })
    }
  })

  test("another directory's resources are as unknown ones", async () => {
    const foreign = await newUser('foreign')
    await newDirectory()
    const outcomes = await bulk([
      { method: 'DELETE', path: `/Users/${foreign}` },
      postGroup('thieves', foreign),
    ])
    expect(statuses(outcomes)).toEqual(['404', '400'])
  })
})

describe('RFC 7644 3.7.2 references', () => {
  beforeAll(newDirectory)

  test('to users that are created before the group', async () => {
    const outcomes = await bulk([
      postUser('qwerty'),
      postUser('boss'),
      postUser('clerk', { [enterpriseUrn]: { manager: { value: 'bulkId:boss' } } }),
      postGroup('Tour Guides', 'bulkId:qwerty', 'bulkId:clerk'),
    ])
    expect(statuses(outcomes)).toEqual(['201', '201', '201', '201'])
    expect(await membersOf(idOf(outcomes[3]))).toEqual(['clerk', 'qwerty'])
    const clerk = await tenant.scim.get(`/Users/${idOf(outcomes[2])}`).expect(200)
    expect(clerk.body[enterpriseUrn].manager.value).toBe(idOf(outcomes[1]))
  })

  test('forward, in data and in paths; the answers keep the order of the request', async () => {
    const outcomes = await bulk([
      {
        method: 'PATCH',
        path: '/Groups/bulkId:Later',
        data: patchBody({ op: 'add', path: 'members', value: [{ value: 'bulkId:late2' }] }),
      },
      postGroup('Later', 'bulkId:late1'),
      { method: 'DELETE', path: '/Users/bulkId:late3' },
      postUser('late1'),
      postUser('late2'),
      postUser('late3'),
      {
        method: 'PUT',
        path: '/Users/bulkId:late1',
        bulkId: 'p',
        data: { userName: 'late1', title: 'Sir' },
      },
    ])
    expect(statuses(outcomes)).toEqual(['200', '201', '204', '201', '201', '201', '200'])
    expect(outcomes.map(({ bulkId }) => bulkId)).toEqual([
      undefined,
      'Later',
      undefined,
      'late1',
      'late2',
      'late3',
      'p',
    ])
    expect(outcomes[0]?.location).toBe(outcomes[1]?.location)
    expect(await membersOf(idOf(outcomes[1]))).toEqual(['late1', 'late2'])
    expect((await tenant.scim.get(`/Users/${idOf(outcomes[6])}`)).body).toMatchObject({ title: 'Sir' })
    await tenant.scim.get(`/Users/${idOf(outcomes[5])}`).expect(404)
  })

  test('a deleted name can be taken again: an operation that waits overtakes nobody', async () => {
    const old = await newUser('taken')
    const outcomes = await bulk([
      postGroup('Keepers', 'bulkId:taken'),
      { method: 'DELETE', path: `/Users/${old}` },
      postUser('taken'),
    ])
    expect(statuses(outcomes)).toEqual(['201', '204', '201'])
  })

  test('to no operation: 400 invalidValue naming it; to one that failed: 409 naming it', async () => {
    const before = [await count('/Users'), await count('/Groups')]
    const outcomes = await bulk([
      postGroup('Lost', 'bulkId:nobody'),
      postUser('qwerty'),
      postGroup('Orphans', 'bulkId:qwerty'),
      {
        method: 'PATCH',
        path: '/Groups/bulkId:Orphans',
        data: patchBody({ op: 'add', path: 'externalId', value: 'x' }),
      },
    ])
    expect(statuses(outcomes)).toEqual(['400', '409', '409', '409'])
    expect(outcomes[0]?.response).toMatchObject({ scimType: 'invalidValue' })
    expect(outcomes[0]?.response?.detail).toContain('"nobody"')
    expect(outcomes[1]?.response).toMatchObject({ scimType: 'uniqueness' })
    expect(outcomes[2]?.response?.detail).toContain('"qwerty"')
    expect(outcomes[3]?.response?.detail).toContain('"Orphans"')
    expect(outcomes[3]?.location).toBe(`${base}/Groups/bulkId:Orphans`)
    expect([await count('/Users'), await count('/Groups')]).toEqual(before)
  })

  test('to no operation is refused also where the directory skips unknown members', async () => {
    const skip = { unknownMembers: 'skip' }
    await adminClient(app).patch(`/directories/${tenant.directoryId}`, skip).expect(200)
    const outcomes = await bulk([postGroup('Strict', 'bulkId:nobody'), postGroup('Lax', 'nobody')])
    expect(statuses(outcomes)).toEqual(['400', '201'])
  })
})

describe('RFC 7644 3.7.1 circles', () => {
  beforeAll(newDirectory)

  test('groups that contain each other, and users in them, are all there in the end', async () => {
    const outcomes = await bulk([
      postGroup('Group A', 'bulkId:Group B', 'bulkId:ann'),
      postGroup('Group B', 'bulkId:Group C', 'bulkId:Group B'),
      postUser('ann'),
      postGroup('Group C', 'bulkId:Group A', 'bulkId:Group B'),
    ])
    expect(statuses(outcomes)).toEqual(['201', '201', '201', '201'])
    const [a = '', b = '', , c = ''] = outcomes.map(idOf)
    expect(await membersOf(a)).toEqual(['Group B', 'ann'])
    expect(await membersOf(b)).toEqual(['Group B', 'Group C'])
    expect(await membersOf(c)).toEqual(['Group A', 'Group B'])
    for (const { location, version } of outcomes) {
      const path = location?.slice(base.length) ?? ''
      expect((await tenant.scim.get(path).expect(200)).headers.etag).toBe(version)
    }
  })

  test('managers of each other, and what nobody keeps of a user', async () => {
    const managed = (bulkId: string, manager: string) =>
      postUser(bulkId, {
        [enterpriseUrn]: { department: 'D', manager: { value: `bulkId:${manager}` } },
        groups: [{ value: 'bulkId:Pair' }],
      })
    const outcomes = await bulk([
      managed('eve', 'adam'),
      managed('adam', 'eve'),
      postGroup('Pair', 'bulkId:eve', 'bulkId:adam'),
    ])
    expect(statuses(outcomes)).toEqual(['201', '201', '201'])
    const [eve = '', adam = '', pair = ''] = outcomes.map(idOf)
    const managerOf = async (id: string) => (await tenant.scim.get(`/Users/${id}`)).body[enterpriseUrn]
    expect(await managerOf(eve)).toMatchObject({ department: 'D', manager: { value: adam } })
    expect(await managerOf(adam)).toMatchObject({ department: 'D', manager: { value: eve } })
    expect(await membersOf(pair)).toEqual(['adam', 'eve'])
  })

  test('one of a circle fails: all of it is taken back, 409, and what refers into it fails too', async () => {
    const before = await count('/Groups')
    const outcomes = await bulk([
      postGroup('Ring 1', 'bulkId:Ring 2'),
      postGroup('Ring 2', 'bulkId:Group A'),
      { ...postGroup('Group A', 'bulkId:Ring 1'), bulkId: 'Group A' },
      postGroup('Outside', 'bulkId:Ring 1'),
      postUser('bystander'),
    ])
    expect(statuses(outcomes)).toEqual(['409', '409', '409', '409', '201'])
    expect(outcomes.map(({ response }) => response?.scimType)).toEqual([
      undefined,
      undefined,
      'uniqueness',
      undefined,
      undefined,
    ])
    expect(outcomes[0]?.response?.detail).toContain('Operations[2]')
    expect(outcomes[0]?.location).toBeUndefined()
    expect(await count('/Groups')).toBe(before)
    // the names are free again
    expect(statuses(await bulk([postGroup('Ring 1'), postGroup('Ring 2')]))).toEqual(['201', '201'])
  })

  test('a circle that cannot be created, or not be completed, is taken back', async () => {
    const before = await count('/Groups')
    const withMembers = (bulkId: string, ...members: unknown[]) => ({
      ...postGroup(bulkId),
      data: { displayName: bulkId, members },
    })
    const uncreated = await bulk([
      postGroup('Half 1', 'bulkId:Half 2'),
      withMembers('Half 2', { value: 'bulkId:Half 1' }, { value: 'nobody' }),
    ])
    expect(statuses(uncreated)).toEqual(['409', '400'])
    // what is added last of all is no member
    const uncompleted = await bulk([
      withMembers('Half 1', { value: 'x', $ref: 'bulkId:Half 2' }),
      postGroup('Half 2', 'bulkId:Half 1'),
    ])
    expect(statuses(uncompleted)).toEqual(['400', '409'])
    expect(uncompleted[0]?.response).toMatchObject({
      scimType: 'invalidValue',
      detail: expect.stringContaining('"x"'),
    })
    expect(statuses(await bulk([withMembers('Self', { display: 'bulkId:Self' })]))).toEqual(['400'])
    expect(await count('/Groups')).toBe(before)
  })
})

describe('RFC 7644 3.7.3 failOnErrors', () => {
  beforeAll(newDirectory)

  const unnamed = (bulkId: string) => ({ ...postUser(bulkId), data: { schemas: [userUrn] } })

  test('after so many errors nothing more is run, nor listed', async () => {
    const operations = [postUser('f1'), unnamed('f2'), postUser('f3'), unnamed('f4'), postUser('f5')]
    const first = await bulk(operations, { failOnErrors: 1 })
    expect(first.map(({ bulkId, status }) => [bulkId, status])).toEqual([
      ['f1', '201'],
      ['f2', '400'],
    ])
    const second = await bulk(operations, { failOnErrors: 2 })
    expect(second.map(({ bulkId, status }) => [bulkId, status])).toEqual([
      ['f1', '409'],
      ['f2', '400'],
    ])
    const third = await bulk(operations.slice(1), { failOnErrors: 3 })
    expect(statuses(third)).toEqual(['400', '201', '400', '201'])
    expect(await count('/Users')).toBe(3)
  })

  test('what waits for a later operation is neither run nor listed when that is as far as it goes', async () => {
    const operations = [postGroup('Never', 'bulkId:f8'), postUser('f6'), unnamed('f7'), postUser('f8')]
    const outcomes = await bulk(operations, { failOnErrors: 1 })
    expect(outcomes.map(({ bulkId }) => bulkId)).toEqual(['f6', 'f7'])
    expect(await count('/Groups')).toBe(0)
  })
})

describe('RFC 7644 3.14 versions', () => {
  beforeAll(newDirectory)

  test('an operation changes what it saw, and no other version', async () => {
    const id = await newUser('versioned')
    const title = (value: string, version?: string) => ({
      method: 'PATCH',
      path: `/Users/${id}`,
      ...(version === undefined ? {} : { version }),
      data: patchBody({ op: 'replace', path: 'title', value }),
    })
    const outcomes = await bulk([
      title('1', 'W/"1"'),
      title('2', 'W/"1"'),
      title('3'),
      { method: 'DELETE', path: `/Users/${id}`, version: 'W/"1"' },
      { method: 'DELETE', path: `/Users/${id}`, version: 'W/"3"' },
    ])
    expect(statuses(outcomes)).toEqual(['200', '412', '200', '412', '204'])
    expect(outcomes[2]?.version).toBe('W/"3"')
  })
})

describe('RFC 7644 3.7.4 limits', () => {
  beforeAll(newDirectory)

  test('are what ServiceProviderConfig says, and are told to who exceeds them', async () => {
    const small = await startTestApp({ bodyLimitBytes: 4096 })
    const { scim } = await small.createTenant()
    const { body } = await scim.get('/ServiceProviderConfig').expect(200)
    expect(body.bulk).toEqual({
      supported: true,
      maxOperations: MAX_BULK_OPERATIONS,
      maxPayloadSize: 4096,
    })
    const large = await scim.post('/Bulk', bulkBody([postUser('x', { title: 'x'.repeat(4096) })]))
    expect(expectScimError(large, 413)).toContain('maxPayloadSize (4096 bytes)')
    await small.close()
    const operations = Array.from({ length: MAX_BULK_OPERATIONS + 1 }, (_, i) => postUser(`many ${i}`))
    const many = await tenant.scim.post('/Bulk', bulkBody(operations))
    expect(expectScimError(many, 413)).toContain(`maxOperations (${MAX_BULK_OPERATIONS})`)
    expect(await count('/Users')).toBe(0)
  })

  test('a request that cannot be read is refused as a whole, and nothing is run', async () => {
    const refuse = async (body: unknown) =>
      expectScimError(await tenant.scim.post('/Bulk', body), 400, 'invalidSyntax')
    await refuse([])
    await refuse({ schemas: [userUrn], Operations: [postUser('a')] })
    await refuse(bulkBody([]))
    expect(await refuse(bulkBody([postUser('a'), { ...postUser('b'), method: 'GET' }]))).toContain(
      'Operations[1].method',
    )
    expect(await refuse(bulkBody([postUser('a'), postUser('a')]))).toContain('Operations[1].bulkId')
    expect(await count('/Users')).toBe(0)
  })

  test('it takes POST alone, and a token', async () => {
    const get = await tenant.scim.get('/Bulk')
    expectScimError(get, 405)
    expect(get.headers.allow).toBe('POST')
    expectScimError(await app.http.post('/scim/v2/Bulk').send(bulkBody([postUser('a')])), 401)
  })
})

test('RFC 7644 3.7 any JSON in any operation is answered, and never with a 500', {
  timeout: 60_000,
}, async () => {
  await newDirectory()
  const id = await newUser('target')
  const odd = fc.jsonValue({ maxDepth: 3 })
  const bulkId = fc.constantFrom('a', 'b', '\u0000', '\ud800', '')
  const reference = bulkId.map((name) => `bulkId:${name}`)
  const members = fc.array(
    fc.oneof(
      reference.map((value) => ({ value })),
      reference,
      odd,
    ),
    { maxLength: 3 },
  )
  const operation = fc.record(
    {
      method: fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE'),
      bulkId: fc.oneof(bulkId, fc.uuid()),
      path: fc.oneof(
        fc.constantFrom('/Users', '/Groups', `/Users/${id}`, '/Users/\u0000', '/Groups/bulkId:b', '/'),
        odd,
      ),
      version: fc.oneof(fc.constantFrom('W/"1"', 'x', '*'), odd),
      data: fc.oneof(
        fc.record({ displayName: fc.oneof(fc.uuid(), reference), members }),
        fc.record({ userName: fc.uuid(), [enterpriseUrn]: fc.record({ manager: reference }), x: odd }),
        odd,
      ),
    },
    { requiredKeys: ['method'] },
  )
  const send = async (operations: readonly unknown[]) => {
    const answer = await tenant.scim.post('/Bulk', bulkBody(operations))
    expect([200, 400]).toContain(answer.status)
    const outcomes: Outcome[] = answer.body.Operations ?? []
    for (const { status } of outcomes) expect(Number(status)).toBeLessThan(500)
    if (answer.status === 200) expect(outcomes).toHaveLength(operations.length)
  }
  await fc.assert(fc.asyncProperty(fc.array(operation, { maxLength: 4 }), send), { numRuns: 300 })
})
