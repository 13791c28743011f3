// Organizations as fast-check makes them up: people, settings and seats that fit each other; and what an evaluation
// makes of them, as the store would write it.

import fc from 'fast-check'
import {
  type PlanName,
  planNames,
  rolesOf,
  type SeatType,
  seatTypesOf,
} from '../../src/provisioning/catalogue.ts'
import { stateAfter } from '../../src/provisioning/outcome.ts'
import type { Decision, Mapping, Member, Person, Seats, Settings } from '../../src/provisioning/types.ts'
import { aMember, aUser } from './people.ts'

export interface Case {
  readonly people: readonly Person[]
  readonly settings: Settings
  readonly seats: Seats
}

const groupIds = ['g1', 'g2', 'g3', 'g4'] as const
const someGroups = fc.subarray([...groupIds])

function mappingsOf(plan: PlanName): fc.Arbitrary<Mapping[]> {
  const role = fc.record({
    groupId: fc.constantFrom(...groupIds),
    role: fc.constantFrom(...rolesOf(plan)),
    seatType: fc.constant(null),
  })
  const seatTypes = seatTypesOf(plan)
  if (seatTypes.length < 2) return fc.array(role, { maxLength: 5 })
  const seat = fc.record({
    groupId: fc.constantFrom(...groupIds),
    role: fc.constant(null),
    seatType: fc.constantFrom(...seatTypes),
  })
  return fc.array(fc.oneof<fc.Arbitrary<Mapping>[]>(role, seat), { maxLength: 5 })
}

/** A member as some earlier evaluation, or an administrator, left it. */
function memberOf(key: string, plan: PlanName): fc.Arbitrary<Member> {
  const seatTypes = seatTypesOf(plan)
  const seatType = seatTypes.length === 0 ? fc.constant(null) : fc.constantFrom(...seatTypes)
  const wish = seatTypes.length === 0 ? fc.constant(null) : fc.constantFrom(...seatTypes, 'any' as const)
  const role = fc.constantFrom(...rolesOf(plan))
  const since = fc.integer({ min: 1, max: 6 })
  const active = fc.record({ status: fc.constant('active'), role, seatType, source: fc.constant('manual') })
  const climbing = fc
    .record({ status: fc.constant('active'), role, seatType, wantedSeat: wish, waitingSince: since })
    .map((member) => (member.wantedSeat === null ? { ...member, waitingSince: null } : member))
  const waiting = fc.record({
    status: fc.constant('waiting'),
    source: fc.constantFrom('scim', 'jit'),
    role: fc.constant(null),
    wantedSeat: wish,
    waitingSince: since,
  })
  const removed = fc.record({ status: fc.constant('removed'), role, excluded: fc.boolean() })
  const kinds = seatTypes.length === 0 ? [active, removed] : [active, climbing, waiting, removed]
  return fc.oneof(...kinds).map((differences: Partial<Member>) => aMember(key, differences))
}

function personOf(key: string, plan: PlanName): fc.Arbitrary<Person> {
  const user = fc
    .record({ active: fc.boolean(), groupIds: someGroups })
    .map((differences) => aUser(key, differences))
  const member = memberOf(key, plan)
  return fc.oneof(
    fc.record({ user, member: fc.constant(null) }),
    fc.record({ user, member }),
    fc.record({ user: fc.constant(null), member }),
  )
}

/** Seats that agree with who holds one; `purchased` may be below what is assigned, or null. */
function seatsFor(plan: PlanName, people: readonly Person[]): fc.Arbitrary<Seats> {
  const purchased = fc.option(fc.integer({ min: 0, max: 8 }), { freq: 4 })
  return fc
    .tuple(...seatTypesOf(plan).map((seatType) => purchased.map((count) => [seatType, count] as const)))
    .map(
      (counts) =>
        new Map(counts.map(([type, count]) => [type, { purchased: count, assigned: onSeat(people, type) }])),
    )
}

export const onSeat = (people: readonly Person[], seatType: SeatType): number =>
  people.filter(({ member }) => member?.status === 'active' && member.seatType === seatType).length

/** Any organization in any mode; `isUnlimited` for one whose seats never run out. */
export function aCase(isUnlimited = false): fc.Arbitrary<Case> {
  return fc
    .record({
      plan: fc.constantFrom(...planNames),
      size: fc.integer({ min: 1, max: 9 }),
      mode: fc.constantFrom('scim', 'scim', 'scim', 'jit', 'jit', 'manual'),
      groupMappings: fc.boolean(),
    })
    .chain(({ plan, size, mode, groupMappings }) =>
      fc
        .tuple(
          fc.tuple(...Array.from({ length: size }, (_, i) => personOf(`p${i}`, plan))),
          mappingsOf(plan),
          fc.boolean(),
        )
        .chain(([people, mappings, hasOwner]) => {
          const owner = people.find(({ member }) => member?.status === 'active' && member.wantedSeat === null)
          const primaryOwnerId = hasOwner ? (owner?.member?.id ?? null) : null
          const settings: Settings = { plan, mode, groupMappings, mappings, primaryOwnerId }
          const seats = isUnlimited ? fc.constant(unlimitedSeats(plan, people)) : seatsFor(plan, people)
          return seats.map((found) => ({ people, settings, seats: found }))
        }),
    )
}

/** The same, where the removals of some members are held or were discarded (S5). */
export const aBrakedCase: fc.Arbitrary<Case> = fc
  .tuple(aCase(), fc.infiniteStream(fc.constantFrom(null, 'held', 'discarded')))
  .map(([given, removals]) => ({
    ...given,
    people: given.people.map((person) => withRemoval(person, removals.next().value ?? null)),
  }))

function withRemoval(person: Person, removal: Member['removal']): Person {
  const { member } = person
  const isHeld = member?.status === 'active' && member.wantedSeat === null
  return isHeld ? { ...person, member: { ...member, removal } } : person
}

const unlimitedSeats = (plan: PlanName, people: readonly Person[]): Seats =>
  new Map(seatTypesOf(plan).map((type) => [type, { purchased: null, assigned: onSeat(people, type) }]))

/** The people and seats after the decisions; who begins to wait now waits since `now`. */
export function applied(decisions: readonly Decision[], { settings, seats }: Case, now: number): Case {
  const people = decisions.flatMap((decision, i): Person[] => {
    const state = stateAfter(decision, `new ${i}`, settings.mode)
    const { user, member: before } = decision.person
    if (state === null) return user === null ? [] : [{ user, member: null }]
    const waitingSince = state.wantedSeat === null ? null : (before?.waitingSince ?? now)
    return [{ user, member: { ...state, waitingSince } }]
  })
  const counted = [...seats].map(
    ([type, { purchased }]) => [type, { purchased, assigned: onSeat(people, type) }] as const,
  )
  return { people, settings, seats: new Map(counted) }
}
