// Writes of an identity provider and an administrator, made up by fast-check and played at the same time on the
// service and on the model. A write that cannot be (nobody of that name) is left out by both.

import fc from 'fast-check'
import { DirectoryModel, type ModelMapping } from './directory-model.ts'
import { type Administrated, answered, type Idp } from './provisioning.ts'

export const userNames = ['u0', 'u1', 'u2', 'u3', 'u4'] as const
export const groupNames = ['g0', 'g1', 'g2', 'g3'] as const

/** `patch` and `put` are the two ways in which a provider says the same. */
export type Push =
  | { readonly kind: 'user'; readonly name: string; readonly active: boolean }
  | { readonly kind: 'delete user'; readonly name: string }
  | { readonly kind: 'group'; readonly name: string; readonly members: readonly string[] }
  | { readonly kind: 'delete group'; readonly name: string }
  | { readonly kind: 'add' | 'drop'; readonly name: string; readonly members: readonly string[] }
  | { readonly kind: 'rename'; readonly name: string; readonly as: string }
  | { readonly kind: 'settings'; readonly mappings: readonly ModelMapping[] | null }
  | { readonly kind: 'seats'; readonly purchased: Readonly<Record<string, number | null>> }

const aUserName = fc.constantFrom(...userNames)
const aGroupName = fc.constantFrom(...groupNames)
const someMembers = fc.subarray<string>([...userNames, ...groupNames], { minLength: 1, maxLength: 4 })

/** Any push to the directory. */
export const aPush: fc.Arbitrary<Push> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('user'), name: aUserName, active: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete user'), name: aUserName }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('group'), name: aGroupName, members: someMembers }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete group'), name: aGroupName }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom('add', 'add', 'drop'),
      name: aGroupName,
      members: someMembers,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('rename'),
      name: aGroupName,
      as: fc.constantFrom('x', 'y', 'Z'),
    }),
  },
)

/** Plays pushes on one directory and its organization, and keeps the model of them. */
export class Play {
  readonly model = new DirectoryModel()
  mappings: readonly ModelMapping[] | null = null
  readonly #idp: Idp
  readonly #org: Administrated
  readonly #ids = new Map<string, string>()

  constructor(idp: Idp, org: Administrated) {
    this.#idp = idp
    this.#org = org
  }

  async push(push: Push): Promise<void> {
    switch (push.kind) {
      case 'user':
        return this.#user(push.name, push.active)
      case 'delete user':
        return this.#forget(push.name, `/Users/${this.#ids.get(push.name)}`, () =>
          this.model.deleteUser(push.name),
        )
      case 'delete group':
        this.mappings = this.mappings?.filter(({ group }) => group !== push.name) ?? null
        return this.#forget(push.name, `/Groups/${this.#ids.get(push.name)}`, () =>
          this.model.deleteGroup(push.name),
        )
      case 'group':
        return this.#group(push.name, this.#known(push.members))
      case 'add':
      case 'drop':
        return this.#members(push.kind, push.name, this.#known(push.members))
      case 'rename':
        return this.#rename(push.name, `${push.name} as ${push.as}`)
      case 'settings':
        return this.saveSettings(push.mappings)
      case 'seats':
        return this.#org.buy(push.purchased)
    }
  }

  /** Saves settings; mappings of groups that are not there are left out. Gives what changed. */
  async saveSettings(mappings: readonly ModelMapping[] | null): Promise<void> {
    this.mappings = mappings?.filter(({ group }) => this.#ids.has(group)) ?? null
    await this.saveAgain()
  }

  /** The same settings once more. */
  saveAgain() {
    const mappings = this.mappings?.map(({ group, ...target }) => ({ groupId: this.#id(group), ...target }))
    // whatever mappings fast-check makes up may take the top role from everybody
    return this.#org.save({
      groupMappings: this.mappings !== null,
      mappings: mappings ?? [],
      acknowledge: ['no_top_role'],
    })
  }

  /** Settings with the ids of the groups; mappings of groups that are not there are left out. */
  resolve<T extends { readonly mappings: readonly ModelMapping[] }>(settings: T) {
    const mappings = settings.mappings.filter(({ group }) => this.#ids.has(group))
    return {
      ...settings,
      mappings: mappings.map(({ group, ...target }) => ({ groupId: this.#id(group), ...target })),
    }
  }

  #id(name: string): string {
    return this.#ids.get(name) ?? ''
  }

  #known(names: readonly string[]): string[] {
    return names.filter((name) => this.#ids.has(name))
  }

  /** Creates the user, or switches it on or off: by PATCH on, by PUT off. */
  async #user(name: string, active: boolean): Promise<void> {
    const id = this.#ids.get(name)
    this.model.users.set(name, active)
    if (id === undefined) this.#ids.set(name, await this.#idp.user(name, { active }))
    else if (active) await this.#idp.setActive(id, true)
    else await answered(this.#idp.scim.put(`/Users/${id}`, { userName: `${name}@acme.test`, active }), 200)
  }

  /** Creates the group with these members, or puts them in the place of those that it has. */
  async #group(name: string, members: readonly string[]): Promise<void> {
    const id = this.#ids.get(name)
    const memberIds = members.map((member) => this.#id(member))
    this.model.groups.set(name, new Set(members))
    if (id === undefined) {
      this.#ids.set(name, await this.#idp.group(name, memberIds))
      return
    }
    const body = { displayName: name, members: memberIds.map((value) => ({ value })) }
    await answered(this.#idp.scim.put(`/Groups/${id}`, body), 200)
  }

  async #members(kind: 'add' | 'drop', name: string, members: readonly string[]): Promise<void> {
    const id = this.#ids.get(name)
    if (id === undefined || members.length === 0) return
    for (const member of members) {
      if (kind === 'add') this.model.groups.get(name)?.add(member)
      else this.model.groups.get(name)?.delete(member)
    }
    await this.#idp[kind](id, ...members.map((member) => this.#id(member)))
  }

  async #rename(name: string, displayName: string): Promise<void> {
    const id = this.#ids.get(name)
    if (id === undefined) return
    await this.#idp.patchGroup(id, { op: 'replace', path: 'displayName', value: displayName })
  }

  async #forget(name: string, path: string, forget: () => void): Promise<void> {
    if (!this.#ids.delete(name)) return
    forget()
    await answered(this.#idp.scim.delete(path), 204)
  }
}
