// What happens to an organization as a whole: another name, another plan, its end.
import type { PlanName } from '../provisioning/catalogue.ts'
import type { Counts } from '../provisioning/outcome.ts'
import type { Database, Tx } from '../store/database.ts'
import { lockDirectory } from '../store/directories.ts'
import { type Actor, appendEvents } from '../store/events.ts'
import type { LockedOrganization } from '../store/locked-organizations.ts'
import { countMembers } from '../store/members.ts'
import { deleteOrganization, renameOrganization } from '../store/organizations.ts'
import { lockSync } from '../store/sync-runs.ts'
import { getOrganization, lockOrganization } from './organizations.ts'
import { changePlan, type PlanChange } from './plan-change.ts'

export interface OrganizationChange extends Omit<PlanChange, 'plan'> {
  readonly name?: string
  readonly plan?: PlanName
}

export class OrganizationChanges {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Another name, or another plan, which evaluates everybody: `changes` counts them. Throws what changePlan throws. */
  async change(
    actor: Actor,
    id: string,
    input: OrganizationChange,
  ): Promise<{ organization: LockedOrganization; changes: Counts | null }> {
    return this.#database.transaction(async (tx) => {
      const before = await lockAlone(tx, id)
      const { name = before.name, plan = before.plan } = input
      if (name === before.name && plan === before.plan) return { organization: before, changes: null }
      if (name !== before.name) await renameOrganization(tx, id, name)
      await appendEvents(tx, actor, [
        {
          type: 'organization.updated',
          directoryId: before.directoryId,
          organizationId: id,
          subjectId: id,
          data: { before: shownIn(before), after: { name, plan } },
        },
      ])
      const changes = plan === before.plan ? null : await changePlan(tx, actor, before, { ...input, plan })
      return { organization: await getOrganization(tx, id), changes }
    })
  }

  /** With its members, settings, seats and tokens. Its events stay, and the last of them tells it. */
  async remove(actor: Actor, id: string): Promise<void> {
    return this.#database.transaction(async (tx) => {
      // a sync that runs keeps what it did of the organization
      await lockSync(tx, id)
      const organization = await lockAlone(tx, id)
      const { directoryId, mode } = organization
      const members = await countMembers(tx, id)
      await deleteOrganization(tx, id)
      await appendEvents(tx, actor, [
        {
          type: 'organization.deleted',
          directoryId,
          organizationId: id,
          subjectId: id,
          data: { before: { ...shownIn(organization), mode, members } },
        },
      ])
    })
  }
}

const shownIn = ({ name, plan }: LockedOrganization) => ({ name, plan })

/** An organization to which nobody writes, and into whose directory nobody does, until the end. Throws NotFound. */
async function lockAlone(tx: Tx, id: string): Promise<LockedOrganization> {
  const { directoryId } = await getOrganization(tx, id)
  await lockDirectory(tx, directoryId, 'exclusive')
  return lockOrganization(tx, id)
}
