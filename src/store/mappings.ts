// Mappings of groups to roles and seat types. They hold the group's id: a rename changes nobody's role (E12).
import { newId } from '../ids.ts'
import type { Mapping } from '../provisioning/types.ts'
import type { Tx } from './database.ts'

/** Puts these mappings in the place of the organization's. */
export async function replaceMappings(
  tx: Tx,
  directoryId: string,
  organizationId: string,
  mappings: readonly Mapping[],
): Promise<void> {
  await tx.$executeRaw`DELETE FROM mappings WHERE organization_id = ${organizationId}::uuid`
  await tx.$executeRaw`
    INSERT INTO mappings (organization_id, id, directory_id, group_id, role, seat_type)
    SELECT ${organizationId}::uuid, x.id, ${directoryId}::uuid, x.group_id, x.role, x.seat_type
    FROM unnest(${mappings.map(() => newId())}::uuid[], ${mappings.map(({ groupId }) => groupId)}::uuid[],
      ${mappings.map(({ role }) => role)}::text[], ${mappings.map(({ seatType }) => seatType)}::text[])
      AS x(id, group_id, role, seat_type)`
}

/** Deletes every mapping of a group (S4): a new version of the settings of each organization that had one. */
export async function dropMappingsOf(tx: Tx, directoryId: string, groupId: string): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    WITH dropped AS (
      DELETE FROM mappings WHERE directory_id = ${directoryId}::uuid AND group_id = ${groupId}::uuid
      RETURNING organization_id
    )
    UPDATE organizations SET settings_version = settings_version + 1
    WHERE id IN (SELECT organization_id FROM dropped) RETURNING id`
  return rows.map(({ id }) => id)
}
