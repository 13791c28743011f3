// E1 and E2: who may be a member in mode `scim`, and with which role.

import { describe, expect, test } from 'vitest'
import { entitlement, isAssigned, roleOf } from '../../src/provisioning/entitlement.ts'
import { aMember, aUser, roleFor, scim, seatFor } from '../support/people.ts'

const mapped = scim([roleFor('admins', 'admin'), seatFor('premium people', 'premium')])

describe('E1 mode scim without mappings', () => {
  test('E1 an active user of the directory is entitled', () => {
    const { entitled, why } = entitlement({ user: aUser('ann'), member: null }, scim())
    expect(entitled).toBe(true)
    expect(why).toEqual([{ rule: 'E1', code: 'assigned' }])
  })

  test('E1 an inactive user is not', () => {
    const { entitled, why } = entitlement({ user: aUser('ann', { active: false }), member: null }, scim())
    expect(entitled).toBe(false)
    expect(why).toEqual([{ rule: 'E1', code: 'inactive' }])
  })

  test('E1 a member whom the directory does not have is not', () => {
    const { entitled, why } = entitlement({ user: null, member: aMember('ann') }, scim())
    expect(entitled).toBe(false)
    expect(why).toEqual([{ rule: 'E1', code: 'not_in_directory' }])
  })

  test('E6 somebody whom an administrator removed is not, although assigned', () => {
    const removed = aMember('ann', { status: 'removed', excluded: true })
    const { entitled, why } = entitlement({ user: aUser('ann'), member: removed }, scim())
    expect(entitled).toBe(false)
    expect(why).toEqual([{ rule: 'E6', code: 'removed_by_administrator' }])
  })
})

describe('E1 mode scim with mappings', () => {
  test('E1 one group with a role mapping entitles', () => {
    const user = aUser('ann', { groupIds: ['admins'] })
    expect(entitlement({ user, member: null }, mapped)).toEqual({
      entitled: true,
      why: [{ rule: 'E1', code: 'in_mapped_group', groupIds: ['admins'] }],
    })
  })

  test('E1 one group with a seat mapping alone entitles too', () => {
    const user = aUser('ann', { groupIds: ['premium people'] })
    expect(entitlement({ user, member: null }, mapped).entitled).toBe(true)
  })

  test('E1 a group that is not mapped here does not', () => {
    const user = aUser('ann', { groupIds: ['somewhere else'] })
    expect(entitlement({ user, member: null }, mapped)).toEqual({
      entitled: false,
      why: [{ rule: 'E1', code: 'in_no_mapped_group' }],
    })
  })

  test('E1 an inactive user in a mapped group is not entitled', () => {
    const user = aUser('ann', { active: false, groupIds: ['admins'] })
    expect(entitlement({ user, member: null }, mapped).entitled).toBe(false)
  })

  test('E6 the groups decide over a removal by an administrator from before', () => {
    const user = aUser('ann', { groupIds: ['admins'] })
    const removed = aMember('ann', { status: 'removed', excluded: true })
    expect(entitlement({ user, member: removed }, mapped).entitled).toBe(true)
  })
})

test('domain.md 2 assigned is present and active', () => {
  expect(isAssigned({ user: aUser('ann'), member: null })).toBe(true)
  expect(isAssigned({ user: aUser('ann', { active: false }), member: null })).toBe(false)
  expect(isAssigned({ user: null, member: aMember('ann') })).toBe(false)
})

describe('E2 role', () => {
  const roles = scim([
    roleFor('staff', 'user'),
    roleFor('more staff', 'user'),
    roleFor('leads', 'admin'),
    roleFor('chiefs', 'owner'),
    seatFor('seat only', 'premium'),
  ])

  test('E2 mappings on: the most permissive of the roles, and those that lost to it', () => {
    const user = aUser('ann', { groupIds: ['staff', 'chiefs', 'leads', 'more staff'] })
    expect(roleOf({ user, member: null }, roles)).toEqual({
      role: 'owner',
      why: [
        { rule: 'E2', code: 'role_from_group', role: 'owner', groupIds: ['chiefs'] },
        { rule: 'E2', code: 'role_of_group_lost', role: 'admin', groupIds: ['leads'] },
        { rule: 'E2', code: 'role_of_group_lost', role: 'user', groupIds: ['more staff', 'staff'] },
      ],
    })
  })

  test('E2 mappings on: in a seat group alone, the base role, also for an owner from before', () => {
    const user = aUser('ann', { groupIds: ['seat only'] })
    expect(roleOf({ user, member: aMember('ann', { role: 'owner' }) }, roles).role).toBe('user')
  })

  test('E2 Console: one group mapped to several roles gives the most permissive', () => {
    const console = scim([roleFor('g', 'billing'), roleFor('g', 'developer')], 'console')
    expect(roleOf({ user: aUser('ann', { groupIds: ['g'] }), member: null }, console).role).toBe('developer')
  })

  test('E2 mappings off: a new member gets the base role, an existing one keeps its own', () => {
    expect(roleOf({ user: aUser('ann'), member: null }, scim()).role).toBe('user')
    expect(roleOf({ user: aUser('ann'), member: aMember('ann', { role: 'admin' }) }, scim()).role).toBe(
      'admin',
    )
  })

  test('E2 mappings off: who left and comes back is a new member', () => {
    const left = aMember('ann', { status: 'removed', role: 'admin' })
    expect(roleOf({ user: aUser('ann'), member: left }, scim()).role).toBe('user')
  })

  test('E2 mappings off: mappings that are stored give no role', () => {
    const off = { ...roles, groupMappings: false }
    expect(roleOf({ user: aUser('ann', { groupIds: ['chiefs'] }), member: null }, off).role).toBe('user')
  })
})
