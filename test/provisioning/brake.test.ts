// S5: what the limit lets through, and what becomes of members whose removal is held.
import { describe, expect, test } from 'vitest'
import { type Brake, isSameBrake, removalsUnder, withoutHold } from '../../src/provisioning/brake.ts'
import { evaluate } from '../../src/provisioning/evaluate.ts'
import { noEffects, warningsOf, withEffects } from '../../src/provisioning/guard.ts'
import { outcomeOf, stateAfter } from '../../src/provisioning/outcome.ts'
import { prospectOf } from '../../src/provisioning/preview.ts'
import { answerSignIn } from '../../src/provisioning/sign-in.ts'
import type { Person } from '../../src/provisioning/types.ts'
import {
  aMember,
  aSettings,
  aUser,
  aWaiting,
  codesOf,
  essence,
  roleFor,
  scim,
  someSeats,
  unlimited,
} from '../support/people.ts'

const aBrake = (limits: Partial<Brake>): Brake => ({
  maxRemovals: null,
  maxRemovedPercent: null,
  withinMinutes: 60,
  ...limits,
})

/** Of how many that would leave together the brake lets go. */
const letsGo = (brake: Brake, removed: number, members: number, leaving: number) =>
  removalsUnder(brake, { removed, members }, leaving) === 'carried_out'

describe('S5 the limit', () => {
  test('S5 a number: as many as it says, with those that were removed before', () => {
    const brake = aBrake({ maxRemovals: 3 })
    expect([3, 4].map((leaving) => letsGo(brake, 0, 100, leaving))).toEqual([true, false])
    expect([1, 2].map((leaving) => letsGo(brake, 2, 100, leaving))).toEqual([true, false])
    expect(letsGo(brake, 5, 100, 1)).toBe(false)
  })

  test('S5 a share is of the members that there were before pushes removed any', () => {
    const brake = aBrake({ maxRemovedPercent: 10 })
    expect([10, 11].map((leaving) => letsGo(brake, 0, 100, leaving))).toEqual([true, false])
    // of 100, five are gone already
    expect([5, 6].map((leaving) => letsGo(brake, 5, 95, leaving))).toEqual([true, false])
    expect(letsGo(brake, 0, 9, 1)).toBe(false)
  })

  test('S5 with both whichever is reached first; 0 lets nobody go, 100 % everybody', () => {
    const brake = aBrake({ maxRemovals: 3, maxRemovedPercent: 10 })
    expect([3, 4].map((leaving) => letsGo(brake, 0, 1000, leaving))).toEqual([true, false])
    expect([1, 2].map((leaving) => letsGo(brake, 0, 10, leaving))).toEqual([true, false])
    expect(letsGo(aBrake({ maxRemovals: 0 }), 0, 1000, 1)).toBe(false)
    expect(letsGo(aBrake({ maxRemovedPercent: 0 }), 0, 1000, 1)).toBe(false)
    expect(letsGo(aBrake({ maxRemovedPercent: 100 }), 0, 7, 7)).toBe(true)
  })

  test('S5 two limits are the same where all of them is', () => {
    const brake = aBrake({ maxRemovals: 3, maxRemovedPercent: 10 })
    expect(isSameBrake(null, null)).toBe(true)
    expect(isSameBrake(brake, { ...brake })).toBe(true)
    for (const other of [null, { maxRemovals: 4 }, { maxRemovedPercent: null }, { withinMinutes: 61 }]) {
      expect(isSameBrake(brake, other === null ? null : { ...brake, ...other })).toBe(false)
      expect(isSameBrake(other === null ? null : { ...brake, ...other }, brake)).toBe(false)
    }
  })
})

const gone = (removal: 'held' | 'discarded' | null): Person => ({
  user: null,
  member: aMember('u', { seatType: 'premium', role: 'admin', removal }),
})
const back = (removal: 'held' | 'discarded' | null): Person => ({ ...gone(removal), user: aUser('u') })

describe('S5 members whose removal is held', () => {
  test('S5 who would leave is held with role and seat; who is held or discarded stays in any evaluation', () => {
    const [held] = evaluate([gone(null)], scim(), unlimited, null, 'held')
    expect(essence(held)).toEqual({ kind: 'hold', removal: 'held' })
    expect(codesOf(held)).toEqual(['E1 not_in_directory', 'S5 removal_held'])
    expect(held && stateAfter(held, '', 'scim')).toMatchObject({
      status: 'active',
      role: 'admin',
      seatType: 'premium',
      removal: 'held',
    })
    expect(held && outcomeOf(held)).toBe('changed')
    for (const removal of ['held', 'discarded'] as const) {
      for (const removals of ['held', 'carried_out'] as const) {
        const [again] = evaluate([gone(removal)], scim(), unlimited, null, removals)
        expect(essence(again)).toEqual({ kind: 'hold', removal })
        expect(codesOf(again)).toEqual(['E1 not_in_directory', `S5 removal_${removal}`])
        expect(again && outcomeOf(again)).toBe('unchanged')
      }
    }
  })

  test('S5 entitled again, a member is as if nothing had been', () => {
    for (const removal of ['held', 'discarded'] as const) {
      const [kept] = evaluate([back(removal)], scim(), unlimited)
      expect(essence(kept)).toEqual({ kind: 'keep', waitsFor: null })
      expect(kept && outcomeOf(kept)).toBe('changed')
      expect(kept && stateAfter(kept, '', 'scim')).toMatchObject({ removal: null })
      expect(kept && prospectOf(kept)).toMatchObject({ from: { removal }, to: { status: 'active' } })
      expect(kept && prospectOf(kept).to).not.toHaveProperty('removal')
      const mapped = { ...back(removal), user: aUser('u', { groupIds: ['g'] }) }
      const [changed] = evaluate([mapped], scim([roleFor('g', 'owner')]), unlimited)
      expect(changed && stateAfter(changed, '', 'scim')).toMatchObject({ role: 'owner', removal: null })
    }
  })

  test('S5 a seat that is not given up goes to nobody', () => {
    const waiting: Person = { user: aUser('w'), member: aWaiting('w', 1) }
    const full = someSeats({ premium: [1, 1], standard: [0, 0] })
    const kinds = (removals: 'held' | 'carried_out') =>
      evaluate([gone(null), waiting], scim(), full, null, removals).map(({ kind }) => kind)
    expect(kinds('carried_out')).toEqual(['leave', 'join'])
    expect(kinds('held')).toEqual(['hold', 'wait'])
  })

  test('S5 who waits for a seat is no member: the place in the line is not held', () => {
    const waiting: Person = { user: null, member: aWaiting('w', 1) }
    expect(evaluate([waiting], scim(), unlimited, null, 'held').map(essence)).toEqual([{ kind: 'leave' }])
  })

  test('S5 a held member ceases to wait for another seat', () => {
    const member = aMember('u', { seatType: 'standard', wantedSeat: 'premium', waitingSince: 1 })
    const [held] = evaluate([{ user: null, member }], scim(), unlimited, null, 'held')
    expect(held && stateAfter(held, '', 'scim')).toMatchObject({ seatType: 'standard', wantedSeat: null })
  })

  test('S5 other modes leave a hold as it is; a refused sign-in in mode jit ends it, and so does an allowed one', () => {
    for (const mode of ['manual', 'jit'] as const) {
      const [decision] = evaluate([gone('held')], aSettings({ mode }), unlimited)
      expect(essence(decision)).toEqual({ kind: 'hold', removal: 'held' })
    }
    const member = gone('held').member
    const signIn = (active: boolean) =>
      evaluate(
        [{ user: aUser('u', { active }), member: member ?? aMember('u') }],
        aSettings({ mode: 'jit' }),
        unlimited,
        'u',
      )
    expect(signIn(false).map(essence)).toEqual([{ kind: 'leave' }])
    expect(signIn(true).map(essence)).toEqual([{ kind: 'keep', waitsFor: null }])
  })

  test('S5 released, they are decided on as if they had not been held', () => {
    for (const person of [gone('held'), back('held')]) {
      const [released] = evaluate([withoutHold(person)], scim(), unlimited)
      expect(released?.kind).toBe(person.user === null ? 'leave' : 'keep')
    }
    const stranger: Person = { user: aUser('u'), member: null }
    expect(withoutHold(stranger)).toBe(stranger)
  })

  test('S5 S2 the guard counts a held member as one who stays', () => {
    const owner: Person = { user: null, member: aMember('u', { role: 'owner', removal: 'held' }) }
    const decisions = evaluate([owner], scim(), unlimited)
    const caution = { actingMemberId: 'member of u', maxRemovedPercent: 0 }
    const effects = withEffects(noEffects, decisions, 'enterprise_seats', caution)
    expect(effects).toMatchObject({ members: 1, membersRemoved: 0, topBefore: 1, topAfter: 1 })
    expect(warningsOf(effects, 'enterprise_seats', caution)).toEqual([])
  })

  test('S5 a held member who is not assigned cannot sign in, and is told why; one without a group still can', () => {
    const off: Person = { user: aUser('u', { active: false }), member: gone('held').member ?? aMember('u') }
    const [unassigned = null] = evaluate([off], scim(), unlimited, 'u')
    expect(answerSignIn(unassigned, scim())).toEqual({
      allowed: false,
      why: [
        { rule: 'E1', code: 'inactive' },
        { rule: 'S5', code: 'removal_held' },
      ],
    })
    const mapped = scim([roleFor('g', 'owner')])
    const [groupless = null] = evaluate([back('held')], mapped, unlimited, 'u')
    expect(answerSignIn(groupless, mapped)).toEqual({
      allowed: true,
      why: [
        { rule: 'E1', code: 'in_no_mapped_group' },
        { rule: 'S5', code: 'removal_held' },
      ],
    })
  })
})
