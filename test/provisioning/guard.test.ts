// S2: which warnings stand against a save, by name and with what each concerns.
import { describe, expect, test } from 'vitest'
import {
  type Caution,
  noEffects,
  unacknowledged,
  type Warning,
  warningsOf,
  withEffects,
} from '../../src/provisioning/guard.ts'
import type { Decision, Member } from '../../src/provisioning/types.ts'
import { aMember, aUser, aWaiting } from '../support/people.ts'

const plan = 'enterprise_seats'
const quiet: Caution = { actingMemberId: null, maxRemovedPercent: 20 }

const personOf = (member: Member) => ({ user: aUser(member.userId ?? ''), member })
const stays = (member: Member): Decision => ({
  kind: 'keep',
  waitsFor: null,
  why: [],
  person: personOf(member),
})
const leaves = (member: Member): Decision => ({ kind: 'leave', why: [], person: personOf(member) })
const becomes = (member: Member, role: 'owner' | 'admin' | 'user'): Decision => ({
  kind: 'change',
  from: { role: member.role ?? 'user', seatType: null },
  to: { role, seatType: null },
  waitsFor: null,
  why: [],
  person: personOf(member),
})
const joins = (id: string, role: 'owner' | 'user'): Decision => ({
  kind: 'join',
  to: { role, seatType: null },
  why: [],
  person: { user: aUser(id), member: null },
})

const warnings = (decisions: readonly Decision[], caution = quiet): Warning[] =>
  warningsOf(withEffects(noEffects, decisions, plan, caution), plan, caution)
const namesOf = (found: readonly Warning[]) => found.map(({ name }) => name)

const owner = aMember('boss', { role: 'owner' })

describe('S2 no_top_role', () => {
  test('S2 when the last of the top role is demoted, or leaves', () => {
    expect(warnings([becomes(owner, 'admin')])).toMatchObject([
      { name: 'no_top_role', role: 'owner', holders: 1 },
    ])
    expect(namesOf(warnings([leaves(owner), stays(aMember('ann'))]))).toEqual(['no_top_role'])
  })

  test('S2 not while somebody keeps it, rises to it, or joins with it', () => {
    const other = aMember('other', { role: 'owner' })
    expect(warnings([leaves(owner), stays(other)])).toEqual([])
    expect(warnings([leaves(owner), becomes(aMember('ann'), 'owner')])).toEqual([])
    expect(warnings([leaves(owner), joins('new', 'owner')])).toEqual([])
  })

  test('S2 not where nobody had it before: the save takes it from nobody', () => {
    expect(warnings([stays(aMember('ann')), joins('new', 'user')])).toEqual([])
  })

  test('S2 who was owner and left long ago counts for nothing', () => {
    const former = aMember('former', { role: 'owner', status: 'removed' })
    const out: Decision = { kind: 'out', excluded: false, why: [], person: personOf(former) }
    expect(warnings([out])).toEqual([])
    expect(namesOf(warnings([out, leaves(owner)]))).toEqual(['no_top_role'])
  })
})

describe('S2 the administrator who is saving', () => {
  const second = stays(aMember('second', { role: 'owner' }))
  const asBoss: Caution = { ...quiet, actingMemberId: owner.id }

  test('S2 self_demoted, from which role to which', () => {
    expect(warnings([becomes(owner, 'user'), second], asBoss)).toMatchObject([
      { name: 'self_demoted', memberId: owner.id, from: 'owner', to: 'user' },
    ])
  })

  test('S2 self_removed', () => {
    expect(warnings([leaves(owner), second], asBoss)).toMatchObject([
      { name: 'self_removed', memberId: owner.id },
    ])
  })

  test('S2 nothing when it rises or keeps its role, or when it is not said who saves', () => {
    const ann = aMember('ann', { role: 'admin' })
    const asAnn: Caution = { ...quiet, actingMemberId: ann.id }
    expect(warnings([becomes(ann, 'owner')], asAnn)).toEqual([])
    expect(warnings([stays(ann)], asAnn)).toEqual([])
    expect(warnings([becomes(owner, 'user'), second])).toEqual([])
  })
})

describe('S2 many_removed', () => {
  const removing = (removed: number, members: number) =>
    Array.from({ length: members }, (_, i) =>
      i < removed ? leaves(aMember(`m${i}`)) : stays(aMember(`m${i}`)),
    )
  const isWarned = (removed: number, members: number, maxRemovedPercent = 20) =>
    namesOf(warnings(removing(removed, members), { ...quiet, maxRemovedPercent })).includes('many_removed')

  test.each([
    [2, 10, 20, false],
    [3, 10, 20, true],
    [9, 9, 20, false],
    [20, 100, 20, false],
    [21, 100, 20, true],
    [29, 100, 29, false],
    [30, 100, 29, true],
    [1, 10, 0, true],
    [10, 10, 100, false],
  ])('S2 %i of %i with %i %% allowed: %s', (removed, members, percent, expected) => {
    expect(isWarned(removed, members, percent)).toBe(expected)
  })

  test('S2 who waits for a seat is no member, neither of all nor of those removed', () => {
    const waiting = Array.from({ length: 20 }, (_, i) => leaves(aWaiting(`w${i}`, i)))
    expect(warnings([...waiting, ...removing(2, 10)])).toEqual([])
    expect(warnings([...waiting, ...removing(3, 10)])).toMatchObject([
      { name: 'many_removed', removed: 3, members: 10, maxRemovedPercent: 20 },
    ])
  })
})

test('S2 each warning is acknowledged by its own name', () => {
  const found = warnings([leaves(owner)], { ...quiet, actingMemberId: owner.id })
  expect(namesOf(found)).toEqual(['no_top_role', 'self_removed'])
  expect(namesOf(unacknowledged(found, ['self_removed', 'many_removed']))).toEqual(['no_top_role'])
  expect(unacknowledged(found, ['self_removed', 'no_top_role'])).toEqual([])
})

test('S2 the effects of all are those of some and then of the others', () => {
  const decisions = [leaves(owner), becomes(aMember('ann'), 'admin'), joins('new', 'user')]
  const some = withEffects(noEffects, decisions.slice(0, 1), plan, quiet)
  expect(withEffects(some, decisions.slice(1), plan, quiet)).toEqual(
    withEffects(noEffects, decisions, plan, quiet),
  )
})
