// Who may call (RFC 7644 section 2, RFC 6750), and that directories are apart.
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '../../../src/ids.ts'
import { hashToken } from '../../../src/secrets.ts'
import { insertDirectoryToken } from '../../../src/store/tokens.ts'
import { databaseText, expectScimError } from '../../support/answers.ts'
import { adminClient, scimClient, startTestApp, type Tenant, type TestApp } from '../../support/app.ts'
import { groupUrn, patchBody, userUrn } from '../../support/protocol.ts'

let app: TestApp
let tenant: Tenant
let other: Tenant
beforeAll(async () => {
  app = await startTestApp()
  tenant = await app.createTenant()
  other = await app.createTenant()
})
afterAll(() => app.close())

const newToken = async (body: object) =>
  (await adminClient(app).post(`/directories/${tenant.directoryId}/tokens`, body).expect(201)).body

describe('RFC 6750 3 challenges', () => {
  test('no credentials, or those of another scheme: 401 with a bare challenge', async () => {
    const bare = app.http.get('/scim/v2/Users')
    const basic = app.http.get('/scim/v2/Users').set('Authorization', 'Basic dXNlcjpwYXNz')
    for (const answer of [await bare, await basic]) {
      expectScimError(answer, 401)
      expect(answer.headers['www-authenticate']).toBe('Bearer')
    }
  })

  test.each([
    ['an unknown token', 'Bearer rollcall_dir_wrong'],
    ['no token at all', 'Bearer'],
    ['two words', 'Bearer a b'],
  ])('%s: 401 invalid_token', async (_, authorization) => {
    const answer = await app.http.get('/scim/v2/Users').set('Authorization', authorization)
    expectScimError(answer, 401)
    expect(answer.headers['www-authenticate']).toBe('Bearer error="invalid_token"')
  })

  test('the scheme compares without case', async () => {
    await app.http.get('/scim/v2/Users').set('Authorization', `bearer ${tenant.token}`).expect(200)
  })

  test('an admin token opens no directory, a directory token no admin API', async () => {
    expectScimError(await scimClient(app.http, app.adminToken).get('/Users'), 401)
    await app.http.get('/v1/parent-organizations').set('Authorization', `Bearer ${tenant.token}`).expect(401)
  })
})

describe('directory tokens', () => {
  test('several are valid at once; a revoked one is not, from then on', async () => {
    const [first, second] = [await newToken({ name: 'first' }), await newToken({ name: 'second' })]
    for (const { token } of [first, second]) await scimClient(app.http, token).get('/Users').expect(200)
    await adminClient(app).delete(`/directories/${tenant.directoryId}/tokens/${first.id}`).expect(204)
    expectScimError(await scimClient(app.http, first.token).get('/Users'), 401)
    await scimClient(app.http, second.token).get('/Users').expect(200)
  })

  test('one that was made before tokens had a checksum holds as before', async () => {
    const old = `rollcall_dir_${randomBytes(32).toString('base64url')}`
    await app.database.transaction((tx) =>
      insertDirectoryToken(tx, tenant.directoryId, {
        id: newId(),
        name: 'old',
        hash: hashToken(old),
        expiresAt: null,
      }),
    )
    await scimClient(app.http, old).get('/Users').expect(200)
    expectScimError(
      await scimClient(app.http, `${old.slice(0, -1)}${old.endsWith('A') ? 'B' : 'A'}`).get('/Users'),
      401,
    )
  })

  test('an expired one is refused, also by who has just taken it', async () => {
    const expiresAt = new Date(Date.now() + 2000)
    const { token } = await newToken({ name: 'short', expiresAt: expiresAt.toISOString() })
    let isEarly = false
    const refused = async () => {
      const answer = await scimClient(app.http, token).get('/Users')
      // on either side of the moment, whatever is known of the token
      if (answer.status === 401) isEarly ||= Date.now() < expiresAt.getTime()
      return answer
    }
    await expect.poll(async () => (await refused()).status, { timeout: 10_000 }).toBe(401)
    expectScimError(await refused(), 401)
    expect(isEarly).toBe(false)
  })

  test('the use of one is remembered', async () => {
    const { id, token } = await newToken({ name: 'used' })
    for (let i = 0; i < 3; i += 1) await scimClient(app.http, token).get('/Users').expect(200)
    const path = `/directories/${tenant.directoryId}/tokens/${id}`
    expect((await adminClient(app).get(path).expect(200)).body.lastUsedAt).toEqual(expect.any(String))
  })

  test('are in no table in clear, nor is their secret part', async () => {
    const { token } = await newToken({ name: 'secret' })
    const rows = await databaseText(app.database)
    expect(rows).toContain('secret')
    for (const secret of [token, tenant.token, app.adminToken]) {
      expect(rows).not.toContain(secret)
      expect(rows).not.toContain(secret.slice(-20))
    }
  })
})

describe('another directory is as if it were not there', () => {
  const unknown = '00000000-0000-7000-8000-000000000000'

  test.each(['Users', 'Groups'])(
    '%s: the same 404 as for an unknown id, whatever the method',
    async (type) => {
      const body =
        type === 'Users'
          ? { schemas: [userUrn], userName: 'apart' }
          : { schemas: [groupUrn], displayName: 'apart' }
      const { id } = (await tenant.scim.post(`/${type}`, body).expect(201)).body
      const calls = (wanted: string) => [
        other.scim.get(`/${type}/${wanted}`),
        other.scim.put(`/${type}/${wanted}`, body),
        other.scim.patch(`/${type}/${wanted}`, patchBody({ op: 'replace', path: 'externalId', value: 'x' })),
        other.scim.delete(`/${type}/${wanted}`),
      ]
      const [theirs, nobodys] = [await Promise.all(calls(id)), await Promise.all(calls(unknown))]
      for (const [i, answer] of theirs.entries()) {
        const detail = expectScimError(answer, 404)
        expect(detail.replace(id, unknown)).toBe(nobodys[i]?.body.detail)
      }
      await tenant.scim.get(`/${type}/${id}`).expect(200)
    },
  )

  test('lists and filters find nothing of it, and its ids are no members', async () => {
    const { id } = (await tenant.scim.post('/Users', { userName: 'hidden' }).expect(201)).body
    for (const filter of [`id eq "${id}"`, 'userName eq "hidden"', 'userName pr']) {
      const found = await other.scim.get(`/Users?filter=${encodeURIComponent(filter)}`).expect(200)
      expect(JSON.stringify(found.body)).not.toContain(id)
    }
    const refused = await other.scim.post('/Groups', { displayName: 'thieves', members: [{ value: id }] })
    expect(expectScimError(refused, 400, 'invalidValue')).toContain(id)
  })
})
