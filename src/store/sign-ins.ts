// What an SSO layer names at a sign-in (domain.md section 6): a person, and the groups of the assertion.
import { isId } from '../ids.ts'
import { emailKeyOf } from '../provisioning/identity.ts'
import { foldAttributes } from '../scim/fold.ts'
import { userType } from '../scim/schemas/user.ts'
import type { Tx } from './database.ts'
import { displayNameKeyOf } from './groups.ts'
import type { LockedOrganization } from './locked-organizations.ts'
import { textOf } from './users.ts'

/** How the person is named: by the address that E7 compares, or by the name in the directory. */
export interface SignInName {
  readonly kind: 'email' | 'userName'
  readonly text: string
}

/**
 * The directory user of that name; null where there is none. What was given as one kind is looked for as the other
 * only where it is none of its own. Of several users with one address whoever is active comes first, then whoever is
 * a member, then the oldest.
 */
export async function findUserSigningIn(
  tx: Tx,
  { id, directoryId }: LockedOrganization,
  { kind, text }: SignInName,
): Promise<string | null> {
  const userNameKey = textOf(foldAttributes({ userName: text }, userType).userName)
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT u.id FROM users u LEFT JOIN members m
      ON m.organization_id = ${id}::uuid AND m.user_id = u.id AND m.status <> 'removed'
    WHERE u.directory_id = ${directoryId}::uuid
      AND (u.email_key = ${emailKeyOf(text)} OR u.user_name_key = ${userNameKey})
    ORDER BY CASE ${kind} WHEN 'email' THEN u.email_key = ${emailKeyOf(text)}
        ELSE u.user_name_key = ${userNameKey} END DESC,
      u.active DESC, m.id IS NULL, u.id LIMIT 1`
  return rows[0]?.id ?? null
}

/**
 * The groups of the directory that each name means: the one of that id, else the one of that displayName, without
 * case, else those of that externalId. A name that means none is not in the answer.
 */
export async function findGroupsNamed(
  tx: Tx,
  directoryId: string,
  names: readonly string[],
): Promise<Map<string, readonly string[]>> {
  if (names.length === 0) return new Map()
  const keyed = names.map((name) => ({ name, key: displayNameKeyOf(name) }))
  const rows = await tx.$queryRaw<{ id: string; key: string }[]>`
    SELECT id, display_name_key AS key FROM groups WHERE directory_id = ${directoryId}::uuid
      AND (id = ANY(${names.filter(isId)}::uuid[]) OR display_name_key = ANY(${keyed.map(({ key }) => key)}::text[]))`
  const ids = new Set(rows.map(({ id }) => id))
  const byKey = new Map(rows.map(({ id, key }) => [key, id]))
  const known = keyed.flatMap(({ name, key }): [string, readonly string[]][] => {
    const groupId = ids.has(name) ? name : byKey.get(key)
    return groupId === undefined ? [] : [[name, [groupId]]]
  })
  const found = new Map(known)
  const others = names.filter((name) => !found.has(name))
  return new Map([...found, ...(await byExternalId(tx, directoryId, others))])
}

/** An index lookup for each: `@> ANY` of many would read the whole table. */
async function byExternalId(
  tx: Tx,
  directoryId: string,
  names: readonly string[],
): Promise<Map<string, readonly string[]>> {
  if (names.length === 0) return new Map()
  const rows = await tx.$queryRaw<{ name: string; ids: string[] }[]>`
    SELECT name, array_agg(g.id::text ORDER BY g.id) AS ids FROM unnest(${names}::text[]) AS name, LATERAL (
      SELECT id FROM groups
      WHERE directory_id = ${directoryId}::uuid AND search @> jsonb_build_object('externalId', name)) g
    GROUP BY name`
  return new Map(rows.map(({ name, ids }) => [name, ids]))
}
