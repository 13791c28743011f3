// Whether what is in the database after a measurement is right, read from the rules anew and not from the service.
import type pg from 'pg'
import { tenant } from './world.ts'

const faults: Readonly<Record<string, string>> = {
  'E1 somebody assigned in a mapped group is no member': `
    SELECT 1 FROM users u WHERE u.directory_id = $2 AND u.active AND u.id IN (
      SELECT m.user_id FROM user_memberships m JOIN mappings p
        ON p.directory_id = m.directory_id AND p.group_id = m.group_id AND p.organization_id = $1
      WHERE m.directory_id = $2)
    AND NOT EXISTS (SELECT 1 FROM members e WHERE e.organization_id = $1 AND e.user_id = u.id AND e.status = 'active')`,
  'E1 a member is not assigned or in no mapped group': `
    SELECT 1 FROM members e JOIN users u ON u.directory_id = $2 AND u.id = e.user_id
    WHERE e.organization_id = $1 AND e.status = 'active' AND NOT (u.active AND EXISTS (
      SELECT 1 FROM user_memberships m JOIN mappings p
        ON p.directory_id = m.directory_id AND p.group_id = m.group_id AND p.organization_id = $1
      WHERE m.directory_id = $2 AND m.user_id = u.id))`,
  'E2 a member has another role than its groups give': `
    SELECT 1 FROM members e WHERE e.organization_id = $1 AND e.status = 'active'
      AND e.role <> CASE WHEN EXISTS (
        SELECT 1 FROM user_memberships m JOIN mappings p
          ON p.directory_id = m.directory_id AND p.group_id = m.group_id AND p.organization_id = $1
        WHERE m.directory_id = $2 AND m.user_id = e.user_id AND p.role = 'admin') THEN 'admin' ELSE 'user' END`,
  'E4 the seats that are counted are not those that are taken': `
    SELECT 1 FROM seats s WHERE s.organization_id = $1 AND $2::uuid IS NOT NULL AND s.assigned <> (
      SELECT count(*) FROM members m
      WHERE m.organization_id = $1 AND m.status = 'active' AND m.seat_type = s.seat_type)`,
  'P2 somebody assigned is no member of the organization without mappings': `
    SELECT 1 FROM users u WHERE u.directory_id = $2 AND u.active AND $1::uuid IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM members e WHERE e.organization_id = '${tenant.unmappedId}' AND e.user_id = u.id
        AND e.status = 'active')`,
}

/** Throws, naming the rules that the database breaks. */
export async function requireRight(client: pg.ClientBase): Promise<void> {
  const broken: string[] = []
  for (const [name, statement] of Object.entries(faults)) {
    const { rows } = await client.query(`${statement} LIMIT 1`, [tenant.mappedId, tenant.directoryId])
    if (rows.length > 0) broken.push(name)
  }
  if (broken.length > 0) throw new Error(`The results are not right: ${broken.join('; ')}.`)
}
