// S5: what holds for every limit and every organization.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Brake, type Removals, removalsUnder } from '../../src/provisioning/brake.ts'
import { evaluate } from '../../src/provisioning/evaluate.ts'
import { SeatDraw } from '../../src/provisioning/everybody.ts'
import { isSameState, stateAfter } from '../../src/provisioning/outcome.ts'
import { prospectOf } from '../../src/provisioning/preview.ts'
import type { Decision, Person } from '../../src/provisioning/types.ts'
import { aBrakedCase, applied, type Case, onSeat } from '../support/evaluations.ts'

const runs = { numRuns: 1000 }
const check = (property: (given: Case) => void) => fc.assert(fc.property(aBrakedCase, property), runs)

const run = ({ people, settings, seats }: Case, removals: 'carried_out' | 'held') =>
  evaluate(people, settings, seats, null, removals)

const isMember = ({ member }: Person) => member?.status === 'active'
const leavers = (decisions: readonly Decision[]) =>
  decisions.filter(({ kind, person }) => kind === 'leave' && isMember(person)).map(({ person }) => person)
const newlyHeld = (decisions: readonly Decision[]) =>
  decisions.filter(({ kind, person }) => kind === 'hold' && person.member?.removal === null)

test('S5 held are exactly those who would have left; nobody leaves, and nobody else is decided on otherwise', () => {
  check((given) => {
    const [carriedOut, held] = [run(given, 'carried_out'), run(given, 'held')]
    expect(leavers(held)).toEqual([])
    expect(newlyHeld(held).map(({ person }) => person)).toEqual(leavers(carriedOut))
    for (const [i, decision] of held.entries()) {
      const other = carriedOut[i]
      // seats that are not given up may be what others would have got
      if (decision.kind === 'hold' || decision.kind === 'out') {
        expect(other?.kind).toBe(
          decision.kind === 'out' || decision.person.member?.removal ? decision.kind : 'leave',
        )
      }
    }
  })
})

test('S5 nobody is held where nobody leaves: then both come to the same', () => {
  check((given) => {
    const carriedOut = run(given, 'carried_out')
    if (leavers(carriedOut).length === 0) expect(run(given, 'held')).toEqual(carriedOut)
  })
})

test('S5 E9 once held, evaluating again changes nothing, held or carried out', () => {
  check((given) => {
    const once = applied(run(given, 'held'), given, 1000)
    for (const removals of ['held', 'carried_out'] as const) {
      for (const decision of run(once, removals)) {
        if (decision.person.member?.status !== 'active') continue
        const state = stateAfter(decision, '', given.settings.mode)
        if (decision.kind === 'hold') expect(state && isSameState(decision.person.member, state)).toBe(true)
        else expect(decision.kind).not.toBe('leave')
      }
    }
  })
})

test('S5 E4 held members keep their seats from everybody: never more on a seat type than were purchased', () => {
  check((given) => {
    const after = applied(run(given, 'held'), given, 1000)
    for (const [type, { purchased, assigned }] of given.seats) {
      const limit = Math.max(purchased ?? Number.POSITIVE_INFINITY, assigned)
      expect(onSeat(after.people, type)).toBeLessThanOrEqual(limit)
    }
  })
})

const aBrake: fc.Arbitrary<Brake> = fc
  .record({
    maxRemovals: fc.option(fc.integer({ min: 0, max: 30 })),
    maxRemovedPercent: fc.option(fc.integer({ min: 0, max: 100 })),
    withinMinutes: fc.integer({ min: 1, max: 90 }),
  })
  .filter(({ maxRemovals, maxRemovedPercent }) => maxRemovals !== null || maxRemovedPercent !== null)
const somePushes = fc.array(
  fc.record({ minutesLater: fc.integer({ min: 0, max: 40 }), leaving: fc.integer({ min: 1, max: 12 }) }),
  { maxLength: 30 },
)

test('S5 whatever pushes come and when: within its time never more leave than the limit, and each leaves or is held', () => {
  fc.assert(
    fc.property(aBrake, fc.integer({ min: 1, max: 200 }), somePushes, (brake, size, pushes) => {
      const done: { at: number; count: number; members: number }[] = []
      let [now, members, held, asked] = [0, size, 0, 0]
      for (const { minutesLater, leaving } of pushes) {
        now += minutesLater
        const count = Math.min(leaving, members - held)
        if (count === 0) continue
        asked += count
        const since = done.filter(({ at }) => at > now - brake.withinMinutes)
        const removed = since.reduce((sum, push) => sum + push.count, 0)
        if (removalsUnder(brake, { removed, members }, count) === 'held') {
          held += count
          continue
        }
        done.push({ at: now, count, members })
        members -= count
        const began = since[0]?.members ?? members + count
        expect(removed + count).toBeLessThanOrEqual(brake.maxRemovals ?? Number.POSITIVE_INFINITY)
        expect((removed + count) * 100).toBeLessThanOrEqual((brake.maxRemovedPercent ?? 100) * began)
      }
      expect(done.reduce((sum, { count }) => sum + count, 0) + held).toBe(asked)
    }),
    runs,
  )
})

test('S5 E4 everybody looked at some at a time is held, or let go, as all at once', () => {
  const removals = fc.constantFrom<Removals[]>('carried_out', 'held')
  fc.assert(
    fc.property(aBrakedCase, removals, ({ people, settings, seats }, asked) => {
      const draw = new SeatDraw(settings, seats, asked)
      const settled = people.flatMap((person) => draw.settle([person]))
      const asking = [...draw.giveOut()].flatMap(
        ({ userId }) => people.find(({ user }) => user?.id === userId) ?? [],
      )
      const apart = [...settled, ...draw.place(asking)]
      const together = evaluate(people, settings, seats, null, asked)
      expect(new Set(apart.map((decision) => JSON.stringify(decision)))).toEqual(
        new Set(together.map((decision) => JSON.stringify(decision))),
      )
    }),
    runs,
  )
})

test('S5 S1 from and to differ for exactly those who are counted as changed, held or not', () => {
  check((given) => {
    for (const decision of [...run(given, 'carried_out'), ...run(given, 'held')]) {
      const { from, to, outcome } = prospectOf(decision)
      expect(JSON.stringify(from) === JSON.stringify(to)).toBe(outcome === 'unchanged')
    }
  })
})
