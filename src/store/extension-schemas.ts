// The schemas that directories add to their resource types (RFC 7643 section 6), and whether resources use them.
import type { AddedExtension } from '../scim/resource-types.ts'
import type { ResourceTypeName, Schema } from '../scim/schema.ts'
import type { Tx } from './database.ts'
import { tables } from './resources.ts'

export interface ExtensionSchema extends AddedExtension {
  readonly createdAt: Date
  readonly updatedAt: Date
}

interface Row {
  readonly resource_type: ResourceTypeName
  readonly required: boolean
  /** as scim/schema-document.ts read it: a rule that came later does not undo what was saved */
  readonly schema: Schema
  readonly created_at: Date
  readonly updated_at: Date
}

const toExtension = (row: Row): ExtensionSchema => ({
  resourceType: row.resource_type,
  required: row.required,
  schema: row.schema,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})

/** In the order in which they were added. */
export async function listExtensionSchemas(tx: Tx, directoryId: string): Promise<ExtensionSchema[]> {
  const rows = await tx.$queryRaw<Row[]>`
    SELECT resource_type, required, schema, created_at, updated_at FROM extension_schemas
    WHERE directory_id = ${directoryId}::uuid ORDER BY created_at, urn_key`
  return rows.map(toExtension)
}

/** The schema with this URN, in any case; null where the directory has none. */
export async function findExtensionSchema(
  tx: Tx,
  directoryId: string,
  urn: string,
): Promise<ExtensionSchema | null> {
  const [row] = await tx.$queryRaw<Row[]>`
    SELECT resource_type, required, schema, created_at, updated_at FROM extension_schemas
    WHERE directory_id = ${directoryId}::uuid AND urn_key = ${urn.toLowerCase()}`
  return row === undefined ? null : toExtension(row)
}

/** Adds a schema, or puts it in the place of the one with its URN. */
export async function putExtensionSchema(
  tx: Tx,
  directoryId: string,
  { resourceType, required, schema }: AddedExtension,
): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO extension_schemas (directory_id, urn_key, resource_type, required, schema)
    VALUES (${directoryId}::uuid, ${schema.id.toLowerCase()}, ${resourceType}, ${required},
      ${JSON.stringify(schema)}::jsonb)
    ON CONFLICT (directory_id, urn_key) DO UPDATE SET resource_type = EXCLUDED.resource_type,
      required = EXCLUDED.required, schema = EXCLUDED.schema, updated_at = now()`
}

export async function deleteExtensionSchema(tx: Tx, directoryId: string, urn: string): Promise<void> {
  await tx.$executeRaw`
    DELETE FROM extension_schemas
    WHERE directory_id = ${directoryId}::uuid AND urn_key = ${urn.toLowerCase()}`
}

/** Whether any resource has data under the schema: it then lists the URN in `schemas`. */
export async function isSchemaInUse(
  tx: Tx,
  directoryId: string,
  resourceType: ResourceTypeName,
  { id }: Schema,
): Promise<boolean> {
  const listed = JSON.stringify({ schemas: [id.toLowerCase()] })
  const [row] = await tx.$queryRaw<{ used: boolean }[]>`
    SELECT EXISTS (
      SELECT 1 FROM ${tables[resourceType]} r
      WHERE r.directory_id = ${directoryId}::uuid AND r.search @> ${listed}::jsonb
    ) AS used`
  return row?.used === true
}

/** Tells every process that what it knows of the directory's schemas is old. */
export async function raiseSchemasVersion(tx: Tx, directoryId: string): Promise<void> {
  await tx.$executeRaw`
    UPDATE directories SET schemas_version = schemas_version + 1 WHERE id = ${directoryId}::uuid`
}

/** null where there is no such directory. */
export async function readSchemasVersion(tx: Tx, directoryId: string): Promise<number | null> {
  const [row] = await tx.$queryRaw<{ version: number }[]>`
    SELECT schemas_version AS version FROM directories WHERE id = ${directoryId}::uuid`
  return row?.version ?? null
}
