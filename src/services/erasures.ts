// Erasing people on request (GDPR Article 17), and those who left long ago: rows go, and an event without anything
// personal says which id went, when and by whose request. What an identity provider still assigns is not erased: it
// would push the person again.
import { isId } from '../ids.ts'
import { emailKeyOf } from '../provisioning/identity.ts'
import { foldAttributes } from '../scim/fold.ts'
import { userType } from '../scim/schemas/user.ts'
import type { Database, Tx } from '../store/database.ts'
import { findDirectory } from '../store/directories.ts'
import {
  deleteLongGone,
  type ErasableUser,
  findFormerMembers,
  isErased,
  lockPersonsUsers,
  organizationsWithLongGone,
  type PersonWanted,
} from '../store/erasure.ts'
import type { Actor } from '../store/events.ts'
import { readSchemasVersion } from '../store/extension-schemas.ts'
import { lockOrganizations } from '../store/locked-organizations.ts'
import { textOf } from '../store/users.ts'
import { lockWorkosConnections } from '../store/workos-connections.ts'
import { deleteInParts } from './deletion.ts'
import { type DirectoryCaller, writeDirectory } from './directory-write.ts'
import { Conflict, Invalid, NotFound } from './errors.ts'
import { getOrganization, lockOrganization } from './organizations.ts'
import {
  type Erasure,
  eraseMembers,
  erasePerson,
  requireFormer,
  shownMember,
  tellErased,
} from './person-erasing.ts'
import type { Schemas } from './schemas.ts'

/** Members that one transaction deletes of those who left long ago. */
const AT_ONCE = 500
const retention: Actor = { kind: 'system' }

export class Erasures {
  readonly #database: Database
  readonly #schemas: Schemas

  constructor(database: Database, schemas: Schemas) {
    this.#database = database
    this.#schemas = schemas
  }

  /**
   * Erases a person from a directory and from all organizations joined to its parent. Throws Conflict while the person is
   * assigned or a member, NotFound for a user that there neither is nor was, Invalid where nobody is named.
   */
  async eraseFromDirectory(
    actor: Actor,
    directoryId: string,
    { userId, email }: { readonly userId?: string | undefined; readonly email?: string | undefined },
  ): Promise<Erasure> {
    requireOne('userId', userId, email)
    const caller = await this.#callerOf(actor, directoryId)
    const wanted: PersonWanted = {
      userId: userId ?? null,
      emailKey: emailKeyOf(email ?? ''),
      userNameKey: textOf(foldAttributes({ userName: email ?? '' }, userType).userName),
    }
    return writeDirectory(this.#database.transaction, caller, async (tx, lock) => {
      await lockWorkosConnections(tx, directoryId)
      const users = await findUsers(tx, directoryId, wanted)
      const assigned = users.find(({ active }) => active)
      if (assigned !== undefined) {
        throw new Conflict(
          `User ${assigned.id} is assigned: unassign the person in the identity provider first, which would push them again.`,
        )
      }
      return erasePerson({ tx, caller, lock }, users, email)
    })
  }

  /**
   * Erases what an organization has of somebody who left it and whom the directory does not have. Throws Conflict for
   * others, NotFound for a member that there neither is nor was, Invalid where nobody is named.
   */
  async eraseFromOrganization(
    actor: Actor,
    organizationId: string,
    { memberId, email }: { readonly memberId?: string | undefined; readonly email?: string | undefined },
  ): Promise<Erasure> {
    requireOne('memberId', memberId, email)
    return this.#database.transaction(async (tx) => {
      const { directoryId } = await lockOrganization(tx, organizationId)
      if (memberId !== undefined && !isId(memberId)) throw new NotFound('Member', memberId)
      const found = await findFormerMembers(tx, organizationId, {
        memberId: memberId ?? null,
        emailKey: emailKeyOf(email ?? ''),
      })
      if (found.length === 0 && memberId !== undefined)
        await requireErasedMember(tx, organizationId, memberId)
      const members = found.map((each) => ({ ...each, organizationId }))
      await requireFormer(tx, members)
      const known = found.find(({ userId }) => userId !== null)
      if (known !== undefined) {
        throw new Conflict(
          `Member ${known.memberId} is user ${known.userId} of the directory: erase the person there, by POST /v1/directories/${directoryId}/erasures.`,
        )
      }
      await eraseMembers(tx, actor, directoryId, members)
      return { userIds: [], members: members.map(shownMember), managedUserIds: [] }
    })
  }

  /** Erases members who left so many days ago and whom the directory does not have; gives how many. */
  async eraseLongGone(days: number, signal: AbortSignal): Promise<number> {
    let total = 0
    for (const organizationId of await organizationsWithLongGone(this.#database.client, days)) {
      if (signal.aborted) break
      const eraseSome = (limit: number) => this.#eraseSomeLongGone(organizationId, days, limit)
      total += await deleteInParts(eraseSome, signal, AT_ONCE)
    }
    return total
  }

  #eraseSomeLongGone(organizationId: string, days: number, limit: number): Promise<number> {
    return this.#database.transaction(async (tx) => {
      const { directoryId } = await getOrganization(tx, organizationId)
      const [organization] = await lockOrganizations(tx, directoryId, { kind: 'one', organizationId })
      if (organization === undefined) return 0
      const memberIds = await deleteLongGone(tx, organizationId, { days, limit })
      await tellErased(
        tx,
        retention,
        directoryId,
        'retention',
        memberIds.map((memberId) => ({ organizationId, memberId })),
      )
      return memberIds.length
    })
  }

  async #callerOf(actor: Actor, directoryId: string): Promise<DirectoryCaller> {
    const { client } = this.#database
    if ((await findDirectory(client, directoryId)) === null) throw new NotFound('Directory', directoryId)
    const schemasVersion = (await readSchemasVersion(client, directoryId)) ?? 0
    const types = await this.#schemas.typesOf(directoryId, schemasVersion)
    // nobody is answered with a resource
    return { directoryId, actor, types, schemasVersion, baseUrl: '' }
  }
}

function requireOne(name: string, id: string | undefined, email: string | undefined): void {
  if ((id === undefined) !== (email === undefined)) return
  throw new Invalid(name, `Give either the ${name} or the email of the person.`)
}

async function findUsers(tx: Tx, directoryId: string, wanted: PersonWanted): Promise<ErasableUser[]> {
  const { userId } = wanted
  if (userId === null) return lockPersonsUsers(tx, directoryId, wanted)
  const users = isId(userId) ? await lockPersonsUsers(tx, directoryId, wanted) : []
  if (users.length > 0) return users
  const place = { column: 'directory_id', tenantId: directoryId, subjectId: userId } as const
  if (isId(userId) && (await isErased(tx, 'user.erased', place))) return []
  throw new NotFound('User', userId)
}

async function requireErasedMember(tx: Tx, organizationId: string, memberId: string): Promise<void> {
  const place = { column: 'organization_id', tenantId: organizationId, subjectId: memberId } as const
  if (!(await isErased(tx, 'member.erased', place))) throw new NotFound('Member', memberId)
}
