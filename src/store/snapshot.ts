// The facts that the evaluator decides on: people with their mapped groups (E5), and the member that each is (E7).
// Read after the organization is locked, and only for those whom a change can concern.
import { matchPeople } from '../provisioning/identity.ts'
import { canRunOut } from '../provisioning/seats.ts'
import type { DirectoryUser, Person } from '../provisioning/types.ts'
import { countAssertedGroups, type SignIn } from './asserted-groups.ts'
import { inTurn, type Tx } from './database.ts'
import type { LockedOrganization } from './locked-organizations.ts'
import { membersBehind, type StoredMember } from './members.ts'
import { waitingMembers } from './waiting.ts'

/** Whose facts a change touched: directory users, members that have no user (any more), and those who wait. */
export interface Affected {
  readonly userIds: readonly string[]
  readonly memberIds: readonly string[]
  /** `where_freed`: as many as the people at hand may make room for; `all`: seats were bought; `none`: these people alone */
  readonly waiting: 'where_freed' | 'all' | 'none'
}

/**
 * The people to evaluate: those affected, and those who wait for the seats that may be free (E4); with the groups of
 * their last sign-in where these decide, and of this one for whoever signs in.
 */
export async function readPeople(
  tx: Tx,
  organization: LockedOrganization,
  affected: Affected,
  signIn: SignIn | null = null,
): Promise<Person[]> {
  return countAssertedGroups(tx, organization, await readMatched(tx, organization, affected), signIn)
}

async function readMatched(tx: Tx, organization: LockedOrganization, affected: Affected): Promise<Person[]> {
  const [users, members] = await inTurn(
    tx,
    () => usersById(tx, organization, affected.userIds),
    () => membersBehind(tx, organization, affected),
  )
  const reach = reachOf(organization, affected, members)
  const waiting = reach === 0 ? [] : await waitingMembers(tx, organization, reach)
  const atHand = distinct([...members, ...waiting])
  const more = await usersOfMembers(tx, organization, users, atHand)
  return matchPeople([...users, ...more], atHand)
}

const EVERYBODY = 2_147_483_647

function reachOf(
  organization: LockedOrganization,
  { waiting }: Affected,
  members: readonly StoredMember[],
): number {
  if (waiting !== 'where_freed') return waiting === 'all' ? EVERYBODY : 0
  return seatsInReach(organization, members.filter(({ seatType }) => seatType !== null).length)
}

/** How many seats can be given out: those that the people at hand hold, and any that are free. */
export function seatsInReach({ seats }: Pick<LockedOrganization, 'seats'>, held: number): number {
  // nobody waits for a seat type without limit
  if (!canRunOut(seats)) return 0
  const free = [...seats.values()].map(({ purchased, assigned }) =>
    Math.max(0, (purchased ?? assigned) - assigned),
  )
  return free.reduce((sum, count) => sum + count, held)
}

const distinct = (members: readonly StoredMember[]): StoredMember[] => [
  ...new Map(members.map((member) => [member.id, member])).values(),
]

/** The users behind members that were found otherwise: by link, or by an e-mail that no other member has taken. */
async function usersOfMembers(
  tx: Tx,
  organization: LockedOrganization,
  known: readonly DirectoryUser[],
  members: readonly StoredMember[],
): Promise<DirectoryUser[]> {
  const knownIds = new Set(known.map(({ id }) => id))
  const knownKeys = new Set(known.map(({ emailKey }) => emailKey))
  const userIds = members.flatMap(({ userId }) => (userId === null || knownIds.has(userId) ? [] : [userId]))
  const emailKeys = members.flatMap(({ userId, emailKey }) =>
    userId === null && !knownKeys.has(emailKey) ? [emailKey] : [],
  )
  if (userIds.length === 0 && emailKeys.length === 0) return []
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT u.id FROM users u WHERE u.directory_id = ${organization.directoryId}::uuid AND (
      u.id = ANY(${userIds}::uuid[])
      OR (u.email_key = ANY(${emailKeys}::text[]) AND NOT EXISTS (
        SELECT 1 FROM members m WHERE m.organization_id = ${organization.id}::uuid AND m.user_id = u.id)))`
  return usersById(
    tx,
    organization,
    rows.map(({ id }) => id),
  )
}

/** A user as the evaluator sees it. */
export interface Row {
  readonly id: string
  readonly email: string
  readonly email_key: string
  readonly active: boolean
  readonly group_ids: readonly string[]
}

export const toUser = (row: Row): DirectoryUser => ({
  id: row.id,
  email: row.email,
  emailKey: row.email_key,
  active: row.active,
  groupIds: row.group_ids,
  assertedGroupIds: null,
})

/** Users with the mapped groups that they are in: upwards from the users through the groups that nest. */
async function usersById(
  tx: Tx,
  { directoryId, settings }: Pick<LockedOrganization, 'directoryId' | 'settings'>,
  userIds: readonly string[],
): Promise<DirectoryUser[]> {
  if (userIds.length === 0) return []
  const mapped = [...new Set(settings.mappings.map(({ groupId }) => groupId))]
  const rows = await tx.$queryRaw<Row[]>`
    WITH RECURSIVE up(user_id, group_id) AS (
      SELECT user_id, group_id FROM user_memberships
      WHERE directory_id = ${directoryId}::uuid AND user_id = ANY(${userIds}::uuid[])
      UNION
      SELECT up.user_id, parent.id FROM up CROSS JOIN LATERAL (
        SELECT g.group_id AS id FROM group_memberships g
        WHERE g.directory_id = ${directoryId}::uuid AND g.member_group_id = up.group_id OFFSET 0) parent
    ), mapped AS (
      SELECT up.user_id, array_agg(DISTINCT up.group_id::text) AS group_ids
      FROM up WHERE up.group_id = ANY(${mapped}::uuid[]) GROUP BY up.user_id
    )
    SELECT u.id, u.email, u.email_key, u.active, coalesce(mapped.group_ids, '{}') AS group_ids
    FROM users u LEFT JOIN mapped ON mapped.user_id = u.id
    WHERE u.directory_id = ${directoryId}::uuid AND u.id = ANY(${userIds}::uuid[]) ORDER BY u.id`
  return rows.map(toUser)
}

/** One user as the evaluator sees it; null where the directory has none of that id. */
export async function readUser(
  tx: Tx,
  organization: LockedOrganization,
  userId: string,
): Promise<DirectoryUser | null> {
  const [user] = await usersById(tx, organization, [userId])
  return user ?? null
}

/** The user with this address, if no other member of the organization is that user already; the oldest of several. */
export async function findUserByEmail(
  tx: Tx,
  organization: LockedOrganization,
  emailKey: string,
): Promise<DirectoryUser | null> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT u.id FROM users u
    LEFT JOIN members m ON m.organization_id = ${organization.id}::uuid AND m.user_id = u.id
    WHERE u.directory_id = ${organization.directoryId}::uuid AND u.email_key = ${emailKey}
      AND (m.id IS NULL OR m.email_key = ${emailKey}) ORDER BY u.id LIMIT 1`
  return rows[0] === undefined ? null : readUser(tx, organization, rows[0].id)
}
