// Parent organizations, each with its directory: made, found, changed, deleted.
import { newId } from '../ids.ts'
import { mayUseScim, type ParentPlan } from '../provisioning/catalogue.ts'
import type { AdminScope } from '../store/admin-tokens.ts'
import type { Database, PrismaTx } from '../store/database.ts'
import { lockDirectory } from '../store/directories.ts'
import { type Actor, appendEvents } from '../store/events.ts'
import { organizationIdsOf, organizationsInScim } from '../store/organizations.ts'
import type { PageRequest } from '../store/paging.ts'
import {
  deleteParentOrganization,
  findParentOrganization,
  insertParentOrganization,
  listParentOrganizations,
  type ParentOrganization,
  updateParentOrganization,
} from '../store/parent-organizations.ts'
import { Conflict, NotFound, Refused } from './errors.ts'
import type { KnownTokens } from './known-tokens.ts'

export class ParentOrganizations {
  readonly #database: Database
  readonly #known: KnownTokens

  constructor(database: Database, known: KnownTokens) {
    this.#database = database
    this.#known = known
  }

  async create(actor: Actor, parent: { name: string; plan: ParentPlan }): Promise<ParentOrganization> {
    return this.#database.transaction((tx) => createParentOrganization(tx, actor, parent))
  }

  /** Those that the scope shows. */
  list(scope: AdminScope, page: PageRequest): Promise<ParentOrganization[]> {
    return listParentOrganizations(this.#database.client, scope, page)
  }

  get(id: string): Promise<ParentOrganization> {
    return getParentOrganization(this.#database.client, id)
  }

  /** Throws Refused for a plan under which an organization may not have the mode that it is in (P2). */
  async change(
    actor: Actor,
    id: string,
    change: { readonly name?: string; readonly plan?: ParentPlan },
  ): Promise<ParentOrganization> {
    return this.#database.transaction(async (tx) => {
      const before = await lockParentOrganization(tx, id)
      if (change.plan !== undefined) await requireModesAllowed(tx, id, change.plan)
      const after = { ...before, ...change }
      if (after.name === before.name && after.plan === before.plan) return before
      await updateParentOrganization(tx, id, change)
      await appendEvents(tx, actor, [
        {
          type: 'parent_organization.updated',
          directoryId: before.directoryId,
          subjectId: id,
          data: { before: shownIn(before), after: shownIn(after) },
        },
      ])
      return after
    })
  }

  /** With its directory and all that is in it. Throws Conflict while an organization is joined to it. */
  async remove(actor: Actor, id: string): Promise<void> {
    try {
      await this.#remove(actor, id)
    } finally {
      // the directory's tokens went with it
      this.#known.forget()
    }
  }

  async #remove(actor: Actor, id: string): Promise<void> {
    return this.#database.transaction(async (tx) => {
      const parent = await lockParentOrganization(tx, id)
      const joined = (await organizationIdsOf(tx, id)).length
      if (joined > 0) {
        const organizations = joined === 1 ? '1 organization is' : `${joined} organizations are`
        throw new Conflict(`${organizations} joined to this parent: delete them first.`)
      }
      const { users, groups } = await deleteParentOrganization(tx, parent)
      const { directoryId } = parent
      await appendEvents(tx, actor, [
        { type: 'directory.deleted', directoryId, subjectId: directoryId, data: { users, groups } },
        {
          type: 'parent_organization.deleted',
          directoryId,
          subjectId: id,
          data: { before: shownIn(parent) },
        },
      ])
    })
  }
}

const shownIn = ({ name, plan }: ParentOrganization) => ({ name, plan })

async function requireModesAllowed(tx: PrismaTx, id: string, plan: ParentPlan): Promise<void> {
  const refused = (await organizationsInScim(tx, id)).find((each) => !mayUseScim(each.plan, plan))
  if (refused === undefined) return
  throw new Refused(
    'P2',
    `The organization ${refused.id} is in mode scim, which the plan ${plan} does not allow it: change its mode first.`,
  )
}

export async function createParentOrganization(
  tx: PrismaTx,
  actor: Actor,
  { name, plan }: { name: string; plan: ParentPlan },
): Promise<ParentOrganization> {
  const [id, directoryId] = [newId(), newId()]
  await insertParentOrganization(tx, { id, directoryId, name, plan })
  await appendEvents(tx, actor, [
    { type: 'parent_organization.created', directoryId, subjectId: id, data: { after: { name, plan } } },
    { type: 'directory.created', directoryId, subjectId: directoryId, data: {} },
  ])
  return getParentOrganization(tx, id)
}

/** Throws NotFound. */
async function getParentOrganization(tx: PrismaTx, id: string): Promise<ParentOrganization> {
  const parent = await findParentOrganization(tx, id)
  if (parent === null) throw new NotFound('Parent organization', id)
  return parent
}

/** A parent whose directory and organizations nobody else writes to until the transaction ends. Throws NotFound. */
export async function lockParentOrganization(tx: PrismaTx, id: string): Promise<ParentOrganization> {
  const { directoryId } = await getParentOrganization(tx, id)
  await lockDirectory(tx, directoryId, 'exclusive')
  return getParentOrganization(tx, id)
}
