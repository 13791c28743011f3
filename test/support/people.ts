// People as the evaluator is given them: directory users, members, settings and seats, with only what matters said.

import type { PlanName, Role, SeatType } from '../../src/provisioning/catalogue.ts'
import type {
  Decision,
  DirectoryUser,
  Mapping,
  Member,
  Seats,
  Settings,
} from '../../src/provisioning/types.ts'

/** An active user in no mapped group. */
export const aUser = (id: string, differences: Partial<DirectoryUser> = {}): DirectoryUser => ({
  id,
  email: `${id}@acme.test`,
  emailKey: `${id}@acme.test`,
  active: true,
  groupIds: [],
  assertedGroupIds: null,
  ...differences,
})

/** An active member with the base role, linked to the user of the same id. */
export const aMember = (userId: string, differences: Partial<Member> = {}): Member => ({
  id: `member of ${userId}`,
  userId,
  email: `${userId}@acme.test`,
  emailKey: `${userId}@acme.test`,
  status: 'active',
  role: 'user',
  seatType: null,
  source: 'scim',
  wantedSeat: null,
  waitingSince: null,
  excluded: false,
  assertedGroupIds: null,
  removal: null,
  ...differences,
})

/** Somebody who waits for a seat and is no member yet. */
export const aWaiting = (userId: string, waitingSince: number, wantedSeat: Member['wantedSeat'] = 'any') =>
  aMember(userId, { status: 'waiting', role: null, wantedSeat, waitingSince })

export const roleFor = (groupId: string, role: Role): Mapping => ({ groupId, role, seatType: null })
export const seatFor = (groupId: string, seatType: SeatType): Mapping => ({ groupId, role: null, seatType })

/** Mode `scim` on a plan with two seat types; with mappings, they are on. */
export const scim = (mappings: readonly Mapping[] | null = null, plan: PlanName = 'enterprise_seats') =>
  aSettings({ plan, mode: 'scim', groupMappings: mappings !== null, mappings: mappings ?? [] })

export const aSettings = (differences: Partial<Settings>): Settings => ({
  plan: 'enterprise_seats',
  mode: 'manual',
  groupMappings: false,
  mappings: [],
  primaryOwnerId: null,
  ...differences,
})

const names: readonly SeatType[] = ['premium', 'standard', 'chat_and_claude_code', 'chat', 'enterprise']

/** `[purchased, assigned]` per seat type; purchased null is unlimited. */
export const someSeats = (
  counts: Partial<Record<SeatType, [purchased: number | null, assigned: number]>>,
): Seats =>
  new Map(
    Object.entries(counts).map(([seatType, [purchased, assigned]]) => [
      seatTypeNamed(seatType),
      { purchased, assigned },
    ]),
  )

function seatTypeNamed(name: string): SeatType {
  const found = names.find((seatType) => seatType === name)
  if (found === undefined) throw new Error(`There is no seat type ${name}.`)
  return found
}

export const unlimited = someSeats({ premium: [null, 0], standard: [null, 0] })

/** A decision without the person and the reasons, to compare with what a rule says. */
export function essence(decision: Decision | undefined): object {
  if (decision === undefined) throw new Error('There is no decision.')
  const { person: _person, why: _why, ...rest } = decision
  return rest
}

export const codesOf = (decision: Decision | undefined): string[] =>
  decision?.why.map(({ rule, code }) => `${rule} ${code}`) ?? []
