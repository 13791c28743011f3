// What a decision makes of a member (E8, E12) and how it counts (Y1).

import { describe, expect, test } from 'vitest'
import { decisiveReason, isSameState, outcomeOf, stateAfter } from '../../src/provisioning/outcome.ts'
import type { Decision } from '../../src/provisioning/types.ts'
import { aMember, aUser, aWaiting } from '../support/people.ts'

const ann = aUser('ann')
const joins = { kind: 'join', to: { role: 'user', seatType: 'premium' }, why: [] } as const

describe('the state after a decision', () => {
  test('E1 a new member is linked to the user and has its address', () => {
    expect(stateAfter({ ...joins, person: { user: ann, member: null } }, 'new id', 'scim')).toEqual({
      id: 'new id',
      userId: 'ann',
      email: 'ann@acme.test',
      emailKey: 'ann@acme.test',
      status: 'active',
      role: 'user',
      seatType: 'premium',
      source: 'scim',
      wantedSeat: null,
      excluded: false,
      assertedGroupIds: null,
      removal: null,
    })
  })

  test('E8 who returns keeps the id, and no removal or waiting from before', () => {
    const member = aMember('ann', { status: 'removed', excluded: true })
    expect(stateAfter({ ...joins, person: { user: ann, member } }, 'new id', 'scim')).toMatchObject({
      id: member.id,
      status: 'active',
      excluded: false,
      wantedSeat: null,
    })
  })

  test('E8 who leaves frees the seat and waits for none; the id and the history stay', () => {
    const member = aMember('ann', {
      role: 'admin',
      seatType: 'standard',
      wantedSeat: 'premium',
      waitingSince: 1,
    })
    const after = stateAfter({ kind: 'leave', person: { user: ann, member }, why: [] }, 'new id', 'scim')
    expect(after).toMatchObject({ id: member.id, status: 'removed', role: 'admin', seatType: null })
    expect(after?.wantedSeat).toBeNull()
  })

  test('E4 who waits has neither role nor seat', () => {
    const decision = { kind: 'wait', waitsFor: 'any', person: { user: ann, member: null }, why: [] } as const
    expect(stateAfter(decision, 'new id', 'scim')).toMatchObject({
      status: 'waiting',
      role: null,
      seatType: null,
      wantedSeat: 'any',
    })
  })

  test('P2 who joins or begins to wait has the mode as source; who is in keeps its own', () => {
    const person = { user: ann, member: null }
    expect(stateAfter({ ...joins, person }, 'x', 'jit')?.source).toBe('jit')
    expect(stateAfter({ kind: 'wait', waitsFor: 'any', person, why: [] }, 'x', 'jit')?.source).toBe('jit')
    const kept = {
      kind: 'keep',
      waitsFor: null,
      person: { user: ann, member: aMember('ann') },
      why: [],
    } as const
    expect(stateAfter(kept, 'x', 'jit')?.source).toBe('scim')
  })

  test('section 6 the groups of an assertion are remembered, until those of the directory count again', () => {
    const asserting = { ...ann, assertedGroupIds: ['g1'] }
    const joined = stateAfter({ ...joins, person: { user: asserting, member: null } }, 'x', 'jit')
    expect(joined?.assertedGroupIds).toEqual(['g1'])
    const member = aMember('ann', { assertedGroupIds: ['g1'] })
    const kept = { kind: 'keep', waitsFor: null, why: [] } as const
    expect(stateAfter({ ...kept, person: { user: ann, member } }, 'x', 'scim')?.assertedGroupIds).toBeNull()
    expect(stateAfter({ ...kept, person: { user: null, member } }, 'x', 'jit')?.assertedGroupIds).toEqual([
      'g1',
    ])
  })

  test('E12 the address follows the user, whatever is decided', () => {
    const user = aUser('ann', { email: 'Ann.Lee@acme.test', emailKey: 'ann.lee@acme.test' })
    const member = aMember('ann', { seatType: 'premium' })
    const after = stateAfter(
      { kind: 'keep', waitsFor: null, person: { user, member }, why: [] },
      'new id',
      'scim',
    )
    expect(after).toMatchObject({ id: member.id, email: 'Ann.Lee@acme.test', emailKey: 'ann.lee@acme.test' })
  })

  test('E7 a member that was matched by e-mail is linked from then on, and keeps its source', () => {
    const member = aMember('x', { userId: null, emailKey: 'ann@acme.test', source: 'manual' })
    const after = stateAfter(
      { kind: 'keep', waitsFor: null, person: { user: ann, member }, why: [] },
      'new id',
      'scim',
    )
    expect(after).toMatchObject({ id: member.id, userId: 'ann', source: 'manual' })
  })

  test('E1 who never was a member and is out is nothing', () => {
    expect(
      stateAfter({ kind: 'out', excluded: false, person: { user: ann, member: null }, why: [] }, 'x', 'scim'),
    ).toBeNull()
  })

  test('E6 who is out keeps a removal by an administrator only as long as it counts', () => {
    const member = aMember('ann', { status: 'removed', excluded: true })
    const out = { kind: 'out', person: { user: ann, member }, why: [] } as const
    expect(stateAfter({ ...out, excluded: true }, 'x', 'scim')?.excluded).toBe(true)
    expect(stateAfter({ ...out, excluded: false }, 'x', 'scim')?.excluded).toBe(false)
  })
})

describe('whether there is anything to write', () => {
  const member = aMember('ann', { seatType: 'premium', waitingSince: null })

  test('E9 keeping a member as it is writes nothing', () => {
    const after = stateAfter(
      { kind: 'keep', waitsFor: null, person: { user: ann, member }, why: [] },
      'x',
      'scim',
    )
    if (after === null) throw new Error('There is a member.')
    expect(isSameState(member, after)).toBe(true)
    expect(isSameState(null, after)).toBe(false)
    expect(isSameState(member, { ...after, role: 'admin' })).toBe(false)
    expect(isSameState(member, { ...after, wantedSeat: 'premium' })).toBe(false)
    expect(isSameState(member, { ...after, userId: null })).toBe(false)
    expect(isSameState(member, { ...after, assertedGroupIds: [] })).toBe(false)
    const asserting = { ...member, assertedGroupIds: ['g1'] }
    expect(isSameState(asserting, { ...after, assertedGroupIds: ['g1'] })).toBe(true)
    expect(isSameState(asserting, { ...after, assertedGroupIds: ['g2'] })).toBe(false)
  })
})

const out = { person: { user: ann, member: null }, why: [] } as const
const holding = { role: 'user', seatType: null } as const
test.each<[Decision, string]>([
  [{ ...joins, person: { user: ann, member: null } }, 'added'],
  [{ kind: 'change', from: holding, to: holding, waitsFor: null, ...out }, 'changed'],
  [{ kind: 'leave', person: { user: null, member: aMember('ann') }, why: [] }, 'removed'],
  [{ kind: 'wait', waitsFor: 'any', ...out }, 'waiting'],
  [
    { kind: 'wait', waitsFor: 'any', person: { user: ann, member: aWaiting('ann', 1) }, why: [] },
    'unchanged',
  ],
  [{ kind: 'keep', waitsFor: null, ...out }, 'unchanged'],
  // who waits for another seat than before is told so, as member or not
  [
    { kind: 'wait', waitsFor: 'premium', person: { user: ann, member: aWaiting('ann', 1) }, why: [] },
    'waiting',
  ],
  [{ kind: 'keep', waitsFor: 'premium', person: { user: ann, member: aMember('ann') }, why: [] }, 'waiting'],
  [
    {
      kind: 'keep',
      waitsFor: null,
      person: { user: ann, member: aMember('ann', { wantedSeat: 'premium' }) },
      why: [],
    },
    'changed',
  ],
  [{ kind: 'out', excluded: false, ...out }, 'unchanged'],
])('Y1 $0.kind counts as %s', (decision, outcome) => {
  expect(outcomeOf(decision)).toBe(outcome)
})

describe('E10 the reason that says most of a decision', () => {
  const person = { user: ann, member: aMember('ann') } as const
  const role = { rule: 'E2', code: 'role_from_group' } as const
  const seat = { rule: 'E3', code: 'seat_from_group' } as const
  const assigned = { rule: 'E1', code: 'in_mapped_group' } as const
  const full = { rule: 'E4', code: 'seats_full' } as const
  const from = { role: 'user', seatType: 'standard' } as const

  test.each<[string, Decision, string]>([
    ['of who joins, the claim', { ...joins, person, why: [assigned, role, seat] }, 'in_mapped_group'],
    [
      'of who leaves, what is missing',
      { kind: 'leave', person, why: [{ rule: 'E1', code: 'inactive' }] },
      'inactive',
    ],
    [
      'of who waits, the seats',
      { kind: 'wait', person, waitsFor: 'any', why: [assigned, full] },
      'seats_full',
    ],
    [
      'of who is held, the brake',
      { kind: 'hold', person, removal: 'held', why: [assigned, { rule: 'S5', code: 'removal_held' }] },
      'removal_held',
    ],
    [
      'of another role, what gave it',
      {
        kind: 'change',
        person,
        from,
        to: { ...from, role: 'admin' },
        waitsFor: null,
        why: [assigned, role, seat],
      },
      'role_from_group',
    ],
    [
      'of another seat, what gave it',
      {
        kind: 'change',
        person,
        from,
        to: { ...from, seatType: 'premium' },
        waitsFor: null,
        why: [assigned, role, seat],
      },
      'seat_from_group',
    ],
  ])('%s', (_, decision, reason) => expect(decisiveReason(decision)).toBe(reason))
})
