// Parent organizations with their directory, and the organizations joined to them.
import { newId } from '../ids.ts'
import type { ParentPlan, PlanName, SeatType } from '../provisioning/catalogue.ts'
import { findSeatType, seatTypesOf } from '../provisioning/catalogue.ts'
import type { Seats } from '../provisioning/types.ts'
import type { Database, Tx } from '../store/database.ts'
import { type Directory, findDirectory, lockDirectory, setUnknownMembers } from '../store/directories.ts'
import { type Actor, appendEvents } from '../store/events.ts'
import {
  findParentOrganization,
  insertOrganization,
  insertParentOrganization,
  type LockedOrganization,
  listOrganizations,
  listParentOrganizations,
  lockOrganizations,
  type Organization,
  type ParentOrganization,
  readOrganization,
  setPurchased,
} from '../store/organizations.ts'
import { keepSettings } from '../store/settings-versions.ts'
import { Invalid, NotFound } from './errors.ts'
import { evaluateOrganization } from './evaluation.ts'

export class Organizations {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async createParent(actor: Actor, parent: { name: string; plan: ParentPlan }): Promise<ParentOrganization> {
    return this.#database.transaction((tx) => createParentOrganization(tx, actor, parent))
  }

  listParents(): Promise<ParentOrganization[]> {
    return listParentOrganizations(this.#database.client)
  }

  async getParent(id: string): Promise<ParentOrganization & { organizations: Organization[] }> {
    const parent = await findParentOrganization(this.#database.client, id)
    if (parent === null) throw new NotFound('Parent organization', id)
    return { ...parent, organizations: await listOrganizations(this.#database.client, id) }
  }

  /** Joins a new organization to a parent, in mode `manual`, with unlimited seats. */
  async create(
    actor: Actor,
    parentOrganizationId: string,
    organization: { name: string; plan: PlanName },
  ): Promise<LockedOrganization> {
    return this.#database.transaction(async (tx) => {
      const parent = await findParentOrganization(tx, parentOrganizationId)
      if (parent === null) throw new NotFound('Parent organization', parentOrganizationId)
      return createOrganization(tx, actor, parent, organization)
    })
  }

  async get(id: string): Promise<LockedOrganization> {
    return getOrganization(this.#database.client, id)
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

export async function createParentOrganization(
  tx: Tx,
  actor: Actor,
  { name, plan }: { name: string; plan: ParentPlan },
): Promise<ParentOrganization> {
  const [id, directoryId] = [newId(), newId()]
  await insertParentOrganization(tx, { id, directoryId, name, plan })
  await appendEvents(tx, actor, [
    { type: 'directory.created', directoryId, subjectId: directoryId, data: {} },
  ])
  const parent = await findParentOrganization(tx, id)
  if (parent === null) throw new NotFound('Parent organization', id)
  return parent
}

export async function createOrganization(
  tx: Tx,
  actor: Actor,
  parent: ParentOrganization,
  { name, plan }: { name: string; plan: PlanName },
): Promise<LockedOrganization> {
  const { id: parentOrganizationId, directoryId } = parent
  const id = newId()
  await lockDirectory(tx, directoryId, 'exclusive')
  await insertOrganization(tx, { id, parentOrganizationId, directoryId, name, plan })
  await keepSettings(tx, actor, [id])
  await appendEvents(tx, actor, [
    {
      type: 'organization.created',
      directoryId,
      organizationId: id,
      subjectId: id,
      data: { after: { plan } },
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
