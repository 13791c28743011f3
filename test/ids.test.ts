// Ids: UUIDs of version 7 (RFC 9562 section 5.7), each greater than the one before, whatever the clock does.
import { afterEach, expect, test, vi } from 'vitest'
import { isId, newId } from '../src/ids.ts'

afterEach(() => {
  vi.useRealTimers()
})

const some = (count: number) => Array.from({ length: count }, newId)

test('each is greater than the one before, and of version 7', () => {
  const ids = some(20_000)
  expect(ids.every((id) => isId(id) && /^.{14}7.{4}[89ab]/.test(id))).toBe(true)
  expect([...new Set(ids)].sort()).toEqual(ids)
})

test('so it is within a millisecond, and when the clock goes back', () => {
  const before = newId()
  vi.useFakeTimers({ now: Date.now() + 1000, toFake: ['Date'] })
  const ids = some(1000)
  vi.setSystemTime(Date.now() - 60_000)
  ids.push(...some(1000))
  expect([before, ...ids].sort()).toEqual([before, ...ids])
  // all of them say the millisecond of the first
  expect(new Set(ids.map((id) => id.slice(0, 13))).size).toBe(1)
})

test('they say when they were made, and two have nothing else in common', () => {
  const now = Date.now() + 100_000
  vi.useFakeTimers({ now, toFake: ['Date'] })
  const [a = '', b = ''] = some(2)
  expect(Number.parseInt(a.replace('-', '').slice(0, 12), 16)).toBe(now)
  expect(a.slice(24)).not.toBe(b.slice(24))
})
