// What clients get wrong: each gets its clear error in the protocol's form, nothing changes, nothing is a 500.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectScimError } from '../../support/answers.ts'
import { startTestApp, type Tenant, type TestApp } from '../../support/app.ts'
import { errorUrn, groupUrn, patchBody, userUrn } from '../../support/protocol.ts'

const BODY_LIMIT = 200_000

let app: TestApp
let tenant: Tenant
let userId: string
let groupId: string
beforeAll(async () => {
  app = await startTestApp({ bodyLimitBytes: BODY_LIMIT })
  tenant = await app.createTenant()
  userId = (await tenant.scim.post('/Users', { userName: 'kept', title: 'Kept' }).expect(201)).body.id
  groupId = (await tenant.scim.post('/Groups', { displayName: 'kept', members: [{ value: userId }] })).body.id
})
afterAll(() => app.close())

/** A request with a body as it stands, not JSON that we made. */
const raw = (method: 'post' | 'put' | 'patch', path: string, body: string, type = 'application/scim+json') =>
  app.http[method](`/scim/v2${path}`)
    .set('Authorization', `Bearer ${tenant.token}`)
    .set('Content-Type', type)
    .send(body)

/** Runs the request and asserts that user and group are what they were. */
async function changingNothing<T>(request: () => PromiseLike<T>): Promise<T> {
  const state = async () => [
    (await tenant.scim.get('/Users')).body,
    (await tenant.scim.get(`/Groups/${groupId}`)).body,
  ]
  const before = await state()
  const answer = await request()
  expect(await state()).toEqual(before)
  return answer
}

const deep = (levels: number) => `${'['.repeat(levels)}1${']'.repeat(levels)}`

describe('bodies', () => {
  test.each([
    ['malformed JSON', '{"userName":'],
    ['nothing', ''],
    ['null', 'null'],
    ['a list', '[]'],
    ['text', '"x"'],
    ['__proto__', '{"userName":"p","__proto__":{"active":false}}'],
    ['constructor', '{"userName":"p","constructor":{"prototype":{"x":1}}}'],
  ])('%s: 400 invalidSyntax', async (_, body) => {
    for (const [method, path] of [
      ['post', '/Users'],
      ['put', `/Users/${userId}`],
      ['patch', `/Users/${userId}`],
      ['post', '/Groups'],
    ] as const) {
      expectScimError(await changingNothing(() => raw(method, path, body)), 400, 'invalidSyntax')
    }
  })

  test.each([
    ['userName', { userName: 5 }],
    ['userName', { userName: ['a', 'b'] }],
    ['userName', { userName: '' }],
    ['userName', { displayName: 'nameless' }],
    ['userName', { userName: 'x'.repeat(10_000) }],
    ['active', { userName: 'w', active: 'maybe' }],
    ['name', { userName: 'w', name: 'Ada' }],
    ['emails', { userName: 'w', emails: 'a@example.com' }],
    ['emails.value', { userName: 'w', emails: [{ value: {} }] }],
    ['emails.primary', { userName: 'w', emails: [{ value: 'a', primary: 1 }] }],
    ['userName', { userName: 'nul\u0000' }],
    ['displayName', { userName: 'w', displayName: 'half \ud800' }],
    ['enterprise', { userName: 'w', 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': 7 }],
  ])('a wrong %s is named: 400 invalidValue', async (name, body) => {
    const refused = await changingNothing(() => tenant.scim.post('/Users', { schemas: [userUrn], ...body }))
    expect(expectScimError(refused, 400, 'invalidValue')).toContain(name)
  })

  test('10,000 levels deep, wherever: refused or ignored, never a 500', async () => {
    for (const attribute of ['userName', 'emails', 'manager', 'active', 'unknown', 'schemas', 'members']) {
      for (const path of ['/Users', '/Groups']) {
        const answer = await raw('post', path, `{"${attribute}":${deep(10_000)},"id":"x"}`)
        expect(answer.status).toBe(400)
        expect(answer.body.schemas).toEqual([errorUrn])
      }
    }
    const patched = await changingNothing(() =>
      raw(
        'patch',
        `/Users/${userId}`,
        `{"Operations":[{"op":"add","path":"emails","value":${deep(10_000)}}]}`,
      ),
    )
    expectScimError(patched, 400, 'invalidSyntax')
  })

  test('too large: 413', async () => {
    expectScimError(await raw('post', '/Users', `{"userName":"${'x'.repeat(BODY_LIMIT)}"}`), 413)
  })

  test.each(['text/plain', 'application/xml', 'application/x-www-form-urlencoded'])(
    '%s: 415',
    async (type) => {
      expectScimError(await changingNothing(() => raw('post', '/Users', '{"userName":"t"}', type)), 415)
    },
  )

  test.each(['application/json', 'application/json; charset=utf-8', 'application/scim+json; charset=UTF-8'])(
    '%s is taken',
    async (type) => {
      const userName = `type ${type}`
      const { body } = await raw('post', '/Users', JSON.stringify({ userName }), type).expect(201)
      await tenant.scim.delete(`/Users/${body.id}`).expect(204)
    },
  )
})

describe('filters and paging', () => {
  test.each([
    ['an unknown attribute', 'nope eq "x"', 'nope'],
    ['an unknown operator', 'userName is "x"', ''],
    ['a broken filter', 'userName eq', ''],
    ['an open bracket', 'emails[type eq "work"', ''],
    ['order of Booleans', 'active gt true', 'active'],
    ['a NUL', 'userName eq "\\u0000"', ''],
    ['10,000 parentheses', `${'('.repeat(10_000)}userName pr${')'.repeat(10_000)}`, ''],
    ['10,000 brackets', `emails${'['.repeat(10_000)}`, ''],
    ['the password', 'password eq "x"', 'password'],
  ])('%s: 400 invalidFilter', async (_, filter, names) => {
    const refused = await tenant.scim.get(`/Users?filter=${encodeURIComponent(filter)}`)
    expect(expectScimError(refused, 400, 'invalidFilter')).toContain(names)
  })

  test.each(['startIndex=x', 'count=1.5', 'count=1e3', 'startIndex=9007199254740993'])(
    '%s: 400',
    async (query) => {
      const detail = expectScimError(await tenant.scim.get(`/Users?${query}`), 400, 'invalidValue')
      expect(detail).toContain(query.split('=')[0])
    },
  )

  test('attributes and excludedAttributes exclude each other', async () => {
    expectScimError(
      await tenant.scim.get('/Users?attributes=id&excludedAttributes=name'),
      400,
      'invalidValue',
    )
  })

  test('unknown query parameters are ignored', async () => {
    await tenant.scim.get('/Users?aadOptscim062020&x=1&filter=userName+eq+%22kept%22').expect(200)
  })
})

describe('PATCH', () => {
  test.each([
    ['no Operations', {}, 'invalidSyntax'],
    ['no operation', { Operations: [] }, 'invalidSyntax'],
    ['another op', patchBody({ op: 'move', path: 'title' }), 'invalidSyntax'],
    ['an unknown path', patchBody({ op: 'add', path: 'nope', value: 1 }), 'invalidPath'],
    ['a broken path', patchBody({ op: 'add', path: 'emails[', value: 1 }), null],
    ['a remove without path', patchBody({ op: 'remove' }), 'noTarget'],
    ['a readOnly path', patchBody({ op: 'replace', path: 'meta.version', value: 'x' }), 'mutability'],
    ['a required attribute removed', patchBody({ op: 'remove', path: 'userName' }), 'mutability'],
    ['a wrong value', patchBody({ op: 'replace', path: 'active', value: 'x' }), 'invalidValue'],
    ['text for an object', patchBody({ op: 'replace', value: 'x' }), 'invalidValue'],
  ])('%s is refused, also after operations that are right', async (_, body, scimType) => {
    const operations = 'Operations' in body && body.Operations.length > 0 ? body.Operations : null
    const bodies = [
      body,
      ...(operations ? [patchBody({ op: 'replace', path: 'title', value: 'Lost' }, ...operations)] : []),
    ]
    for (const each of bodies) {
      const refused = await changingNothing(() => tenant.scim.patch(`/Users/${userId}`, each))
      expect(refused.body.schemas).toEqual([errorUrn])
      expect(refused.status).toBe(400)
      if (scimType !== null) expect(refused.body.scimType).toBe(scimType)
    }
  })

  test('more than 1,000 operations: 413', async () => {
    const operation = { op: 'replace', path: 'title', value: 'x' }
    const many = patchBody(...Array.from({ length: 1001 }, () => operation))
    expectScimError(await changingNothing(() => tenant.scim.patch(`/Users/${userId}`, many)), 413)
  })

  test('a member that does not exist is named, and the others are not added', async () => {
    const body = patchBody({ op: 'add', path: 'members', value: [{ value: userId }, { value: 'ghost' }] })
    const refused = await changingNothing(() => tenant.scim.patch(`/Groups/${groupId}`, body))
    expect(expectScimError(refused, 400, 'invalidValue')).toContain('ghost')
  })
})

describe('paths', () => {
  test.each(['x', '0', 'x'.repeat(500), '%00', encodeURIComponent("' OR 1=1 --"), `${'0'.repeat(36)}`])(
    'an id that cannot be one is a 404: %s',
    async (id) => {
      expectScimError(await tenant.scim.get(`/Users/${id}`), 404)
      expectScimError(await tenant.scim.delete(`/Groups/${id}`), 404)
    },
  )

  test('a URL that cannot be decoded, or whose parts are too long, is a SCIM error', async () => {
    expectScimError(await tenant.scim.get('/Users/%E0%A4%A'), 400, 'invalidSyntax')
    expectScimError(await tenant.scim.get(`/Users/${'x'.repeat(10_000)}`), 414)
    // as the router has it, and as little of others
    expectScimError(await app.http.get('//scim/v2/Users/%E0%A4%A'), 400, 'invalidSyntax')
    const { headers } = await app.http.get('/scim.bak/%E0%A4%A').expect(400)
    expect(headers['content-type']).toBe('application/problem+json; charset=utf-8')
  })

  test('more headers than the server reads are a SCIM error too', async () => {
    expectScimError(await tenant.scim.get(`/Users?filter=${'('.repeat(100_000)}`), 431)
  })

  test('unknown endpoints: 404 naming them; unknown methods: 405 with Allow', async () => {
    const missing = await tenant.scim.get('/Nothing?filter=userName+eq+%22a@example.com%22')
    expect(expectScimError(missing, 404)).toBe('There is no endpoint GET /scim/v2/Nothing.')
    const put = await tenant.scim.put('/Users', {})
    expectScimError(put, 405)
    expect(put.headers.allow).toBe('GET, HEAD, POST')
    const post = await tenant.scim.post(`/Groups/${groupId}`, {})
    expectScimError(post, 405)
    expect(post.headers.allow?.split(', ').sort()).toEqual(['DELETE', 'GET', 'HEAD', 'PATCH', 'PUT'])
    expectScimError(await tenant.scim.delete('/Schemas'), 405)
    expectScimError(await tenant.scim.get('/Me'), 501)
  })
})

test('any JSON in any request is answered, and never with a 500', { timeout: 60_000 }, async () => {
  const names = [
    'schemas',
    'userName',
    'displayName',
    'emails',
    'members',
    'active',
    'name',
    'groups',
    'x',
    'Operations',
  ]
  const json = fc.jsonValue({ maxDepth: 3 })
  const operation = fc.record({
    op: fc.constantFrom('add', 'Remove', 'replace', 'x'),
    path: fc.option(
      fc.constantFrom('members', 'emails[type eq "work"].value', 'name', 'active', '[', '', 'x.y.z'),
    ),
    value: json,
  })
  const body = fc.oneof(
    json,
    fc.dictionary(fc.constantFrom(...names), json),
    fc.record({
      schemas: fc.constant([userUrn, groupUrn]),
      userName: fc.string({ unit: 'binary' }),
      emails: json,
    }),
    fc.record({ Operations: fc.array(operation, { maxLength: 3 }) }),
  )
  const target = fc.constantFrom(
    ['post', '/Users'] as const,
    ['put', '/Users/:user'] as const,
    ['patch', '/Users/:user'] as const,
    ['post', '/Groups'] as const,
    ['put', '/Groups/:group'] as const,
    ['patch', '/Groups/:group'] as const,
  )
  await fc.assert(
    fc.asyncProperty(target, body, async ([method, path], sent) => {
      const url = path.replace(':user', userId).replace(':group', groupId)
      const answer = await raw(method, url, JSON.stringify(sent))
      expect(answer.status).toBeLessThan(500)
      if (answer.status >= 400) expect(answer.body.schemas).toEqual([errorUrn])
    }),
    { numRuns: 300 },
  )
})
