// What an identity provider and an administrator do in one line each, and what is then seen of the members.
// Every call must be answered as it should be: a test need not look at the status of its preparations.

import type { Test } from 'supertest'
import type { PlanName } from '../../src/provisioning/catalogue.ts'
import { eventData } from '../../src/store/event-log.ts'
import { adminClient, type Client, type Tenant, type TestApp } from './app.ts'

/** Sends the request; throws with the answer where the status is another one. */
export async function answered(request: Test, ...statuses: number[]) {
  const response = await request
  if (statuses.includes(response.status)) return response
  throw new Error(`${response.status} instead of ${statuses.join(' or ')}: ${response.text}`)
}

/** A member as `GET /v1/organizations/{id}/members` shows it. */
export interface ShownMember {
  readonly id: string
  readonly userId: string | null
  readonly email: string
  readonly status: 'active' | 'waiting'
  readonly role: string | null
  readonly seatType: string | null
  readonly source: string
  readonly since: string | null
  readonly waitsFor: string | null
  readonly waitingSince: string | null
  readonly removalHeldSince: string | null
  readonly removalDiscardedSince: string | null
}

/** What a sign-in is answered. */
export interface SignInAnswer {
  readonly allowed: boolean
  readonly why: readonly { rule: string; code: string; text: string; groups: { id: string }[] }[]
  readonly unknownGroups: readonly string[]
  readonly member: ShownMember | null
}

export interface Counts {
  readonly added: number
  readonly changed: number
  readonly removed: number
  readonly waiting: number
  readonly unchanged: number
}

export interface SettingsBody {
  readonly mode?: string
  readonly groupMappings?: boolean
  readonly mappings?: readonly { groupId: string; role?: string; seatType?: string }[]
  readonly acknowledge?: readonly string[]
  readonly actingMember?: string
  readonly maxRemovedPercent?: number
  readonly brake?: BrakeBody | null
}

export interface BrakeBody {
  readonly maxRemovals?: number
  readonly maxRemovedPercent?: number
  readonly withinMinutes: number
}

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User'
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group'
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

type Operation = { readonly op: string; readonly path?: string; readonly value?: unknown }

/** What the identity provider pushes. */
export class Idp {
  readonly scim: Client

  constructor(scim: Client) {
    this.scim = scim
  }

  /** An active user `{name}@acme.test`; gives its id. */
  async user(name: string, attributes: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const body = { schemas: [USER], userName: `${name}@acme.test`, active: true, ...attributes }
    return String((await answered(this.scim.post('/Users', body), 201)).body.id)
  }

  async group(displayName: string, memberIds: readonly string[] = []): Promise<string> {
    const members = memberIds.map((value) => ({ value }))
    const body = { schemas: [GROUP], displayName, members }
    return String((await answered(this.scim.post('/Groups', body), 201)).body.id)
  }

  add(groupId: string, ...memberIds: string[]): Promise<void> {
    const value = memberIds.map((id) => ({ value: id }))
    return this.patchGroup(groupId, { op: 'add', path: 'members', value })
  }

  drop(groupId: string, ...memberIds: string[]): Promise<void> {
    const operations = memberIds.map((id) => ({ op: 'remove', path: `members[value eq "${id}"]` }))
    return this.patchGroup(groupId, ...operations)
  }

  async patchGroup(groupId: string, ...operations: Operation[]): Promise<void> {
    await answered(
      this.scim.patch(`/Groups/${groupId}`, { schemas: [PATCH], Operations: operations }),
      200,
      204,
    )
  }

  async patchUser(userId: string, ...operations: Operation[]): Promise<void> {
    await answered(this.scim.patch(`/Users/${userId}`, { schemas: [PATCH], Operations: operations }), 200)
  }

  setActive(userId: string, active: boolean): Promise<void> {
    return this.patchUser(userId, { op: 'replace', value: { active } })
  }

  async deleteUser(userId: string): Promise<void> {
    await answered(this.scim.delete(`/Users/${userId}`), 204)
  }

  async deleteGroup(groupId: string): Promise<void> {
    await answered(this.scim.delete(`/Groups/${groupId}`), 204)
  }
}

/** One organization as its administrator has it. */
export class Administrated {
  readonly id: string
  readonly admin: Client

  constructor(admin: Client, id: string) {
    this.admin = admin
    this.id = id
  }

  /** A path under this organization. */
  path(rest: string): string {
    return `/organizations/${this.id}${rest}`
  }

  /** Saves provisioning settings, mode `scim` unless said otherwise; gives what changed. */
  async save(settings: SettingsBody = {}): Promise<Counts> {
    const body = { mode: 'scim', ...settings }
    return (await answered(this.admin.put(this.path('/provisioning'), body), 200)).body.changes
  }

  /** Mode `scim` with these mappings on; `acknowledge` names the warnings that a scenario is about to bring up (S2). */
  map(mappings: NonNullable<SettingsBody['mappings']>, acknowledge: readonly string[] = []): Promise<Counts> {
    return this.save({ groupMappings: true, mappings, acknowledge })
  }

  async buy(purchased: Readonly<Record<string, number | null>>): Promise<void> {
    await answered(this.admin.put(this.path('/seats'), purchased), 200)
  }

  /** How many members are on each seat type, by the count that is kept. */
  async assigned(): Promise<Record<string, number>> {
    const seats: { seatType: string; assigned: number }[] = (
      await answered(this.admin.get(this.path('/seats')), 200)
    ).body.seats
    return Object.fromEntries(seats.map(({ seatType, assigned }) => [seatType, assigned]))
  }

  /** All members, page by page. */
  async members(): Promise<ShownMember[]> {
    const all: ShownMember[] = []
    for (let after = ''; ; ) {
      const path = this.path(`/members?limit=100${after}`)
      const { members, next }: { members: ShownMember[]; next: string | null } = (
        await answered(this.admin.get(path), 200)
      ).body
      all.push(...members)
      if (next === null) return all
      after = `&after=${next}`
    }
  }

  /** Members by the part of their address before the @: `admin premium`, or `waiting for any`. */
  async seen(): Promise<Record<string, string>> {
    const members = await this.members()
    const lines = members.map((member) => [nameOf(member), inWords(member)] as const)
    return Object.fromEntries(lines.sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  async member(name: string): Promise<ShownMember> {
    const found = (await this.members()).find((member) => nameOf(member) === name)
    if (found === undefined) throw new Error(`${name} is no member.`)
    return found
  }

  /** Adds a member by hand; gives its id. */
  async add(body: { email?: string; userId?: string; role?: string; seatType?: string }): Promise<string> {
    return String((await answered(this.admin.post(this.path('/members'), body), 201)).body.id)
  }

  /** `{name}@acme.test` signs in, with groups where the assertion has some; whether allowed or not. */
  async signIn(name: string, groups?: readonly string[]): Promise<SignInAnswer> {
    const body = { email: `${name}@acme.test`, groups }
    return (await answered(this.admin.post(this.path('/sign-ins'), body), 200)).body
  }

  async change(memberId: string, body: { role?: string; seatType?: string }): Promise<void> {
    await answered(this.admin.patch(this.path(`/members/${memberId}`), body), 200)
  }

  async remove(memberId: string): Promise<void> {
    await answered(this.admin.delete(this.path(`/members/${memberId}`)), 204)
  }

  async nameOwner(memberId: string | null): Promise<void> {
    await answered(this.admin.put(this.path('/primary-owner'), { memberId }), 200)
  }
}

const nameOf = ({ email }: ShownMember) => email.split('@')[0] ?? ''

function inWords({ status, role, seatType, waitsFor }: ShownMember): string {
  if (status === 'waiting') return `waiting for ${waitsFor}`
  const holds = seatType === null ? `${role}` : `${role} ${seatType}`
  return waitsFor === null ? holds : `${holds}, waiting for ${waitsFor}`
}

/** A directory of its own with one organization joined to it. */
export interface Scene {
  readonly tenant: Tenant
  readonly idp: Idp
  readonly org: Administrated
  /** another organization joined to the same parent */
  join(plan: PlanName): Promise<Administrated>
}

export async function aScene(
  app: TestApp,
  plan: PlanName = 'enterprise_seats',
  parentPlan?: Parameters<TestApp['createTenant']>[0],
): Promise<Scene> {
  const tenant = await app.createTenant(parentPlan)
  const join = async (joined: PlanName) =>
    new Administrated(adminClient(app), await tenant.createOrganization(joined))
  return { tenant, idp: new Idp(tenant.scim), org: await join(plan), join }
}

/** The answer in short: what the member is, or why there is none. */
export const inShort = ({ allowed, why, member }: SignInAnswer): string => {
  const codes = why.map(({ rule, code }) => `${rule} ${code}`).join(', ')
  return `${allowed ? 'allowed' : 'refused'}: ${member === null ? codes : inWords(member)}`
}

export interface EventRow {
  readonly seq: number
  readonly type: string
  readonly subject_id: string
  readonly organization_id: string | null
  readonly transaction_id: string
  readonly actor: { readonly kind: string }
  readonly data: {
    readonly before?: unknown
    readonly after?: unknown
    readonly why?: unknown
    readonly [name: string]: unknown
  }
}

/** The events of a directory in order. */
export const eventsOf = (app: TestApp, directoryId: string): Promise<EventRow[]> =>
  app.database.client.$queryRaw<EventRow[]>`
    SELECT seq::float8, type, subject_id, organization_id, transaction_id::text, actor,
      ${eventData} AS data FROM events WHERE directory_id = ${directoryId}::uuid ORDER BY seq`
