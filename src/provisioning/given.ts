// What groups give by the mappings of an organization (E1, E2, E3), worked out once for all who are in the same ones:
// for each of a hundred thousand people, the mappings of hundreds of groups would be most of an evaluation.
import { type Role, rolesOf, type SeatType, seatTypesOf } from './catalogue.ts'
import type { Mapping, Reason, Settings } from './types.ts'

/** What somebody has who is in these groups, with the reasons; null: no mapping of theirs says anything. */
export interface Given {
  readonly entitled: { readonly why: readonly Reason[] } | null
  readonly role: { readonly role: Role; readonly why: readonly Reason[] } | null
  readonly seat: { readonly wish: SeatType; readonly why: readonly Reason[] } | null
}

interface Known {
  readonly mappingsOf: ReadonlyMap<string, readonly Mapping[]>
  readonly byGroups: WeakMap<readonly string[], Given>
}

/** Settings and lists of groups are values: what was said of them stays true for as long as they are there. */
const known = new WeakMap<Settings, Known>()

export function givenBy(groupIds: readonly string[], settings: Settings): Given {
  const { mappingsOf, byGroups } = knownOf(settings)
  const before = byGroups.get(groupIds)
  if (before !== undefined) return before
  const mapped = groupIds.filter((groupId) => mappingsOf.has(groupId)).sort()
  const mappings = [...new Set(mapped)].flatMap((groupId) => mappingsOf.get(groupId) ?? [])
  const given: Given = {
    entitled:
      mapped.length === 0 ? null : { why: [{ rule: 'E1', code: 'in_mapped_group', groupIds: mapped }] },
    role: roleBy(mappings, settings),
    seat: seatBy(mappings, settings),
  }
  byGroups.set(groupIds, given)
  return given
}

function knownOf(settings: Settings): Known {
  const before = known.get(settings)
  if (before !== undefined) return before
  const mappingsOf = new Map<string, Mapping[]>()
  for (const mapping of settings.mappings) {
    const others = mappingsOf.get(mapping.groupId)
    if (others === undefined) mappingsOf.set(mapping.groupId, [mapping])
    else others.push(mapping)
  }
  const fresh = { mappingsOf, byGroups: new WeakMap<readonly string[], Given>() }
  known.set(settings, fresh)
  return fresh
}

/** The most permissive role, the groups that give it, and those that lost to them. */
function roleBy(mappings: readonly Mapping[], { plan }: Settings): Given['role'] {
  const [best, ...lost] = rolesOf(plan).flatMap((role) => {
    const groupIds = groupsOf(mappings, (mapping) => mapping.role === role)
    return groupIds.length === 0 ? [] : [{ role, groupIds }]
  })
  if (best === undefined) return null
  const losers = lost.map((loser): Reason => ({ rule: 'E2', code: 'role_of_group_lost', ...loser }))
  return { role: best.role, why: [{ rule: 'E2', code: 'role_from_group', ...best }, ...losers] }
}

/** The highest seat type, the same way. */
function seatBy(mappings: readonly Mapping[], { plan }: Settings): Given['seat'] {
  const [best, ...lost] = seatTypesOf(plan).flatMap((seatType) => {
    const groupIds = groupsOf(mappings, (mapping) => mapping.seatType === seatType)
    return groupIds.length === 0 ? [] : [{ seatType, groupIds }]
  })
  if (best === undefined) return null
  const losers = lost.map((loser): Reason => ({ rule: 'E3', code: 'seat_of_group_lost', ...loser }))
  return { wish: best.seatType, why: [{ rule: 'E3', code: 'seat_from_group', ...best }, ...losers] }
}

const groupsOf = (mappings: readonly Mapping[], isGiver: (mapping: Mapping) => boolean): string[] =>
  mappings
    .filter(isGiver)
    .map(({ groupId }) => groupId)
    .sort()
