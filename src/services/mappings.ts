// Mappings as they are sent: each names its group, by id or by name, and the role or the seat type that it gives.
import { isId } from '../ids.ts'
import { findRole, findSeatType, type PlanName, rolesOf, seatTypesOf } from '../provisioning/catalogue.ts'
import type { Mapping } from '../provisioning/types.ts'
import type { Tx } from '../store/database.ts'
import { groupIdsByName, groupNames } from '../store/groups.ts'
import type { LockedOrganization } from '../store/locked-organizations.ts'
import { Invalid } from './errors.ts'

/** A group by its id or its name, and what it is assigned to: a role or a seat type. null is as good as absent. */
export interface MappingInput {
  readonly groupId?: string | null | undefined
  readonly groupName?: string | null | undefined
  readonly role?: string | null | undefined
  readonly seatType?: string | null | undefined
}

/** Each mapping once. Throws Invalid for a group that the directory, or a role or seat type that the plan, has not. */
export async function parseMappings(
  tx: Tx,
  { plan, directoryId }: LockedOrganization,
  inputs: readonly MappingInput[],
): Promise<Mapping[]> {
  const ids = inputs.flatMap(({ groupId }) => groupId ?? []).filter(isId)
  const known = {
    ids: await groupNames(tx, directoryId, ids),
    byName: await groupIdsByName(
      tx,
      directoryId,
      inputs.flatMap(({ groupName }) => groupName ?? []),
    ),
  }
  const mappings = inputs.map((input, i) => {
    const where = `mappings[${i}]`
    return parseMapping(plan, groupOf(input, known, where), input, where)
  })
  return [...new Map(mappings.map((mapping) => [JSON.stringify(mapping), mapping])).values()]
}

interface KnownGroups {
  readonly ids: ReadonlyMap<string, string>
  readonly byName: ReadonlyMap<string, string>
}

/**
 * The id decides, and a name beside it is for people (E12): one that nobody has any more was the group's once. But the
 * name of another group is an edit that was done by half.
 */
function groupOf({ groupId, groupName }: MappingInput, known: KnownGroups, where: string): string {
  const name = groupName ?? null
  const named = name === null ? undefined : known.byName.get(name)
  const quoted = JSON.stringify(name)
  if (typeof groupId !== 'string') {
    if (named !== undefined) return named
    if (name !== null) throw new Invalid(`${where}.groupName`, `The directory has no group named ${quoted}.`)
    throw new Invalid(`${where}.groupId`, `${where} names no group: give its groupId or its groupName.`)
  }
  if (!known.ids.has(groupId)) {
    const called = name === null ? '' : ` (${quoted})`
    throw new Invalid(`${where}.groupId`, `The directory has no group ${groupId}${called}.`)
  }
  if (named === undefined || named === groupId) return groupId
  throw new Invalid(
    `${where}.groupName`,
    `${quoted} is another group than ${groupId}: give only the groupId or only the groupName.`,
  )
}

function parseMapping(plan: PlanName, groupId: string, input: MappingInput, where: string): Mapping {
  const { role = null, seatType = null } = input
  if ((role === null) === (seatType === null)) {
    throw new Invalid(where, `${where} takes either a role or a seatType.`)
  }
  if (role !== null) {
    const known = findRole(plan, role)
    if (known !== null) return { groupId, role: known, seatType: null }
    throw new Invalid(
      `${where}.role`,
      `The plan ${plan} has no role ${role}. It has: ${rolesOf(plan).join(', ')}.`,
    )
  }
  const seatTypes = seatTypesOf(plan)
  if (seatTypes.length < 2) {
    throw new Invalid(
      `${where}.seatType`,
      `Seats cannot be mapped on the plan ${plan}: there is nothing to choose.`,
    )
  }
  const known = findSeatType(plan, seatType ?? '')
  if (known !== null) return { groupId, role: null, seatType: known }
  throw new Invalid(
    `${where}.seatType`,
    `The plan ${plan} has no seat type ${seatType}. It has: ${seatTypes.join(', ')}.`,
  )
}
