// P1: the plans, their roles from most to least permissive, their seat types from highest to lowest.
// A new plan, role or seat type is a line here and no other change.

export interface Plan {
  readonly product: 'claude' | 'console'
  readonly roles: readonly [top: string, ...others: string[]]
  readonly seatTypes: readonly string[]
}

const claudeRoles = ['owner', 'admin', 'user'] as const

export const plans = {
  team: { product: 'claude', roles: claudeRoles, seatTypes: ['premium', 'standard'] },
  enterprise_seats: { product: 'claude', roles: claudeRoles, seatTypes: ['premium', 'standard'] },
  enterprise_usage: { product: 'claude', roles: claudeRoles, seatTypes: ['chat_and_claude_code', 'chat'] },
  enterprise_usage_single: { product: 'claude', roles: claudeRoles, seatTypes: ['enterprise'] },
  console: {
    product: 'console',
    roles: ['admin', 'developer', 'billing', 'claude_code_user', 'user'],
    seatTypes: [],
  },
} as const satisfies Record<string, Plan>

export type PlanName = keyof typeof plans
export type Role = (typeof plans)[PlanName]['roles'][number]
export type SeatType = (typeof plans)[PlanName]['seatTypes'][number]

/** The plan of a parent organization; `none` is a Console organization's own parent. */
export const parentPlans = ['team', 'enterprise', 'none'] as const
export type ParentPlan = (typeof parentPlans)[number]

export const modes = ['manual', 'jit', 'scim'] as const
export type Mode = (typeof modes)[number]

export const isPlanName = (name: string): name is PlanName => Object.hasOwn(plans, name)
export const planNames: readonly PlanName[] = Object.keys(plans).filter(isPlanName)

export const isParentPlan = (name: string): name is ParentPlan => parentPlans.some((plan) => plan === name)
export const isMode = (name: string): name is Mode => modes.some((mode) => mode === name)

export const rolesOf = (plan: PlanName): readonly Role[] => plans[plan].roles
export const seatTypesOf = (plan: PlanName): readonly SeatType[] => plans[plan].seatTypes

export const topRole = (plan: PlanName): Role => plans[plan].roles[0]

/** The role of a member to whom no mapping gives one: the plan's last. */
export const baseRole = (plan: PlanName): Role => rolesOf(plan).at(-1) ?? topRole(plan)

/** The role of that name, if the plan has it. */
export const findRole = (plan: PlanName, name: string): Role | null =>
  rolesOf(plan).find((role) => role === name) ?? null

/** The seat type of that name, if the plan has it. */
export const findSeatType = (plan: PlanName, name: string): SeatType | null =>
  seatTypesOf(plan).find((seatType) => seatType === name) ?? null

/** P2: SCIM is for Enterprise organizations, and for Console organizations not joined to a Team parent. */
export function mayUseScim(plan: PlanName, parentPlan: ParentPlan): boolean {
  if (plan === 'team') return false
  return plans[plan].product === 'claude' || parentPlan !== 'team'
}
