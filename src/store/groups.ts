// Writing groups: the resource without its members, and the columns that are looked up most.
import { foldAttributes } from '../scim/fold.ts'
import type { Attributes } from '../scim/resource.ts'
import type { ResourceType } from '../scim/schema.ts'
import { groupType } from '../scim/schemas/group.ts'
import { type Explain, type Tx, writeLater } from './database.ts'
import { Prisma } from './generated/client.ts'
import type { StoredResource } from './resources.ts'
import { textOf } from './users.ts'

/** Where the displayName is taken the transaction fails, with what `explain` makes of that. */
export async function insertGroup(
  tx: Tx,
  directoryId: string,
  group: StoredResource,
  type: ResourceType,
  explain?: Explain,
): Promise<void> {
  const { displayName, displayNameKey, resource, search } = groupColumns(group.attributes, type)
  await writeLater(
    tx,
    Prisma.sql`
    INSERT INTO groups (directory_id, id, display_name, display_name_key, resource, search, version, created_at,
      last_modified)
    VALUES (${directoryId}::uuid, ${group.id}::uuid, ${displayName}, ${displayNameKey}, ${resource}::jsonb,
      ${search}::jsonb, ${group.version}, ${group.created}, ${group.lastModified})`,
    explain,
  )
}

/** Writes the next version of a group; a displayName that is taken is as in insertGroup(). */
export async function updateGroup(
  tx: Tx,
  directoryId: string,
  group: StoredResource,
  type: ResourceType,
  explain?: Explain,
): Promise<void> {
  const { displayName, displayNameKey, resource, search } = groupColumns(group.attributes, type)
  await writeLater(
    tx,
    Prisma.sql`
    UPDATE groups SET display_name = ${displayName}, display_name_key = ${displayNameKey},
      resource = ${resource}::jsonb, search = ${search}::jsonb, version = ${group.version},
      last_modified = ${group.lastModified}
    WHERE directory_id = ${directoryId}::uuid AND id = ${group.id}::uuid`,
    explain,
  )
}

/** Writes the next version of a group of which nothing but the members has changed. */
export async function updateVersion(
  tx: Tx,
  directoryId: string,
  { id, version, lastModified }: StoredResource,
): Promise<void> {
  await writeLater(
    tx,
    Prisma.sql`
      UPDATE groups SET version = ${version}, last_modified = ${lastModified}
      WHERE directory_id = ${directoryId}::uuid AND id = ${id}::uuid`,
  )
}

/** The groups' members changed by other means than a write to the group: a new version of each. */
export async function touchGroups(
  tx: Tx,
  directoryId: string,
  ids: readonly string[],
  at: Date,
): Promise<void> {
  if (ids.length === 0) return
  // locked in one order: writes that touch the same groups wait for each other, not in a circle
  await tx.$executeRaw`
    WITH locked AS (
      SELECT id FROM groups WHERE directory_id = ${directoryId}::uuid AND id = ANY(${ids}::uuid[])
      ORDER BY id FOR NO KEY UPDATE
    )
    UPDATE groups g SET version = g.version + 1, last_modified = ${at}
    FROM locked WHERE g.directory_id = ${directoryId}::uuid AND g.id = locked.id`
}

/** The names of groups by id. */
export async function groupNames(
  tx: Tx,
  directoryId: string,
  ids: readonly string[],
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const rows = await tx.$queryRaw<{ id: string; display_name: string }[]>`
    SELECT id, display_name FROM groups WHERE directory_id = ${directoryId}::uuid AND id = ANY(${ids}::uuid[])`
  return new Map(rows.map((row) => [row.id, row.display_name]))
}

/** The ids of groups by displayName, which compares without case; the names as they were given. */
export async function groupIdsByName(
  tx: Tx,
  directoryId: string,
  names: readonly string[],
): Promise<Map<string, string>> {
  if (names.length === 0) return new Map()
  const keys = new Map(names.map((name) => [name, displayNameKeyOf(name)]))
  const rows = await tx.$queryRaw<{ id: string; key: string }[]>`
    SELECT id, display_name_key AS key FROM groups
    WHERE directory_id = ${directoryId}::uuid AND display_name_key = ANY(${[...keys.values()]}::text[])`
  const ids = new Map(rows.map(({ id, key }) => [key, id]))
  return new Map(
    [...keys].flatMap(([name, key]): [string, string][] => {
      const id = ids.get(key)
      return id === undefined ? [] : [[name, id]]
    }),
  )
}

/** What a displayName is compared by. */
export const displayNameKeyOf = (name: string) =>
  textOf(foldAttributes({ displayName: name }, groupType).displayName)

/** What is kept beside the document, to look groups up by. */
export function derivedFromGroup(attributes: Attributes, type: ResourceType) {
  const search = foldAttributes(attributes, type)
  return { displayName: textOf(attributes.displayName), displayNameKey: textOf(search.displayName), search }
}

function groupColumns(attributes: Attributes, type: ResourceType) {
  const derived = derivedFromGroup(attributes, type)
  return { ...derived, resource: JSON.stringify(attributes), search: JSON.stringify(derived.search) }
}
