// The pages of docs/connect: every link leads somewhere, every provider has its page, what they say to enter is taken.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { scimClient, startTestApp, type TestApp } from './support/app.ts'

const root = join(import.meta.dirname, '..')
const folder = 'docs/connect'
const pages = readdirSync(join(root, folder)).map((name) => `${folder}/${name}`)
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8')

/** The anchors of a page, as the usual renderers make them of its headings. */
const anchorsOf = (path: string): string[] =>
  [...textOf(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )

const linksOf = (path: string): string[] =>
  [...textOf(path).matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target)

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.close())

describe('docs/connect', () => {
  const others = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'))
  const more = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...others.map((name) => `docs/${name}`)]
  test.each([...pages, ...more])('%s links to what is there', (page) => {
    for (const link of linksOf(page).filter((target) => !target.startsWith('http'))) {
      const [file = '', anchor] = link.split('#')
      const target = file === '' ? page : normalize(join(dirname(page), file))
      if (anchor === undefined) expect(existsSync(join(root, target)), link).toBe(true)
      else expect(anchorsOf(target), link).toContain(anchor)
    }
  })

  test('the index and the README name every page', () => {
    for (const page of pages.filter((path) => !path.endsWith('README.md'))) {
      expect(linksOf(`${folder}/README.md`)).toContain(page.slice(folder.length + 1))
      expect(linksOf('README.md')).toContain(page)
    }
  })

  test('every page says where to enter the base URL and how to make the token', () => {
    for (const page of pages) {
      expect(textOf(page)).toContain('https://scim.example.com/scim/v2')
      expect(textOf(page)).toContain('/directories/$DIRECTORY/tokens')
    }
  })

  test("OneLogin's template is taken as it stands", async () => {
    const template = /```json\n(.+?)```/s.exec(textOf(`${folder}/onelogin.md`))?.[1] ?? ''
    const body: unknown = JSON.parse(template.replace(/\{\$[\w.]+\}/g, 'ada@example.com'))
    const { token } = await app.createTenant()
    const post = await scimClient(app.http, token).post('/Users', body).expect(201)
    expect(post.body).toMatchObject({ userName: 'ada@example.com', emails: [{ value: 'ada@example.com' }] })
  })
})
