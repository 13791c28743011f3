// The table of domain.md section 2 for the modes manual and scim, row by row, and the rules that evaluate joins up.

import { describe, expect, test } from 'vitest'
import { baseRole, planNames, seatTypesOf } from '../../src/provisioning/catalogue.ts'
import { evaluate } from '../../src/provisioning/evaluate.ts'
import type { Member, Person, Seats, Settings } from '../../src/provisioning/types.ts'
import {
  aMember,
  aSettings,
  aUser,
  aWaiting,
  codesOf,
  essence,
  roleFor,
  scim,
  seatFor,
  someSeats,
  unlimited,
} from '../support/people.ts'

const decide = (person: Person, settings: Settings, seats: Seats = unlimited) =>
  evaluate([person], settings, seats)[0]

const onPremium = (differences: Partial<Member> = {}) =>
  aMember('ann', { seatType: 'premium', ...differences })

describe('domain.md 2 manual', () => {
  const manual = aSettings({ mode: 'manual' })

  test('domain.md 2 manual: joins, added by an administrator: the directory adds nobody', () => {
    const decision = decide({ user: aUser('ann'), member: null }, manual)
    expect(essence(decision)).toEqual({ kind: 'out', excluded: false })
    expect(codesOf(decision)).toEqual(['P2 left_to_administrator'])
  })

  test('domain.md 2 manual: role and seat change, by an administrator: groups change nothing', () => {
    const settings = { ...manual, groupMappings: true, mappings: [roleFor('g', 'owner')] }
    const person = { user: aUser('ann', { groupIds: ['g'] }), member: onPremium() }
    expect(essence(decide(person, settings))).toEqual({ kind: 'keep', waitsFor: null })
  })

  test('domain.md 2 manual: leaves, by an administrator: an inactive user or none at all stays', () => {
    const inactive = { user: aUser('ann', { active: false }), member: onPremium() }
    expect(essence(decide(inactive, manual))).toEqual({ kind: 'keep', waitsFor: null })
    expect(essence(decide({ user: null, member: onPremium() }, manual))).toEqual({
      kind: 'keep',
      waitsFor: null,
    })
  })

  test('P2 manual: who waited for a seat in mode scim waits no more', () => {
    expect(essence(decide({ user: aUser('ann'), member: aWaiting('ann', 1) }, manual))).toEqual({
      kind: 'leave',
    })
    const climbing = onPremium({ seatType: 'standard', wantedSeat: 'premium', waitingSince: 1 })
    expect(essence(decide({ user: aUser('ann'), member: climbing }, manual))).toEqual({
      kind: 'keep',
      waitsFor: null,
    })
  })
})

describe('domain.md 2 scim', () => {
  test.each(planNames)(
    'domain.md 2 scim: joins at once when assigned, with the base role: plan %s',
    (plan) => {
      const seats = new Map(seatTypesOf(plan).map((type) => [type, { purchased: null, assigned: 0 }]))
      const decision = decide({ user: aUser('ann'), member: null }, scim(null, plan), seats)
      const seatType = seatTypesOf(plan)[0] ?? null
      expect(essence(decision)).toEqual({ kind: 'join', to: { role: baseRole(plan), seatType } })
    },
  )

  test('domain.md 2 scim: role and seat change, by an administrator: what it chose is kept', () => {
    const chosen = onPremium({ role: 'admin', seatType: 'standard' })
    expect(essence(decide({ user: aUser('ann'), member: chosen }, scim()))).toEqual({
      kind: 'keep',
      waitsFor: null,
    })
  })

  test.each([
    ['is deactivated', { user: aUser('ann', { active: false }), member: onPremium() }],
    ['is deleted', { user: null, member: onPremium({ userId: null }) }],
  ])('domain.md 2 scim: leaves at once when unassigned: the user %s', (_, person) => {
    expect(essence(decide(person, scim()))).toEqual({ kind: 'leave' })
  })

  test('domain.md 2 scim: assigned again, joins again with the base role', () => {
    const left = aMember('ann', { status: 'removed', role: 'admin' })
    expect(essence(decide({ user: aUser('ann'), member: left }, scim()))).toEqual({
      kind: 'join',
      to: { role: 'user', seatType: 'premium' },
    })
  })
})

describe('domain.md 2 scim + mappings', () => {
  const settings = scim([roleFor('admins', 'admin'), roleFor('staff', 'user')])

  test('domain.md 2 scim + mappings: joins at once when in a mapped group, with the role of its groups', () => {
    const person = { user: aUser('ann', { groupIds: ['admins', 'staff'] }), member: null }
    expect(essence(decide(person, settings))).toEqual({
      kind: 'join',
      to: { role: 'admin', seatType: 'premium' },
    })
    expect(essence(decide({ user: aUser('ann'), member: null }, settings))).toEqual({
      kind: 'out',
      excluded: false,
    })
  })

  test('domain.md 2 scim + mappings: role and seat change at once, when the groups change', () => {
    const person = { user: aUser('ann', { groupIds: ['admins'] }), member: onPremium() }
    expect(essence(decide(person, settings))).toEqual({
      kind: 'change',
      from: { role: 'user', seatType: 'premium' },
      to: { role: 'admin', seatType: 'premium' },
      waitsFor: null,
    })
    const seated = scim([seatFor('silver', 'standard')])
    const down = { user: aUser('ann', { groupIds: ['silver'] }), member: onPremium() }
    expect(essence(decide(down, seated))).toEqual({
      kind: 'change',
      from: { role: 'user', seatType: 'premium' },
      to: { role: 'user', seatType: 'standard' },
      waitsFor: null,
    })
  })

  test.each([
    ['the last mapped group is lost', { user: aUser('ann'), member: onPremium() }],
    [
      'the user is unassigned',
      { user: aUser('ann', { active: false, groupIds: ['admins'] }), member: onPremium() },
    ],
    ['the user is deleted', { user: null, member: onPremium({ userId: null }) }],
  ])('domain.md 2 scim + mappings: leaves at once when %s', (_, person) => {
    expect(essence(decide(person, settings))).toEqual({ kind: 'leave' })
  })
})

describe('E4 waiting', () => {
  const full = someSeats({ premium: [1, 1], standard: [1, 1] })

  test('E4 who finds no seat waits and is no member', () => {
    const decision = decide({ user: aUser('ann'), member: null }, scim(), full)
    expect(essence(decision)).toEqual({ kind: 'wait', waitsFor: 'any' })
    expect(codesOf(decision)).toContain('E4 seats_full')
  })

  test('E4 a seat of another type does not help who is mapped to a full one', () => {
    const seats = someSeats({ premium: [1, 1], standard: [5, 0] })
    const person = { user: aUser('ann', { groupIds: ['gold'] }), member: null }
    expect(essence(decide(person, scim([seatFor('gold', 'premium')]), seats))).toEqual({
      kind: 'wait',
      waitsFor: 'premium',
    })
  })

  test('E4 a member whose groups ask for a full seat type keeps its own and waits; its role follows', () => {
    const settings = scim([seatFor('gold', 'premium'), roleFor('admins', 'admin')])
    const member = onPremium({ seatType: 'standard' })
    const keeps = { user: aUser('ann', { groupIds: ['gold'] }), member }
    expect(essence(decide(keeps, settings, full))).toEqual({ kind: 'keep', waitsFor: 'premium' })
    const raised = { user: aUser('ann', { groupIds: ['gold', 'admins'] }), member }
    expect(essence(decide(raised, settings, full))).toEqual({
      kind: 'change',
      from: { role: 'user', seatType: 'standard' },
      to: { role: 'admin', seatType: 'standard' },
      waitsFor: 'premium',
    })
  })

  test('E4 the seat of who leaves goes to who waits longest, in one evaluation', () => {
    const people: Person[] = [
      { user: aUser('late'), member: aWaiting('late', 20) },
      { user: aUser('early'), member: aWaiting('early', 10) },
      { user: aUser('new'), member: null },
      { user: aUser('gone', { active: false }), member: aMember('gone', { seatType: 'standard' }) },
    ]
    expect(evaluate(people, scim(), full).map(({ kind }) => kind)).toEqual(['wait', 'join', 'wait', 'leave'])
  })

  test('E4 no seat is waited for on a plan without seats', () => {
    const decision = decide({ user: aUser('ann'), member: null }, scim(null, 'console'), new Map())
    expect(essence(decision)).toEqual({ kind: 'join', to: { role: 'user', seatType: null } })
  })

  test('E4 somebody who waits and is unassigned waits no more', () => {
    const person = { user: aUser('ann', { active: false }), member: aWaiting('ann', 1) }
    expect(essence(decide(person, scim(), full))).toEqual({ kind: 'leave' })
  })
})

describe('E6 removal by an administrator', () => {
  const removed = aMember('ann', { status: 'removed', excluded: true })

  test('E6 counts while the person stays assigned, and not after it was unassigned', () => {
    expect(essence(decide({ user: aUser('ann'), member: removed }, scim()))).toEqual({
      kind: 'out',
      excluded: true,
    })
    const unassigned = { user: aUser('ann', { active: false }), member: removed }
    expect(essence(decide(unassigned, scim()))).toEqual({ kind: 'out', excluded: false })
    expect(essence(decide({ user: null, member: removed }, scim()))).toEqual({ kind: 'out', excluded: false })
  })
})

describe('E11 primary owner', () => {
  const owner = onPremium({ role: 'owner' })
  const owned = { ...scim([roleFor('staff', 'user')]), primaryOwnerId: owner.id }

  test.each<[string, Person]>([
    ['absent from the directory', { user: null, member: owner }],
    ['inactive in it', { user: aUser('ann', { active: false }), member: owner }],
    ['in no mapped group', { user: aUser('ann'), member: owner }],
    ['in a group of a lower role', { user: aUser('ann', { groupIds: ['staff'] }), member: owner }],
  ])('E11 is left alone when %s', (_, person) => {
    const decision = decide(person, owned)
    expect(essence(decision)).toEqual({ kind: 'keep', waitsFor: null })
    expect(codesOf(decision)).toEqual(['E11 primary_owner'])
  })

  test('E11 counts for a seat: the last one is not given to another', () => {
    const people: Person[] = [
      { user: null, member: owner },
      { user: aUser('bob', { groupIds: ['staff'] }), member: null },
    ]
    const decisions = evaluate(people, owned, someSeats({ premium: [1, 1], standard: [0, 0] }))
    expect(decisions.map(({ kind }) => kind)).toEqual(['keep', 'wait'])
  })
})

test('E10 each decision names its rules in the order in which they were asked', () => {
  const settings = scim([roleFor('staff', 'user'), roleFor('admins', 'admin'), seatFor('gold', 'premium')])
  const person = { user: aUser('ann', { groupIds: ['admins', 'gold', 'staff'] }), member: null }
  expect(codesOf(decide(person, settings, someSeats({ premium: [0, 0] })))).toEqual([
    'E1 in_mapped_group',
    'E2 role_from_group',
    'E2 role_of_group_lost',
    'E3 seat_from_group',
    'E4 seats_full',
  ])
})

test('P2 jit: nobody joins, changes or leaves by the directory: sign-in decides', () => {
  const jit = aSettings({ mode: 'jit' })
  expect(essence(decide({ user: aUser('ann'), member: null }, jit))).toEqual({ kind: 'out', excluded: false })
  expect(essence(decide({ user: null, member: onPremium() }, jit))).toEqual({ kind: 'keep', waitsFor: null })
})
