// POST /v1/organizations/{id}/sign-ins (domain.md section 6): what it takes, and what it refuses as a request.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseText, expectProblem } from '../../support/answers.ts'
import { adminClient, type Client, startTestApp, type TestApp } from '../../support/app.ts'
import { aScene, type Scene } from '../../support/provisioning.ts'

let app: TestApp
let scene: Scene
let admin: Client
let path: string
beforeAll(async () => {
  app = await startTestApp()
  scene = await aScene(app)
  await scene.org.save({ mode: 'jit' })
  await scene.idp.user('ann')
  admin = adminClient(app)
  path = scene.org.path('/sign-ins')
})
afterAll(() => app.close())

test('section 6 a refusal is an answer, and no cache may keep it', async () => {
  const { body, headers } = await admin.post(path, { email: 'stranger@acme.test' }).expect(200)
  expect(headers['cache-control']).toBe('no-store')
  expect(body).toEqual({
    allowed: false,
    why: [
      { rule: 'E1', code: 'not_in_directory', text: 'No user of the directory is this person.', groups: [] },
    ],
    unknownGroups: [],
    member: null,
  })
})

describe('section 6 a request that cannot be is refused, and nothing changes', () => {
  const ann = { email: 'ann@acme.test' }
  test.each<[body: unknown, field: string]>([
    [{}, 'email'],
    [{ groups: ['Staff'] }, 'email'],
    [{ ...ann, userName: 'ann@acme.test' }, 'email'],
    [{ email: '' }, 'email'],
    [{ email: 'a b' }, 'email'],
    [{ email: 7 }, 'email'],
    [{ email: null }, 'email'],
    [{ userName: '' }, 'userName'],
    [{ userName: 'a\u0000b' }, 'userName'],
    [{ userName: 'x'.repeat(501) }, 'userName'],
    [{ ...ann, groups: 'Staff' }, 'groups'],
    [{ ...ann, groups: [7] }, 'groups[0]'],
    [{ ...ann, groups: ['Staff', 'a\ud800b'] }, 'groups[1]'],
    [{ ...ann, role: 'owner' }, 'role'],
  ])('%j', async (body, field) => {
    const before = await databaseText(app.database)
    expectProblem(await admin.post(path, body), 400, { field })
    expect(await databaseText(app.database)).toBe(before)
  })

  test('more groups than an assertion may have', async () => {
    const groups = Array.from({ length: 2001 }, (_, i) => `${i}`)
    expectProblem(await admin.post(path, { ...ann, groups }), 400, { field: 'groups' })
  })

  test('an organization that is not there', async () => {
    const unknown = `/organizations/${scene.tenant.directoryId}/sign-ins`
    expectProblem(await admin.post(unknown, ann), 404)
    expectProblem(await admin.post('/organizations/acme/sign-ins', ann), 404)
  })

  test('no token, and a token of the identity provider', async () => {
    const url = `/v1${path}`
    expectProblem(await app.http.post(url).send(ann), 401)
    const answer = await app.http.post(url).set('Authorization', `Bearer ${scene.tenant.token}`).send(ann)
    expectProblem(answer, 401)
  })

  test('another method', async () => {
    expectProblem(await admin.get(path), 405)
  })
})

test('section 6 as many groups as an assertion may have', async () => {
  const groups = Array.from({ length: 2000 }, (_, i) => `Group ${i} ’"\\%_`)
  await scene.org.save({ mode: 'jit', groupMappings: true })
  const { body } = await admin.post(path, { userName: 'ann@acme.test', groups }).expect(200)
  expect(body).toMatchObject({ allowed: false, unknownGroups: groups })
})
