// Every curl command of the README and of docs/connect, with the answer that is shown for it: the admin API's against
// its document, SCIM's against the service itself.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Document } from '../src/http/openapi/document.ts'
import { startTestApp, type TestApp } from './support/app.ts'
import { findOperation } from './support/contract.ts'
import { exampleFaults, filledIn } from './support/example-check.ts'
import { type Example, examplesIn } from './support/examples.ts'

const root = join(import.meta.dirname, '..')
const pages = ['README.md', ...readdirSync(join(root, 'docs/connect')).map((name) => `docs/connect/${name}`)]
const examplesOf = (page: string): Example[] => examplesIn(readFileSync(join(root, page), 'utf8'))
const isOf = (base: string) => (example: Example) => example.url.startsWith(`${base}/`)

let app: TestApp
let document: Document
beforeAll(async () => {
  app = await startTestApp()
  document = (await app.http.get('/v1/openapi.json')).body
})
afterAll(() => app.close())

describe('the examples of', () => {
  test.each(pages)('%s are requests that the admin API takes, and answers that it gives', (page) => {
    const faultsOf = exampleFaults(document)
    const faults = examplesOf(page)
      .filter(isOf('$API'))
      .map((example) => ({ command: example.command, faults: faultsOf(example) }))
    expect(faults.filter((each) => each.faults.length > 0)).toEqual([])
  })

  test.each(pages)('%s are requests that SCIM takes, and answers that it gives', async (page) => {
    const { token } = await app.createTenant()
    for (const { command, method, url, headers, body, answer } of examplesOf(page).filter(isOf('$SCIM'))) {
      expect(headers.authorization, command).toMatch(/^Bearer rollcall_dir_/)
      const response = await fetch(`${app.origin}${filledIn(url.replace('$SCIM', '/scim/v2'))}`, {
        method,
        headers: { ...headers, authorization: `Bearer ${token}` },
        body,
      })
      expect(response.status, command).toBeLessThan(300)
      const given: unknown = await response.json()
      if (answer !== null) expect(shapeOf(JSON.parse(answer)), command).toEqual(shapeOf(given))
    }
  })

  test('each page are of one API or the other', () => {
    const examples = pages.flatMap(examplesOf)
    expect(examples.length).toBeGreaterThan(25)
    expect(examples.filter((each) => !isOf('$API')(each) && !isOf('$SCIM')(each))).toEqual([])
  })
})

test('the table of the README names requests that there are', () => {
  const [, table = ''] = readFileSync(join(root, 'README.md'), 'utf8').split('\n## Admin API\n')
  const rows =
    table
      .split('\n## ')[0]
      ?.split('\n')
      .filter((line) => line.startsWith('| `')) ?? []
  const requests = rows.flatMap((row) => [...row.matchAll(/`(GET|POST|PUT|PATCH|DELETE) (\/[^`?\s]+)/g)])
  expect(requests.length).toBeGreaterThan(20)
  const unknown = requests.filter(([, method = '', path = '']) =>
    // with what stands in brackets, and without
    [path.replace(/[[\]]/g, ''), path.replace(/\[[^\]]*\]/g, '')].some(
      (each) => findOperation(document, method, filledIn(`/v1${each}`)) === null,
    ),
  )
  expect(unknown.map(([request]) => request)).toEqual([])
})

/** The names and types of a value, whatever the values. */
const shapeOf = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_key, each: unknown) => (typeof each === 'object' ? each : typeof each))

const ORG = '/organizations/$ORG'
const json = (body: string) => `-H "$ADMIN" -H "$JSON" -d '${body}'`
const page = (command: string, answer?: string) =>
  `\`\`\`sh\n${command}\n\`\`\`\n${answer === undefined ? '' : `\`\`\`json\n${answer}\n\`\`\`\n`}`

describe('an example that is wrong is found', () => {
  const seats = '{"seats":[{"seatType":"premium","purchased":3,"assigned":1,"available":2}]}'
  test.each([
    ['another path', page('curl $API/organisations/$ORG -H "$ADMIN"'), /there is no GET/],
    ['another method', page(`curl -X POST $API${ORG} -H "$ADMIN"`), /there is no POST/],
    [
      'a parameter that is none',
      page(`curl "$API${ORG}/members?sort=email" -H "$ADMIN"`),
      /no parameter sort/,
    ],
    [
      'a value that a parameter does not take',
      page(`curl "$API${ORG}/members?status=gone" -H "$ADMIN"`),
      /status/,
    ],
    [
      'a parameter that is missing',
      page(`curl $API${ORG}/provisioning/versions/2/diff -H "$ADMIN"`),
      /with is missing/,
    ],
    ['a header that is none', page(`curl $API${ORG} -H "$ADMIN" -H 'X-Trace: 1'`), /no header x-trace/],
    ['no token', page(`curl $API${ORG}`), /admin token/],
    ['the token of the other API', page(`curl $API${ORG} -H "$IDP"`), /admin token/],
    ['no content type', page(`curl $API${ORG}/sign-ins -H "$ADMIN" -d '{"email":"a@b"}'`), /content type/],
    [
      'a body where there is none',
      page(`curl -X DELETE $API${ORG}/members/$ORG ${json('{}')}`),
      /there is no body/,
    ],
    ['no body where there is one', page(`curl -X PUT $API${ORG}/seats -H "$ADMIN"`), /body is missing/],
    ['a field that is none', page(`curl $API${ORG}/sign-ins ${json('{"mail":"a@b"}')}`), /the body: .*mail/],
    [
      'a value that a field does not take',
      page(`curl -X PUT $API${ORG}/seats ${json('{"premium":"3"}')}`),
      /premium/,
    ],
    ['a body that is no JSON', page(`curl -X PUT $API${ORG}/seats ${json('{premium:3}')}`), /no JSON/],
    [
      'an answer with a field too many',
      page(`curl $API${ORG}/seats -H "$ADMIN"`, seats.replace('"seats"', '"x":1,"seats"')),
      /the answer/,
    ],
    [
      'an answer with one too few',
      page(`curl $API${ORG}/seats -H "$ADMIN"`, seats.replace(',"available":2', '')),
      /the answer/,
    ],
    [
      'a status that cannot be',
      page(`curl $API${ORG} -H "$ADMIN"`, '{"type":"about:blank","status":418,"title":"x","detail":"x"}'),
      /the answer/,
    ],
  ])('%s', (_what, text, fault) => {
    const [example, ...more] = examplesIn(text)
    expect(more).toEqual([])
    if (example === undefined) throw new Error('no example')
    expect(exampleFaults(document)(example).join('\n')).toMatch(fault)
  })

  test.each([
    ['an option that nobody knows', page(`curl --fail $API${ORG}`)],
    ['a file that was never written', page(`curl $API${ORG}/sign-ins -d @nowhere.json`)],
    ['more answers than commands', page(`curl $API${ORG}`, '{}\n{}')],
    ['a quote that does not end', page(`curl $API${ORG} -H 'Accept: x`)],
    ['a command that stands in no block', `curl $API${ORG}`],
    ['a command in a block of another language', `\`\`\`text\ncurl $API${ORG}\n\`\`\`\n`],
  ])('%s cannot be read', (_what, text) => {
    expect(() => examplesIn(text)).toThrow()
  })

  test('and one that is right is not', () => {
    const right = [
      page(`curl $API${ORG}/seats -H "$ADMIN"`, seats),
      page(`curl $API${ORG}/seats -H "$ADMIN"`, '{"seats":[…]}'),
      page(
        `cat > seats.json <<END\n{"premium":\n 3}\nEND\ncurl -X PUT $API${ORG}/seats \\\n ${json('@seats.json')} | jq . # all`,
      ),
    ]
    for (const example of right.flatMap(examplesIn)) expect(exampleFaults(document)(example)).toEqual([])
  })
})
