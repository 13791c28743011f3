// E10: reasons in words. `groupName` gives the name of a group that a reason mentions.
import type { Reason } from './types.ts'

export function explain(reason: Reason, groupName: (groupId: string) => string): string {
  const groups = (reason.groupIds ?? []).map((groupId) => `“${groupName(groupId)}”`).join(', ')
  const role = reason.role ?? ''
  const seat = reason.seatType === 'any' ? 'any type' : (reason.seatType ?? '')
  switch (reason.code) {
    case 'unknown_to_plan':
      return 'The role or seat type that stood there is none of the plan’s.'
    case 'left_to_administrator':
      return 'The organization is in manual mode: administrators decide.'
    case 'left_to_sign_in':
      return 'The organization is in JIT mode: sign-in decides.'
    case 'not_a_member':
      return 'This person is no member of the organization.'
    case 'primary_owner':
      return 'The primary owner is left alone by every evaluation.'
    case 'assigned':
      return 'The user is in the directory and active.'
    case 'not_in_directory':
      return 'No user of the directory is this person.'
    case 'inactive':
      return 'The user is in the directory but not active.'
    case 'in_mapped_group':
      return `The user is in the mapped groups ${groups}.`
    case 'in_no_mapped_group':
      return 'The user is in no group that is mapped to a role or a seat type.'
    case 'removed_by_administrator':
      return 'An administrator removed this person.'
    case 'by_administrator':
      return 'An administrator decided.'
    case 'role_from_group':
      return `The role ${role} comes from ${groups}.`
    case 'role_of_group_lost':
      return `The role ${role} of ${groups} is less permissive and was passed over.`
    case 'base_role':
      return `No group gives a role, so it is the base role ${role}.`
    case 'role_kept':
      return `The member keeps its role ${role}: mappings are off.`
    case 'plan_without_seats':
      return 'The plan has no seats.'
    case 'only_seat_type':
      return `The plan has one seat type, ${seat}.`
    case 'seat_from_group':
      return `The seat type ${seat} comes from ${groups}.`
    case 'seat_of_group_lost':
      return `The seat type ${seat} of ${groups} is lower and was passed over.`
    case 'highest_available_seat':
      return 'No group gives a seat type, so it is the highest that is available.'
    case 'seat_kept':
      return `The member keeps its seat, ${seat}.`
    case 'removal_held':
      return 'A push would have removed this member beyond the limit for removals: held until an administrator decides.'
    case 'removal_discarded':
      return 'An administrator discarded the removal of this member.'
    case 'seats_full':
      return `No seat of ${seat} is free: waiting for one.`
  }
}
