// The unique values of extensions' attributes (scim/unique-values.ts), as rows whose key no two resources share.
import type { ResourceTypeName } from '../scim/schema.ts'
import type { UniqueValue } from '../scim/unique-values.ts'
import type { Tx } from './database.ts'
import { Prisma } from './generated/client.ts'

const owners: Record<ResourceTypeName, Prisma.Sql> = {
  User: Prisma.raw('user_id'),
  Group: Prisma.raw('group_id'),
}

/**
 * Makes these the unique values of a resource. Gives the first that another resource has; the transaction must then
 * be rolled back. Waits for others that are writing the same value.
 */
export async function writeUniqueValues(
  tx: Tx,
  directoryId: string,
  type: ResourceTypeName,
  id: string,
  values: readonly UniqueValue[],
): Promise<UniqueValue | null> {
  const owner = owners[type]
  const rows = JSON.stringify(values)
  const wanted = Prisma.sql`jsonb_to_recordset(${rows}::jsonb) AS x(attribute text, value text)`
  await tx.$executeRaw`
    DELETE FROM unique_values u WHERE u.directory_id = ${directoryId}::uuid AND u.${owner} = ${id}::uuid
      AND NOT EXISTS (SELECT 1 FROM ${wanted} WHERE x.attribute = u.attribute AND x.value = u.value)`
  // in one order: writes of the same values wait for each other, not in a circle
  await tx.$executeRaw`
    INSERT INTO unique_values (directory_id, attribute, value, ${owner})
    SELECT ${directoryId}::uuid, x.attribute, x.value, ${id}::uuid FROM ${wanted} ORDER BY x.attribute, x.value
    ON CONFLICT DO NOTHING`
  const [taken] = await tx.$queryRaw<UniqueValue[]>`
    SELECT x.attribute, x.value FROM ${wanted} WHERE NOT EXISTS (
      SELECT 1 FROM unique_values u WHERE u.directory_id = ${directoryId}::uuid
        AND u.attribute = x.attribute AND u.value = x.value AND u.${owner} = ${id}::uuid)
    LIMIT 1`
  return taken ?? null
}
