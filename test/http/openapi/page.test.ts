// The readable page of the document: everything is on it, nothing on it runs, and nothing is loaded for it.
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Document } from '../../../src/http/openapi/document.ts'
import { pageOf } from '../../../src/http/openapi/page.ts'
import { startTestApp, type TestApp } from '../../support/app.ts'

let app: TestApp
let document: Document
let page: string
let policy: string
beforeAll(async () => {
  app = await startTestApp()
  document = (await app.http.get('/v1/openapi.json')).body
  const response = await app.http
    .get('/v1/docs')
    .expect(200)
    .expect('content-type', 'text/html; charset=utf-8')
  page = response.text
  policy = response.headers['content-security-policy'] ?? ''
})
afterAll(() => app.close())

describe('the page', () => {
  test('is open to anybody, and names every operation, parameter, field and schema', () => {
    for (const [path, item] of Object.entries(document.paths)) {
      for (const [method, { summary, operationId, parameters = [] }] of Object.entries(item)) {
        const section = page.split(`<section id="${operationId}">`)[1]?.split('</section>')[0] ?? ''
        expect(section).toContain(`<strong>${method.toUpperCase()}</strong> <code>${path}</code>`)
        expect(section).toContain(summary)
        for (const { name } of parameters) expect(section, operationId).toContain(`<code>${name}`)
      }
    }
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      const shown = page.split(`id="schema-${name}"`)[1]?.split('<h3')[0] ?? ''
      const properties = typeof schema === 'object' ? Object.keys(schema.properties ?? {}) : []
      for (const field of properties) expect(shown, name).toContain(`<code>${field}</code>`)
    }
  })

  test('links to what is on it, each place once, and to the document', () => {
    const ids = [...page.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id)
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([])
    const links = [...page.matchAll(/\bhref="([^"]+)"/g)].map(([, link = '']) => link)
    expect(links.length).toBeGreaterThan(100)
    for (const link of links) if (link !== 'openapi.json') expect(ids).toContain(link.replace('#', ''))
  })

  test('has no script, loads nothing, and lets its own style alone be applied', () => {
    expect(page).not.toMatch(/<script|<img|<link|<iframe|\bsrc=|\bon\w+=|\bstyle=|https?:/i)
    const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(page) ?? []
    const hash = createHash('sha256').update(style).digest('base64')
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `style-src 'sha256-${hash}'`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ])
  })

  test('shows markup in what the document says as text', () => {
    const evil = '<script>alert("x")</script>'
    const [path = '', item = {}] = Object.entries(document.paths)[0] ?? []
    const operations = Object.entries(item).map(([method, operation]) => [
      method,
      { ...operation, summary: evil, description: evil, operationId: `"${evil}` },
    ])
    const shown = pageOf({
      ...document,
      info: { ...document.info, title: evil, description: evil },
      paths: { [`${path}/${evil}`]: Object.fromEntries(operations) },
      components: {
        schemas: {
          [evil]: {
            type: 'object',
            properties: { [evil]: { type: evil, description: evil, default: evil } },
          },
        },
      },
    })
    expect(shown).not.toContain('<script')
    expect(shown).toContain('&lt;script&gt;')
  })

  test('has tags that open and close', () => {
    const open: string[] = []
    for (const [, close, name = ''] of page.matchAll(/<(\/)?([a-z]\w*)[^>]*>/g)) {
      if (['meta', 'br'].includes(name)) continue
      if (close === undefined) open.push(name)
      else expect(open.pop()).toBe(name)
    }
    expect(open).toEqual([])
  })
})
