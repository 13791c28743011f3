// What stands around the body: locations, content types, and protocol versions.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectScimError } from '../../support/answers.ts'
import { startTestApp, type Tenant, type TestApp } from '../../support/app.ts'
import { groupUrn, patchBody, userUrn } from '../../support/protocol.ts'

const publicUrl = 'https://scim.example.com/tenant'

let app: TestApp
let tenant: Tenant
beforeAll(async () => {
  app = await startTestApp({ publicUrl })
  tenant = await app.createTenant()
})
afterAll(() => app.close())

const body = (type: string, name: string) =>
  type === 'Users' ? { schemas: [userUrn], userName: name } : { schemas: [groupUrn], displayName: name }

describe('RFC 7643 3.1 meta.location', () => {
  test.each(['Users', 'Groups'])(
    '%s: Content-Location and Location are meta.location, under the public URL, in every answer about one resource',
    async (type) => {
      const created = await tenant.scim.post(`/${type}`, body(type, 'located')).expect(201)
      const { id, meta } = created.body
      expect(meta.location).toBe(`${publicUrl}/scim/v2/${type}/${id}`)
      const path = `/${type}/${id}`
      const change = patchBody({ op: 'add', path: 'externalId', value: 'x' })
      const answers = [
        created,
        await tenant.scim.get(path).expect(200),
        await tenant.scim.get(`${path}?attributes=externalId`).expect(200),
        await tenant.scim.get(path).set('If-None-Match', '*').expect(304),
        await tenant.scim.put(path, body(type, 'relocated')).expect(200),
        await tenant.scim.patch(path, change),
        await tenant.scim.patch(`${path}?attributes=externalId`, change).expect(200),
      ]
      for (const { headers } of answers) {
        expect(headers).toMatchObject({ location: meta.location, 'content-location': meta.location })
      }
      const listed = await tenant.scim.get(`/${type}`).expect(200)
      expect(listed.body.Resources[0].meta.location).toBe(meta.location)
    },
  )

  test('members and groups refer to each other under the public URL', async () => {
    const user = (await tenant.scim.post('/Users', body('Users', 'member')).expect(201)).body
    const members = [{ value: user.id }]
    const group = await tenant.scim.post('/Groups', { ...body('Groups', 'referring'), members }).expect(201)
    expect(group.body.members[0].$ref).toBe(user.meta.location)
    const read = await tenant.scim.get(`/Users/${user.id}`).expect(200)
    expect(read.body.groups[0].$ref).toBe(group.body.meta.location)
  })

  test('discovery says where it is under the public URL', async () => {
    const { body } = await app.http.get('/scim/v2/Schemas').expect(200)
    for (const { id, meta } of body.Resources) {
      expect(meta.location).toBe(`${publicUrl}/scim/v2/Schemas/${id}`)
    }
    for (const path of [`/Schemas/${userUrn}`, '/ResourceTypes/User', '/ServiceProviderConfig']) {
      const { headers, body } = await app.http.get(`/scim/v2${path}`).expect(200)
      expect([body.meta.location, headers['content-location']]).toEqual(
        Array(2).fill(`${publicUrl}/scim/v2${path}`),
      )
    }
  })
})

describe('RFC 7644 3.8 content types', () => {
  test.each([undefined, 'application/scim+json', 'application/json', 'application/json;q=0.5, */*', '*/*'])(
    'Accept: %s is answered in JSON',
    async (accept) => {
      const request = tenant.scim.get('/Users?count=1')
      const answer = await (accept === undefined ? request : request.set('Accept', accept))
      expect(answer.status).toBe(200)
      expect(answer.headers['content-type']).toBe('application/scim+json; charset=utf-8')
      expect(JSON.parse(answer.text).totalResults).toBeGreaterThan(0)
    },
  )
})

describe('RFC 7644 3.13 protocol versions', () => {
  test.each(['/scim/v1/Users', '/scim/v3/Users?count=1', '/scim/v10', '/scim/v2.1/Users'])(
    '%s is refused as SCIM refuses',
    async (path) => {
      for (const method of ['get', 'post', 'delete'] as const) {
        const answer = await app.http[method](path).set('Authorization', `Bearer ${tenant.token}`)
        if (path.includes('v2.1')) expectScimError(answer, 404)
        else expect(expectScimError(answer, 400, 'invalidVers')).toContain('/scim/v2')
      }
    },
  )

  test('without a version there is no endpoint, and the error is one of SCIM', async () => {
    for (const path of ['/scim', '/scim/', '/scim/Users', '/scim/vx/Users']) {
      expectScimError(await app.http.get(path), 404)
    }
    await tenant.scim.get('/Users?count=0').expect(200)
  })
})
