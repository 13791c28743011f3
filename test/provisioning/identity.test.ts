// E7: which directory user and which member are the same person.

import { describe, expect, test } from 'vitest'
import { emailKeyOf, matchPeople, personKey } from '../../src/provisioning/identity.ts'
import type { Member } from '../../src/provisioning/types.ts'
import { aMember, aUser } from '../support/people.ts'

const unlinked = (id: string, emailKey: string, differences: Partial<Member> = {}) =>
  aMember(id, { id, userId: null, email: emailKey, emailKey, ...differences })

describe('E7 the same person', () => {
  test('E7 by their link, whatever the addresses are', () => {
    const user = aUser('ann', { email: 'new@acme.test', emailKey: 'new@acme.test' })
    const member = aMember('ann')
    expect(matchPeople([user], [member])).toEqual([{ user, member }])
  })

  test('E7 without a link by e-mail', () => {
    const user = aUser('ann')
    const member = unlinked('m', 'ann@acme.test')
    expect(matchPeople([user], [member])).toEqual([{ user, member }])
  })

  test('E7 the link comes before the e-mail', () => {
    const user = aUser('ann')
    const linked = aMember('ann', { emailKey: 'old@acme.test' })
    const sameAddress = unlinked('m', 'ann@acme.test')
    expect(matchPeople([user], [sameAddress, linked])).toEqual([
      { user, member: linked },
      { user: null, member: sameAddress },
    ])
  })

  test('E7 a member that is linked to another user is somebody else', () => {
    const user = aUser('ann')
    const other = aMember('bob', { emailKey: 'ann@acme.test' })
    expect(matchPeople([user], [other])).toEqual([
      { user, member: null },
      { user: null, member: other },
    ])
  })

  test('E7 of two members with the address, the one who is in comes before the one who left', () => {
    const user = aUser('ann')
    const left = unlinked('a', 'ann@acme.test', { status: 'removed' })
    const waits = unlinked('b', 'ann@acme.test', { status: 'waiting' })
    const isIn = unlinked('c', 'ann@acme.test')
    expect(matchPeople([user], [left, waits, isIn])[0]).toEqual({ user, member: isIn })
    expect(matchPeople([user], [left, waits])[0]).toEqual({ user, member: waits })
  })

  test('E7 two users with one address are two people, and one member is only one of them', () => {
    const [first, second] = [aUser('a', { emailKey: 'x@acme.test' }), aUser('b', { emailKey: 'x@acme.test' })]
    const member = unlinked('m', 'x@acme.test')
    expect(matchPeople([second, first], [member])).toEqual([
      { user: first, member },
      { user: second, member: null },
    ])
  })

  test('E7 addresses compare without case', () => {
    expect(emailKeyOf('Ann.LEE@Acme.Test')).toBe(emailKeyOf('ann.lee@acme.test'))
    expect(emailKeyOf('ann@acme.test')).not.toBe(emailKeyOf('ann@acme.tes'))
  })
})

test('E9 the order of users and members does not matter to who is who', () => {
  const users = [aUser('b'), aUser('a')]
  const members = [unlinked('2', 'a@acme.test'), unlinked('1', 'a@acme.test')]
  expect(matchPeople(users, members)).toEqual(matchPeople([...users].reverse(), [...members].reverse()))
})

test('E7 a person is told apart by the user, else by the member', () => {
  expect(personKey({ user: aUser('ann'), member: aMember('ann') })).toBe('ann')
  expect(personKey({ user: null, member: aMember('ann') })).toBe('member of ann')
})
