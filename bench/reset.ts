// Puts the groups that measurements fill back to empty, with the members and seats that came of it.
import type pg from 'pg'
import { groupId, LARGE_GROUP, STANDARD_GROUPS, tenant } from './world.ts'

export async function reset(client: pg.ClientBase): Promise<void> {
  const { directoryId, mappedId } = tenant
  const { first, count } = STANDARD_GROUPS
  const filled = [groupId(first), groupId(first + count - 1)]
  // whoever is in the large group is a member by it; the others by the groups that are emptied
  await client.query(
    `DELETE FROM members m WHERE m.organization_id = $1 AND m.directory_id = $2 AND m.user_id IN (
       SELECT user_id FROM user_memberships WHERE directory_id = $2 AND group_id BETWEEN $3 AND $4
       EXCEPT SELECT user_id FROM user_memberships WHERE directory_id = $2 AND group_id = $5)`,
    [mappedId, directoryId, ...filled, groupId(LARGE_GROUP)],
  )
  await client.query('DELETE FROM user_memberships WHERE directory_id = $1 AND group_id BETWEEN $2 AND $3', [
    directoryId,
    ...filled,
  ])
  await client.query(
    `UPDATE seats s SET assigned = (SELECT count(*) FROM members m WHERE m.organization_id = s.organization_id
       AND m.status = 'active' AND m.seat_type = s.seat_type) WHERE s.organization_id = $1`,
    [mappedId],
  )
}
