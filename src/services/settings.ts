// Provisioning settings of an organization: mode, group mappings, brake; tried (S1), guarded (S2), applied at once (S3).

import { isId } from '../ids.ts'
import type { Brake } from '../provisioning/brake.ts'
import { type Mode, mayUseScim } from '../provisioning/catalogue.ts'
import { type Caution, unacknowledged, type Warning, type WarningName } from '../provisioning/guard.ts'
import { emailKeyOf } from '../provisioning/identity.ts'
import type { Counts } from '../provisioning/outcome.ts'
import { Page, type PageRequest, type Prospect } from '../provisioning/preview.ts'
import { changeOf, isChange, type SavedMapping, type SavedSettings } from '../provisioning/settings-change.ts'
import type { Mapping } from '../provisioning/types.ts'
import { applyDecisions } from '../store/apply.ts'
import type { Database, Tx } from '../store/database.ts'
import { lockDirectory } from '../store/directories.ts'
import { type Actor, appendEvents } from '../store/events.ts'
import { groupNames } from '../store/groups.ts'
import type { LockedOrganization } from '../store/locked-organizations.ts'
import { replaceMappings } from '../store/mappings.ts'
import { findMember, searchMembers } from '../store/members.ts'
import { saveSettings } from '../store/organizations.ts'
import { findParentOrganization } from '../store/parent-organizations.ts'
import { keepSettings } from '../store/settings-versions.ts'
import { Invalid, Refused, Unacknowledged, VersionChanged } from './errors.ts'
import { evaluateEverybody, type Outlook } from './everybody.ts'
import { type Explanation, explainDecisions } from './explanations.ts'
import { type MappingInput, parseMappings } from './mappings.ts'
import { getOrganization, lockOrganization } from './organizations.ts'

export interface SettingsInput {
  readonly mode: Mode
  readonly groupMappings: boolean
  readonly mappings: readonly MappingInput[]
  /** null or absent: off */
  readonly brake?: BrakeInput | null | undefined
  /** the warnings that do not keep the save from being done */
  readonly acknowledge: readonly WarningName[]
  /** the id or the e-mail of the member who saves: a token is nobody */
  readonly actingMember?: string | undefined
  /** how many of the members may be removed without a warning */
  readonly maxRemovedPercent: number
}

/** At least one of the two limits; null is as good as absent (S5). */
export interface BrakeInput {
  readonly maxRemovals?: number | null | undefined
  readonly maxRemovedPercent?: number | null | undefined
  readonly withinMinutes: number
}

/** What the settings must still be; with a fingerprint, also what saving them would do. */
export interface ExpectedVersion {
  readonly version: number
  readonly fingerprint: string | null
}

/** What saving would do, and a page of the people whom it concerns. */
export interface Preview {
  readonly version: number
  readonly fingerprint: string
  readonly counts: Counts
  readonly warnings: readonly Warning[]
  readonly people: readonly (Prospect & { readonly explanation: Explanation })[]
  readonly next: string | null
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
  readonly brake: Brake | null
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
   * What saving these settings would do (S1). Reads one moment of the database, takes no lock and writes nothing.
   * Throws what `save` throws, but for warnings: it tells them.
   */
  async preview(
    organizationId: string,
    input: SettingsInput,
    expected: ExpectedVersion | null,
    request: PageRequest,
  ): Promise<Preview> {
    return this.#database.read(async (tx) => {
      const before = await getOrganization(tx, organizationId)
      requireVersion(before, expected)
      await requireModeAllowed(tx, before, input.mode)
      const mappings = await parseMappings(tx, before, input.mappings)
      const caution = await parseCaution(tx, before, input)
      const { mode, groupMappings } = input
      const settings = { ...before.settings, mode, groupMappings, mappings }
      const after = { ...before, settings, brake: parseBrake(input.brake) }
      const page = new Page(request)
      const outlook = await evaluateEverybody(tx, after, caution, (decisions) => page.add(decisions))
      requireOutlook(outlook, expected)
      const { people, next } = page.result()
      const explained = await explainDecisions(
        tx,
        after,
        people.map(({ decision }) => decision),
      )
      return {
        version: before.settingsVersion,
        fingerprint: outlook.fingerprint,
        counts: outlook.effects.counts,
        warnings: outlook.warnings,
        people: people.flatMap((person, i) => {
          const explanation = explained[i]
          return explanation === undefined ? [] : [{ ...person, explanation }]
        }),
        next,
      }
    })
  }

  /**
   * Saves the settings and evaluates everybody, in one transaction (S3); settings that are there already make no new
   * version. `expected`, if given, is what must still be so. Throws Refused for a mode that the plan may not have (P2), Invalid for a mapping that cannot be,
   * Unacknowledged for an effect that needs to be acknowledged (S2).
   */
  async save(
    actor: Actor,
    organizationId: string,
    input: SettingsInput,
    expected: ExpectedVersion | null,
  ): Promise<{ settings: ProvisioningSettings; changes: Counts }> {
    return this.#database.write(async (tx) => {
      const { directoryId } = await getOrganization(tx, organizationId)
      await lockDirectory(tx, directoryId, 'exclusive')
      const before = await lockOrganization(tx, organizationId)
      requireVersion(before, expected)
      await requireModeAllowed(tx, before, input.mode)
      const mappings = await parseMappings(tx, before, input.mappings)
      const caution = await parseCaution(tx, before, input)
      const { mode, groupMappings } = input
      const settings = { mode, groupMappings, mappings, brake: parseBrake(input.brake) }
      const after = isChange(changeOf<SavedMapping>({ ...before.settings, brake: before.brake }, settings))
        ? await write(tx, actor, before, settings, input.acknowledge)
        : before
      // written as it is decided, so that nobody is held in memory: what turns out to be refused is rolled back
      const outlook = await evaluateEverybody(tx, after, caution, async (decisions) => {
        await applyDecisions(tx, actor, after, decisions)
      })
      requireOutlook(outlook, expected)
      const missing = unacknowledged(outlook.warnings, input.acknowledge)
      if (missing.length > 0) throw new Unacknowledged(missing, outlook.warnings)
      return { settings: await shown(tx, after), changes: outlook.effects.counts }
    })
  }
}

/** The next version of the settings: kept with those before, and told in an event. */
async function write(
  tx: Tx,
  actor: Actor,
  before: LockedOrganization,
  settings: SavedSettings<Mapping> & { readonly mode: Mode },
  acknowledged: readonly WarningName[],
): Promise<LockedOrganization> {
  const { id: organizationId, directoryId } = before
  await saveSettings(tx, organizationId, settings)
  await replaceMappings(tx, directoryId, organizationId, settings.mappings)
  await keepSettings(tx, actor, [organizationId])
  const after = await lockOrganization(tx, organizationId)
  await appendEvents(tx, actor, [
    {
      type: 'settings.saved',
      directoryId,
      organizationId,
      subjectId: organizationId,
      data: { before: recorded(before), after: recorded(after), acknowledged },
    },
  ])
  return after
}

function requireVersion({ settingsVersion }: LockedOrganization, expected: ExpectedVersion | null): void {
  if (expected === null || expected.version === settingsVersion) return
  throw new VersionChanged(`The settings are at version ${settingsVersion}, not ${expected.version}.`)
}

/** S1: saving does what the preview said, or nothing. */
function requireOutlook({ fingerprint }: Outlook, expected: ExpectedVersion | null): void {
  if (expected === null || expected.fingerprint === null || expected.fingerprint === fingerprint) return
  throw new VersionChanged('Saving would not do any more what the preview said: preview the settings again.')
}

/** Throws Invalid where nobody is the acting member: a misspelt name must not switch the guard off. */
export async function parseCaution(
  tx: Tx,
  organization: LockedOrganization,
  { actingMember, maxRemovedPercent }: Pick<SettingsInput, 'actingMember' | 'maxRemovedPercent'>,
): Promise<Caution> {
  if (actingMember === undefined) return { actingMemberId: null, maxRemovedPercent }
  const found = isId(actingMember)
    ? await findMember(tx, organization, actingMember)
    : (await searchMembers(tx, organization, { ...activeWithEmail, emailKey: emailKeyOf(actingMember) }))[0]
  if (found?.status === 'active') return { actingMemberId: found.id, maxRemovedPercent }
  throw new Invalid('actingMember', `The organization has no member ${actingMember.slice(0, 100)}.`)
}

const activeWithEmail = {
  status: 'active',
  role: null,
  seatType: null,
  removal: null,
  after: null,
  limit: 1,
} as const

/** Throws Invalid for a brake without a limit, which would hold nothing. */
function parseBrake(input: BrakeInput | null | undefined): Brake | null {
  if (input == null) return null
  const { maxRemovals = null, maxRemovedPercent = null, withinMinutes } = input
  if (maxRemovals !== null || maxRemovedPercent !== null) {
    return { maxRemovals, maxRemovedPercent, withinMinutes }
  }
  throw new Invalid(
    'brake',
    'brake takes maxRemovals, maxRemovedPercent or both; to switch it off, send null.',
  )
}

/** P2: JIT is for every plan, SCIM is not. */
export async function requireModeAllowed(
  tx: Tx,
  organization: Pick<LockedOrganization, 'plan' | 'parentOrganizationId'>,
  mode: Mode,
): Promise<void> {
  if (mode !== 'scim') return
  const parent = await findParentOrganization(tx, organization.parentOrganizationId)
  if (parent !== null && mayUseScim(organization.plan, parent.plan)) return
  const joined =
    organization.plan === 'console' ? 'A Console organization joined to a Team parent' : 'A Team organization'
  throw new Refused('P2', `${joined} cannot use the mode scim: SCIM is for Enterprise organizations.`)
}

const recorded = ({ mode, groupMappings, settings, brake }: LockedOrganization) => ({
  mode,
  groupMappings,
  mappings: settings.mappings,
  brake,
})

async function shown(tx: Tx, organization: LockedOrganization): Promise<ProvisioningSettings> {
  const { mode, groupMappings, settingsVersion, settings, brake, directoryId } = organization
  const names = await groupNames(
    tx,
    directoryId,
    settings.mappings.map(({ groupId }) => groupId),
  )
  const mappings = settings.mappings.map(({ groupId, role, seatType }) => ({
    groupId,
    groupName: names.get(groupId) ?? '',
    role,
    seatType,
  }))
  return { version: settingsVersion, mode, groupMappings, mappings, brake }
}
