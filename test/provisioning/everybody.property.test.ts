// E4, S1: people looked at some at a time are decided on as if they were looked at all at once, and pages of them leave
// nobody out.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { evaluate } from '../../src/provisioning/evaluate.ts'
import { SeatDraw } from '../../src/provisioning/everybody.ts'
import { noEffects, withEffects } from '../../src/provisioning/guard.ts'
import { personKey } from '../../src/provisioning/identity.ts'
import { outcomeOf } from '../../src/provisioning/outcome.ts'
import { effectLine, Page, prospectOf } from '../../src/provisioning/preview.ts'
import type { Decision, Person } from '../../src/provisioning/types.ts'
import { aCase, type Case } from '../support/evaluations.ts'

const runs = { numRuns: 1000 }

/** The decisions in the order in which they are made, `size` people at a time. */
function drawn({ people, settings, seats }: Case, size: number): Decision[] {
  const draw = new SeatDraw(settings, seats)
  const decisions = chunks(people, size).flatMap((some) => draw.settle(some))
  const byId = new Map(people.map((person) => [person.user?.id, person]))
  const askers = [...draw.giveOut()].flatMap(({ userId, memberId }): Person[] => {
    const person = byId.get(userId)
    expect(person?.member?.id ?? null).toBe(memberId)
    return person === undefined ? [] : [person]
  })
  return [...decisions, ...chunks(askers, size).flatMap((some) => draw.place(some))]
}

const chunks = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size))

const byKey = (a: Decision, b: Decision) => (personKey(a.person) < personKey(b.person) ? -1 : 1)

test('E4 some at a time comes to the same as all at once', () => {
  fc.assert(
    fc.property(aCase(), fc.integer({ min: 1, max: 4 }), (given, size) => {
      const together = evaluate(given.people, given.settings, given.seats)
      expect(drawn(given, size).sort(byKey)).toEqual([...together].sort(byKey))
    }),
    runs,
  )
})

test('E4 told in the order in which they are decided, no change finds its seat taken', () => {
  fc.assert(
    fc.property(aCase(), (given) => {
      const on = new Map([...given.seats].map(([type, { assigned }]) => [type, assigned]))
      for (const decision of drawn(given, 2)) {
        const { from, to } = prospectOf(decision)
        if (from?.seatType === to?.seatType) continue
        if (from?.seatType) on.set(from.seatType, (on.get(from.seatType) ?? 0) - 1)
        if (!to?.seatType) continue
        const now = (on.get(to.seatType) ?? 0) + 1
        on.set(to.seatType, now)
        expect(now).toBeLessThanOrEqual(given.seats.get(to.seatType)?.purchased ?? Number.POSITIVE_INFINITY)
      }
    }),
    runs,
  )
})

test('S1 pages show everybody of whom something changes once, in one order, whatever order they are decided in', () => {
  fc.assert(
    fc.property(
      aCase(),
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom(null, 'added', 'removed', 'unchanged'),
      (given, limit, outcome) => {
        const decisions = drawn(given, 2)
        const shown: string[] = []
        for (let after: string | null = null; ; ) {
          const page: Page = new Page({ outcome, after, limit })
          for (const some of chunks(decisions, 3)) page.add(some)
          const { people, next } = page.result()
          expect(people.length).toBeLessThanOrEqual(limit)
          shown.push(...people.map(({ key }) => key))
          if (next === null) break
          after = next
        }
        const expected = decisions.filter((decision) => {
          const found = outcomeOf(decision)
          return outcome === null ? found !== 'unchanged' : found === outcome
        })
        expect(shown).toEqual(expected.map(({ person }) => personKey(person)).sort())
      },
    ),
    runs,
  )
})

test('S1 from and to differ for exactly those who are counted as changed', () => {
  fc.assert(
    fc.property(aCase(), (given) => {
      const decisions = evaluate(given.people, given.settings, given.seats)
      const { counts } = withEffects(noEffects, decisions, given.settings.plan, { actingMemberId: null })
      for (const decision of decisions) {
        const { from, to, outcome } = prospectOf(decision)
        expect(JSON.stringify(from) === JSON.stringify(to)).toBe(outcome === 'unchanged')
        expect(effectLine(decision) === null).toBe(outcome === 'unchanged')
      }
      expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(given.people.length)
    }),
    runs,
  )
})
