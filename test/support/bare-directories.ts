// Directories, and users of them, as rows alone: for what the store makes of rows, whoever has written them.
import { randomUUID } from 'node:crypto'
import type { Tx } from '../../src/store/database.ts'

export async function aBareDirectory(tx: Tx): Promise<string> {
  const [id, parentId] = [randomUUID(), randomUUID()]
  await tx.$executeRaw`INSERT INTO parent_organizations (id, name, plan) VALUES (${parentId}::uuid, 'Test', 'enterprise')`
  await tx.$executeRaw`INSERT INTO directories (id, parent_organization_id) VALUES (${id}::uuid, ${parentId}::uuid)`
  return id
}

export async function addBareUsers(tx: Tx, directoryId: string, number: number): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    INSERT INTO users (directory_id, id, user_name, user_name_key, email, email_key, active, resource, search, created_at,
      last_modified)
    SELECT ${directoryId}::uuid, u.id, u.id, u.id, u.id, u.id, true, '{}', '{}', now(), now()
    FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, ${number}::int)) u RETURNING id`
  return rows.map(({ id }) => id)
}
