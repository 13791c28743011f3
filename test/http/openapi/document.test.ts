// The document of the admin API: valid, open to anybody, of every route that there is, and with nothing left empty.
import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Document, Operation } from '../../../src/http/openapi/document.ts'
import { adminRoutesOf } from '../../support/admin-routes.ts'
import { startTestApp, type TestApp } from '../../support/app.ts'

let app: TestApp
let document: Document
beforeAll(async () => {
  app = await startTestApp()
  document = (await app.http.get('/v1/openapi.json')).body
})
afterAll(() => app.close())

const operations = (): { name: string; path: string; operation: Operation }[] =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      path,
      operation,
    })),
  )

/** Every schema of the document, with where it is. */
function schemas(): { place: string; schema: unknown }[] {
  const found: { place: string; schema: unknown }[] = []
  const visit = (value: unknown, place: string) => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, child] of Object.entries(value)) {
      const at = `${place}/${key}`
      const isMap = key === 'properties' || (key === 'schemas' && place === '/components')
      const children = isMap || key === 'anyOf' ? Object.entries(child) : []
      for (const [name, schema] of children) found.push({ place: `${at}/${name}`, schema })
      if (['schema', 'items', 'additionalProperties'].includes(key)) found.push({ place: at, schema: child })
      visit(child, at)
    }
  }
  visit(document, '')
  return found
}

describe('the document', () => {
  test('is served to anybody, as JSON, and to be read only', async () => {
    await app.http
      .get('/v1/openapi.json')
      .expect(200)
      .expect('content-type', 'application/json; charset=utf-8')
    await app.http.post('/v1/openapi.json').expect(405)
    await app.http.get('/v1/openapi.json/x').expect(401)
  })

  test('is valid OpenAPI 3.1', async () => {
    expect(document.openapi).toBe('3.1.0')
    expect(await new Validator().validate({ ...structuredClone(document) })).toEqual({ valid: true })
    const { openapi: _openapi, ...wrong } = structuredClone(document)
    expect((await new Validator().validate({ ...wrong, openapi: '3.1.0', paths: [] })).valid).toBe(false)
  })

  test('says where the service is, as it was configured, and that every request needs a bearer token', async () => {
    expect(document).toMatchObject({
      servers: [{ url: '/' }],
      security: [{ adminToken: [] }],
      components: { securitySchemes: { adminToken: { type: 'http', scheme: 'bearer' } } },
    })
    const elsewhere = await startTestApp({ publicUrl: 'https://scim.example.com/rollcall' })
    const { body } = await elsewhere.http.get('/v1/openapi.json')
    expect(body.servers).toEqual([{ url: 'https://scim.example.com/rollcall' }])
    await elsewhere.close()
  })

  test('has every route of the admin API, and no other', async () => {
    const routes = await adminRoutesOf(app.services)
    expect(routes.length).toBeGreaterThan(30)
    const names = routes.map(({ method, path }) => `${method.toUpperCase()} /v1${templateOf(path)}`)
    expect(
      operations()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(names.sort())
  })

  test('gives every operation a name of its own, a heading and a summary', () => {
    const ids = operations().map(({ operation }) => operation.operationId)
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([])
    const headings = document.tags.map(({ name }) => name)
    for (const { name, operation } of operations()) {
      expect(operation.operationId, name).toMatch(/^[a-z]+([A-Z][a-z]+)+$/)
      expect(operation.summary, name).toMatch(/^[A-Z].*[^.]$/)
      expect(headings, name).toContain(operation.tags[0])
    }
  })

  test('says of every operation what it answers, and which problems', () => {
    for (const { name, path, operation } of operations()) {
      const entries = Object.entries(operation.responses)
      const [success, ...more] = entries.filter(([status]) => Number(status) < 400)
      expect(more, name).toEqual([])
      expect(success?.[0], name).toMatch(/^20[0124]$/)
      const body = success?.[1].content?.['application/json']?.schema
      if (success?.[0] === '204') expect(success[1].content, name).toBeUndefined()
      else expect(body, name).toSatisfy(isOfFields)
      const problems = entries.filter(([status]) => Number(status) >= 400)
      const statuses = problems.map(([status]) => status)
      const expected = ['400', '401', '403', '500', '503', ...(path.includes('{') ? ['404', '414'] : [])]
      const ofWrites = name.startsWith('GET ') ? [] : ['409', '413', '415']
      expect(statuses, name).toEqual(expect.arrayContaining([...expected, ...ofWrites]))
      for (const [, { content }] of problems) {
        expect(content, name).toEqual({
          'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
        })
      }
    }
  })

  test('names the parameters that a path has, and takes bodies where something is written', () => {
    for (const { name, path, operation } of operations()) {
      const inPath = operation.parameters?.filter((each) => each.in === 'path').map((each) => each.name) ?? []
      expect(inPath, name).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter))
      if (/^(?:PUT|PATCH) /.test(name)) expect(operation.requestBody?.required, name).toBe(true)
    }
  })

  test('has no empty schema', () => {
    const all = schemas()
    expect(all.length).toBeGreaterThan(200)
    expect(
      all.filter(
        ({ schema }) => schema === true || (Object.keys(schema ?? {}).length === 0 && schema !== false),
      ),
    ).toEqual([])
  })

  test('refers to schemas that are there, and has none that nobody refers to', () => {
    const referred = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)]
    const names = [...new Set(referred.map(([, name]) => name))].sort()
    expect(names).toEqual(Object.keys(document.components.schemas))
  })
})

/** As a path of the document is written. */
const templateOf = (url: string): string =>
  url
    .replace(/::/g, '<colon>')
    .replace(/:(\w+)(?:\([^)]*\))?/g, '{$1}')
    .replace('<colon>', ':')

const isOfFields = (schema: unknown): boolean =>
  typeof schema === 'object' && schema !== null && ('$ref' in schema || 'properties' in schema)
