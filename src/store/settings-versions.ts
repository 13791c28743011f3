// Every version of an organization's settings: written with the change, in its transaction, and never changed.
import type { SavedMapping, SavedSettings } from '../provisioning/settings-change.ts'
import type { Tx } from './database.ts'
import { type Actor, type RecordedActor, recorded } from './events.ts'
import { Prisma } from './generated/client.ts'

/** A mapping with the name that its group had when it was saved. */
export type KeptMapping = SavedMapping & { readonly groupName: string }

export interface SettingsVersion {
  readonly version: number
  readonly savedAt: Date
  readonly actor: RecordedActor
  readonly mode: string
  readonly groupMappings: boolean
}

/** Keeps the settings that these organizations have now as the version that they are at. */
export async function keepSettings(tx: Tx, actor: Actor, organizationIds: readonly string[]): Promise<void> {
  if (organizationIds.length === 0) return
  // the time of the clock, under the organization's lock: now() is that of the transaction's begin, which can be
  // before that of the version before
  await tx.$executeRaw`
    INSERT INTO settings_versions (organization_id, version, saved_at, actor, settings)
    SELECT o.id, o.settings_version, clock_timestamp(), ${JSON.stringify(recorded(actor))}::jsonb,
      jsonb_build_object('mode', o.mode, 'groupMappings', o.group_mappings, 'mappings', coalesce((
        SELECT jsonb_agg(jsonb_build_object('groupId', m.group_id, 'groupName', g.display_name, 'role', m.role,
          'seatType', m.seat_type) ORDER BY m.id)
        FROM mappings m JOIN groups g ON g.directory_id = m.directory_id AND g.id = m.group_id
        WHERE m.organization_id = o.id), '[]'), 'brake', CASE WHEN o.brake_within_minutes IS NOT NULL THEN
        jsonb_build_object('maxRemovals', o.brake_max_removals, 'maxRemovedPercent', o.brake_max_removed_percent,
          'withinMinutes', o.brake_within_minutes) END)
    FROM organizations o WHERE o.id = ANY(${organizationIds}::uuid[])`
}

/** Newest first; `after` is the version that the page before ended with. */
export async function listSettingsVersions(
  tx: Tx,
  organizationId: string,
  { after, limit }: { after: number | null; limit: number },
): Promise<SettingsVersion[]> {
  const older = after === null ? Prisma.sql`true` : Prisma.sql`version < ${after}::int`
  const rows = await tx.$queryRaw<
    { version: number; saved_at: Date; actor: RecordedActor; mode: string; group_mappings: boolean }[]
  >`
    SELECT version, saved_at, actor, settings->>'mode' AS mode,
      (settings->>'groupMappings')::boolean AS group_mappings
    FROM settings_versions WHERE organization_id = ${organizationId}::uuid AND ${older}
    ORDER BY version DESC LIMIT ${limit}::int`
  return rows.map(({ version, saved_at, actor, mode, group_mappings }) => ({
    version,
    savedAt: saved_at,
    actor,
    mode,
    groupMappings: group_mappings,
  }))
}

/** As it was kept: versions from before the brake do not speak of it. */
type KeptSettings = Omit<SavedSettings<KeptMapping>, 'brake'> & Partial<SavedSettings<KeptMapping>>

/** The settings of a version; null where none of that number is kept. */
export async function findSettingsVersion(
  tx: Tx,
  organizationId: string,
  version: number,
): Promise<SavedSettings<KeptMapping> | null> {
  const [row] = await tx.$queryRaw<{ settings: KeptSettings }[]>`
    SELECT settings FROM settings_versions
    WHERE organization_id = ${organizationId}::uuid AND version = ${version}::int`
  return row === undefined ? null : { ...row.settings, brake: row.settings.brake ?? null }
}
