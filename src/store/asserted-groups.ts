// The groups that an assertion names at a sign-in (domain.md section 6), and what they count for: in mode `jit` with
// mappings they stand in the place of the directory's groups, from one sign-in to the next.
import type { DirectoryUser, Person } from '../provisioning/types.ts'
import type { Tx } from './database.ts'
import type { LockedOrganization } from './locked-organizations.ts'

/** Who signs in, as the user of the directory or else as a member, and with which groups. */
export interface SignIn {
  readonly userId: string | null
  readonly memberId: string | null
  /** null: the assertion says nothing of groups, so those of the directory count */
  readonly groupIds: readonly string[] | null
}

/** The settings to go by, which need not be those that are saved. */
type Scope = Pick<LockedOrganization, 'directoryId' | 'settings'>

/** People with the groups that decide: of this sign-in, else of the last one, else of the directory. */
export async function countAssertedGroups(
  tx: Tx,
  scope: Scope,
  people: readonly Person[],
  signIn: SignIn | null = null,
): Promise<Person[]> {
  if (scope.settings.mode !== 'jit' || !scope.settings.groupMappings) return [...people]
  const assertedOf = ({ user, member }: Person) =>
    signIn !== null && user?.id === signIn.userId ? signIn.groupIds : (member?.assertedGroupIds ?? null)
  const mapped = await mappedAbove(tx, scope, [
    ...new Set(people.flatMap((person) => assertedOf(person) ?? [])),
  ])
  return people.map((person) => {
    const assertedGroupIds = assertedOf(person)
    if (person.user === null || assertedGroupIds === null) return person
    const groupIds = [...new Set(assertedGroupIds.flatMap((id) => mapped.get(id) ?? []))].sort()
    const user: DirectoryUser = { ...person.user, groupIds, assertedGroupIds }
    return { ...person, user }
  })
}

/** The mapped groups that each group is, or is in (E5). */
async function mappedAbove(
  tx: Tx,
  { directoryId, settings }: Scope,
  groupIds: readonly string[],
): Promise<Map<string, readonly string[]>> {
  if (groupIds.length === 0) return new Map()
  const mapped = [...new Set(settings.mappings.map(({ groupId }) => groupId))]
  const rows = await tx.$queryRaw<{ start_id: string; mapped: string[] }[]>`
    WITH RECURSIVE up(start_id, group_id) AS (
      SELECT start_id, start_id FROM unnest(${groupIds}::uuid[]) AS start_id
      UNION
      SELECT up.start_id, parent.id FROM up CROSS JOIN LATERAL (
        SELECT g.group_id AS id FROM group_memberships g
        WHERE g.directory_id = ${directoryId}::uuid AND g.member_group_id = up.group_id OFFSET 0) parent
    )
    SELECT start_id, array_agg(group_id::text) AS mapped
    FROM up WHERE group_id = ANY(${mapped}::uuid[]) GROUP BY start_id`
  return new Map(rows.map((row) => [row.start_id, row.mapped]))
}
