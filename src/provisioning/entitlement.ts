// P2, E1, E2, E6: who may be a member, and with which role.
import { baseRole, type Role } from './catalogue.ts'
import { givenBy } from './given.ts'
import type { Person, Reason, Settings } from './types.ts'

/** E1 in mode `scim`, and at a sign-in in mode `jit`: assigned and, with mappings on, in at least one mapped group. */
export function entitlement(
  person: Person,
  settings: Settings,
): { entitled: boolean; why: readonly Reason[] } {
  const { user, member } = person
  if (!user?.active) return { entitled: false, why: [assignment(person)] }
  if (!settings.groupMappings) {
    return member?.excluded === true
      ? { entitled: false, why: [{ rule: 'E6', code: 'removed_by_administrator' }] }
      : { entitled: true, why: [assignment(person)] }
  }
  const { entitled } = givenBy(user.groupIds, settings)
  if (entitled === null) return { entitled: false, why: [{ rule: 'E1', code: 'in_no_mapped_group' }] }
  return { entitled: true, why: entitled.why }
}

/** Present in the directory and active (domain.md section 2). */
export const isAssigned = (person: Person): boolean => person.user?.active === true

/** Whether somebody is assigned, as a reason. */
export function assignment({ user }: Person): Reason {
  if (user === null) return { rule: 'E1', code: 'not_in_directory' }
  return { rule: 'E1', code: user.active ? 'assigned' : 'inactive' }
}

/** E2: the role of somebody who is entitled, the groups that gave it, and those that lost to them. */
export function roleOf(person: Person, settings: Settings): { role: Role; why: readonly Reason[] } {
  const { plan, groupMappings } = settings
  const held = person.member?.status === 'active' ? person.member.role : null
  if (!groupMappings) {
    if (held !== null) return { role: held, why: [{ rule: 'E2', code: 'role_kept', role: held }] }
    return { role: baseRole(plan), why: [{ rule: 'E2', code: 'base_role', role: baseRole(plan) }] }
  }
  return (
    givenBy(person.user?.groupIds ?? inNone, settings).role ?? {
      role: baseRole(plan),
      why: [{ rule: 'E2', code: 'base_role', role: baseRole(plan) }],
    }
  )
}

const inNone: readonly string[] = []
