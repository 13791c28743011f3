// /Users: create, read, replace, patch, delete (RFC 7644 sections 3.3 to 3.6).
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseText, expectScimError } from '../../support/answers.ts'
import { startTestApp, type Tenant, type TestApp } from '../../support/app.ts'
import { enterpriseUrn, patchBody, userUrn } from '../../support/protocol.ts'

let app: TestApp
let tenant: Tenant
beforeAll(async () => {
  app = await startTestApp()
  tenant = await app.createTenant()
})
afterAll(() => app.close())

let made = 0
/** The id of a new user. */
async function newUser(body: object = {}): Promise<{ id: string; userName: string }> {
  made += 1
  const userName = `user-${made}@example.com`
  const created = await tenant.scim.post('/Users', { schemas: [userUrn], userName, ...body }).expect(201)
  return { id: created.body.id, userName: created.body.userName }
}

const patch = (id: string, ...operations: unknown[]) =>
  tenant.scim.patch(`/Users/${id}`, patchBody(...operations))

describe('RFC 7644 3.3 create', () => {
  test('201 with the resource, its Location and its version', async () => {
    const body = {
      schemas: [userUrn, enterpriseUrn],
      userName: 'Anna@Example.com',
      externalId: 'E-1',
      name: { givenName: 'Anna' },
      emails: [{ value: 'Anna@Example.com', type: 'work', primary: true }],
      [enterpriseUrn]: { department: 'R&D' },
    }
    const created = await tenant.scim.post('/Users', body)
    expect(created.status).toBe(201)
    expect(created.headers['content-type']).toBe('application/scim+json; charset=utf-8')
    const { id, meta, ...rest } = created.body
    expect(rest).toEqual({ ...body, active: true })
    expect(meta).toEqual({
      resourceType: 'User',
      created: expect.stringMatching(/^\d{4}-.*Z$/),
      lastModified: meta.created,
      location: `${app.origin}/scim/v2/Users/${id}`,
      version: 'W/"1"',
    })
    expect(created.headers.location).toBe(meta.location)
    expect(created.headers.etag).toBe('W/"1"')
    expect((await tenant.scim.get(`/Users/${id}`)).body).toEqual(created.body)
    expect(
      (await app.http.get(new URL(meta.location).pathname).set('Authorization', `Bearer ${tenant.token}`))
        .body,
    ).toEqual(created.body)
  })

  test('readOnly input is ignored: id, meta and groups are ours', async () => {
    const id = '00000000-0000-7000-8000-000000000000'
    const created = await tenant.scim.post('/Users', {
      schemas: [userUrn],
      id,
      userName: 'readonly',
      meta: { version: 'W/"77"', created: '2001-01-01T00:00:00Z' },
      groups: [{ value: 'g' }],
    })
    expect(created.status).toBe(201)
    expect(created.body.id).not.toBe(id)
    expect(created.body.meta.version).toBe('W/"1"')
    expect(created.body.meta.created).not.toContain('2001')
    expect(created.body).not.toHaveProperty('groups')
  })

  test('active: false is kept', async () => {
    const { id } = await newUser({ active: false })
    expect((await tenant.scim.get(`/Users/${id}`)).body.active).toBe(false)
  })

  test('a password is accepted, never answered and never stored', async () => {
    const password = 'correct-horse-battery-staple'
    const { id } = await newUser({ password })
    await tenant.scim.put(`/Users/${id}`, { schemas: [userUrn], userName: `pw-${id}`, password }).expect(200)
    const answers = [
      await patch(id, { op: 'replace', path: 'password', value: password }),
      await patch(id, { op: 'replace', value: { password, title: 'x' } }),
      await tenant.scim.get(`/Users/${id}?attributes=password`),
      await tenant.scim.get('/Users'),
    ]
    for (const answer of answers) {
      expect(answer.status).toBe(200)
      expect(answer.text).not.toContain(password)
    }
    const stored = await databaseText(app.database)
    expect(stored).toContain(id)
    expect(stored).not.toContain(password)
  })

  test('a userName that is there: 409 uniqueness, whatever its case, and nothing is made', async () => {
    const { userName } = await newUser()
    const before = (await tenant.scim.get('/Users?count=0')).body.totalResults
    for (const taken of [userName, userName.toUpperCase()]) {
      const refused = await tenant.scim.post('/Users', { schemas: [userUrn], userName: taken })
      expect(expectScimError(refused, 409, 'uniqueness')).toContain(taken)
    }
    expect((await tenant.scim.get('/Users?count=0')).body.totalResults).toBe(before)
  })
})

describe('RFC 7644 3.5.1 replace', () => {
  test('200 with what was sent: what is omitted is gone, the id and created stay', async () => {
    const { id, userName } = await newUser({ title: 'Boss', name: { givenName: 'A', familyName: 'B' } })
    const before = (await tenant.scim.get(`/Users/${id}`)).body
    const replaced = await tenant.scim.put(`/Users/${id}`, {
      schemas: [userUrn],
      userName,
      name: { givenName: 'C' },
    })
    expect(replaced.status).toBe(200)
    const { meta, ...rest } = replaced.body
    expect(rest).toEqual({ schemas: [userUrn], id, userName, active: true, name: { givenName: 'C' } })
    expect(meta).toMatchObject({
      created: before.meta.created,
      version: 'W/"2"',
      location: before.meta.location,
    })
    expect((await tenant.scim.get(`/Users/${id}`)).body).toEqual(replaced.body)
  })

  test('an omitted, null or empty active switches nobody on or off', async () => {
    const { id, userName } = await newUser({ active: false })
    for (const body of [{}, { active: null }, { active: '' }, { active: [] }]) {
      const replaced = await tenant.scim.put(`/Users/${id}`, { schemas: [userUrn], userName, ...body })
      expect(replaced.body.active).toBe(false)
    }
  })

  test('null, [] and absent are the same: the same version', async () => {
    const { id, userName } = await newUser()
    const bare = { schemas: [userUrn], userName }
    const empty = { ...bare, title: null, emails: [], addresses: null, name: {}, [enterpriseUrn]: {} }
    for (const body of [bare, empty]) {
      const replaced = await tenant.scim.put(`/Users/${id}`, body)
      expect(replaced.status).toBe(200)
      expect(replaced.body.meta.version).toBe('W/"1"')
    }
  })

  test('our own representation changes nothing, not even lastModified', async () => {
    const { id } = await newUser({ title: 'Boss', emails: [{ value: 'a@x', primary: true }] })
    const before = (await tenant.scim.get(`/Users/${id}`)).body
    const replaced = await tenant.scim.put(`/Users/${id}`, before)
    expect(replaced.status).toBe(200)
    expect(replaced.body).toEqual(before)
  })

  test('the userName may change, also in case alone, but not to that of another', async () => {
    const [mine, other] = [await newUser(), await newUser()]
    const put = (userName: string) => tenant.scim.put(`/Users/${mine.id}`, { schemas: [userUrn], userName })
    expect((await put(mine.userName.toUpperCase())).body.userName).toBe(mine.userName.toUpperCase())
    expectScimError(await put(other.userName.toUpperCase()), 409, 'uniqueness')
    expect((await tenant.scim.get(`/Users/${mine.id}`)).body.userName).toBe(mine.userName.toUpperCase())
    expect((await put('quite-new')).status).toBe(200)
    expect((await tenant.scim.post('/Users', { schemas: [userUrn], userName: mine.userName })).status).toBe(
      201,
    )
  })
})

describe('RFC 7644 3.5.2 patch', () => {
  test('200 with the resource, its version counted up once', async () => {
    const { id } = await newUser()
    const answer = await patch(
      id,
      { op: 'add', path: 'title', value: 'A' },
      { op: 'replace', path: 'title', value: 'B' },
    )
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({ id, title: 'B', meta: { version: 'W/"2"' } })
    expect(answer.headers.etag).toBe('W/"2"')
    expect((await tenant.scim.get(`/Users/${id}`)).body).toEqual(answer.body)
  })

  test('adding what is there changes neither version nor lastModified', async () => {
    const { id } = await newUser({ title: 'A', emails: [{ value: 'a@x', type: 'work' }] })
    const before = (await tenant.scim.get(`/Users/${id}`)).body
    const same = [
      { op: 'add', path: 'title', value: 'A' },
      { op: 'add', path: 'emails', value: [{ value: 'a@x', type: 'work' }] },
      { op: 'remove', path: 'nickName' },
    ]
    const answer = await patch(id, ...same)
    expect(answer.status).toBe(200)
    expect(answer.body).toEqual(before)
  })

  test('all or nothing: an operation that fails takes the ones before it back', async () => {
    const [mine, other] = [await newUser({ title: 'A' }), await newUser()]
    const before = (await tenant.scim.get(`/Users/${mine.id}`)).body
    const change = { op: 'replace', path: 'title', value: 'B' }
    expectScimError(await patch(mine.id, change, { op: 'remove', path: 'userName' }), 400, 'mutability')
    expectScimError(await patch(mine.id, change, { op: 'remove' }), 400, 'noTarget')
    expectScimError(
      await patch(mine.id, change, { op: 'replace', path: 'id', value: 'x' }),
      400,
      'mutability',
    )
    expectScimError(
      await patch(mine.id, change, { op: 'replace', path: 'shoe', value: 'x' }),
      400,
      'invalidPath',
    )
    expectScimError(
      await patch(mine.id, change, { op: 'replace', path: 'userName', value: other.userName }),
      409,
      'uniqueness',
    )
    expect((await tenant.scim.get(`/Users/${mine.id}`)).body).toEqual(before)
  })

  test('operations on active that say nothing switch nobody on or off', async () => {
    const { id } = await newUser({ active: false })
    const silences = [
      { op: 'remove', path: 'active' },
      { op: 'replace', path: 'active', value: null },
      { op: 'replace', value: { active: '' } },
    ]
    for (const operation of silences) expect((await patch(id, operation)).body.active).toBe(false)
  })
})

describe('RFC 7644 3.6 delete', () => {
  test('204, then the id is 404 for every method and the userName is free', async () => {
    const { id, userName } = await newUser()
    const removed = await tenant.scim.delete(`/Users/${id}`)
    expect([removed.status, removed.text]).toEqual([204, ''])
    const body = { schemas: [userUrn], userName }
    const uses = [
      await tenant.scim.get(`/Users/${id}`),
      await tenant.scim.put(`/Users/${id}`, body),
      await patch(id, { op: 'add', path: 'title', value: 'x' }),
      await tenant.scim.delete(`/Users/${id}`),
    ]
    for (const use of uses) expect(expectScimError(use, 404)).toBe(`User ${id} not found.`)
    expect((await tenant.scim.get(`/Users?filter=id eq "${id}"`)).body.totalResults).toBe(0)
    const again = await tenant.scim.post('/Users', body)
    expect(again.status).toBe(201)
    expect(again.body.id).not.toBe(id)
  })

  test('RFC 7644 3.5.1 PUT never creates', async () => {
    const id = '01890000-0000-7000-8000-000000000000'
    const refused = await tenant.scim.put(`/Users/${id}`, { schemas: [userUrn], userName: 'never' })
    expectScimError(refused, 404)
    expect((await tenant.scim.get('/Users?filter=userName eq "never"')).body.totalResults).toBe(0)
  })
})
