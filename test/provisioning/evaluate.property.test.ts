// What holds for every organization, whoever is in it and however the seats stand: E4, E6, E9, E11.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rolesOf, type SeatType, seatTypesOf } from '../../src/provisioning/catalogue.ts'
import { evaluate } from '../../src/provisioning/evaluate.ts'
import { isSameState, outcomeOf, stateAfter } from '../../src/provisioning/outcome.ts'
import type { Decision, Person, SeatWish } from '../../src/provisioning/types.ts'
import { aCase, applied, type Case, onSeat } from '../support/evaluations.ts'
import { essence } from '../support/people.ts'

const NOW = 1000
const runs = { numRuns: 2000 }
const check = (property: (given: Case) => void, isUnlimited = false) =>
  fc.assert(fc.property(aCase(isUnlimited), property), runs)

const run = ({ people, settings, seats }: Case) => evaluate(people, settings, seats)

const freeOf = ({ seats }: Case, type: SeatType): number => {
  const seat = seats.get(type)
  return seat === undefined
    ? 0
    : seat.purchased === null
      ? Number.POSITIVE_INFINITY
      : seat.purchased - seat.assigned
}

const isFor = (wish: SeatWish | null | undefined, type: SeatType) => wish === type || wish === 'any'

/** The seat types that a decision moved a person onto. */
const gained = (decision: Decision): SeatType[] => {
  const state = stateAfter(decision, 'new', 'scim')
  const before = decision.person.member
  const held = before?.status === 'active' ? before.seatType : null
  return state?.seatType != null && state.seatType !== held ? [state.seatType] : []
}

describe('E9', () => {
  test('E9 evaluating again what an evaluation made changes nothing', () => {
    check((given) => {
      const once = applied(run(given), given, NOW)
      for (const decision of run(once)) {
        expect(outcomeOf(decision)).toBe('unchanged')
        const state = stateAfter(decision, 'new', given.settings.mode)
        if (state !== null) expect(isSameState(decision.person.member, state)).toBe(true)
      }
    })
  })

  test('E9 with unlimited seats the order of people changes nothing', () => {
    const shuffled = aCase(true).chain((given) =>
      fc.tuple(
        fc.constant(given),
        fc.shuffledSubarray([...given.people], { minLength: given.people.length }),
      ),
    )
    fc.assert(
      fc.property(shuffled, ([given, people]) => {
        const decided = new Map(run(given).map((decision) => [decision.person, decision]))
        for (const decision of run({ ...given, people }))
          expect(decision).toEqual(decided.get(decision.person))
      }),
      runs,
    )
  })

  test('E9 also with few seats, the order in which people are given does not matter, only since when they wait', () => {
    check((given) => {
      const decided = new Map(run(given).map((decision) => [decision.person, essence(decision)]))
      for (const decision of run({ ...given, people: [...given.people].reverse() })) {
        expect(essence(decision)).toEqual(decided.get(decision.person))
      }
    })
  })

  test('E9 each person alone or all together comes to the same with unlimited seats', () => {
    check((given) => {
      const together = run(given)
      given.people.forEach((person, i) => {
        expect(evaluate([person], given.settings, given.seats)).toEqual([together[i]])
      })
    }, true)
  })
})

describe('E4', () => {
  test('E4 never more on a seat type than were purchased, unless it was so before', () => {
    check((given) => {
      const { people } = applied(run(given), given, NOW)
      for (const [type, { purchased, assigned }] of given.seats) {
        if (purchased !== null)
          expect(onSeat(people, type)).toBeLessThanOrEqual(Math.max(purchased, assigned))
      }
    })
  })

  test('E4 nobody new gets a seat of a type of which more are assigned than purchased', () => {
    check((given) => {
      const decisions = run(given)
      const left = applied(decisions, given, NOW)
      for (const [type, { purchased }] of given.seats) {
        if (purchased === null || onSeat(left.people, type) <= purchased) continue
        expect(decisions.flatMap(gained)).not.toContain(type)
      }
    })
  })

  test('E4 no seat is left free while somebody waits for it', () => {
    check((given) => {
      const then = applied(run(given), given, NOW)
      for (const type of seatTypesOf(given.settings.plan)) {
        if (freeOf(then, type) <= 0) continue
        expect(then.people.filter(({ member }) => isFor(member?.wantedSeat, type))).toEqual([])
      }
    })
  })

  test('E4 nobody gets a seat for which somebody who began to wait earlier still waits', () => {
    check((given) => {
      const decisions = run(given)
      const since = ({ member }: Person) => member?.waitingSince ?? NOW
      const left = decisions.filter((decision) => 'waitsFor' in decision && decision.waitsFor !== null)
      for (const decision of decisions) {
        for (const type of gained(decision)) {
          const passed = left.filter(
            (other) =>
              'waitsFor' in other &&
              isFor(other.waitsFor, type) &&
              since(other.person) < since(decision.person),
          )
          expect(passed).toEqual([])
        }
      }
    })
  })

  test('E4 nobody who is entitled loses the seat it holds, but for the one that its groups ask for', () => {
    check((given) => {
      for (const decision of run(given)) {
        const before = decision.person.member
        if (before?.status !== 'active' || decision.kind === 'leave') continue
        const seat = stateAfter(decision, 'new', 'scim')?.seatType
        if (seat === before.seatType) continue
        const wish = decision.why.find(({ code }) => code === 'seat_from_group' || code === 'only_seat_type')
        expect(wish?.seatType).toBe(seat)
      }
    })
  })

  test('E4 waiting for a seat changes no role of a member and takes no seat from it', () => {
    check((given) => {
      for (const decision of run(given)) {
        if (decision.kind === 'wait') expect(decision.person.member?.status).not.toBe('active')
      }
    })
  })
})

describe('E1, E2, E11', () => {
  test('E1 in mode scim only who is active, and with mappings on in a mapped group, is in or waits', () => {
    check((given) => {
      const { settings } = given
      const mapped = new Set(settings.mappings.map(({ groupId }) => groupId))
      for (const decision of run(given)) {
        const { user, member } = decision.person
        if (settings.mode !== 'scim' || (member !== null && member.id === settings.primaryOwnerId)) continue
        const isMapped = user?.groupIds.some((id) => mapped.has(id)) === true
        const entitled = settings.groupMappings ? isMapped : member?.excluded !== true
        const isIn = !['leave', 'out'].includes(decision.kind)
        expect(isIn).toBe(user?.active === true && entitled)
      }
    })
  })

  test('E2 the role is the most permissive of the groups, else the last; without mappings the one from before', () => {
    check((given) => {
      const { plan, mode, groupMappings, mappings, primaryOwnerId } = given.settings
      const roles = rolesOf(plan)
      for (const decision of run(given)) {
        const state = stateAfter(decision, 'new', 'scim')
        if (mode !== 'scim' || state?.status !== 'active' || state.id === primaryOwnerId) continue
        const { user, member } = decision.person
        const ranks = mappings
          .filter(({ groupId }) => user?.groupIds.includes(groupId))
          .flatMap(({ role }) => (role === null ? [] : [roles.indexOf(role)]))
        const before = member?.status === 'active' ? member.role : null
        const expected = groupMappings
          ? roles[Math.min(...ranks, roles.length - 1)]
          : (before ?? roles.at(-1))
        expect(state.role).toBe(expected)
      }
    })
  })

  test('E11 the primary owner is never touched', () => {
    check((given) => {
      for (const decision of run(given)) {
        if (decision.person.member?.id !== given.settings.primaryOwnerId) continue
        if (given.settings.primaryOwnerId === null) continue
        expect(essence(decision)).toEqual({ kind: 'keep', waitsFor: null })
      }
    })
  })

  test('P2 in mode manual nobody joins, changes or leaves', () => {
    check((given) => {
      if (given.settings.mode !== 'manual') return
      for (const { kind, person } of run(given)) {
        expect(kind).toBe(
          person.member?.status === 'active' ? 'keep' : person.member?.status === 'waiting' ? 'leave' : 'out',
        )
      }
    })
  })

  test('E10 every decision has a reason', () => {
    check((given) => {
      for (const { why } of run(given)) expect(why.length).toBeGreaterThan(0)
    })
  })
})
