// What holds for every organization in mode `jit`, whoever signs in (domain.md section 6).

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seatTypesOf } from '../../src/provisioning/catalogue.ts'
import { evaluate } from '../../src/provisioning/evaluate.ts'
import { personKey } from '../../src/provisioning/identity.ts'
import { isSameState, stateAfter } from '../../src/provisioning/outcome.ts'
import { answerSignIn } from '../../src/provisioning/sign-in.ts'
import type { Decision } from '../../src/provisioning/types.ts'
import { aCase, applied, type Case, onSeat } from '../support/evaluations.ts'

const NOW = 1000

/** An organization in mode `jit`, and the key of one of its people. */
const aSignIn = (isUnlimited = false) =>
  aCase(isUnlimited)
    .map((given): Case => ({ ...given, settings: { ...given.settings, mode: 'jit' } }))
    .chain((given) =>
      fc.record({ given: fc.constant(given), key: fc.constantFrom(...given.people.map(personKey)) }),
    )

const check = (property: (given: Case, key: string) => void, isUnlimited = false) =>
  fc.assert(
    fc.property(aSignIn(isUnlimited), ({ given, key }) => property(given, key)),
    { numRuns: 2000 },
  )

const run = ({ people, settings, seats }: Case, key: string | null = null) =>
  evaluate(people, settings, seats, key)

function of(decisions: readonly Decision[], key: string): Decision {
  const found = decisions.find(({ person }) => personKey(person) === key)
  if (found === undefined) throw new Error(`There is no decision on ${key}.`)
  return found
}

test('section 6 with unlimited seats a sign-in decides for the person as mode scim would', () => {
  check((given, key) => {
    const scim: Case = { ...given, settings: { ...given.settings, mode: 'scim' } }
    expect(of(run(given, key), key)).toEqual(of(run(scim), key))
  }, true)
})

test('E9 signing in again changes nothing', () => {
  check((given, key) => {
    const once = applied(run(given, key), given, NOW)
    if (!once.people.some((person) => personKey(person) === key)) return
    for (const decision of run(once, key)) {
      const state = stateAfter(decision, 'new', 'jit')
      if (state !== null) expect(isSameState(decision.person.member, state)).toBe(true)
    }
  })
})

test('P2 whoever does not sign in keeps role and membership; only who waits since a sign-in joins', () => {
  check((given, key) => {
    for (const { person, kind, ...decision } of run(given, key)) {
      const { member } = person
      if (personKey(person) === key) continue
      if (member?.status === 'active') expect(['keep', 'change']).toContain(kind)
      if ('to' in decision && member?.status === 'active') expect(decision.to.role).toBe(member.role)
      if (kind === 'join') expect(member).toMatchObject({ status: 'waiting', source: 'jit' })
    }
  })
})

test('section 6 who is allowed is a member and assigned, who is refused is no member but for the primary owner', () => {
  check((given, key) => {
    const decision = of(run(given, key), key)
    const { allowed, why } = answerSignIn(decision, given.settings)
    const state = stateAfter(decision, 'new', 'jit')
    const isOwner = state?.id === given.settings.primaryOwnerId
    expect(why.length).toBeGreaterThan(0)
    if (allowed) expect(decision.person.user?.active).toBe(true)
    if (allowed || isOwner) expect(state?.status).toBe('active')
    else expect(state?.status).not.toBe('active')
  })
})

test('E4 no sign-in oversells a seat type, or leaves a seat free while somebody waits for it', () => {
  check((given, key) => {
    const then = applied(run(given, key), given, NOW)
    for (const type of seatTypesOf(given.settings.plan)) {
      const seat = given.seats.get(type)
      if (seat === undefined || seat.purchased === null) continue
      const taken = onSeat(then.people, type)
      expect(taken).toBeLessThanOrEqual(Math.max(seat.purchased, seat.assigned))
      const wishes = then.people.map(({ member }) => member?.wantedSeat)
      if (taken < seat.purchased) expect(wishes).not.toContain(type)
      if (taken < seat.purchased) expect(wishes).not.toContain('any')
    }
  })
})
