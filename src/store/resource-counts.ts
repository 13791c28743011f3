// How many users and groups a directory has: kept by PostgreSQL itself with every row that comes or goes
// (20261124001300_reads), so that the total of a list costs the same however long it is.
import type { ResourceTypeName } from '../scim/schema.ts'
import type { Tx } from './database.ts'
import { Prisma } from './generated/client.ts'

/** SQL: how many of the type there are, as of the statement's own moment. */
export const countSql = (directoryId: string, type: ResourceTypeName): Prisma.Sql => Prisma.sql`(
  SELECT coalesce(sum(c.difference), 0)::bigint FROM resource_counts c
  WHERE c.directory_id = ${directoryId}::uuid AND c.resource_type = ${type}::text)`

/**
 * Counts anew: only rows that were loaded without triggers, or a hand, can have made a count wrong (Y1). What it is wrong
 * by is of one moment, so whoever writes at the same time need not wait.
 */
export async function recountResources(tx: Tx, directoryId: string): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO resource_counts (directory_id, resource_type, difference)
    SELECT ${directoryId}::uuid, c.type, c.number - c.kept FROM (
      SELECT 'User' AS type, (SELECT count(*) FROM users WHERE directory_id = ${directoryId}::uuid) AS number,
        ${countSql(directoryId, 'User')} AS kept
      UNION ALL
      SELECT 'Group', (SELECT count(*) FROM groups WHERE directory_id = ${directoryId}::uuid),
        ${countSql(directoryId, 'Group')}) c
    WHERE c.number <> c.kept`
}
