// Everybody of an organization, some thousands at a time: the users of its directory with the members that they are,
// then the members that no user is. Together the same people as matchPeople() makes of all of them at once (E7).

import type { Asker } from '../provisioning/everybody.ts'
import { matchPeople } from '../provisioning/identity.ts'
import type { Person } from '../provisioning/types.ts'
import { countAssertedGroups } from './asserted-groups.ts'
import type { Tx } from './database.ts'
import { findMembersOf, unlinkedMembers } from './members.ts'
import type { LockedOrganization } from './organizations.ts'
import { usersById } from './snapshot.ts'

/** People read, decided on and written at a time: what bounds the memory that an evaluation of everybody takes. */
const CHUNK = 2000
const FIRST = '00000000-0000-0000-0000-000000000000'

/** Nothing that this gives may be changed before all of it was read, but the members of those who were given already. */
export async function* everybody(
  tx: Tx,
  organization: LockedOrganization,
  chunk = CHUNK,
): AsyncGenerator<Person[]> {
  const matchedByEmail = new Set<string>()
  for (let after = FIRST; ; ) {
    const ids = await userIdsAfter(tx, organization.directoryId, { after, limit: chunk })
    const last = ids.at(-1)
    if (last === undefined) break
    yield await usersWithMembers(tx, organization, ids, matchedByEmail)
    after = last
  }
  for (let after = FIRST; ; ) {
    const members = await unlinkedMembers(tx, organization, { after, limit: chunk })
    const last = members.at(-1)
    if (last === undefined) break
    yield members.filter(({ id }) => !matchedByEmail.has(id)).map((member) => ({ user: null, member }))
    after = last.id
  }
}

async function userIdsAfter(
  tx: Tx,
  directoryId: string,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM users WHERE directory_id = ${directoryId}::uuid AND id > ${after}::uuid ORDER BY id LIMIT ${limit}`
  return rows.map(({ id }) => id)
}

/** A member found by its e-mail is that user's from then on: a later user of the same address is somebody else. */
async function usersWithMembers(
  tx: Tx,
  organization: LockedOrganization,
  userIds: readonly string[],
  matchedByEmail: Set<string>,
): Promise<Person[]> {
  const users = await usersById(tx, organization, userIds)
  const emailKeys = users.map(({ emailKey }) => emailKey)
  const found = await findMembersOf(tx, organization, { userIds, emailKeys, ids: [] })
  const free = found.filter(({ id }) => !matchedByEmail.has(id))
  const people = matchPeople(users, free).filter(({ user }) => user !== null)
  for (const { member } of people) if (member?.userId === null) matchedByEmail.add(member.id)
  return countAssertedGroups(tx, organization, people)
}

/** The same people once more, in this order: each user with the member that was found to be theirs. */
export async function* askersAgain(
  tx: Tx,
  organization: LockedOrganization,
  askers: readonly Asker[],
  chunk = CHUNK,
): AsyncGenerator<Person[]> {
  for (let start = 0; start < askers.length; start += chunk) {
    const some = askers.slice(start, start + chunk)
    const userIds = some.map(({ userId }) => userId)
    const ids = some.flatMap(({ memberId }) => memberId ?? [])
    const found = await usersById(tx, organization, userIds)
    const users = new Map(found.map((user) => [user.id, user]))
    const known = await findMembersOf(tx, organization, { userIds: [], emailKeys: [], ids })
    const members = new Map(known.map((member) => [member.id, member]))
    const people = some.flatMap(({ userId, memberId }): Person[] => {
      const user = users.get(userId)
      return user === undefined ? [] : [{ user, member: members.get(memberId ?? '') ?? null }]
    })
    yield await countAssertedGroups(tx, organization, people)
  }
}
