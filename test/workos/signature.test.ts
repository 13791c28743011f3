// The signature of WorkOS's deliveries, held to WorkOS's own library and to a HMAC that is not its.
import { WorkOS } from '@workos-inc/node'
import { describe, expect, test } from 'vitest'
import { TOLERANCE_MS, verifySignature } from '../../src/workos/signature.ts'
import { signatureOf } from '../support/workos.ts'

const now = new Date('2026-11-24T08:00:00Z')
const at = now.getTime()
const [one, two] = ['example-signing-secret-one', 'example-signing-secret-two']
const body = '{"id":"event_1","event":"dsync.user.created","data":{"name":"Zoë"}}'

describe('domain.md 8 the signature', () => {
  test("what WorkOS's library signs is valid", async () => {
    const v1 = await new WorkOS('unused').webhooks.computeSignature(at, JSON.parse(body), one)
    expect(await verifySignature(`t=${at}, v1=${v1}`, body, [one], now)).toBe('valid')
    expect(await verifySignature(`t=${at},v1=${v1}`, body, [one], now)).toBe('valid')
    expect(v1).toBe(signatureOf(body, one, at).split('v1=')[1])
  })

  test('what is signed is the text, not what it says', async () => {
    const spaced = JSON.stringify(JSON.parse(body), null, 2)
    expect(await verifySignature(signatureOf(spaced, one, at), spaced, [one], now)).toBe('valid')
    expect(await verifySignature(signatureOf(spaced, one, at), body, [one], now)).toBe('forged')
  })

  test('either of two secrets will do while one is replaced, and no other', async () => {
    for (const secret of [one, two]) {
      expect(await verifySignature(signatureOf(body, secret, at), body, [one, two], now)).toBe('valid')
    }
    expect(await verifySignature(signatureOf(body, 'a third', at), body, [one, two], now)).toBe('forged')
    expect(await verifySignature(signatureOf(body, one, at), body, [], now)).toBe('forged')
  })

  test('it holds for 180 seconds; its time is signed too', async () => {
    const header = signatureOf(body, one, at)
    const later = (ms: number) => new Date(at + ms)
    expect(TOLERANCE_MS).toBe(180_000)
    expect(await verifySignature(header, body, [one], later(TOLERANCE_MS))).toBe('valid')
    expect(await verifySignature(header, body, [one], later(TOLERANCE_MS + 1))).toBe('old')
    const renewed = header.replace(String(at), String(at + 1000))
    expect(await verifySignature(renewed, body, [one], later(TOLERANCE_MS + 1))).toBe('forged')
  })

  test.each(['', 't=1', 'v1=ab', 't=,v1=', `t=x,v1=${'0'.repeat(64)}`, 't=1,v1=xyz', ',,,', 't,v1'])(
    '%j is no signature',
    async (header) => {
      expect(await verifySignature(header, body, [one], now)).toBe('unreadable')
    },
  )
})
