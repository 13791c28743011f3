// The check that every answer in every test goes through: it looks at all of them, and it finds what is wrong.
import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Document } from '../../../src/http/openapi/document.ts'
import { adminClient, startTestApp, type TestApp } from '../../support/app.ts'
import { type Answered, contractOf } from '../../support/contract.ts'
import { watch } from '../../support/held-answers.ts'
import { heldAnswers } from '../../support/held-answers-found.ts'

let app: TestApp
let document: Document
beforeAll(async () => {
  app = await startTestApp()
  document = (await app.http.get('/v1/openapi.json')).body
})
afterAll(() => app.close())

const id = '01a20aea-59ca-7402-8f9a-ff8dc56dce1f'
const seats = { seats: [{ seatType: 'premium', purchased: null, assigned: 1, available: null }] }
const right: Answered = {
  method: 'GET',
  url: `/v1/organizations/${id}/seats`,
  status: 200,
  contentType: 'application/json; charset=utf-8',
  body: JSON.stringify(seats),
}
const problem = { type: 'about:blank', status: 404, title: 'Not Found', detail: 'x' }
const refused: Answered = {
  ...right,
  status: 404,
  contentType: 'application/problem+json; charset=utf-8',
  body: JSON.stringify(problem),
}

describe('an answer is held to the document', () => {
  test.each([
    right,
    { ...right, url: `//v1/organizations/${id}//seats/?x=1` },
    { ...right, method: 'HEAD', body: '' },
    refused,
    // an id with a colon is none of `{id}:test`, whose refusals the document has otherwise
    ...['a%3Ab', 'a:b'].map((odd) => ({
      ...refused,
      method: 'POST',
      url: `/v1/webhook-endpoints/${odd}:test`,
      status: 405,
      body: JSON.stringify({ ...problem, status: 405 }),
    })),
    { ...refused, url: '/v1/nowhere' },
    { ...refused, method: 'BREW', status: 405, body: JSON.stringify({ ...problem, status: 405 }) },
    {
      ...right,
      url: `/v1/directories/${id}/tokens/${id}`,
      method: 'DELETE',
      status: 204,
      contentType: null,
      body: '',
    },
  ])('as it should be: %o', (answered) => {
    expect(contractOf(document)(answered)).toBeNull()
  })

  test.each<[string, Answered, RegExp]>([
    ['a path that the document does not have', { ...right, url: '/v1/seats' }, /no such operation/],
    ['a method that the path does not have', { ...right, method: 'DELETE' }, /no such operation/],
    ['a status', { ...right, status: 201 }, /this status/],
    ['a status of a problem', { ...refused, status: 418 }, /this status/],
    ['another type', { ...right, contentType: 'text/html' }, /the type text\/html/],
    ['no type', { ...right, contentType: null }, /the type/],
    ['no JSON', { ...right, body: '{' }, /no JSON/],
    ['an attribute too many', { ...right, body: JSON.stringify({ ...seats, x: 1 }) }, /\/x/],
    [
      'one too many further in',
      { ...right, body: JSON.stringify({ seats: [{ ...seats.seats[0], x: 1 }] }) },
      /\/seats\/0\/x/,
    ],
    ['one too few', { ...right, body: '{}' }, /seats/],
    [
      'a wrong value',
      { ...right, body: JSON.stringify({ seats: [{ ...seats.seats[0], seatType: 'gold' }] }) },
      /seatType/,
    ],
    [
      'a body where there is none',
      { ...right, url: `/v1/directories/${id}/tokens/${id}`, method: 'DELETE', status: 204, body: '{}' },
      /no body/,
    ],
    [
      'a problem with a field of its own',
      { ...refused, body: JSON.stringify({ ...problem, hint: 'x' }) },
      /hint/,
    ],
    ['a problem of an unknown path that is none', { ...refused, url: '/v1/nowhere', body: '{}' }, /required/],
    [
      'an error of an unknown path of another type',
      { ...refused, url: '/v1/nowhere', contentType: 'text/plain' },
      /text\/plain/,
    ],
  ])('and not with %s', (_what, answered, fault) => {
    expect(contractOf(document)(answered)).toMatch(fault)
  })
})

describe('the check is on', () => {
  test('in every test that asks the admin API, and not of the pages about it', async () => {
    const before = heldAnswers.count()
    await adminClient(app).get('/parent-organizations').expect(200)
    await app.http.get('/v1/nowhere').expect(401)
    await app.http.get('/v1/openapi.json').expect(200)
    await app.http.get('/healthz').expect(200)
    expect(heldAnswers.count() - before).toBe(2)
  })

  test('and sees what goes over the wire, in one piece or in several, before the client does', async () => {
    const server = createServer((request, response) => {
      response.setHeader('content-type', 'application/json')
      if (request.url === right.url) response.writeHead(200, { 'content-type': 'application/json' })
      response.write(right.body.slice(0, 10))
      response.end(right.body.slice(10))
    })
    watch(server, contractOf(document))
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const origin = typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : ''
    await fetch(`${origin}${right.url}`)
    expect(heldAnswers.takeFaults()).toEqual([])
    await fetch(`${origin}/v1/organizations/${id}`)
    expect(heldAnswers.takeFaults()).toEqual([expect.stringContaining('/v1/organizations/')])
    server.closeAllConnections()
    server.close()
  })
})
