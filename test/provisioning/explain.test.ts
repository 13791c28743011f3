// E10: every reason in words that name the groups, the role, the seat.

import { expect, test } from 'vitest'
import { evaluate } from '../../src/provisioning/evaluate.ts'
import { explain } from '../../src/provisioning/explain.ts'
import { aUser, roleFor, scim, seatFor, someSeats } from '../support/people.ts'

const names = new Map([
  ['g1', 'Engineering'],
  ['g2', 'Everybody'],
])
const nameOf = (id: string) => names.get(id) ?? id

test('E10 the groups that gave role and seat, those that lost, and the rule that refused', () => {
  const settings = scim([
    roleFor('g1', 'admin'),
    roleFor('g2', 'user'),
    seatFor('g1', 'premium'),
    seatFor('g2', 'standard'),
  ])
  const person = { user: aUser('ann', { groupIds: ['g1', 'g2'] }), member: null }
  const [decision] = evaluate([person], settings, someSeats({ premium: [0, 0] }))
  expect(decision?.why.map((reason) => explain(reason, nameOf))).toEqual([
    'The user is in the mapped groups “Engineering”, “Everybody”.',
    'The role admin comes from “Engineering”.',
    'The role user of “Everybody” is less permissive and was passed over.',
    'The seat type premium comes from “Engineering”.',
    'The seat type standard of “Everybody” is lower and was passed over.',
    'No seat of premium is free: waiting for one.',
  ])
})

test('E10 waiting for any seat says so', () => {
  expect(explain({ rule: 'E4', code: 'seats_full', seatType: 'any' }, nameOf)).toBe(
    'No seat of any type is free: waiting for one.',
  )
})

test.each([
  [{ rule: 'P2', code: 'left_to_administrator' }, /manual/],
  [{ rule: 'P2', code: 'left_to_sign_in' }, /JIT/],
  [{ rule: 'P2', code: 'not_a_member' }, /no member/],
  [{ rule: 'E11', code: 'primary_owner' }, /primary owner/],
  [{ rule: 'E1', code: 'assigned' }, /active/],
  [{ rule: 'E1', code: 'not_in_directory' }, /No user/],
  [{ rule: 'E1', code: 'inactive' }, /not active/],
  [{ rule: 'E1', code: 'in_no_mapped_group' }, /no group/],
  [{ rule: 'E6', code: 'removed_by_administrator' }, /administrator removed/],
  [{ rule: 'E2', code: 'base_role', role: 'user' }, /base role user/],
  [{ rule: 'E2', code: 'role_kept', role: 'admin' }, /keeps its role admin/],
  [{ rule: 'E3', code: 'plan_without_seats' }, /no seats/],
  [{ rule: 'E3', code: 'only_seat_type', seatType: 'enterprise' }, /one seat type, enterprise/],
  [{ rule: 'E3', code: 'highest_available_seat' }, /highest/],
  [{ rule: 'E3', code: 'seat_kept', seatType: 'standard' }, /keeps its seat, standard/],
] as const)('E10 $0.code is one sentence', (reason, words) => {
  expect(explain(reason, nameOf)).toMatch(words)
  expect(explain(reason, nameOf)).toMatch(/^[A-Z].*\.$/)
})
