// Organizations joined to a parent: made and found; their seats; and the settings of directories.
import { newId } from '../ids.ts'
import type { PlanName, SeatType } from '../provisioning/catalogue.ts'
import { findSeatType, seatTypesOf } from '../provisioning/catalogue.ts'
import type { Seats } from '../provisioning/types.ts'
import type { AdminScope } from '../store/admin-tokens.ts'
import type { Database, PrismaTx, Tx } from '../store/database.ts'
import { type Directory, findDirectory, listDirectories, setUnknownMembers } from '../store/directories.ts'
import { type Actor, appendEvents } from '../store/events.ts'
import {
  type LockedOrganization,
  lockOrganizations,
  readOrganization,
} from '../store/locked-organizations.ts'
import {
  findParentOf,
  insertOrganization,
  type ListedOrganization,
  listOrganizations,
} from '../store/organizations.ts'
import type { PageRequest } from '../store/paging.ts'
import { findParentOrganization, type ParentOrganization } from '../store/parent-organizations.ts'
import { setPurchased } from '../store/seats.ts'
import { keepSettings } from '../store/settings-versions.ts'
import { Invalid, NotFound } from './errors.ts'
import { evaluateOrganization } from './evaluation.ts'
import { lockParentOrganization } from './parent-organizations.ts'

export class Organizations {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Joins a new organization to a parent, in mode `manual`, with unlimited seats. */
  async create(
    actor: Actor,
    parentOrganizationId: string,
    organization: { name: string; plan: PlanName },
  ): Promise<LockedOrganization> {
    return this.#database.transaction(async (tx) => {
      const parent = await lockParentOrganization(tx, parentOrganizationId)
      return createOrganization(tx, actor, parent, organization)
    })
  }

  async get(id: string): Promise<LockedOrganization> {
    return getOrganization(this.#database.client, id)
  }

  /** The parent that an organization is joined to; null where there is no such organization. */
  parentOf(id: string): Promise<string | null> {
    return findParentOf(this.#database.client, id)
  }

  /** Those that the scope shows; of one parent, where it is given. Throws NotFound for a parent that is none. */
  async list(
    scope: AdminScope,
    page: PageRequest & { readonly parentOrganizationId: string | null },
  ): Promise<ListedOrganization[]> {
    const { client } = this.#database
    const { parentOrganizationId: parentId } = page
    if (parentId !== null && (await findParentOrganization(client, parentId)) === null)
      throw new NotFound('Parent organization', parentId)
    return listOrganizations(client, scope, page)
  }

  /**
   * Sets how many seats of each type were purchased, null for unlimited; those who wait get what is free (E4).
   * Below what is assigned nobody loses a seat, and nobody new gets one. Throws Invalid for a type of another plan.
   */
  async setPurchased(
    actor: Actor,
    id: string,
    purchased: Readonly<Record<string, number | null>>,
  ): Promise<Seats> {
    return this.#database.transaction(async (tx) => {
      const organization = await lockOrganization(tx, id)
      const known = knownSeatTypes(organization.plan, purchased)
      await setPurchased(tx, id, known)
      const { directoryId } = organization
      await appendEvents(tx, actor, [
        {
          type: 'seats.purchased',
          directoryId,
          organizationId: id,
          subjectId: id,
          data: { before: purchasedOf(organization.seats), after: purchased },
        },
      ])
      const affected = { userIds: [], memberIds: [], waiting: 'all' } as const
      await evaluateOrganization(tx, actor, await lockOrganization(tx, id), affected, 'administrator')
      return (await getOrganization(tx, id)).seats
    })
  }

  /** The directories that the scope shows. */
  listDirectories(scope: AdminScope, page: PageRequest): Promise<Directory[]> {
    return listDirectories(this.#database.client, scope, page)
  }

  async getDirectory(id: string): Promise<Directory> {
    const directory = await findDirectory(this.#database.client, id)
    if (directory === null) throw new NotFound('Directory', id)
    return directory
  }

  async updateDirectory(
    actor: Actor,
    id: string,
    change: { unknownMembers: Directory['unknownMembers'] },
  ): Promise<Directory> {
    return this.#database.transaction(async (tx) => {
      const before = await findDirectory(tx, id)
      if (before === null) throw new NotFound('Directory', id)
      await setUnknownMembers(tx, id, change.unknownMembers)
      const { unknownMembers } = before
      await appendEvents(tx, actor, [
        {
          type: 'directory.updated',
          directoryId: id,
          subjectId: id,
          data: { before: { unknownMembers }, after: change },
        },
      ])
      return { ...before, ...change }
    })
  }
}

function knownSeatTypes(
  plan: PlanName,
  purchased: Readonly<Record<string, number | null>>,
): Map<SeatType, number | null> {
  return new Map(
    Object.entries(purchased).map(([name, count]) => {
      const seatType = findSeatType(plan, name)
      if (seatType !== null) return [seatType, count]
      const known = seatTypesOf(plan).join(', ') || 'none'
      throw new Invalid(name, `The plan ${plan} has no seat type ${JSON.stringify(name)}. It has: ${known}.`)
    }),
  )
}

const purchasedOf = (seats: Seats) =>
  Object.fromEntries([...seats].map(([seatType, { purchased }]) => [seatType, purchased]))

/** The parent must be locked. */
export async function createOrganization(
  tx: PrismaTx,
  actor: Actor,
  parent: ParentOrganization,
  { name, plan }: { name: string; plan: PlanName },
): Promise<LockedOrganization> {
  const { id: parentOrganizationId, directoryId } = parent
  const id = newId()
  await insertOrganization(tx, { id, parentOrganizationId, directoryId, name, plan })
  await keepSettings(tx, actor, [id])
  await appendEvents(tx, actor, [
    {
      type: 'organization.created',
      directoryId,
      organizationId: id,
      subjectId: id,
      data: { after: { name, plan } },
    },
  ])
  return getOrganization(tx, id)
}

/** An organization as it is, for reading. Throws NotFound. */
export async function getOrganization(tx: Tx, id: string): Promise<LockedOrganization> {
  const organization = await readOrganization(tx, id)
  if (organization === null) throw new NotFound('Organization', id)
  return organization
}

/** An organization that nobody else changes until the transaction ends. Throws NotFound. */
export async function lockOrganization(tx: Tx, id: string): Promise<LockedOrganization> {
  const { directoryId } = await getOrganization(tx, id)
  const [organization] = await lockOrganizations(tx, directoryId, { kind: 'one', organizationId: id })
  if (organization === undefined) throw new NotFound('Organization', id)
  return organization
}
