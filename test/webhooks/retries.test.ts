// A3 when what failed is tried again: bounds, growth and span of the waits, and what a receiver may ask for.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  parseRetryAfter,
  type RetrySchedule,
  retryDelayMs,
  retrySchedule,
} from '../../src/webhooks/retries.ts'

const HOUR = 3_600_000
const chance = fc.double({ min: 0, max: 1, noNaN: true })

test('A3 from the first attempt to the last it is three days, and not four, whatever chance says', () => {
  const chances = fc.array(chance, { minLength: retrySchedule.attempts, maxLength: retrySchedule.attempts })
  fc.assert(
    fc.property(chances, (all) => {
      const waits = all.map((random, i) => retryDelayMs(i + 1, random, null))
      expect(waits.indexOf(null)).toBe(retrySchedule.attempts - 1)
      const span = waits.reduce<number>((sum, wait) => sum + (wait ?? 0), 0)
      expect(span).toBeGreaterThanOrEqual(72 * HOUR)
      expect(span).toBeLessThan(96 * HOUR)
    }),
  )
})

test('A3 the first comes within seconds; each wait is longer than the one before, up to the longest', () => {
  const waits = Array.from(
    { length: retrySchedule.attempts - 1 },
    (_, i) => retryDelayMs(i + 1, 0, null) ?? 0,
  )
  expect(waits[0]).toBeLessThan(10_000)
  for (const [i, wait] of waits.entries()) {
    const before = waits[i - 1] ?? 0
    expect(wait).toBeGreaterThan(before === retrySchedule.mostMs ? before - 1 : before)
    expect(wait).toBeLessThanOrEqual(retrySchedule.mostMs)
  }
})

const schedules: fc.Arbitrary<RetrySchedule> = fc.record({
  attempts: fc.integer({ min: 1, max: 30 }),
  firstMs: fc.integer({ min: 1, max: 60_000 }),
  factor: fc.integer({ min: 1, max: 10 }),
  mostMs: fc.integer({ min: 60_000, max: 48 * HOUR }),
  jitter: fc.double({ min: 0, max: 1, noNaN: true }),
})

test('A3 no wait is shorter than the receiver asks for, nor longer than the longest and its jitter', () => {
  const asked = fc.option(fc.integer({ min: 0, max: 10 ** 12 }))
  fc.assert(
    fc.property(
      schedules,
      fc.integer({ min: 1, max: 40 }),
      chance,
      asked,
      (schedule, attempt, random, ask) => {
        const wait = retryDelayMs(attempt, random, ask, schedule)
        if (attempt >= schedule.attempts) {
          expect(wait).toBeNull()
          return
        }
        expect(wait).toBeGreaterThanOrEqual(Math.min(ask ?? 0, schedule.mostMs))
        expect(wait).toBeGreaterThanOrEqual(schedule.firstMs)
        expect(wait).toBeLessThanOrEqual(Math.ceil(schedule.mostMs * (1 + schedule.jitter)))
      },
    ),
  )
})

test('A3 what failed together does not come back together', () => {
  expect(retryDelayMs(5, 0, null)).not.toBe(retryDelayMs(5, 1, null))
})

const now = new Date('2026-11-24T08:00:00Z')

test.each([
  ['120', 120_000],
  ['0', 0],
  ['Tue, 24 Nov 2026 08:01:00 GMT', 60_000],
  ['Tue, 24 Nov 2026 07:00:00 GMT', 0],
  [null, null],
  ['', null],
  ['soon', null],
  ['-5', null],
  ['1.5', null],
  ['9999999999', null],
  ['Tue, 99 Nov 2026 99:01:00 GMT', null],
  ['2026-11-24', null],
])('RFC 9110 10.2.3 Retry-After %s', (text, expected) => {
  expect(parseRetryAfter(text, now)).toBe(expected)
})
