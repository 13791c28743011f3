// The evaluator: people, settings and seats → one decision for each person, with its reasons (domain.md section 3).
// No input or output, no clock: the same facts give the same decisions (E9).

import type { Removals } from './brake.ts'
import type { Role } from './catalogue.ts'
import { type SeatType, seatTypesOf } from './catalogue.ts'
import { entitlement, isAssigned, roleOf } from './entitlement.ts'
import { personKey } from './identity.ts'
import { allocateSeats, type Claim, heldSeat, seatWish } from './seats.ts'
import type { Decision, Member, Person, Reason, Seats, SeatWish, Settings } from './types.ts'

/** What is known of a person before seats are given out. */
export type Verdict =
  | { readonly kind: 'settled'; readonly decision: Decision }
  | {
      readonly kind: 'entitled'
      readonly person: Person
      readonly role: Role
      readonly wish: SeatWish | null
      readonly why: readonly Reason[]
    }

/**
 * Decides for each person, in the order of `people`. With seats in short supply the result depends on who else is
 * in `people`: give everybody who waits together with those who may free a seat. `signingIn` is the key of the
 * person who signs in, where a sign-in is why we ask: in mode `jit` it alone may join, change or leave. With `removals`
 * held, members who would leave stay, and keep their seats from those who wait (S5).
 */
export function evaluate(
  people: readonly Person[],
  settings: Settings,
  seats: Seats,
  signingIn: string | null = null,
  removals: Removals = 'carried_out',
): Decision[] {
  const verdicts = people.map((person) => judge(person, settings, signingIn, removals))
  const freed = verdicts.flatMap((verdict) => freedSeat(verdict))
  const claims = verdicts.flatMap((verdict) => (verdict.kind === 'settled' ? [] : [claimOf(verdict)]))
  const given = allocateSeats(claims, freed, seats, seatTypesOf(settings.plan))
  return verdicts.map((verdict) =>
    verdict.kind === 'settled'
      ? verdict.decision
      : decide(verdict, given.get(personKey(verdict.person)) ?? null),
  )
}

/** Somebody who is entitled, and what they ask of the seats. */
export type Entitled = Extract<Verdict, { kind: 'entitled' }>

export const claimOf = ({ person, wish }: Entitled): Claim => ({
  key: personKey(person),
  held: heldSeat(person),
  wish,
  waitingSince: person.member?.waitingSince ?? null,
})

/** All that can be said of a person without asking who else wants the seats. */
export function judge(
  person: Person,
  settings: Settings,
  signingIn: string | null = null,
  removals: Removals = 'carried_out',
): Verdict {
  const { member } = person
  if (member !== null && member.id === settings.primaryOwnerId) {
    return keepAsIs(person, [{ rule: 'E11', code: 'primary_owner' }])
  }
  if (settings.mode === 'manual') return keepAsIs(person, [{ rule: 'P2', code: 'left_to_administrator' }])
  if (settings.mode === 'scim') return byTheRules(person, settings, (why) => braked(person, why, removals))
  if (personKey(person) !== signingIn) return betweenSignIns(person, settings)
  return byTheRules(person, settings)
}

/** `refused` is what becomes of somebody who is not entitled. */
function byTheRules(
  person: Person,
  settings: Settings,
  refused: (why: readonly Reason[]) => Decision = (why) => refuse(person, why),
): Verdict {
  const { entitled, why } = entitlement(person, settings)
  if (!entitled) return { kind: 'settled', decision: refused(why) }
  const { role, why: whyRole } = roleOf(person, settings)
  const { wish, why: whySeat } = seatWish(person, settings)
  return { kind: 'entitled', person, role, wish, why: [...why, ...whyRole, ...whySeat] }
}

/**
 * Mode `jit` while the person does not sign in: a member stays as it is. Who signed in and found no seat goes on
 * waiting while entitled, and so does a member for the seat that its groups ask for (E4).
 */
function betweenSignIns(person: Person, settings: Settings): Verdict {
  const why: Reason[] = [{ rule: 'P2', code: 'left_to_sign_in' }]
  const { member } = person
  if (member?.status === 'waiting' && member.source === 'jit') return byTheRules(person, settings)
  if (member?.status !== 'active' || member.role === null || member.wantedSeat === null) {
    return keepAsIs(person, why)
  }
  const { wish, why: whySeat } = seatWish(person, settings)
  if (wish !== member.wantedSeat || !entitlement(person, settings).entitled) return keepAsIs(person, why)
  return { kind: 'entitled', person, role: member.role, wish, why: [...why, ...whySeat] }
}

/** A member stays as it is and waits for nothing; somebody who waited for SCIM's sake waits no more. */
function keepAsIs(person: Person, why: Reason[]): Verdict {
  const { member } = person
  if (member?.status !== 'active') return { kind: 'settled', decision: refuse(person, why) }
  if (member.removal !== null) return { kind: 'settled', decision: hold(person, why, member.removal) }
  return { kind: 'settled', decision: { kind: 'keep', person, waitsFor: null, why } }
}

/**
 * S5: a member whose removal is held stays until somebody decides, one whose removal was discarded until it is entitled
 * again. Who only waits for a seat is no member, and nobody misses them by mistake.
 */
function braked(person: Person, why: readonly Reason[], removals: Removals): Decision {
  const { member } = person
  const removal = member?.removal ?? (removals === 'held' ? 'held' : null)
  return member?.status === 'active' && removal !== null ? hold(person, why, removal) : refuse(person, why)
}

function hold(person: Person, why: readonly Reason[], removal: NonNullable<Member['removal']>): Decision {
  const code = removal === 'held' ? 'removal_held' : 'removal_discarded'
  return { kind: 'hold', person, removal, why: [...why, { rule: 'S5', code }] }
}

function refuse(person: Person, why: readonly Reason[]): Decision {
  const { member } = person
  if (member !== null && member.status !== 'removed') return { kind: 'leave', person, why }
  // an administrator's removal counts until the person is unassigned: who is assigned again joins again
  return { kind: 'out', person, why, excluded: member?.excluded === true && isAssigned(person) }
}

/** The seat that somebody who leaves gives back. */
export function freedSeat(verdict: Verdict): SeatType[] {
  if (verdict.kind !== 'settled' || verdict.decision.kind !== 'leave') return []
  const held = heldSeat(verdict.decision.person)
  return held === null ? [] : [held]
}

/** What becomes of somebody who is entitled, on the seat that was given out to them. */
export function decide(verdict: Entitled, seatType: SeatType | null): Decision {
  const { person, role, wish } = verdict
  const waitsFor = wish === null || seatType === wish || (wish === 'any' && seatType !== null) ? null : wish
  const full: Reason[] = waitsFor === null ? [] : [{ rule: 'E4', code: 'seats_full', seatType: waitsFor }]
  const why = [...verdict.why, ...full]
  const { member } = person
  if (member === null || member.status !== 'active' || member.role === null) {
    return waitsFor === null
      ? { kind: 'join', person, to: { role, seatType }, why }
      : { kind: 'wait', person, waitsFor, why }
  }
  const from = { role: member.role, seatType: member.seatType }
  if (from.role === role && from.seatType === seatType) return { kind: 'keep', person, waitsFor, why }
  return { kind: 'change', person, from, to: { role, seatType }, waitsFor, why }
}
