// Members: reading them, and what an administrator may do where no mapping decides (domain.md section 2, E6, E11).
import { isId, newId } from '../ids.ts'
import {
  baseRole,
  findRole,
  findSeatType,
  type Role,
  rolesOf,
  type SeatType,
  seatTypesOf,
  topRole,
} from '../provisioning/catalogue.ts'
import { emailKeyOf } from '../provisioning/identity.ts'
import type { MemberState } from '../provisioning/outcome.ts'
import type { DirectoryUser, Member, Person, Reason } from '../provisioning/types.ts'
import { applyChanges } from '../store/apply.ts'
import type { Database, Tx } from '../store/database.ts'
import { type Actor, appendEvents } from '../store/events.ts'
import type { LockedOrganization } from '../store/locked-organizations.ts'
import {
  findMember,
  findMembersOf,
  type MemberSearch,
  type StoredMember,
  searchMembers,
} from '../store/members.ts'
import { setPrimaryOwner } from '../store/organizations.ts'
import { findUserByEmail, readPeople, readUser } from '../store/snapshot.ts'
import { Conflict, Invalid, NotFound, Refused } from './errors.ts'
import { evaluateOrganization } from './evaluation.ts'
import { decidingGroups, type Explanation, explainPerson } from './explanations.ts'
import { getOrganization, lockOrganization } from './organizations.ts'

export interface NewMember {
  readonly email?: string | undefined
  readonly userId?: string | undefined
  readonly role?: string | undefined
  readonly seatType?: string | undefined
}

const byAdministrator: readonly Reason[] = [{ rule: 'E6', code: 'by_administrator' }]

export class Members {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async search(organizationId: string, search: MemberSearch): Promise<StoredMember[]> {
    const { client } = this.#database
    return searchMembers(client, await getOrganization(client, organizationId), search)
  }

  /** A member, with why it is one (E10). People who left are not members. */
  async get(organizationId: string, id: string): Promise<{ member: StoredMember; explanation: Explanation }> {
    const { client } = this.#database
    const organization = await getOrganization(client, organizationId)
    const member = await requireMember(client, organization, id)
    const explained = await explainPerson(client, organization, { memberId: id })
    if (explained === null) throw new NotFound('Member', id)
    return { member, explanation: explained.explanation }
  }

  /** A directory user in an organization: the member that it is, if it is one, and why or why not (E10). */
  async getPerson(
    organizationId: string,
    userId: string,
  ): Promise<{ person: Person; explanation: Explanation }> {
    const { client } = this.#database
    const organization = await getOrganization(client, organizationId)
    const explained = isId(userId) ? await explainPerson(client, organization, { userId }) : null
    if (explained === null) throw new NotFound('User', userId)
    return explained
  }

  /**
   * Adds a member by hand. In mode `scim` without mappings it must be somebody who is assigned and whom an
   * administrator removed before. Throws Refused (E1, E4, E6), Conflict for one who is a member, Invalid.
   */
  async add(actor: Actor, organizationId: string, input: NewMember): Promise<StoredMember> {
    return this.#database.transaction(async (tx) => {
      const organization = await lockOrganization(tx, organizationId)
      requireUnmapped(organization, 'people join by their groups')
      const { identity, before } = await identify(tx, organization, input)
      if (before?.status === 'active') throw new Conflict('This person is a member already.')
      const holding = {
        role: parseRole(organization, input.role) ?? baseRole(organization.plan),
        seatType: takeSeat(organization, input.seatType),
      }
      const after: MemberState = {
        ...identity,
        ...holding,
        id: before?.id ?? newId(),
        status: 'active',
        source: 'manual',
        wantedSeat: null,
        excluded: false,
        assertedGroupIds: null,
        removal: null,
      }
      await applyChanges(tx, actor, organization, [{ before, after, why: byAdministrator }])
      return requireMember(tx, organization, after.id)
    })
  }

  /** Changes role or seat. Throws Refused (E4, E6, E11), Conflict for somebody who waits for a seat. */
  async change(
    actor: Actor,
    organizationId: string,
    id: string,
    input: { role?: string | undefined; seatType?: string | undefined },
  ): Promise<StoredMember> {
    return this.#database.transaction(async (tx) => {
      const organization = await lockOrganization(tx, organizationId)
      const before = await requireMember(tx, organization, id)
      const isPrimaryOwner = organization.primaryOwnerId === id
      if (!isPrimaryOwner) await requireNotMapped(tx, organization, before)
      if (before.status !== 'active' || before.role === null) {
        throw new Conflict('This person waits for a seat and has neither role nor seat yet.')
      }
      const role = parseRole(organization, input.role) ?? before.role
      if (isPrimaryOwner && role !== before.role) {
        throw new Refused('E11', 'The primary owner holds the top role: name another primary owner first.')
      }
      const isMoved = input.seatType !== undefined && input.seatType !== before.seatType
      const seatType = isMoved ? takeSeat(organization, input.seatType) : before.seatType
      const { waitingSince: _waitingSince, since: _since, removalSince: _removalSince, ...held } = before
      await applyChanges(tx, actor, organization, [
        { before, after: { ...held, role, seatType }, why: byAdministrator },
      ])
      if (isMoved) await fillFreedSeats(tx, actor, organizationId)
      return requireMember(tx, organization, id)
    })
  }

  /**
   * Removes a member. Without mappings no later evaluation or sign-in brings the person back while it stays assigned
   * (E6). With them a member in mode `jit` can be removed, and the groups decide anew at the next sign-in; and one whose
   * removal is held or was discarded, for whom no group speaks (S5).
   */
  async remove(actor: Actor, organizationId: string, id: string): Promise<void> {
    await this.#database.transaction(async (tx) => {
      const organization = await lockOrganization(tx, organizationId)
      const before = await requireMember(tx, organization, id)
      if (organization.primaryOwnerId === id) {
        throw new Refused('E11', 'The primary owner cannot be removed: name another primary owner first.')
      }
      const isLeftToGroups = organization.mode !== 'jit' && before.removal === null
      if (isLeftToGroups) await requireNotMapped(tx, organization, before)
      const { waitingSince: _waitingSince, since: _since, removalSince: _removalSince, ...held } = before
      const user = await findUserOf(tx, organization, id)
      const after: MemberState = {
        ...held,
        // only by the link is it seen that the person is unassigned later
        userId: user?.id ?? held.userId,
        status: 'removed',
        seatType: null,
        wantedSeat: null,
        removal: null,
        excluded: organization.mode !== 'manual' && !isMapped(organization) && user?.active === true,
      }
      await applyChanges(tx, actor, organization, [{ before, after, why: byAdministrator }])
      await fillFreedSeats(tx, actor, organizationId)
    })
  }

  /** Names the primary owner, or nobody (E11). The new one takes the top role; the one before is evaluated again. */
  async namePrimaryOwner(actor: Actor, organizationId: string, id: string | null): Promise<void> {
    await this.#database.transaction(async (tx) => {
      const organization = await lockOrganization(tx, organizationId)
      const { plan, directoryId, primaryOwnerId: former } = organization
      if (former === id) return
      if (id !== null) {
        const before = await requireMember(tx, organization, id)
        if (before.status !== 'active')
          throw new Conflict('Only a member with a seat can be the primary owner.')
        const { waitingSince: _waitingSince, since: _since, removalSince: _removalSince, ...held } = before
        const after = { ...held, role: topRole(plan), wantedSeat: null, removal: null }
        await applyChanges(tx, actor, organization, [
          { before, after, why: [{ rule: 'E11', code: 'primary_owner' }] },
        ])
      }
      await setPrimaryOwner(tx, organizationId, id)
      await appendEvents(tx, actor, [
        {
          type: 'primary_owner.named',
          directoryId,
          organizationId,
          subjectId: organizationId,
          data: { before: former, after: id },
        },
      ])
      if (former === null) return
      const affected = { userIds: [], memberIds: [former], waiting: 'where_freed' } as const
      const now = await lockOrganization(tx, organizationId)
      await evaluateOrganization(tx, actor, now, affected, 'administrator')
    })
  }
}

async function requireMember(tx: Tx, organization: LockedOrganization, id: string): Promise<StoredMember> {
  const member = isId(id) ? await findMember(tx, organization, id) : null
  if (member === null || member.status === 'removed') throw new NotFound('Member', id)
  return member
}

/** The directory user that a member is (E7). */
async function findUserOf(
  tx: Tx,
  organization: LockedOrganization,
  memberId: string,
): Promise<DirectoryUser | null> {
  const affected = { userIds: [], memberIds: [memberId], waiting: 'where_freed' } as const
  const people = await readPeople(tx, organization, affected)
  return people.find(({ member }) => member?.id === memberId)?.user ?? null
}

const isMapped = ({ mode, groupMappings }: LockedOrganization) => mode !== 'manual' && groupMappings

function requireUnmapped(organization: LockedOrganization, because: string): void {
  if (isMapped(organization)) throw new Refused('E6', `Group mappings are on: ${because}.`)
}

/** E6: with mappings on, the error says which group decides. */
async function requireNotMapped(tx: Tx, organization: LockedOrganization, member: Member): Promise<void> {
  if (!isMapped(organization)) return
  requireUnmapped(organization, await decidingGroups(tx, organization, member))
}

/** Who is meant, and what there is of them: by the link to the directory user, else by e-mail (E7). */
async function identify(tx: Tx, organization: LockedOrganization, { email, userId }: NewMember) {
  const user =
    userId === undefined
      ? await findUserByEmail(tx, organization, emailKeyOf(email ?? ''))
      : isId(userId)
        ? await readUser(tx, organization, userId)
        : null
  if (userId !== undefined && user === null) {
    throw new Invalid('userId', `The directory has no user ${userId.slice(0, 100)}.`)
  }
  if (organization.mode === 'scim' && user?.active !== true) {
    throw new Refused(
      'E1',
      'In mode scim only somebody who is assigned, active in the directory, can be a member.',
    )
  }
  const address = user?.email ?? email
  if (address === undefined) throw new Invalid('email', 'Give the email of the person, or the userId.')
  const emailKey = emailKeyOf(address)
  const found = await findMembersOf(tx, organization, {
    userIds: user === null ? [] : [user.id],
    emailKeys: [emailKey],
    ids: [],
  })
  const rank = ({ status, userId: link }: Member) => (status === 'active' ? 0 : link !== null ? 1 : 2)
  const [before = null] = found.sort((a, b) => rank(a) - rank(b))
  return { identity: { userId: user?.id ?? before?.userId ?? null, email: address, emailKey }, before }
}

function parseRole({ plan }: LockedOrganization, name: string | undefined): Role | null {
  if (name === undefined) return null
  const role = findRole(plan, name)
  if (role !== null) return role
  throw new Invalid('role', `The plan ${plan} has no role ${name}. It has: ${rolesOf(plan).join(', ')}.`)
}

/** The seat that was asked for, else the highest that is free (E3). Throws Refused where there is none (E4). */
function takeSeat({ plan, seats }: LockedOrganization, name: string | undefined): SeatType | null {
  const seatTypes = seatTypesOf(plan)
  const wanted = name === undefined ? null : findSeatType(plan, name)
  if (name !== undefined && wanted === null) {
    throw new Invalid(
      'seatType',
      `The plan ${plan} has no seat type ${name}. It has: ${seatTypes.join(', ') || 'none'}.`,
    )
  }
  if (seatTypes.length === 0) return null
  const free = seatTypes.filter((seatType) => {
    const seat = seats.get(seatType)
    return seat !== undefined && (seat.purchased === null || seat.assigned < seat.purchased)
  })
  const taken = free.find((seatType) => wanted === null || seatType === wanted)
  if (taken === undefined)
    throw new Refused('E4', `No seat${wanted === null ? '' : ` of type ${wanted}`} is free.`)
  return taken
}

/** A seat that an administrator frees goes to whoever waits for it. */
async function fillFreedSeats(tx: Tx, actor: Actor, organizationId: string): Promise<void> {
  const affected = { userIds: [], memberIds: [], waiting: 'where_freed' } as const
  const now = await lockOrganization(tx, organizationId)
  await evaluateOrganization(tx, actor, now, affected, 'administrator')
}
