// What a write to some users finds of each organization that it concerns, locked and read in one go: the facts that most
// evaluations need, in one statement for all organizations.
import { matchPeople } from '../provisioning/identity.ts'
import type { Person } from '../provisioning/types.ts'
import type { Tx } from './database.ts'
import { Prisma } from './generated/client.ts'
import {
  type Concern,
  concernedBy,
  type LockedOrganization,
  locking,
  mappingList,
  type OrganizationRow,
  organizationColumns,
  sharing,
  toWhole,
} from './locked-organizations.ts'
import { decidedColumns, type Row as MemberRow, toMember } from './members.ts'
import { toUser, type Row as UserRow } from './snapshot.ts'

export interface Situation {
  /** of its mappings those of the groups that the users are in: the others give them nothing */
  readonly organization: LockedOrganization
  /** the users, each with the member that they are (E7) */
  readonly people: readonly Person[]
  readonly isAnybodyWaiting: boolean
}

/**
 * Locks the organizations in the order of their ids and reads what they are to these users: `alone` has the organizations
 * for itself, `shared` shares those that it can.
 */
export async function lockSituations(
  tx: Tx,
  directoryId: string,
  concern: Concern,
  userIds: readonly string[],
  way: 'shared' | 'alone',
): Promise<Situation[]> {
  const condition = concernedBy(directoryId, concern)
  // where no mapping counts nobody's groups do
  const readRows = concern.kind === 'scim_without_mappings' ? readWithoutGroups : readWithGroups
  const read = () => readRows(tx, directoryId, condition, userIds)
  const rows = await (way === 'shared' ? sharing(tx, condition, userIds, read) : locking(tx, condition, read))
  return rows.map(({ users, members, isAnybodyWaiting, isShared, ...row }) => {
    const organization = toWhole(row, isShared)
    const known = (members ?? []).map((member) => toMember(organization.plan, member))
    return { organization, people: matchPeople((users ?? []).map(toUser), known), isAnybodyWaiting }
  })
}

type SituationRow = OrganizationRow & {
  readonly users: readonly UserRow[] | null
  readonly members: readonly MemberRow[] | null
  readonly isAnybodyWaiting: boolean
}

function readWithoutGroups(
  tx: Tx,
  directoryId: string,
  condition: Prisma.Sql,
  userIds: readonly string[],
): Promise<SituationRow[]> {
  return tx.$queryRaw`
    WITH asked AS MATERIALIZED (
      SELECT u.id, u.email, u.email_key, u.active, ARRAY[]::text[] AS group_ids
      FROM users u WHERE u.directory_id = ${directoryId}::uuid AND u.id = ANY(${userIds}::uuid[])
    ) ${situations(condition, userIds, Prisma.sql`NULL`)}`
}

/** E5: upwards from the groups that the users are in, each group once, however many of them are in it. */
function readWithGroups(
  tx: Tx,
  directoryId: string,
  condition: Prisma.Sql,
  userIds: readonly string[],
): Promise<SituationRow[]> {
  // looked up one by one: as a join PostgreSQL read all mappings of the organization
  const mappings = Prisma.sql`(
    SELECT ${mappingList} FROM (SELECT DISTINCT mapped.id FROM mapped) g CROSS JOIN LATERAL (
      SELECT * FROM mappings m
      WHERE m.directory_id = ${directoryId}::uuid AND m.group_id = g.id AND m.organization_id = o.id OFFSET 0) m)`
  return tx.$queryRaw`
    WITH RECURSIVE direct AS MATERIALIZED (
      SELECT user_id, group_id FROM user_memberships
      WHERE directory_id = ${directoryId}::uuid AND user_id = ANY(${userIds}::uuid[])
    ), up(start_id, id) AS (
      SELECT DISTINCT group_id, group_id FROM direct
      UNION
      SELECT up.start_id, parent.id FROM up CROSS JOIN LATERAL (
        SELECT g.group_id AS id FROM group_memberships g
        WHERE g.directory_id = ${directoryId}::uuid AND g.member_group_id = up.id OFFSET 0) parent
    ), mapped AS MATERIALIZED (
      SELECT up.start_id, up.id FROM up CROSS JOIN LATERAL (
        SELECT 1 FROM mappings m WHERE m.directory_id = ${directoryId}::uuid AND m.group_id = up.id LIMIT 1) found
    ), given AS MATERIALIZED (
      SELECT direct.user_id, array_agg(DISTINCT mapped.id::text) AS group_ids
      FROM direct JOIN mapped ON mapped.start_id = direct.group_id GROUP BY direct.user_id
    ), asked AS MATERIALIZED (
      SELECT u.id, u.email, u.email_key, u.active, coalesce(given.group_ids, '{}') AS group_ids
      FROM users u LEFT JOIN given ON given.user_id = u.id
      WHERE u.directory_id = ${directoryId}::uuid AND u.id = ANY(${userIds}::uuid[])
    ) ${situations(condition, userIds, mappings)}`
}

/** Of the users that are `asked` about. */
const situations = (condition: Prisma.Sql, userIds: readonly string[], mappings: Prisma.Sql) => Prisma.sql`
  SELECT ${organizationColumns}, ${mappings} AS mappings,
    (SELECT json_agg(asked) FROM asked) AS users,
    (SELECT json_agg(decided) FROM (
      SELECT ${decidedColumns} FROM members m WHERE m.organization_id = o.id AND m.user_id = ANY(${userIds}::uuid[])
      UNION ALL
      SELECT ${decidedColumns} FROM (SELECT DISTINCT asked.email_key FROM asked) a CROSS JOIN LATERAL (
        SELECT * FROM members m WHERE m.organization_id = o.id AND m.email_key = a.email_key OFFSET 0) m
      WHERE m.user_id IS NULL) decided) AS members,
    EXISTS (SELECT 1 FROM members m WHERE m.organization_id = o.id AND m.wanted_seat IS NOT NULL)
      AS "isAnybodyWaiting"
  FROM organizations o WHERE ${condition} ORDER BY o.id`
