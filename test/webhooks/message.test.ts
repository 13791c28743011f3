// A3 messages as the Standard Webhooks library verifies them.
import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { newWebhookSecret } from '../../src/secrets.ts'
import { signMessage } from '../../src/webhooks/message.ts'

const payload = { type: 'user.created', timestamp: new Date(0), data: { name: 'Ünï ✓' } }

test('A3 a secret is whsec_ and 24 to 64 bytes in base64', () => {
  const secret = newWebhookSecret()
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]+={0,2}$/)
  expect(Buffer.from(secret.slice('whsec_'.length), 'base64')).toHaveLength(32)
  expect(newWebhookSecret()).not.toBe(secret)
})

test('A3 each secret that signed verifies, no other does, and nothing that was changed', () => {
  const [first, second, other] = [newWebhookSecret(), newWebhookSecret(), newWebhookSecret()]
  const { headers, body } = signMessage('evt_7', payload, [first, second], new Date())
  for (const secret of [first, second]) {
    expect(new Webhook(secret).verify(body, { ...headers })).toEqual(JSON.parse(JSON.stringify(payload)))
  }
  expect(() => new Webhook(other).verify(body, { ...headers })).toThrow()
  expect(() => new Webhook(first).verify(`${body} `, { ...headers })).toThrow()
  expect(() => new Webhook(first).verify(body, { ...headers, 'webhook-id': 'evt_8' })).toThrow()
  expect(headers['webhook-signature']?.split(' ')).toHaveLength(2)
})

test('A3 an old message does not verify', () => {
  const secret = newWebhookSecret()
  const { headers, body } = signMessage('evt_7', payload, [secret], new Date(Date.now() - 600_000))
  expect(() => new Webhook(secret).verify(body, { ...headers })).toThrow(/old/)
})
