// The webhooks of WorkOS over HTTP: what is refused, what is ignored, and what becomes of the directory.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adminClient, startTestApp, type TestApp } from '../support/app.ts'
import { aScene, eventsOf } from '../support/provisioning.ts'
import {
  connectWorkos,
  directoryByNames,
  signatureOf,
  WorkosDirectory,
  type WorkosEndpoint,
} from '../support/workos.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

const connected = async (workosDirectoryId: string | null = null) => {
  const tenant = await app.createTenant()
  return { tenant, workos: await connectWorkos(app, tenant, workosDirectoryId) }
}

const userCount = async (tenant: Parameters<typeof directoryByNames>[0]) =>
  (await directoryByNames(tenant)).users.length

/** One event, of a user that is made. */
const anEvent = () => {
  const directory = new WorkosDirectory()
  directory.user('ada')
  return directory.events[0] ?? expect.unreachable()
}

describe('domain.md 8 what is refused changes nothing', () => {
  const refusals: [string, (workos: WorkosEndpoint) => ReturnType<WorkosEndpoint['post']>, number, RegExp][] =
    [
      ['no signature', (workos) => workos.post(anEvent(), null), 401, /WorkOS-Signature is missing/],
      ['an unreadable one', (workos) => workos.post(anEvent(), 'v1=abc'), 401, /must be like t=/],
      [
        'a forged one',
        (workos) => workos.post(anEvent(), signatureOf(JSON.stringify(anEvent()), 'another secret')),
        401,
        /none of a signing secret/,
      ],
      [
        'the signature of another body',
        (workos) => workos.post(anEvent(), signatureOf('{}')),
        401,
        /none of a signing secret/,
      ],
      [
        'an old one',
        (workos) =>
          workos.post(anEvent(), signatureOf(JSON.stringify(anEvent()), undefined, Date.now() - 181_000)),
        401,
        /older than 180 seconds/,
      ],
      ['no JSON', (workos) => workos.post('userName=ada'), 400, /JSON/],
      ['an empty body', (workos) => workos.post(''), 400, /cannot be empty/],
      ['a list', (workos) => workos.post([anEvent()]), 400, /must be an object/],
      ['no event id', (workos) => workos.post({ ...anEvent(), id: null }), 400, /^id must be/],
      ['no time', (workos) => workos.post({ ...anEvent(), created_at: 'soon' }), 400, /^created_at/],
      ['no data', (workos) => workos.post({ ...anEvent(), data: null }), 400, /^data must be/],
      [
        'an id that no text column takes',
        (workos) => workos.post({ ...anEvent(), data: { ...anEvent().data, id: 'directory_user_\u0000' } }),
        400,
        /^data\.id/,
      ],
      [
        'a name that no text column takes',
        (workos) => workos.post({ ...anEvent(), data: { ...anEvent().data, first_name: 'A\u0000da' } }),
        400,
        /givenName/,
      ],
      [
        'a membership without a group',
        (workos) => {
          const { data, ...event } = anEvent()
          const body = { directory_id: data.directory_id, user: data }
          return workos.post({ ...event, event: 'dsync.group.user_added', data: body })
        },
        400,
        /^data\.group/,
      ],
    ]

  test.each(refusals)('%s', async (_name, send, status, detail) => {
    const { tenant, workos } = await connected()
    const response = await send(workos)
    expect(response.status).toBe(status)
    expect(response.headers['content-type']).toContain('application/problem+json')
    expect(response.body.detail).toMatch(detail)
    expect(await userCount(tenant)).toBe(0)
  })

  test('an unknown connection answers as one whose secret nobody knows, whether its id could be one or not', async () => {
    const unknown = ['0192e4a0-0000-7000-8000-000000000000', 'nothing', '%00']
    for (const id of unknown) {
      const body = JSON.stringify(anEvent())
      const response = await app.http
        .post(`/webhooks/workos/${id}`)
        .set('Content-Type', 'application/json')
        .set('WorkOS-Signature', signatureOf(body))
        .send(body)
      expect(response.status).toBe(401)
      expect(response.body.detail).toBe('The signature is none of a signing secret of this connection.')
    }
  })

  test('another method is 405, and 401 says which signature is asked for', async () => {
    const { workos } = await connected()
    const url = `/webhooks/workos/${workos.connectionId}`
    expect((await app.http.get(url)).status).toBe(405)
    expect((await workos.post(anEvent(), null)).headers['www-authenticate']).toBe('WorkOS-Signature')
  })
})

describe('domain.md 8 what is signed is what came', () => {
  test('a body with spaces and escapes of its own is checked as it is', async () => {
    const { tenant, workos } = await connected()
    const body = JSON.stringify(anEvent(), null, 2).replace('"ada"', '"\\u0061da"')
    expect((await workos.post(body)).body).toEqual({ outcome: 'applied' })
    expect(await userCount(tenant)).toBe(1)
  })
})

describe('domain.md 8 what is ignored', () => {
  test('an event of another kind is accepted, whatever it holds', async () => {
    const { tenant, workos } = await connected()
    const others = [{ ...anEvent(), event: 'connection.activated' }, { event: 'toString' }, {}]
    for (const other of others) {
      const response = await workos.post(other)
      expect([response.status, response.body.outcome]).toEqual([200, 'ignored'])
    }
    expect(await userCount(tenant)).toBe(0)
  })

  test('an event of another WorkOS directory: of the one that was named, or that came first', async () => {
    const other = new WorkosDirectory('directory_OTHER')
    other.user('mallory')
    const named = await connected('directory_01EXAMPLE')
    expect(await named.workos.send(other.events)).toEqual(['ignored'])
    const first = await connected()
    expect(await first.workos.send([anEvent(), ...other.events])).toEqual(['applied', 'ignored'])
    expect(await userCount(first.tenant)).toBe(1)
  })
})

describe('domain.md 8 the directory', () => {
  test('every kind of event does what it says', async () => {
    const { tenant, workos } = await connected()
    const directory = new WorkosDirectory()
    directory.activate()
    const ada = directory.user('ada', {
      job_title: 'Analyst',
      raw_attributes: {
        'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { department: 'Engines' },
      },
    })
    const bob = directory.user('bob')
    const engineers = directory.group('Engineers')
    const others = directory.group('Others')
    directory.add(engineers, ada)
    directory.add(engineers, bob)
    directory.drop(engineers, bob)
    directory.change(ada, { last_name: 'Lovelace' })
    directory.change(engineers, { name: 'Engineering' })
    directory.remove(bob)
    directory.remove(others)
    const outcomes = await workos.send(directory.events)
    expect(new Set(outcomes)).toEqual(new Set(['applied']))
    const { users, groups } = await directoryByNames(tenant)
    expect(groups).toEqual([{ displayName: 'Engineering', members: ['ada@acme.test'] }])
    expect(users).toEqual([
      {
        schemas: [
          'urn:ietf:params:scim:schemas:core:2.0:User',
          'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
        ],
        userName: 'ada@acme.test',
        externalId: 'idp-ada',
        active: true,
        name: { givenName: 'ada', familyName: 'Lovelace' },
        emails: [{ value: 'ada@acme.test', type: 'work', primary: true }],
        title: 'Analyst',
        'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { department: 'Engines' },
      },
    ])
    expect(new Set(await workos.send(directory.events))).toEqual(new Set(['unchanged']))
    expect(await directoryByNames(tenant)).toEqual({ users, groups })
  })

  test('an inactive user stays and is no member; by default it arrives as a deletion', async () => {
    const { tenant, org } = await aScene(app)
    await org.save()
    const workos = await connectWorkos(app, tenant)
    const directory = new WorkosDirectory()
    const ada = directory.user('ada')
    const bob = directory.user('bob')
    directory.change(ada, { state: 'inactive' })
    directory.remove(bob)
    await workos.send(directory.events.splice(0))
    expect(await org.seen()).toEqual({})
    expect(await userCount(tenant)).toBe(1)
    directory.change(ada, { state: 'active' })
    directory.user('bob2', { username: 'bob@acme.test', email: 'bob@acme.test' })
    await workos.send(directory.events)
    expect(Object.keys(await org.seen())).toEqual(['ada', 'bob'])
  })

  test('A2 events name the connection, and the event of WorkOS that caused them', async () => {
    const { tenant, workos } = await connected()
    const event = anEvent()
    await workos.send([event])
    const told = (await eventsOf(app, tenant.directoryId)).filter(({ type }) => type === 'user.created')
    expect(told.map(({ actor }) => actor)).toEqual([
      { kind: 'workos_connection', id: workos.connectionId, requestId: event.id },
    ])
  })

  test('a user that SCIM pushed before is matched by its userName, and a group by its name', async () => {
    const { tenant, idp } = await aScene(app)
    const ada = await idp.user('Ada', { title: 'Countess' })
    const group = await idp.group('engineers')
    const workos = await connectWorkos(app, tenant)
    const directory = new WorkosDirectory()
    directory.add(directory.group('Engineers'), directory.user('ada'))
    await workos.send(directory.events)
    const user = (await tenant.scim.get(`/Users/${ada}`)).body
    expect(user).toMatchObject({ userName: 'ada@acme.test', externalId: 'idp-ada' })
    expect(user.title).toBeUndefined()
    expect(user.groups).toMatchObject([{ value: group, display: 'Engineers' }])
    expect(await userCount(tenant)).toBe(1)
  })

  test('a user that is made anew under another id keeps its resource, though the old one is deleted later', async () => {
    const { tenant, workos } = await connected()
    const directory = new WorkosDirectory()
    const group = directory.group('Engineers')
    const old = directory.user('ada')
    directory.add(group, old)
    await workos.send(directory.events.splice(0))
    const [before] = (await tenant.scim.get('/Users')).body.Resources
    directory.remove(old)
    directory.user('again', { username: 'ADA@acme.test' })
    const [deletion, creation] = directory.events
    await workos.send([creation ?? expect.unreachable(), deletion ?? expect.unreachable()])
    const [after] = (await tenant.scim.get('/Users')).body.Resources
    expect(after).toMatchObject({ id: before.id, userName: 'ADA@acme.test', externalId: 'idp-again' })
    // the new one was put into no group
    expect(after.groups).toBeUndefined()
  })

  test('a name that the directory of another source has already is refused, and nothing changes', async () => {
    const { tenant, idp } = await aScene(app)
    const workos = await connectWorkos(app, tenant)
    const directory = new WorkosDirectory()
    const ada = directory.user('ada')
    await workos.send(directory.events.splice(0))
    await idp.user('bob')
    directory.change(ada, { username: 'bob@acme.test' })
    const response = await workos.post(directory.events[0])
    expect([response.status, response.body.detail]).toEqual([409, expect.stringContaining('bob@acme.test')])
    expect(await userCount(tenant)).toBe(2)
  })

  test('a user that SCIM deleted comes back with the next event of it', async () => {
    const { tenant, workos } = await connected()
    const directory = new WorkosDirectory()
    const ada = directory.user('ada')
    await workos.send(directory.events.splice(0))
    const [user] = (await tenant.scim.get('/Users')).body.Resources
    await tenant.scim.delete(`/Users/${user.id}`).expect(204)
    directory.change(ada, { first_name: 'Augusta' })
    await workos.send(directory.events)
    expect((await directoryByNames(tenant)).users).toMatchObject([{ name: { givenName: 'Augusta' } }])
  })

  test('nobody of another directory is seen or touched', async () => {
    const [one, two] = [await connected(), await connected()]
    const directory = new WorkosDirectory()
    const ada = directory.user('ada')
    await one.workos.send(directory.events)
    await two.workos.send(directory.events.splice(0))
    directory.remove(ada)
    await one.workos.send(directory.events)
    expect([await userCount(one.tenant), await userCount(two.tenant)]).toEqual([0, 1])
  })
})

describe('domain.md 8 dsync.activated and dsync.deleted', () => {
  const stateOf = async (directoryId: string, connectionId: string) =>
    (await adminClient(app).get(`/directories/${directoryId}/workos-connections/${connectionId}`)).body

  test('one event takes out everybody, more than one transaction holds; groups and mappings stay', async () => {
    const { tenant, org } = await aScene(app)
    const workos = await connectWorkos(app, tenant)
    const directory = new WorkosDirectory()
    directory.activate()
    const group = directory.group('Engineers')
    const ada = directory.user('ada')
    directory.add(group, ada)
    await workos.send(directory.events.splice(0))
    const [{ id: groupId }] = (await tenant.scim.get('/Groups')).body.Resources
    await org.map([{ groupId, role: 'admin' }])
    expect(await stateOf(tenant.directoryId, workos.connectionId)).toMatchObject({ state: 'active' })
    expect(await org.seen()).toEqual({ ada: 'admin premium' })
    await copyUsers(tenant.directoryId, workos.connectionId, 1100)
    expect((await tenant.scim.get('/Users?count=0')).body.totalResults).toBe(1101)

    directory.disconnect()
    const late = new WorkosDirectory()
    late.user('late')
    expect(await workos.send([...directory.events, ...directory.events, ...late.events])).toEqual([
      'applied',
      'unchanged',
      'unchanged',
    ])
    expect(await userCount(tenant)).toBe(0)
    expect(await org.seen()).toEqual({})
    expect((await directoryByNames(tenant)).groups).toEqual([{ displayName: 'Engineers', members: [] }])
    expect(await stateOf(tenant.directoryId, workos.connectionId)).toMatchObject({ state: 'deleted' })
    const told = await eventsOf(app, tenant.directoryId)
    expect(told.filter(({ type }) => type === 'user.deleted')).toHaveLength(1101)
    expect(told.filter(({ type }) => type === 'member.removed')).toHaveLength(1)
  })

  test('S5 the brake holds what dsync.deleted removes, and the directory is updated all the same', async () => {
    const { tenant, org } = await aScene(app)
    const workos = await connectWorkos(app, tenant)
    const directory = new WorkosDirectory()
    for (const name of ['ada', 'bob', 'cyd']) directory.user(name)
    await workos.send(directory.events.splice(0))
    await org.save({ brake: { maxRemovals: 2, withinMinutes: 60 } })
    directory.disconnect()
    await workos.send(directory.events)
    expect(await userCount(tenant)).toBe(0)
    expect(Object.keys(await org.seen())).toEqual(['ada', 'bob', 'cyd'])
  })

  /** As if as many more users had come by events. */
  async function copyUsers(directoryId: string, connectionId: string, count: number): Promise<void> {
    const { client } = app.database
    await client.$executeRaw`
      INSERT INTO users (directory_id, id, user_name, user_name_key, email, email_key, active, resource, search,
        created_at, last_modified)
      SELECT u.directory_id, gen_random_uuid(), n || u.user_name, n || u.user_name_key, n || u.email,
        n || u.email_key, true, u.resource || jsonb_build_object('externalId', n::text), u.search, now(), now()
      FROM users u, generate_series(1, ${count}::int) n WHERE u.directory_id = ${directoryId}::uuid`
    await client.$executeRaw`
      INSERT INTO workos_objects (directory_id, connection_id, resource_type, workos_id, stamp, born, name_key, resource)
      SELECT o.directory_id, o.connection_id, 'User', 'directory_user_' || u.id, o.stamp, o.born, u.user_name_key,
        o.resource
      FROM users u JOIN workos_objects o ON o.directory_id = u.directory_id AND o.resource_type = 'User'
      WHERE u.directory_id = ${directoryId}::uuid AND u.user_name_key <> o.name_key`
    await client.$executeRaw`
      INSERT INTO workos_links (directory_id, connection_id, resource_type, workos_id, user_id)
      SELECT directory_id, ${connectionId}::uuid, 'User', 'directory_user_' || id, id FROM users u
      WHERE u.directory_id = ${directoryId}::uuid
        AND NOT EXISTS (SELECT 1 FROM workos_links l WHERE l.directory_id = u.directory_id AND l.user_id = u.id)`
  }

  test('the directory that is connected anew finds its groups, and with them the mappings', async () => {
    const { tenant, org } = await aScene(app)
    const first = await connectWorkos(app, tenant, 'directory_ONE')
    const directory = new WorkosDirectory('directory_ONE')
    directory.add(directory.group('Engineers'), directory.user('ada'))
    await first.send(directory.events.splice(0))
    const [{ id: groupId }] = (await tenant.scim.get('/Groups')).body.Resources
    await org.map([{ groupId, role: 'admin' }])
    const { id } = await org.member('ada')
    directory.disconnect()
    await first.send(directory.events)
    const second = await connectWorkos(app, tenant, 'directory_TWO')
    const anew = new WorkosDirectory('directory_TWO')
    anew.add(
      anew.group('engineers2', { name: 'Engineers' }),
      anew.user('ada2', { username: 'ada@acme.test', email: 'ada@acme.test' }),
    )
    await second.send(anew.events)
    expect(await org.seen()).toEqual({ ada: 'admin premium' })
    expect((await org.member('ada')).id).toBe(id)
  })
})

test('domain.md 8 deliveries at once end as deliveries in order do', async () => {
  const { tenant, org } = await aScene(app)
  await org.save()
  const workos = await connectWorkos(app, tenant)
  const directory = new WorkosDirectory()
  const group = directory.group('Engineers')
  for (let i = 0; i < 8; i += 1) directory.add(group, directory.user(`user${i}`))
  await Promise.all([...directory.events, ...directory.events].map((event) => workos.send([event])))
  const { users, groups } = await directoryByNames(tenant)
  expect(users).toHaveLength(8)
  expect(groups).toMatchObject([{ members: { length: 8 } }])
  expect(Object.keys(await org.seen())).toHaveLength(8)
})

test('an older event after a newer one changes nothing, whatever it is of', async () => {
  const { tenant, workos } = await connected()
  const directory = new WorkosDirectory()
  const group = directory.group('Engineers')
  const ada = directory.user('ada')
  directory.add(group, ada)
  directory.drop(group, ada)
  directory.change(ada, { first_name: 'Augusta' })
  directory.change(group, { name: 'Engineering' })
  await workos.send(directory.events.toReversed())
  const { users, groups } = await directoryByNames(tenant)
  expect(users).toMatchObject([{ name: { givenName: 'Augusta' } }])
  expect(groups).toEqual([{ displayName: 'Engineering', members: [] }])
})
