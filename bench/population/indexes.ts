// Loading without indexes: they are taken off the tables, and built again when the rows are there, which for a million
// rows takes a tenth of the time. The definitions are the database's own, so that the result is as migrations made it.
import type pg from 'pg'

interface Definition {
  readonly name: string
  readonly definition: string
}

export async function withoutIndexes(
  client: pg.ClientBase,
  tables: readonly string[],
  load: () => Promise<void>,
): Promise<void> {
  // those behind a primary key or a unique constraint belong to it and stay
  const { rows } = await client.query<Definition>(
    `SELECT i.indexname AS name, i.indexdef AS definition FROM pg_indexes i
     WHERE i.schemaname = current_schema() AND i.tablename = ANY($1)
       AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexname::regclass)`,
    [tables],
  )
  for (const { name } of rows) await client.query(`DROP INDEX ${client.escapeIdentifier(name)}`)
  // foreign keys are triggers: the loader writes no row that they would refuse
  await client.query('SET session_replication_role = replica')
  await load()
  await client.query('RESET session_replication_role')
  await client.query("SET maintenance_work_mem = '512MB'")
  for (const { definition } of rows) await client.query(definition)
  await client.query('RESET maintenance_work_mem')
}
