// The document of the admin API: whole, valid, and of the routes that there are.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestApp, type TestApp } from '../../support/app.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

test('the document is served to anybody, as OpenAPI 3.1', async () => {
  const { body } = await app.http
    .get('/v1/openapi.json')
    .expect(200)
    .expect('content-type', /^application\/json/)
  expect(body.openapi).toBe('3.1.0')
  expect(body.paths['/v1/organizations/{id}'].get).toMatchObject({
    operationId: 'getOrganization',
    tags: ['Organizations'],
    responses: {
      200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Organization' } } } },
      404: { content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } },
    },
  })
})
