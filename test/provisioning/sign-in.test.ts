// Section 6, E11: what a sign-in is answered in each mode, from the evaluator’s decision.

import { describe, expect, test } from 'vitest'
import { evaluate } from '../../src/provisioning/evaluate.ts'
import { personKey } from '../../src/provisioning/identity.ts'
import { answerSignIn } from '../../src/provisioning/sign-in.ts'
import type { Person, Seats, Settings } from '../../src/provisioning/types.ts'
import {
  aMember,
  aSettings,
  aUser,
  aWaiting,
  essence,
  roleFor,
  scim,
  seatFor,
  someSeats,
  unlimited,
} from '../support/people.ts'

const manual = aSettings({})
const jit = aSettings({ mode: 'jit' })
const mapped = aSettings({ mode: 'jit', groupMappings: true, mappings: [roleFor('staff', 'admin')] })
const full = someSeats({ premium: [0, 0], standard: [0, 0] })

const ann = aUser('ann')
const away = aUser('ann', { active: false })
const onPremium = aMember('ann', { seatType: 'premium' })

function signIn(person: Person, settings: Settings, seats: Seats = unlimited) {
  const [decision] = evaluate([person], settings, seats, personKey(person))
  if (decision === undefined) throw new Error('There is no decision.')
  const { allowed, why } = answerSignIn(decision, settings)
  return [decision.kind, allowed, ...why.map(({ rule, code }) => `${rule} ${code}`)]
}

describe('section 6 mode jit', () => {
  test('section 6 who is assigned joins, or is kept; who is not leaves, or stays out', () => {
    expect(signIn({ user: ann, member: null }, jit).slice(0, 3)).toEqual(['join', true, 'E1 assigned'])
    expect(signIn({ user: ann, member: onPremium }, jit).slice(0, 3)).toEqual(['keep', true, 'E1 assigned'])
    expect(signIn({ user: away, member: onPremium }, jit)).toEqual(['leave', false, 'E1 inactive'])
    expect(signIn({ user: null, member: onPremium }, jit)).toEqual(['leave', false, 'E1 not_in_directory'])
    expect(signIn({ user: away, member: null }, jit)).toEqual(['out', false, 'E1 inactive'])
  })

  test('section 6 with mappings the groups decide', () => {
    const user = aUser('ann', { groupIds: ['staff'] })
    expect(signIn({ user, member: null }, mapped).slice(0, 2)).toEqual(['join', true])
    expect(signIn({ user, member: onPremium }, mapped).slice(0, 2)).toEqual(['change', true])
    expect(signIn({ user: ann, member: onPremium }, mapped)).toEqual([
      'leave',
      false,
      'E1 in_no_mapped_group',
    ])
  })

  test('E4 without a seat the person waits and may not enter', () => {
    expect(signIn({ user: ann, member: null }, jit, full)).toEqual([
      'wait',
      false,
      'E1 assigned',
      'E2 base_role',
      'E3 highest_available_seat',
      'E4 seats_full',
    ])
  })

  test('E6 whom an administrator removed stays out', () => {
    const removed = aMember('ann', { status: 'removed', excluded: true })
    expect(signIn({ user: ann, member: removed }, jit)).toEqual(['out', false, 'E6 removed_by_administrator'])
  })
})

describe('P2 mode jit between sign-ins', () => {
  const decide = (person: Person, settings: Settings, seats = unlimited) =>
    evaluate([person], settings, seats)[0]
  const gold = aSettings({ mode: 'jit', groupMappings: true, mappings: [seatFor('gold', 'premium')] })
  const climbing = aMember('ann', { seatType: 'standard', wantedSeat: 'premium', waitingSince: 1 })

  test('E4 who waits since a sign-in joins when a seat is free, while assigned', () => {
    const member = { ...aWaiting('ann', 1), source: 'jit' } as const
    expect(decide({ user: ann, member }, jit)?.kind).toBe('join')
    expect(decide({ user: ann, member }, jit, full)?.kind).toBe('wait')
    expect(decide({ user: away, member }, jit)?.kind).toBe('leave')
    expect(decide({ user: ann, member: aWaiting('ann', 1) }, jit)?.kind).toBe('leave')
  })

  test('E4 a member gets the seat it waits for while its groups ask for it, and keeps its role', () => {
    const user = aUser('ann', { groupIds: ['gold'] })
    const member = { ...climbing, role: 'owner' } as const
    expect(essence(decide({ user, member }, gold))).toMatchObject({
      to: { role: 'owner', seatType: 'premium' },
    })
    expect(essence(decide({ user, member }, gold, full))).toEqual({ kind: 'keep', waitsFor: 'premium' })
    for (const other of [ann, { ...away, groupIds: ['gold'] }, null]) {
      const person: Person = other === null ? { user: null, member } : { user: other, member }
      expect(essence(decide(person, gold))).toEqual({ kind: 'keep', waitsFor: null })
    }
    expect(essence(decide({ user, member }, jit))).toEqual({ kind: 'keep', waitsFor: null })
  })
})

describe('section 6 modes manual and scim: what is', () => {
  test('section 6 manual: a member may enter, whatever the directory has', () => {
    expect(signIn({ user: away, member: onPremium }, manual)).toEqual([
      'keep',
      true,
      'P2 left_to_administrator',
    ])
    expect(signIn({ user: null, member: onPremium }, manual).slice(0, 2)).toEqual(['keep', true])
    expect(signIn({ user: ann, member: null }, manual)).toEqual([
      'out',
      false,
      'P2 left_to_administrator',
      'P2 not_a_member',
    ])
  })

  test('section 6 scim: who would join but is no member is refused', () => {
    expect(signIn({ user: ann, member: null }, scim()).slice(0, 2)).toEqual(['join', false])
    expect(signIn({ user: ann, member: null }, scim()).at(-1)).toBe('P2 not_a_member')
    expect(signIn({ user: ann, member: onPremium }, scim()).slice(0, 2)).toEqual(['keep', true])
  })

  test('S5 a member whose removal is held may enter while assigned', () => {
    const removable = scim([roleFor('staff', 'user')])
    expect(signIn({ user: ann, member: onPremium }, removable).slice(0, 2)).toEqual(['leave', true])
    expect(signIn({ user: away, member: onPremium }, removable).slice(0, 2)).toEqual(['leave', false])
  })
})

test.each(['jit', 'scim'] as const)(
  'E11 mode %s: the primary owner must be assigned, and is left alone',
  (mode) => {
    const settings = aSettings({ mode, groupMappings: true, primaryOwnerId: onPremium.id })
    expect(signIn({ user: ann, member: onPremium }, settings)).toEqual([
      'keep',
      true,
      'E11 primary_owner',
      'E1 assigned',
    ])
    expect(signIn({ user: null, member: onPremium }, settings)).toEqual([
      'keep',
      false,
      'E11 primary_owner',
      'E1 not_in_directory',
    ])
  },
)

test('section 6 somebody of whom nothing is known', () => {
  expect(answerSignIn(null, jit)).toMatchObject({ allowed: false, why: [{ code: 'not_in_directory' }] })
  expect(answerSignIn(null, scim())).toMatchObject({ allowed: false, why: [{ code: 'not_in_directory' }] })
  expect(answerSignIn(null, manual).why.map(({ code }) => code)).toEqual([
    'left_to_administrator',
    'not_a_member',
  ])
})
