// A directory and an organization that follows it, as plainly as the rules can be written: what the service must end
// in, whatever the order of writes. Users and groups are told apart by name; nothing here is the service's code.

import { type PlanName, rolesOf, seatTypesOf } from '../../src/provisioning/catalogue.ts'

export interface ModelMapping {
  readonly group: string
  readonly role?: string
  readonly seatType?: string
}

export class DirectoryModel {
  /** whether each user is active */
  readonly users = new Map<string, boolean>()
  /** the direct members of each group: names of users and of groups */
  readonly groups = new Map<string, Set<string>>()

  deleteUser(name: string): void {
    this.users.delete(name)
    for (const members of this.groups.values()) members.delete(name)
  }

  deleteGroup(name: string): void {
    this.groups.delete(name)
    for (const members of this.groups.values()) members.delete(name)
  }

  /** E5: the groups that a user is in, directly or through others. */
  groupsOf(user: string): Set<string> {
    const found = new Set<string>()
    let names = [user]
    while (names.length > 0) {
      const around = [...this.groups].filter(([group, members]) => {
        return !found.has(group) && names.some((name) => members.has(name))
      })
      names = around.map(([group]) => group)
      for (const name of names) found.add(name)
    }
    return found
  }

  /** E1 and E2: the role of everybody who is entitled, by userName. Mappings null: they are off. */
  roles(plan: PlanName, mappings: readonly ModelMapping[] | null): Map<string, string> {
    const roles: readonly string[] = rolesOf(plan)
    const result = new Map<string, string>()
    for (const [user, active] of this.users) {
      if (!active) continue
      const mine = this.#mine(user, mappings ?? [])
      if (mappings !== null && mine.length === 0) continue
      const named = mine.flatMap(({ role }) => role ?? [])
      result.set(user, roles.find((role) => named.includes(role)) ?? roles.at(-1) ?? '')
    }
    return result
  }

  /** E3: the seat type that the groups of a user ask for; null where they ask for none. */
  mappedSeat(plan: PlanName, user: string, mappings: readonly ModelMapping[] | null): string | null {
    const named = this.#mine(user, mappings ?? []).flatMap(({ seatType }) => seatType ?? [])
    return seatTypesOf(plan).find((type) => named.includes(type)) ?? null
  }

  #mine(user: string, mappings: readonly ModelMapping[]): ModelMapping[] {
    const groups = this.groupsOf(user)
    return mappings.filter(({ group }) => groups.has(group))
  }
}
