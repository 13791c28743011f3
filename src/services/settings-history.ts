// The versions of an organization's settings, to be read, compared and, by a save like any other, applied again.
import { changeOf, type SavedSettings, type SettingsChange } from '../provisioning/settings-change.ts'
import type { Database } from '../store/database.ts'
import { groupNames } from '../store/groups.ts'
import type { LockedOrganization } from '../store/locked-organizations.ts'
import {
  findSettingsVersion,
  type KeptMapping,
  listSettingsVersions,
  type SettingsVersion,
} from '../store/settings-versions.ts'
import { NotFound } from './errors.ts'
import { getOrganization } from './organizations.ts'

/** A mapping with the name that its group has now; of a group that is gone the last that was saved, and so marked. */
export type PastMapping = KeptMapping & { readonly gone?: true }

export class SettingsHistory {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Newest first, from the version below `after` on. */
  async list(
    organizationId: string,
    page: { after: number | null; limit: number },
  ): Promise<SettingsVersion[]> {
    await getOrganization(this.#database.client, organizationId)
    return listSettingsVersions(this.#database.client, organizationId, page)
  }

  /** What saving has to be given to have the settings of this version again. */
  async get(organizationId: string, version: number): Promise<SavedSettings<PastMapping>> {
    const organization = await getOrganization(this.#database.client, organizationId)
    const { mode, groupMappings, mappings, brake } = await this.#find(organization, version)
    return { mode, groupMappings, mappings: await this.#named(organization, mappings), brake }
  }

  /** What became other from one version to another, whichever of them is the older. */
  async compare(organizationId: string, from: number, to: number): Promise<SettingsChange<PastMapping>> {
    const organization = await getOrganization(this.#database.client, organizationId)
    const [before, after] = [await this.#find(organization, from), await this.#find(organization, to)]
    const { mode, groupMappings, mappings, brake } = changeOf(before, after)
    const added = await this.#named(organization, mappings.added)
    const removed = await this.#named(organization, mappings.removed)
    return { mode, groupMappings, mappings: { added, removed }, brake }
  }

  async #find({ id }: LockedOrganization, version: number): Promise<SavedSettings<KeptMapping>> {
    const found = await findSettingsVersion(this.#database.client, id, version)
    if (found === null) throw new NotFound('Version', String(version))
    return found
  }

  async #named(
    { directoryId }: LockedOrganization,
    mappings: readonly KeptMapping[],
  ): Promise<PastMapping[]> {
    const groupIds = mappings.map(({ groupId }) => groupId)
    const names = await groupNames(this.#database.client, directoryId, groupIds)
    return mappings.map(({ groupId, groupName, role, seatType }) => {
      const nameNow = names.get(groupId)
      return nameNow === undefined
        ? { groupId, groupName, role, seatType, gone: true }
        : { groupId, groupName: nameNow, role, seatType }
    })
  }
}
