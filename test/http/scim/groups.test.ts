// /Groups: create, read, replace, patch, delete (RFC 7644 sections 3.3 to 3.6, RFC 7643 section 4.2).
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectScimError } from '../../support/answers.ts'
import { startTestApp, type Tenant, type TestApp } from '../../support/app.ts'
import { bulkBody, groupUrn, patchBody, userUrn } from '../../support/protocol.ts'

let app: TestApp
let tenant: Tenant
let made = 0
beforeAll(async () => {
  app = await startTestApp()
  tenant = await app.createTenant()
})
afterAll(() => app.close())

async function newUser(body: object = {}): Promise<string> {
  made += 1
  const sent = { schemas: [userUrn], userName: `user-${made}`, ...body }
  return (await tenant.scim.post('/Users', sent).expect(201)).body.id
}

async function newGroup(members: readonly string[] = [], body: object = {}): Promise<string> {
  made += 1
  const sent = { schemas: [groupUrn], displayName: `Group ${made}`, members: valuesOf(members), ...body }
  return (await tenant.scim.post('/Groups', sent).expect(201)).body.id
}

const valuesOf = (ids: readonly string[]) => ids.map((value) => ({ value }))

describe('RFC 7644 3.3 create', () => {
  test('201 with its members: value, $ref, type and display', async () => {
    const [user, named, nested] = [await newUser(), await newUser({ displayName: 'Anna' }), await newGroup()]
    const body = {
      schemas: [groupUrn],
      displayName: 'Engineering',
      externalId: 'e',
      // what a client says of display, type and $ref does not count
      members: [{ value: user, display: 'x', type: 'Group', $ref: 'y' }, { value: named }, { value: nested }],
    }
    const created = await tenant.scim.post('/Groups', body)
    expect(created.status).toBe(201)
    const { id, meta, members, ...rest } = created.body
    expect(rest).toEqual({ schemas: [groupUrn], displayName: 'Engineering', externalId: 'e' })
    expect(meta).toMatchObject({
      resourceType: 'Group',
      location: `${app.origin}/scim/v2/Groups/${id}`,
      version: 'W/"1"',
    })
    expect(created.headers.location).toBe(meta.location)
    const users = `${app.origin}/scim/v2/Users`
    expect(members).toEqual([
      { value: user, $ref: `${users}/${user}`, type: 'User', display: expect.stringMatching(/^user-/) },
      { value: named, $ref: `${users}/${named}`, type: 'User', display: 'Anna' },
      {
        value: nested,
        $ref: `${app.origin}/scim/v2/Groups/${nested}`,
        type: 'Group',
        display: expect.stringMatching(/^Group /),
      },
    ])
    expect((await tenant.scim.get(`/Groups/${id}`)).body).toEqual(created.body)
  })

  test('a displayName that is there: 409 uniqueness, whatever its case; POST, PUT and PATCH', async () => {
    const taken = await newGroup([], { displayName: 'Taken' })
    const other = await newGroup()
    const body = { schemas: [groupUrn], displayName: 'TAKEN' }
    expectScimError(await tenant.scim.post('/Groups', body), 409, 'uniqueness')
    expectScimError(await tenant.scim.put(`/Groups/${other}`, body), 409, 'uniqueness')
    const rename = patchBody({ op: 'replace', value: { displayName: 'taken' } })
    expectScimError(await tenant.scim.patch(`/Groups/${other}`, rename), 409, 'uniqueness')
    expect((await tenant.scim.patch(`/Groups/${taken}`, rename)).status).toBe(200)
  })
})

describe('RFC 7643 4.1.2 groups of a user', () => {
  test('direct and indirect, also through a cycle (E5), and following every change', async () => {
    const user = await newUser()
    const inner = await newGroup([user], { displayName: 'Inner' })
    const outer = await newGroup([inner], { displayName: 'Outer' })
    await tenant.scim
      .patch(`/Groups/${inner}`, patchBody({ op: 'add', path: 'members', value: [{ value: outer }] }))
      .expect(200)
    const groupsOf = async () => (await tenant.scim.get(`/Users/${user}`)).body.groups
    const base = `${app.origin}/scim/v2/Groups`
    expect(await groupsOf()).toEqual([
      { value: inner, $ref: `${base}/${inner}`, display: 'Inner', type: 'direct' },
      { value: outer, $ref: `${base}/${outer}`, display: 'Outer', type: 'indirect' },
    ])
    await tenant.scim
      .patch(`/Groups/${outer}`, patchBody({ op: 'replace', path: 'displayName', value: 'O2' }))
      .expect(200)
    expect((await groupsOf())[1].display).toBe('O2')
    await tenant.scim.delete(`/Groups/${inner}`).expect(204)
    expect(await groupsOf()).toBeUndefined()
  })

  test('a deleted user is a member no more, and the version of the group goes up', async () => {
    const user = await newUser()
    const group = await newGroup([user])
    await tenant.scim.delete(`/Users/${user}`).expect(204)
    const read = (await tenant.scim.get(`/Groups/${group}`)).body
    expect(read).not.toHaveProperty('members')
    expect(read.meta.version).toBe('W/"2"')
  })

  test('a group may be its own member (E5)', async () => {
    const group = await newGroup()
    const add = patchBody({ op: 'add', path: 'members', value: [{ value: group }] })
    await tenant.scim.patch(`/Groups/${group}`, add).expect(200)
    expect((await tenant.scim.get(`/Groups/${group}`)).body.members).toHaveLength(1)
    await tenant.scim.delete(`/Groups/${group}`).expect(204)
  })
})

describe('RFC 7644 3.5.1 replace', () => {
  test('scim.md 5.5 members under their qualified name are the members', async () => {
    const [a, b] = [await newUser(), await newUser()]
    const created = await tenant.scim.post('/Groups', {
      displayName: 'Qualified',
      [`${groupUrn}:members`]: valuesOf([a]),
    })
    expect(created.body.members).toMatchObject([{ value: a }])
    const put = {
      [`${groupUrn}:displayName`]: 'Qualified',
      [`${groupUrn.toUpperCase()}:Members`]: valuesOf([b]),
    }
    const replaced = await tenant.scim.put(`/Groups/${created.body.id}`, put)
    expect(replaced.body.members).toMatchObject([{ value: b }])
  })

  test('members are those that were sent; none sent is none', async () => {
    const [a, b, c] = [await newUser(), await newUser(), await newUser()]
    const id = await newGroup([a, b])
    const put = async (body: object) => {
      const sent = { schemas: [groupUrn], displayName: `put ${id}`, ...body }
      const answer = await tenant.scim.put(`/Groups/${id}`, sent)
      expect(answer.status).toBe(200)
      return answer.body.members?.map(({ value }: { value: string }) => value) ?? []
    }
    expect(await put({ members: valuesOf([b, c]) })).toEqual([b, c])
    const { version } = (await tenant.scim.get(`/Groups/${id}`)).body.meta
    expect(await put({ members: valuesOf([c, b, c]) })).toEqual([b, c])
    expect((await tenant.scim.get(`/Groups/${id}`)).body.meta.version).toBe(version)
    for (const members of [[], null, undefined, '']) expect(await put({ members })).toEqual([])
  })
})

describe('RFC 7644 3.5.2 patch', () => {
  test('scim.md 1 PATCH answers 200 with the resource, as the client asks for it', async () => {
    const user = await newUser()
    const id = await newGroup()
    const add = patchBody({ op: 'add', path: 'members', value: [{ value: user }] })
    const plain = await tenant.scim.patch(`/Groups/${id}`, add)
    expect([plain.status, plain.headers.etag]).toEqual([200, 'W/"2"'])
    expect(plain.body).toEqual((await tenant.scim.get(`/Groups/${id}`)).body)
    expect(plain.body.members).toHaveLength(1)
    const rename = patchBody({ op: 'replace', path: 'displayName', value: `renamed ${id}` })
    const told = await tenant.scim.patch(`/Groups/${id}?attributes=displayName,members.value`, rename)
    expect(told.status).toBe(200)
    expect(told.body).toEqual({
      schemas: [groupUrn],
      id,
      displayName: `renamed ${id}`,
      members: [{ value: user }],
    })
    const without = await tenant.scim.patch(`/Groups/${id}?excludedAttributes=members`, rename)
    expect([without.status, without.body.id, without.body.members]).toEqual([200, id, undefined])
  })

  test('RFC 7644 3.5.2 a group of more than 100 members is answered 204, unless attributes are asked for', async () => {
    const users = Array.from({ length: 101 }, (_, i) => ({
      method: 'POST',
      path: '/Users',
      bulkId: `u${i}`,
      data: { userName: `crowd-${i}` },
    }))
    const { body } = await tenant.scim.post('/Bulk', bulkBody(users)).expect(200)
    const ids: string[] = body.Operations.map(({ location }: { location: string }) =>
      location.split('/').at(-1),
    )
    const id = await newGroup(ids.slice(0, 99))
    const add = (value?: string) => patchBody({ op: 'add', path: 'members', value: [{ value }] })
    const full = await tenant.scim.patch(`/Groups/${id}`, add(ids[99])).expect(200)
    expect(full.body.members).toHaveLength(100)
    const silent = await tenant.scim.patch(`/Groups/${id}`, add(ids[100]))
    expect([silent.status, silent.text, silent.headers.etag]).toEqual([204, '', 'W/"3"'])
    const told = await tenant.scim.patch(`/Groups/${id}?attributes=members`, add(ids[0])).expect(200)
    expect(told.body.members).toHaveLength(101)
  })

  test('scim.md 5.1 removing: by value those only, by path without value all, an empty list nobody', async () => {
    const [a, b, c] = [await newUser(), await newUser(), await newUser()]
    const stranger = '01890000-0000-7000-8000-000000000000'
    const id = await newGroup([a, b, c])
    const left = async (operation: object) => {
      await tenant.scim.patch(`/Groups/${id}`, patchBody(operation)).expect(200)
      const { members = [] } = (await tenant.scim.get(`/Groups/${id}`)).body
      return members.map(({ value }: { value: string }) => value)
    }
    expect(await left({ op: 'remove', path: 'members', value: [] })).toEqual([a, b, c])
    expect(await left({ op: 'Remove', path: 'members', value: [{ $ref: null, value: a }] })).toEqual([b, c])
    expect(
      await left({
        op: 'remove',
        path: 'members',
        value: [{ value: a }, { value: stranger }, { value: 'x' }],
      }),
    ).toEqual([b, c])
    expect(await left({ op: 'remove', path: `members[value eq "${b}"]` })).toEqual([c])
    expect(await left({ op: 'remove', path: `members[value eq "${stranger}"]` })).toEqual([c])
    expect(await left({ op: 'remove', path: 'members[type eq "Group"]' })).toEqual([c])
    expect(await left({ op: 'remove', path: 'members' })).toEqual([])
  })

  test('members and attributes in one request are changed together or not at all', async () => {
    const user = await newUser()
    const id = await newGroup()
    const operations = [
      { op: 'replace', value: { displayName: `both ${id}`, members: [{ value: user }] } },
      { op: 'add', path: 'members', value: [{ value: 'nobody' }] },
    ]
    expectScimError(await tenant.scim.patch(`/Groups/${id}`, patchBody(...operations)), 400, 'invalidValue')
    const untouched = (await tenant.scim.get(`/Groups/${id}`)).body
    expect(untouched).toMatchObject({ meta: { version: 'W/"1"' } })
    expect(untouched).not.toHaveProperty('members')
    await tenant.scim.patch(`/Groups/${id}`, patchBody(operations[0])).expect(200)
    expect((await tenant.scim.get(`/Groups/${id}`)).body).toMatchObject({
      displayName: `both ${id}`,
      meta: { version: 'W/"2"' },
    })
  })

  test('there and back, adding who is there, removing who is not: no new version', async () => {
    const [inside, outside] = [await newUser(), await newUser()]
    const id = await newGroup([inside])
    const add = (value: string) => ({ op: 'add', path: 'members', value: [{ value }] })
    const remove = (value: string) => ({ op: 'remove', path: `members[value eq "${value}"]` })
    for (const operations of [
      [add(inside)],
      [remove(outside)],
      [add(outside), remove(outside)],
      [remove(inside), add(inside)],
    ]) {
      const answer = await tenant.scim.patch(`/Groups/${id}`, patchBody(...operations))
      expect([answer.status, answer.headers.etag]).toEqual([200, 'W/"1"'])
    }
  })
})

describe('RFC 7644 3.6 delete', () => {
  test('204, then 404 for every method, the displayName is free, and the group is no member any more', async () => {
    const id = await newGroup([], { displayName: 'Gone' })
    const outer = await newGroup([id])
    expect((await tenant.scim.delete(`/Groups/${id}`)).status).toBe(204)
    const body = { schemas: [groupUrn], displayName: 'Gone' }
    const uses = [
      await tenant.scim.get(`/Groups/${id}`),
      await tenant.scim.put(`/Groups/${id}`, body),
      await tenant.scim.patch(`/Groups/${id}`, patchBody({ op: 'remove', path: 'members' })),
      await tenant.scim.delete(`/Groups/${id}`),
    ]
    for (const use of uses) expect(expectScimError(use, 404)).toBe(`Group ${id} not found.`)
    expect((await tenant.scim.get(`/Groups/${outer}`)).body).not.toHaveProperty('members')
    await tenant.scim.post('/Groups', body).expect(201)
  })
})

test('answers without members read none: they do not wait for the table of members', async () => {
  const id = await newGroup([await newUser()])
  const other = new pg.Client({ connectionString: app.databaseUrl })
  await other.connect()
  try {
    await other.query('BEGIN; LOCK TABLE user_memberships, group_memberships IN ACCESS EXCLUSIVE MODE')
    for (const query of ['excludedAttributes=members', 'attributes=displayName']) {
      expect((await tenant.scim.get(`/Groups/${id}?${query}`)).body).toMatchObject({ id })
      expect((await tenant.scim.get(`/Groups?${query}`)).status).toBe(200)
    }
    const rename = patchBody({ op: 'replace', path: 'displayName', value: 'renamed meanwhile' })
    expect((await tenant.scim.patch(`/Groups/${id}?attributes=displayName`, rename)).status).toBe(200)
    expect((await tenant.scim.get('/Users?attributes=userName')).status).toBe(200)
  } finally {
    await other.end()
  }
})
