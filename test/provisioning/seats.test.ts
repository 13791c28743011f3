// E3 and E4: which seat somebody should be on, and who gets the seats that there are.

import { describe, expect, test } from 'vitest'
import { allocateSeats, type Claim, heldSeat, seatWish } from '../../src/provisioning/seats.ts'
import type { Member } from '../../src/provisioning/types.ts'
import { aMember, aUser, roleFor, scim, seatFor, someSeats } from '../support/people.ts'

describe('E3 the wish', () => {
  const mappings = [seatFor('gold', 'premium'), seatFor('silver', 'standard'), roleFor('staff', 'user')]
  const wishOf = (groupIds: readonly string[], member: Member | null, on = true) =>
    seatWish({ user: aUser('ann', { groupIds }), member }, { ...scim(mappings), groupMappings: on }).wish

  test('E3 a plan without seat types: none', () => {
    expect(seatWish({ user: aUser('ann'), member: null }, scim(null, 'console'))).toEqual({
      wish: null,
      why: [{ rule: 'E3', code: 'plan_without_seats' }],
    })
  })

  test('E3 one seat type: that one, whatever a mapping says', () => {
    const settings = scim([seatFor('g', 'enterprise')], 'enterprise_usage_single')
    expect(seatWish({ user: aUser('ann', { groupIds: ['g'] }), member: null }, settings)).toEqual({
      wish: 'enterprise',
      why: [{ rule: 'E3', code: 'only_seat_type', seatType: 'enterprise' }],
    })
  })

  test('E3 mappings on: the highest seat type among the groups, and those that lost to it', () => {
    const person = { user: aUser('ann', { groupIds: ['silver', 'gold'] }), member: null }
    expect(seatWish(person, scim(mappings))).toEqual({
      wish: 'premium',
      why: [
        { rule: 'E3', code: 'seat_from_group', seatType: 'premium', groupIds: ['gold'] },
        { rule: 'E3', code: 'seat_of_group_lost', seatType: 'standard', groupIds: ['silver'] },
      ],
    })
  })

  test('E3 mappings on: a lower seat type of the groups is wished for by who holds a higher one', () => {
    expect(wishOf(['silver'], aMember('ann', { seatType: 'premium' }))).toBe('standard')
  })

  test('E3 in no seat group: a new member wishes for any, a holder for its own', () => {
    expect(wishOf(['staff'], null)).toBe('any')
    expect(wishOf(['staff'], aMember('ann', { seatType: 'standard' }))).toBe('standard')
  })

  test('E3 mappings off: seat groups are not asked', () => {
    expect(wishOf(['gold'], null, false)).toBe('any')
    expect(wishOf(['gold'], aMember('ann', { seatType: 'standard' }), false)).toBe('standard')
  })

  test('E8 who left holds no seat', () => {
    expect(heldSeat({ user: null, member: aMember('ann', { status: 'removed', seatType: null }) })).toBeNull()
  })
})

describe('E4 the seats that there are', () => {
  const types = ['premium', 'standard'] as const
  const claim = (key: string, wish: Claim['wish'], more: Partial<Claim> = {}): Claim => ({
    key,
    wish,
    held: null,
    waitingSince: null,
    ...more,
  })

  test('E3 any: the highest that is available', () => {
    const seats = someSeats({ premium: [1, 0], standard: [1, 0] })
    const given = allocateSeats([claim('a', 'any'), claim('b', 'any'), claim('c', 'any')], [], seats, types)
    expect([...given]).toEqual([
      ['a', 'premium'],
      ['b', 'standard'],
      ['c', null],
    ])
  })

  test('E4 who has waited longest comes first, who asks now last, at equal time the smaller key', () => {
    const seats = someSeats({ premium: [2, 0], standard: [0, 0] })
    const claims = [
      claim('now', 'premium'),
      claim('later', 'premium', { waitingSince: 20 }),
      claim('z early', 'premium', { waitingSince: 10 }),
      claim('a early', 'premium', { waitingSince: 10 }),
    ]
    const given = allocateSeats(claims, [], seats, types)
    expect([...given].filter(([, seat]) => seat !== null).map(([key]) => key)).toEqual(['a early', 'z early'])
    const one = allocateSeats(claims, [], someSeats({ premium: [1, 0] }), types)
    expect([...one].filter(([, seat]) => seat !== null).map(([key]) => key)).toEqual(['a early'])
  })

  test('E4 the seats of those who leave are given away', () => {
    const seats = someSeats({ premium: [1, 1], standard: [0, 0] })
    expect(allocateSeats([claim('a', 'premium')], [], seats, types).get('a')).toBeNull()
    expect(allocateSeats([claim('a', 'premium')], ['premium'], seats, types).get('a')).toBe('premium')
  })

  test('E4 whose wish is full keeps the seat it has', () => {
    const seats = someSeats({ premium: [0, 0], standard: [1, 1] })
    const given = allocateSeats([claim('a', 'premium', { held: 'standard' })], [], seats, types)
    expect(given.get('a')).toBe('standard')
  })

  test('E4 the seat that a holder gives up goes to whoever waits longest for it, and so on', () => {
    const seats = someSeats({ premium: [1, 1], standard: [1, 1] })
    const claims = [
      claim('up', 'premium', { held: 'standard', waitingSince: 1 }),
      claim('second', 'standard', { waitingSince: 3 }),
      claim('first', 'any', { waitingSince: 2 }),
    ]
    const given = allocateSeats(claims, ['premium'], seats, types)
    expect(given).toEqual(
      new Map([
        ['up', 'premium'],
        ['second', null],
        ['first', 'standard'],
      ]),
    )
  })

  test('E4 purchased below assigned: a seat that gets free is not given away', () => {
    const seats = someSeats({ premium: [1, 3], standard: [0, 0] })
    expect(allocateSeats([claim('a', 'premium')], ['premium'], seats, types).get('a')).toBeNull()
    expect(
      allocateSeats([claim('a', 'premium')], ['premium', 'premium', 'premium'], seats, types).get('a'),
    ).toBe('premium')
  })

  test('E4 a seat type of which nothing is known is not given away', () => {
    expect(allocateSeats([claim('a', 'any')], [], new Map(), types).get('a')).toBeNull()
  })
})
