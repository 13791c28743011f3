// A3 one attempt: no redirect is followed, no answer waited for or read for ever, no address reached that may not be.
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { parseNetworks } from '../../src/webhooks/addresses.ts'
import { Sender } from '../../src/webhooks/sender.ts'

const message = { headers: { 'content-type': 'application/json', 'webhook-id': 'evt_1' }, body: '{}' }
const loopback = parseNetworks(['127.0.0.0/8'])

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
})

async function listening(listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

test('A3 a POST with the message; its answer told by the status and Retry-After', async () => {
  const got: unknown[] = []
  const port = await listening(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    got.push([request.method, request.url, request.headers['webhook-id'], body])
    response.writeHead(503, { 'retry-after': '7' }).end('go away')
  })
  const attempt = await new Sender(loopback).send(`http://127.0.0.1:${port}/hook?a=b`, message)
  expect(attempt).toEqual({ status: 503, error: null, retryAfter: '7' })
  expect(got).toEqual([['POST', '/hook?a=b', 'evt_1', '{}']])
})

test('A3 a redirect is an answer like another: it is not followed', async () => {
  let asked = 0
  const port = await listening((_, response) => {
    asked += 1
    response.writeHead(307, { location: '/elsewhere' }).end()
  })
  expect(await new Sender(loopback).send(`http://127.0.0.1:${port}/`, message)).toMatchObject({ status: 307 })
  expect(asked).toBe(1)
})

test('A3 who does not answer in time is not waited for', async () => {
  const port = await listening(() => {})
  const attempt = await new Sender(loopback, 200).send(`http://127.0.0.1:${port}/`, message)
  expect(attempt).toEqual({ status: null, error: 'There was no answer within 0.2 s.', retryAfter: null })
})

test('A3 an answer without end is read no further than it must be', async () => {
  let sent = 0
  const port = await listening((_, response) => {
    response.writeHead(200)
    const chunk = Buffer.alloc(16 * 1024)
    const write = () => {
      while (!response.destroyed && sent < 1 << 30) {
        sent += chunk.length
        if (!response.write(chunk)) {
          response.once('drain', write)
          return
        }
      }
    }
    write()
  })
  const attempt = await new Sender(loopback, 5000).send(`http://127.0.0.1:${port}/`, message)
  expect(attempt).toMatchObject({ status: 200, error: null })
  expect(sent).toBeLessThan(64 * 1024 * 1024)
})

test('A3 nobody listens: the error has its code', async () => {
  const port = await listening(() => {})
  servers.at(-1)?.close()
  const attempt = await new Sender(loopback).send(`http://127.0.0.1:${port}/`, message)
  expect(attempt).toEqual({ status: null, error: 'The request failed: ECONNREFUSED.', retryAfter: null })
})

test.each(['https', 'http'])(
  'A3 an address or a name that leads to this machine is not reached over %s',
  async (scheme) => {
    let connections = 0
    const port = await listening((_, response) => void response.end())
    servers.at(-1)?.on('connection', () => {
      connections += 1
    })
    const sender = new Sender(parseNetworks(['10.0.0.0/8']))
    // the name is judged by what the socket itself resolves it to
    for (const host of ['127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '0x7f.1', 'localhost']) {
      const attempt = await sender.send(`${scheme}://${host}:${port}/`, message)
      expect([host, attempt.error]).toEqual([host, 'The URL leads to an address that may not be called.'])
    }
    expect(connections).toBe(0)
  },
)

test('A3 https speaks TLS, and believes nobody who does not', async () => {
  const port = await listening((_, response) => void response.end())
  const attempt = await new Sender(loopback).send(`https://localhost:${port}/`, message)
  expect(attempt.error).toMatch(/^The request failed: (ERR_SSL_|EPROTO)/)
})

test('A3 a name of which one address is allowed is reached there', async () => {
  const port = await listening((_, response) => void response.writeHead(204).end())
  expect(await new Sender(loopback).send(`http://localhost:${port}/`, message)).toMatchObject({ status: 204 })
})
