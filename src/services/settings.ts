// Provisioning settings of an organization: mode, group mappings (P2, S3).

import { isId } from '../ids.ts'
import {
  findRole,
  findSeatType,
  type Mode,
  mayUseScim,
  rolesOf,
  seatTypesOf,
} from '../provisioning/catalogue.ts'
import type { Mapping } from '../provisioning/types.ts'
import type { Counts } from '../store/apply.ts'
import type { Database, Tx } from '../store/database.ts'
import { lockDirectory } from '../store/directories.ts'
import { type Actor, appendEvents } from '../store/events.ts'
import { groupNames } from '../store/groups.ts'
import { replaceMappings } from '../store/mappings.ts'
import { findParentOrganization, type LockedOrganization, saveMode } from '../store/organizations.ts'
import { Invalid, Refused, VersionChanged } from './errors.ts'
import { evaluateOrganization } from './evaluation.ts'
import { getOrganization, lockOrganization } from './organizations.ts'

/** A mapping as it is sent: a group to a role, or to a seat type. */
export interface MappingInput {
  readonly groupId: string
  readonly role?: string | undefined
  readonly seatType?: string | undefined
}

export interface SettingsInput {
  readonly mode: Mode
  readonly groupMappings: boolean
  readonly mappings: readonly MappingInput[]
}

/** Settings as they are, with the names of the mapped groups. */
export interface ProvisioningSettings {
  readonly version: number
  readonly mode: Mode
  readonly groupMappings: boolean
  readonly mappings: readonly {
    groupId: string
    groupName: string
    role: string | null
    seatType: string | null
  }[]
}

export class Settings {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async get(organizationId: string): Promise<ProvisioningSettings> {
    return shown(this.#database.client, await getOrganization(this.#database.client, organizationId))
  }

  /**
   * Saves the settings and evaluates everybody, in one transaction (S3). `version`, if given, must be the current
   * one. Throws Refused for a mode that the plan may not have (P2), Invalid for a mapping that cannot be.
   */
  async save(
    actor: Actor,
    organizationId: string,
    input: SettingsInput,
    version: number | null,
  ): Promise<{ settings: ProvisioningSettings; changes: Counts }> {
    return this.#database.transaction(async (tx) => {
      const { directoryId } = await getOrganization(tx, organizationId)
      await lockDirectory(tx, directoryId, 'exclusive')
      const before = await lockOrganization(tx, organizationId)
      if (version !== null && version !== before.settingsVersion) {
        throw new VersionChanged(`The settings are at version ${before.settingsVersion}, not ${version}.`)
      }
      await requireModeAllowed(tx, before, input.mode)
      const mappings = await parseMappings(tx, before, input.mappings)
      await saveMode(tx, organizationId, { mode: input.mode, groupMappings: input.groupMappings })
      await replaceMappings(tx, directoryId, organizationId, mappings)
      const after = await lockOrganization(tx, organizationId)
      await appendEvents(tx, actor, [
        {
          type: 'settings.saved',
          directoryId,
          organizationId,
          subjectId: organizationId,
          data: { before: recorded(before), after: recorded(after) },
        },
      ])
      const changes = await evaluateOrganization(tx, actor, after, 'everyone')
      return { settings: await shown(tx, after), changes }
    })
  }
}

/** P2: JIT is for every plan, SCIM is not. */
async function requireModeAllowed(tx: Tx, organization: LockedOrganization, mode: Mode): Promise<void> {
  if (mode !== 'scim') return
  const parent = await findParentOrganization(tx, organization.parentOrganizationId)
  if (parent !== null && mayUseScim(organization.plan, parent.plan)) return
  const joined =
    organization.plan === 'console' ? 'A Console organization joined to a Team parent' : 'A Team organization'
  throw new Refused('P2', `${joined} cannot use the mode scim: SCIM is for Enterprise organizations.`)
}

async function parseMappings(
  tx: Tx,
  { plan, directoryId }: LockedOrganization,
  inputs: readonly MappingInput[],
): Promise<Mapping[]> {
  const mappings = inputs.map((input, i) => parseMapping(plan, input, `mappings[${i}]`))
  const names = await groupNames(tx, directoryId, mappings.map(({ groupId }) => groupId).filter(isId))
  for (const [i, { groupId }] of mappings.entries()) {
    if (!names.has(groupId))
      throw new Invalid(`mappings[${i}].groupId`, `The directory has no group ${groupId}.`)
  }
  return [...new Map(mappings.map((mapping) => [JSON.stringify(mapping), mapping])).values()]
}

function parseMapping(plan: LockedOrganization['plan'], input: MappingInput, where: string): Mapping {
  const { groupId, role, seatType } = input
  if ((role === undefined) === (seatType === undefined)) {
    throw new Invalid(where, `${where} takes either a role or a seatType.`)
  }
  if (role !== undefined) {
    const known = findRole(plan, role)
    if (known !== null) return { groupId, role: known, seatType: null }
    throw new Invalid(
      `${where}.role`,
      `The plan ${plan} has no role ${role}. It has: ${rolesOf(plan).join(', ')}.`,
    )
  }
  const seatTypes = seatTypesOf(plan)
  if (seatTypes.length < 2) {
    throw new Invalid(
      `${where}.seatType`,
      `Seats cannot be mapped on the plan ${plan}: there is nothing to choose.`,
    )
  }
  const known = findSeatType(plan, seatType ?? '')
  if (known !== null) return { groupId, role: null, seatType: known }
  throw new Invalid(
    `${where}.seatType`,
    `The plan ${plan} has no seat type ${seatType}. It has: ${seatTypes.join(', ')}.`,
  )
}

const recorded = ({ mode, groupMappings, settings }: LockedOrganization) => ({
  mode,
  groupMappings,
  mappings: settings.mappings,
})

async function shown(tx: Tx, organization: LockedOrganization): Promise<ProvisioningSettings> {
  const { mode, groupMappings, settingsVersion, settings, directoryId } = organization
  const names = await groupNames(
    tx,
    directoryId,
    settings.mappings.map(({ groupId }) => groupId),
  )
  const mappings = settings.mappings.map((mapping) => ({
    ...mapping,
    groupName: names.get(mapping.groupId) ?? '',
  }))
  return { version: settingsVersion, mode, groupMappings, mappings }
}
