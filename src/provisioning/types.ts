// The values that the evaluator reads and gives (domain.md sections 1 to 3).
import type { Mode, PlanName, Role, SeatType } from './catalogue.ts'

/** A user of the directory, as far as provisioning looks at it. */
export interface DirectoryUser {
  readonly id: string
  readonly email: string
  /** what E7 compares: the primary e-mail, else the userName, with case folded */
  readonly emailKey: string
  readonly active: boolean
  /** the mapped groups that the user is in, directly or through other groups (E5) */
  readonly groupIds: readonly string[]
  /** the groups that an assertion named, where `groupIds` come from one (domain.md section 6); null: the directory's */
  readonly assertedGroupIds: readonly string[] | null
}

/** What somebody waits for: a seat type, or the highest that gets free (E4). */
export type SeatWish = SeatType | 'any'

export type Source = Mode

/** A person in one organization as the database has it; removed members are remembered (E8). */
export interface Member {
  readonly id: string
  readonly userId: string | null
  readonly email: string
  readonly emailKey: string
  readonly status: 'active' | 'waiting' | 'removed'
  readonly role: Role | null
  readonly seatType: SeatType | null
  readonly source: Source
  readonly wantedSeat: SeatWish | null
  /** microseconds since 1970; who waits longer comes first */
  readonly waitingSince: number | null
  /** removed by an administrator where no mapping decides (E6) */
  readonly excluded: boolean
  /** the groups that the assertion of the last sign-in named; null: the directory's count */
  readonly assertedGroupIds: readonly string[] | null
  /** a push would have removed the member, who stays: until somebody decides, or for good (S5) */
  readonly removal: 'held' | 'discarded' | null
}

/** A directory user, the member that they are, or both: the same person (E7). */
export type Person =
  | { readonly user: DirectoryUser; readonly member: Member | null }
  | { readonly user: null; readonly member: Member }

/** A group assigned to a role, or to a seat type. */
export type Mapping =
  | { readonly groupId: string; readonly role: Role; readonly seatType: null }
  | { readonly groupId: string; readonly role: null; readonly seatType: SeatType }

export interface Settings {
  readonly plan: PlanName
  readonly mode: Mode
  readonly groupMappings: boolean
  readonly mappings: readonly Mapping[]
  /** the member that is left alone (E11) */
  readonly primaryOwnerId: string | null
}

/** Per seat type: how many were purchased (null: unlimited) and how many members are on it. */
export type Seats = ReadonlyMap<SeatType, { readonly purchased: number | null; readonly assigned: number }>

/** What a member has: a role, and a seat where the plan has seats. */
export interface Holding {
  readonly role: Role
  readonly seatType: SeatType | null
}

/** Why a decision is what it is (E10): the rule, what it found, and the groups that it looked at. */
export interface Reason {
  readonly rule: 'P1' | 'P2' | 'E1' | 'E2' | 'E3' | 'E4' | 'E6' | 'E11' | 'S5'
  readonly code: ReasonCode
  readonly role?: Role
  readonly seatType?: SeatWish
  readonly groupIds?: readonly string[]
}

export type ReasonCode =
  | 'unknown_to_plan'
  | 'left_to_administrator'
  | 'left_to_sign_in'
  | 'not_a_member'
  | 'primary_owner'
  | 'assigned'
  | 'not_in_directory'
  | 'inactive'
  | 'in_mapped_group'
  | 'in_no_mapped_group'
  | 'removed_by_administrator'
  | 'by_administrator'
  | 'role_from_group'
  | 'role_of_group_lost'
  | 'base_role'
  | 'role_kept'
  | 'plan_without_seats'
  | 'only_seat_type'
  | 'seat_from_group'
  | 'seat_of_group_lost'
  | 'highest_available_seat'
  | 'seat_kept'
  | 'seats_full'
  | 'removal_held'
  | 'removal_discarded'

/**
 * What becomes of a person. `keep` and `change` may still wait for another seat; `hold` is a member whom a push would
 * have removed and who stays (S5); `out` is somebody who is no member and stays none; `excluded` there says whether an
 * administrator's removal goes on counting (E6).
 */
export type Decision = { readonly person: Person; readonly why: readonly Reason[] } & (
  | { readonly kind: 'join'; readonly to: Holding }
  | { readonly kind: 'keep'; readonly waitsFor: SeatWish | null }
  | {
      readonly kind: 'change'
      readonly from: Holding
      readonly to: Holding
      readonly waitsFor: SeatWish | null
    }
  | { readonly kind: 'wait'; readonly waitsFor: SeatWish }
  | { readonly kind: 'leave' }
  | { readonly kind: 'hold'; readonly removal: NonNullable<Member['removal']> }
  | { readonly kind: 'out'; readonly excluded: boolean }
)
