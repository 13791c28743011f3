// A3 an endpoint's health, and when the service gives it up.
import { expect, test } from 'vitest'
import { type Health, healthAfter, reasonToDisable, type Verdict } from '../../src/webhooks/health.ts'

const fresh: Health = { lastSuccessAt: null, lastFailureAt: null, consecutiveFailures: 0, failingSince: null }
const hour = (hours: number) => new Date(Date.UTC(2026, 10, 24) + hours * 3_600_000)

const after = (outcomes: readonly (readonly [Verdict, number])[]): Health =>
  outcomes.reduce((health, [verdict, at]) => healthAfter(health, verdict, hour(at)), fresh)

test('A3 failures are counted from the last success on', () => {
  expect(
    after([
      ['failed', 1],
      ['delivered', 2],
      ['failed', 3],
      ['failed', 4],
    ]),
  ).toEqual({
    lastSuccessAt: hour(2),
    lastFailureAt: hour(4),
    consecutiveFailures: 2,
    failingSince: hour(3),
  })
  expect(
    after([
      ['failed', 1],
      ['delivered', 2],
    ]),
  ).toMatchObject({ consecutiveFailures: 0, failingSince: null })
})

test.each<[string, readonly (readonly [Verdict, number])[], string | null]>([
  ['one failure', [['failed', 1]], null],
  [
    'not quite three days of them',
    [
      ['failed', 1],
      ['failed', 72.9],
    ],
    null,
  ],
  [
    'three days',
    [
      ['failed', 1],
      ['failed', 73],
    ],
    'failing',
  ],
  [
    'three days with a success',
    [
      ['failed', 1],
      ['delivered', 70],
      ['failed', 73],
    ],
    null,
  ],
  [
    'a success after three days',
    [
      ['failed', 1],
      ['delivered', 80],
    ],
    null,
  ],
  [
    '410',
    [
      ['delivered', 1],
      ['gone', 2],
    ],
    'gone',
  ],
])('A3 disabled after %s: %s', (_, outcomes, reason) => {
  const [verdict, at] = outcomes.at(-1) ?? ['delivered', 0]
  expect(reasonToDisable(after(outcomes), verdict, hour(at))).toBe(reason)
})
