// Tokens as text: 256 random bits, and a prefix and checksum by which a scanner finds one that leaked.
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isTokenLike, newToken, type TokenKind } from '../src/secrets.ts'

const kinds: readonly TokenKind[] = ['directory', 'admin']

/** As tokens were made before they had a checksum. */
const oldToken = (kind: TokenKind): string =>
  `${{ directory: 'rollcall_dir_', admin: 'rollcall_adm_' }[kind]}${randomBytes(32).toString('base64url')}`

describe.each(kinds)('a token of kind %s', (kind) => {
  const other = kind === 'admin' ? 'directory' : 'admin'

  test('is a prefix, 43 digits to the base 62, which hold 256 bits, and 6 of a checksum', () => {
    const form = { directory: /^rollcall_dir_[0-9A-Za-z]{49}$/, admin: /^rollcall_adm_[0-9A-Za-z]{49}$/ }[
      kind
    ]
    const made = Array.from({ length: 1000 }, () => newToken(kind))
    for (const token of made) expect(token).toMatch(form)
    expect(new Set(made).size).toBe(1000)
    expect(62n ** 43n).toBeGreaterThan(2n ** 256n)
    // every place but the first, which 256 bits do not fill, takes every digit: 1,000 tries miss one once in 10^5 runs
    const places = Array.from({ length: 42 }, (_, i) => new Set(made.map((token) => token[14 + i])).size)
    expect(Math.min(...places)).toBeGreaterThan(58)
  })

  test('is told from one of the other kind', () => {
    expect([isTokenLike(newToken(kind), kind), isTokenLike(newToken(kind), other)]).toEqual([true, false])
    expect([isTokenLike(oldToken(kind), kind), isTokenLike(oldToken(kind), other)]).toEqual([true, false])
  })

  test('with any one character changed, left out or added is no token', () => {
    const character = fc.constantFrom(...'0123456789abcxyzABCXYZ_-')
    fc.assert(
      fc.property(fc.nat({ max: 61 }), fc.option(character), fc.boolean(), (at, put, isAdded) => {
        const token = newToken(kind)
        const changed = token.slice(0, at) + (put ?? '') + token.slice(at + (isAdded && put !== null ? 0 : 1))
        fc.pre(changed !== token)
        expect(isTokenLike(changed, kind)).toBe(false)
      }),
      { numRuns: 1000 },
    )
  })

  test('is nothing else', () => {
    const prefix = newToken(kind).slice(0, 13)
    for (const text of ['', prefix, 'Bearer', `${prefix}${'?'.repeat(43)}`, `${prefix}${'x'.repeat(10_000)}`])
      expect(isTokenLike(text, kind)).toBe(false)
    fc.assert(fc.property(fc.string({ maxLength: 80 }), (text) => !isTokenLike(prefix + text, kind)))
  })
})

describe('docs/security.md', () => {
  const text = readFileSync('docs/security.md', 'utf8')
  const rule = /^regex = '''(.*)'''$/m.exec(text)?.[1] ?? expect.unreachable('a rule for scanners')

  test.each(kinds)(
    'its rule for secret scanners finds every token of kind %s, whole, whatever stands around',
    (kind) => {
      const scanner = new RegExp(rule, 'g')
      for (const make of [newToken, oldToken]) {
        for (let i = 0; i < 200; i += 1) {
          const token = make(kind)
          const leaks = [
            token,
            `Authorization: Bearer ${token}`,
            `TOKEN="${token}"`,
            `{"token":"${token}"}`,
            `(${token}).`,
          ]
          for (const leak of leaks)
            expect([...leak.matchAll(scanner)].map(([found]) => found)).toEqual([token])
        }
      }
    },
  )

  test('and not what only speaks of them', () => {
    const others = [
      'rollcall_dir_…',
      'rollcall_adm_',
      `rollcall_dir_${'x'.repeat(20)}`,
      `xrollcall_${'x'.repeat(49)}`,
    ]
    for (const other of others) expect(other).not.toMatch(new RegExp(rule))
  })
})
