// Secrets that are used again: what one key sealed, that key opens, in its place and nowhere else.
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KEY_BYTES, NoEncryptionKey, SealBroken, SecretBox } from '../src/secret-box.ts'

const aKey = () => randomBytes(KEY_BYTES)

describe('SecretBox', () => {
  test('opens what it sealed, and seals nothing twice the same', () => {
    const box = new SecretBox([aKey()])
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (secret, context) => {
        const sealed = box.seal(secret, context)
        expect(box.open(sealed, context)).toBe(secret)
        expect(box.seal(secret, context)).not.toBe(sealed)
      }),
    )
  })

  test('opens it in no other place', () => {
    const box = new SecretBox([aKey()])
    const sealed = box.seal('secret', 'endpoint:1')
    expect(() => box.open(sealed, 'endpoint:2')).toThrow(SealBroken)
  })

  test('a changed character anywhere breaks the seal', () => {
    const box = new SecretBox([aKey()])
    const sealed = box.seal('secret', 'x')
    for (let at = 0; at < sealed.length - 1; at += 1) {
      const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1)
      expect(() => box.open(changed, 'x')).toThrow(SealBroken)
    }
    for (const wrong of ['', '.', 'abc', `${sealed.split('.')[0]}.`, sealed.slice(0, 30)]) {
      expect(() => box.open(wrong, 'x')).toThrow(SealBroken)
    }
  })

  test('a new key goes first, and the old one still opens what it sealed', () => {
    const [old, young] = [aKey(), aKey()]
    const sealed = new SecretBox([old]).seal('secret', 'x')
    const both = new SecretBox([young, old])
    expect(both.open(sealed, 'x')).toBe('secret')
    expect(new SecretBox([young]).open(both.seal('again', 'x'), 'x')).toBe('again')
    expect(() => new SecretBox([young]).open(sealed, 'x')).toThrow(SealBroken)
  })

  test('without a key nothing is kept, in clear least of all', () => {
    const box = new SecretBox([])
    expect(() => box.seal('secret', 'x')).toThrow(NoEncryptionKey)
    expect(() => box.open('abc.def', 'x')).toThrow(NoEncryptionKey)
  })
})
