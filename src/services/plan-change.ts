// Another plan for an organization (P1): what it must have, what becomes of the seats, and everybody evaluated (S2, S3).
import { findRole, findSeatType, type PlanName, rolesOf, seatTypesOf } from '../provisioning/catalogue.ts'
import { unacknowledged } from '../provisioning/guard.ts'
import type { Counts, MemberState } from '../provisioning/outcome.ts'
import type { Member, Reason } from '../provisioning/types.ts'
import { applyChanges, applyDecisions } from '../store/apply.ts'
import type { PrismaTx, Tx } from '../store/database.ts'
import type { Actor } from '../store/events.ts'
import type { LockedOrganization } from '../store/locked-organizations.ts'
import { countRoles, membersOffPlan } from '../store/members.ts'
import { setPlan } from '../store/organizations.ts'
import { addSeatTypes, deleteOtherSeatTypes } from '../store/seats.ts'
import { Refused, Unacknowledged } from './errors.ts'
import { evaluateEverybody } from './everybody.ts'
import { lockOrganization } from './organizations.ts'
import { parseCaution, requireModeAllowed, type SettingsInput } from './settings.ts'

export interface PlanChange
  extends Pick<SettingsInput, 'acknowledge' | 'actingMember' | 'maxRemovedPercent'> {
  readonly plan: PlanName
}

const AT_ONCE = 2000

/**
 * Gives the organization another plan and evaluates everybody; it and its directory must be locked. Who is on a seat
 * type that the plan has not gets its highest, which is unlimited until seats are bought. Throws Refused for a mode
 * (P2), a mapping or a member's role that the plan has not, Unacknowledged as a save does (S2).
 */
export async function changePlan(
  tx: PrismaTx,
  actor: Actor,
  before: LockedOrganization,
  input: PlanChange,
): Promise<Counts> {
  const { id } = before
  const { plan } = input
  await requireModeAllowed(tx, { ...before, plan }, before.mode)
  requireMappings(before, plan)
  await requireRoles(tx, before, plan)
  const caution = await parseCaution(tx, before, input)
  await setPlan(tx, id, plan)
  await addSeatTypes(tx, id, plan)
  await moveSeats(tx, actor, before, plan)
  await deleteOtherSeatTypes(tx, id, plan)
  const after = await lockOrganization(tx, id)
  const outlook = await evaluateEverybody(tx, after, caution, async (decisions) => {
    await applyDecisions(tx, actor, after, decisions)
  })
  const missing = unacknowledged(outlook.warnings, input.acknowledge)
  if (missing.length > 0) throw new Unacknowledged(missing, outlook.warnings)
  return outlook.effects.counts
}

function requireMappings({ settings }: LockedOrganization, plan: PlanName): void {
  const lost = settings.mappings.flatMap(({ role, seatType }) => {
    if (role !== null) return findRole(plan, role) === null ? [`the role ${role}`] : []
    const isMappable = findSeatType(plan, seatType) !== null && seatTypesOf(plan).length > 1
    return isMappable ? [] : [`the seat type ${seatType}`]
  })
  if (lost.length === 0) return
  const names = [...new Set(lost)].join(', ')
  throw new Refused('P1', `Groups are mapped to what the plan ${plan} has not: ${names}. Remove them first.`)
}

async function requireRoles(tx: Tx, { id }: LockedOrganization, plan: PlanName): Promise<void> {
  const lost = (await countRoles(tx, id)).filter(({ role }) => findRole(plan, role) === null)
  if (lost.length === 0) return
  const names = lost.map(({ role, count }) => `${role} (${count})`).join(', ')
  throw new Refused(
    'P1',
    `Members have roles that the plan ${plan} has not: ${names}. It has: ${rolesOf(plan).join(', ')}.`,
  )
}

/** Everybody off what the plan has not, some thousands at a time. */
async function moveSeats(tx: Tx, actor: Actor, before: LockedOrganization, plan: PlanName): Promise<void> {
  for (let after: string | null = null; ; ) {
    const members: Member[] = await membersOffPlan(tx, before, seatTypesOf(plan), { after, limit: AT_ONCE })
    const changes = members.map((member) => ({
      before: member,
      after: onPlan(member, before.plan, plan),
      why: reasons(plan),
    }))
    await applyChanges(tx, actor, before, changes)
    const last = members.at(-1)
    if (last === undefined) return
    after = last.id
  }
}

/** The member with a seat of the plan, and without a wish that it cannot meet. */
function onPlan({ waitingSince: _since, ...member }: Member, old: PlanName, plan: PlanName): MemberState {
  if (member.status === 'waiting') return { ...member, wantedSeat: 'any' }
  const isKept = member.seatType !== null && findSeatType(plan, member.seatType) !== null
  return { ...member, seatType: isKept ? member.seatType : newSeat(old, plan), wantedSeat: null }
}

/** The highest of those that come with the plan: nobody has bought, and so limited, them yet. */
const newSeat = (old: PlanName, plan: PlanName) =>
  seatTypesOf(plan).find((seatType) => findSeatType(old, seatType) === null) ?? seatTypesOf(plan)[0] ?? null

const reasons = (plan: PlanName): Reason[] => [
  { rule: 'E6', code: 'by_administrator' },
  { rule: 'E3', code: seatTypesOf(plan).length === 0 ? 'plan_without_seats' : 'highest_available_seat' },
]
