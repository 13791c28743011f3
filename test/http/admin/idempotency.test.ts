// Idempotency-Key: a POST that is sent again is answered as it was, and nothing happens again.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseText, expectProblem } from '../../support/answers.ts'
import { adminClient, type Client, startTestApp, type TestApp } from '../../support/app.ts'
import { answered, aScene, type Scene } from '../../support/provisioning.ts'

let app: TestApp
let admin: Client
let scene: Scene
beforeAll(async () => {
  app = await startTestApp()
  admin = adminClient(app)
  scene = await aScene(app)
})
afterAll(() => app.close())

let keys = 0
const newKey = () => {
  keys += 1
  return `"key-${keys}"`
}
const post = (path: string, body: unknown, key: string, client = admin) =>
  client.post(path, body).set('Idempotency-Key', key)
const newParent = { name: 'Once', plan: 'enterprise' }
const parentsNamed = async (name: string): Promise<number> =>
  app.database.client.parentOrganization.count({ where: { name } })

describe('the same request again', () => {
  test('gets the same status, headers and body, and does nothing again', async () => {
    const key = newKey()
    const first = await answered(post('/parent-organizations', newParent, key), 201)
    const again = await answered(post('/parent-organizations', newParent, key), 201)
    expect(again.text).toBe(first.text)
    for (const name of ['content-type', 'location']) expect(again.headers[name]).toBe(first.headers[name])
    expect(first.headers['idempotency-replayed']).toBe(undefined)
    expect(again.headers['idempotency-replayed']).toBe('true')
    expect(await parentsNamed('Once')).toBe(1)
    const { events } = (await answered(admin.get(`/events?subject=${first.body.id}`), 200)).body
    expect(events).toHaveLength(1)
    expect(events[0].actor.requestId).toBe(first.headers['x-request-id'])
    expect(Object.keys(events[0].actor).sort()).toEqual(['id', 'kind', 'requestId'])
  })

  test('gets the same refusal, also after what it refused would be possible', async () => {
    const key = newKey()
    const path = scene.org.path('/members')
    await scene.org.buy({ premium: 0, standard: 0 })
    const first = await post(path, { email: 'late@acme.test' }, key)
    expectProblem(first, 409, { rule: 'E4' })
    await scene.org.buy({ premium: 1 })
    const again = await post(path, { email: 'late@acme.test' }, key)
    expect([again.status, again.text]).toEqual([409, first.text])
    expect(again.headers['content-type']).toBe(first.headers['content-type'])
    await answered(post(path, { email: 'late@acme.test' }, newKey()), 201)
  })

  test('gets a token that is shown once, again; the database cannot', async () => {
    const key = newKey()
    const path = `/directories/${scene.tenant.directoryId}/tokens`
    const first = await answered(post(path, { name: 'okta' }, key), 201)
    const again = await answered(post(path, { name: 'okta' }, key), 201)
    expect(again.body.token).toBe(first.body.token)
    expect(again.headers['cache-control']).toBe('no-store')
    const text = await databaseText(app.database)
    expect(text).toContain(first.body.id)
    expect(text).not.toContain(first.body.token.slice(-20))
    expect(text).not.toContain(key.slice(1, -1))
  })

  test('asks with its ETag, and signs in', async () => {
    const key = newKey()
    const preview = scene.org.path('/provisioning:preview')
    const first = await answered(post(preview, { mode: 'jit' }, key), 200)
    const again = await answered(post(preview, { mode: 'jit' }, key), 200)
    expect([again.headers.etag, again.text]).toEqual([first.headers.etag, first.text])
    const signIn = newKey()
    const path = scene.org.path('/sign-ins')
    const asked = await answered(post(path, { email: 'nobody@acme.test' }, signIn), 200)
    expect((await post(path, { email: 'nobody@acme.test' }, signIn)).text).toBe(asked.text)
  })

  test('is known with and without the quotes that the header should have', async () => {
    const first = await answered(post('/parent-organizations', newParent, '"quo-1"'), 201)
    const again = await answered(post('/parent-organizations', newParent, 'quo-1'), 201)
    expect(again.body).toEqual(first.body)
  })
})

describe('a key', () => {
  test('of another request is refused: another body, path or query', async () => {
    const key = newKey()
    await answered(post('/parent-organizations', { ...newParent, name: 'Mine' }, key), 201)
    expectProblem(await post('/parent-organizations', { ...newParent, name: 'Other' }, key), 422)
    expectProblem(await post(scene.org.path('/members'), { email: 'x@acme.test' }, key), 422)
    expectProblem(await post(`${scene.org.path('/provisioning:preview')}?limit=1`, { mode: 'jit' }, key), 422)
    expect(await parentsNamed('Other')).toBe(0)
  })

  test('is a token’s own', async () => {
    const key = newKey()
    const body = { name: 'Each', plan: 'team' }
    const { token } = (
      await answered(admin.post('/admin-tokens', { name: 'other', scope: 'all', access: 'read_write' }), 201)
    ).body
    const mine = await answered(post('/parent-organizations', body, key), 201)
    const theirs = await answered(post('/parent-organizations', body, key, adminClient(app, token)), 201)
    expect(theirs.body.id).not.toBe(mine.body.id)
  })

  test('is not used up by a request that never was one', async () => {
    const key = newKey()
    expectProblem(await post('/parent-organizations', { name: 'Later' }, key), 400, { field: 'plan' })
    await answered(post('/parent-organizations', { name: 'Later', plan: 'team' }, key), 201)
  })

  test('counts for a day', async () => {
    const key = newKey()
    const body = { name: 'Daily', plan: 'team' }
    const first = await answered(post('/parent-organizations', body, key), 201)
    const age = (interval: string) =>
      app.database.client.$executeRawUnsafe(
        `UPDATE idempotency_keys SET created_at = created_at - interval '${interval}'`,
      )
    await age('23 hours')
    expect((await answered(post('/parent-organizations', body, key), 201)).body).toEqual(first.body)
    await age('2 hours')
    const next = await answered(post('/parent-organizations', body, key), 201)
    expect(next.body.id).not.toBe(first.body.id)
    await age('25 hours')
    const { client } = app.database
    const count = await client.idempotencyKey.count()
    expect(await app.services.idempotency.deleteOld(new AbortController().signal)).toBe(count)
    expect(await client.idempotencyKey.count()).toBe(0)
  })

  test.each(['""', '"a', 'a b', 'ä', '"a";b=1', `"${'x'.repeat(256)}"`, ' '])('%s is none', async (key) => {
    // Node writes what is no ASCII as Latin-1, as RFC 9110 has it
    const answer = await post('/parent-organizations', newParent, key)
    expectProblem(answer, 400, { field: 'Idempotency-Key' })
  })

  test('means nothing where a request may be repeated anyway', async () => {
    const key = newKey()
    for (const premium of [1, 2]) {
      const answer = await admin.put(scene.org.path('/seats'), { premium }).set('Idempotency-Key', key)
      expect(answer.body.seats[0].purchased).toBe(premium)
    }
  })
})

describe('a request that fails or dies', () => {
  const state = async (change: string) => {
    await app.database.client.$executeRawUnsafe(`UPDATE idempotency_keys SET ${change}`)
  }

  test('with a 5xx leaves nothing behind, and may be sent again with its key', async () => {
    const key = newKey()
    const body = { name: 'Failing', plan: 'team' }
    const { client } = app.database
    await client.$executeRaw`ALTER TABLE directories RENAME TO elsewhere`
    const failed = await post('/parent-organizations', body, key)
    await client.$executeRaw`ALTER TABLE elsewhere RENAME TO directories`
    expect(failed.status).toBe(500)
    await answered(post('/parent-organizations', body, key), 201)
    expect(await parentsNamed('Failing')).toBe(1)
  })

  test('before it has written: the key is held for a while, then the request can be carried out', async () => {
    const key = newKey()
    const body = { name: 'Dead early', plan: 'team' }
    await app.database.client.idempotencyKey.deleteMany()
    await answered(post('/parent-organizations', body, key), 201)
    // as a process that died before its write leaves it
    await state(`answer = NULL, carried_out = false`)
    await app.database.client.parentOrganization.updateMany({
      where: { name: 'Dead early' },
      data: { name: 'Never was' },
    })
    expectProblem(await post('/parent-organizations', body, key), 409)
    await state(`claimed_at = now() - interval '3 minutes'`)
    await answered(post('/parent-organizations', body, key), 201)
    expect(await parentsNamed('Dead early')).toBe(1)
    expect((await post('/parent-organizations', body, key)).headers['idempotency-replayed']).toBe('true')
  })

  test('after it has written: it is never carried out again, and the answer says that it was', async () => {
    const key = newKey()
    const body = { name: 'Dead late', plan: 'team' }
    await app.database.client.idempotencyKey.deleteMany()
    await answered(post('/parent-organizations', body, key), 201)
    await state(`answer = NULL, claimed_at = now() - interval '3 minutes'`)
    const detail = expectProblem(await post('/parent-organizations', body, key), 409)
    expect(detail).toContain('was carried out')
    expect(await parentsNamed('Dead late')).toBe(1)
  })

  test('one that was taken for dead and still writes is undone', async () => {
    await app.database.client.idempotencyKey.deleteMany()
    await answered(post('/parent-organizations', newParent, newKey()), 201)
    const [held] = await app.database.client.idempotencyKey.findMany()
    const { adminTokenId = '', key = '' } = held ?? {}
    const claim = { adminTokenId, key, attempt: 1 }
    await state('attempt = 2')
    const late = app.services.parentOrganizations.create(
      { kind: 'admin_token', claim },
      { name: 'Too late', plan: 'team' },
    )
    await expect(late).rejects.toMatchObject({ name: 'ClaimLost' })
    expect(await parentsNamed('Too late')).toBe(0)
  })
})
