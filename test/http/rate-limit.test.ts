// The rate by itself, with a clock of its own: a burst, then the steady rate, and nothing more ever.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RateLimit } from '../../src/http/rate-limit.ts'

test('a burst passes at once, the next one after its time', () => {
  const limit = new RateLimit({ perSecond: 4, burst: 3 })
  for (let i = 0; i < 3; i += 1) expect(limit.take('a', 1000)).toBe(0)
  const waitMs = limit.take('a', 1000)
  expect(waitMs).toBeGreaterThan(0)
  expect(waitMs).toBeLessThanOrEqual(250)
  expect(limit.waitMs('a', 1000)).toBe(waitMs)
  expect(limit.take('a', 1000 + waitMs)).toBe(0)
  expect(limit.take('a', 1000 + waitMs)).toBeGreaterThan(0)
})

test('each key has its own, and a silent one fills up again', () => {
  const limit = new RateLimit({ perSecond: 1, burst: 2 })
  for (const key of ['a', 'a', 'b', 'b']) expect(limit.take(key, 0)).toBe(0)
  expect(Math.min(limit.take('a', 0), limit.take('b', 0))).toBeGreaterThan(0)
  for (let i = 0; i < 2; i += 1) expect(limit.take('a', 60_000)).toBe(0)
  expect(limit.take('a', 60_000)).toBeGreaterThan(0)
})

test('what is charged beyond the burst is waited for', () => {
  const limit = new RateLimit({ perSecond: 10, burst: 5 })
  limit.charge('a', 105, 0)
  expect(limit.take('a', 9900)).toBeGreaterThan(0)
  expect(limit.take('a', 10_100)).toBe(0)
})

test('in no stretch of time more passes than the burst and the rate, and what is promised passes', () => {
  const rate = fc.record({
    perSecond: fc.integer({ min: 1, max: 1000 }),
    burst: fc.integer({ min: 1, max: 50 }),
  })
  const gaps = fc.array(fc.double({ min: 0, max: 400, noNaN: true }), { minLength: 1, maxLength: 200 })
  fc.assert(
    fc.property(rate, gaps, ({ perSecond, burst }, waits) => {
      const limit = new RateLimit({ perSecond, burst })
      const passed: number[] = []
      let now = 0
      for (const wait of waits) {
        now += wait
        if (limit.take('a', now) === 0) passed.push(now)
        else expect(limit.waitMs('a', now + limit.waitMs('a', now) + 1e-6)).toBe(0)
      }
      for (const [i, from] of passed.entries()) {
        for (const [j, to] of passed.entries()) {
          if (j < i) continue
          expect(j - i + 1).toBeLessThanOrEqual(burst + ((to - from) * perSecond) / 1000 + 0.5 + 1e-6)
        }
      }
    }),
    { numRuns: 50 },
  )
})

test('the memory has an end: who was seen longest ago begins anew', () => {
  const limit = new RateLimit({ perSecond: 1, burst: 1 })
  limit.take('first', 0)
  for (let i = 0; i < 19_999; i += 1) limit.take(`k${i}`, 0)
  expect(limit.take('first', 0)).toBeGreaterThan(0)
  limit.take('one more', 0)
  expect(limit.take('first', 0)).toBe(0)
})
