// What `npm run bench` makes of its measurements.
import { expect, test } from 'vitest'
import { median, percentile, rateOf, ratioOf } from '../../bench/statistics.ts'

const hundred = Array.from({ length: 100 }, (_, i) => 100 - i)

test.each([
  [0.5, 50],
  [0.99, 99],
  [1, 100],
  [0, 1],
])('the percentile %d of 1 to 100 is %d', (share, expected) =>
  expect(percentile(hundred, share)).toBe(expected),
)

test('a percentile of few values is one of them, and of none no number', () => {
  expect(percentile([7], 0.99)).toBe(7)
  expect(percentile([3, 1, 2], 0.99)).toBe(3)
  expect(percentile([], 0.5)).toBeNaN()
})

test('the median is in the middle, of an even number between the two in the middle', () => {
  expect(median([9, 1, 5])).toBe(5)
  expect(median([4, 1, 3, 2])).toBe(2.5)
  expect(median([])).toBeNaN()
})

test('one disturbed round changes neither rate nor ratio', () => {
  const steady = [100, 100, 100].map((requests) => ({ requests, elapsedMs: 500 }))
  const disturbed = [...steady, { requests: 3, elapsedMs: 500 }]
  expect(rateOf(disturbed)).toBe(200)
  const twice = steady.map(({ requests }) => ({ requests, elapsedMs: 250 }))
  expect(ratioOf(disturbed, twice)).toBe(0.5)
})
