// P1 and P2: the plans with their roles and seat types, and which may use SCIM.

import { expect, test } from 'vitest'
import {
  baseRole,
  findRole,
  findSeatType,
  isMode,
  isParentPlan,
  isPlanName,
  mayUseScim,
  planNames,
  plans,
  rolesOf,
  seatTypesOf,
  topRole,
} from '../../src/provisioning/catalogue.ts'

const claudeRoles = ['owner', 'admin', 'user']

test.each([
  ['team', 'claude', claudeRoles, ['premium', 'standard']],
  ['enterprise_seats', 'claude', claudeRoles, ['premium', 'standard']],
  ['enterprise_usage', 'claude', claudeRoles, ['chat_and_claude_code', 'chat']],
  ['enterprise_usage_single', 'claude', claudeRoles, ['enterprise']],
  ['console', 'console', ['admin', 'developer', 'billing', 'claude_code_user', 'user'], []],
] as const)(
  'P1 plan %s: product %s, its roles and seat types in order',
  (plan, product, roles, seatTypes) => {
    expect(plans[plan].product).toBe(product)
    expect(rolesOf(plan)).toEqual(roles)
    expect(seatTypesOf(plan)).toEqual(seatTypes)
  },
)

test('P1 there are these five plans and no other', () => {
  expect(planNames).toEqual([
    'team',
    'enterprise_seats',
    'enterprise_usage',
    'enterprise_usage_single',
    'console',
  ])
})

test.each(planNames)('P1 plan %s: the top role is its first, the base role its last', (plan) => {
  expect(topRole(plan)).toBe(plan === 'console' ? 'admin' : 'owner')
  expect(baseRole(plan)).toBe('user')
})

test('P1 a role or seat type of another plan is not found', () => {
  expect(findRole('console', 'owner')).toBeNull()
  expect(findRole('team', 'developer')).toBeNull()
  expect(findRole('console', 'developer')).toBe('developer')
  expect(findSeatType('enterprise_seats', 'chat')).toBeNull()
  expect(findSeatType('enterprise_usage', 'chat')).toBe('chat')
  expect(findSeatType('console', 'premium')).toBeNull()
})

test('P1 names that every object has are no plans, modes or roles', () => {
  for (const name of ['constructor', 'toString', '__proto__', '']) {
    expect([isPlanName(name), isMode(name), isParentPlan(name)]).toEqual([false, false, false])
    expect(findRole('team', name)).toBeNull()
  }
})

test.each([
  ['team', 'team', false],
  ['team', 'enterprise', false],
  ['team', 'none', false],
  ['enterprise_seats', 'enterprise', true],
  ['enterprise_usage', 'enterprise', true],
  ['enterprise_usage_single', 'enterprise', true],
  ['console', 'team', false],
  ['console', 'enterprise', true],
  ['console', 'none', true],
] as const)(
  'P2 an organization of plan %s with a parent of plan %s may use SCIM: %s',
  (plan, parent, may) => {
    expect(mayUseScim(plan, parent)).toBe(may)
  },
)
