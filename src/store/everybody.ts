// Everybody of an organization, some hundreds at a time: the users of its directory with the members that they are,
// then the members that no user is. Together the same people as matchPeople() makes of all of them at once (E7).

import { BEFORE_ALL_IDS } from '../ids.ts'
import type { Asker } from '../provisioning/everybody.ts'
import { matchPeople } from '../provisioning/identity.ts'
import type { DirectoryUser, Member, Person } from '../provisioning/types.ts'
import { countAssertedGroups } from './asserted-groups.ts'
import type { Tx } from './database.ts'
import { ahead, inChunks } from './in-parts.ts'
import type { LockedOrganization } from './locked-organizations.ts'
import { readGroupIds, withinMapped } from './mapped-groups.ts'
import { linkedUsers, membersByEmail, membersById } from './member-ranges.ts'
import { unlinkedMembers } from './members.ts'
import { rangesOfUsers, readUsers, type SomeUsers, type UserRow } from './user-ranges.ts'

/**
 * People read, decided on and written at a time: what bounds the memory that an evaluation of everybody takes. With
 * more of them the collector of garbage finds too many still in use, and with fewer the statements cost more.
 */
export const CHUNK = 1000

/**
 * Nothing that this gives may be changed before all of it was read, but the members of those who were given already.
 * The next are read while the caller is at those before.
 */
export async function* everybody(
  tx: Tx,
  organization: LockedOrganization,
  chunk = CHUNK,
): AsyncGenerator<Person[]> {
  const matchedByEmail = new Set<string>()
  const ranges = await rangesOfUsers(tx, organization.directoryId, chunk)
  const parts = ranges.map((range) => ({ range }))
  yield* usersWithMembers(tx, organization, parts, matchedByEmail)
  for (let after = BEFORE_ALL_IDS; ; ) {
    const members = await unlinkedMembers(tx, organization, { after, limit: chunk })
    const last = members.at(-1)
    if (last === undefined) break
    yield members.filter(({ id }) => !matchedByEmail.has(id)).map((member) => ({ user: null, member }))
    after = last.id
  }
}

/**
 * Users with the members that they are, by their link or by an address. `parts` are in the order of ids, and nobody is in
 * two of them. What was found by an address is added to `matchedByEmail`, and is nobody else from then on.
 */
export async function* usersWithMembers(
  tx: Tx,
  organization: LockedOrganization,
  parts: readonly SomeUsers[],
  matchedByEmail: Set<string>,
): AsyncGenerator<Person[]> {
  const { directoryId } = organization
  const groups = await withinMapped(tx, organization)
  const [anyUnlinked] = await unlinkedMembers(tx, organization, { after: BEFORE_ALL_IDS, limit: 1 })
  const read = (some: SomeUsers) =>
    Promise.all([
      linkedUsers(tx, organization, some),
      readGroupIds(tx, directoryId, groups, some),
      anyUnlinked === undefined ? [] : membersByEmail(tx, organization, some),
    ])
  for await (const [linked, groupIds, unlinked] of ahead(parts, read)) {
    const people = linked.map(({ user, member }) => ({ user: toUser(user, groupIds), member }))
    const free = unlinked.filter(({ id }) => !matchedByEmail.has(id))
    const all = free.length === 0 ? people : matchRest(people, free)
    for (const { member } of all) if (member?.userId === null) matchedByEmail.add(member.id)
    yield await countAssertedGroups(tx, organization, all)
  }
}

type KnownUser = Extract<Person, { user: DirectoryUser }>

/** Finds who of those without a link is a member by its address (E7). */
function matchRest(people: readonly KnownUser[], free: readonly Member[]): KnownUser[] {
  const alone = people.flatMap(({ user, member }) => (member === null ? [user] : []))
  const found = new Map(matchPeople(alone, free).map(({ user, member }) => [user?.id, member]))
  return people.map(({ user, member }) => ({ user, member: member ?? found.get(user.id) ?? null }))
}

const inNone: readonly string[] = []

const toUser = (
  { id, email, email_key, active }: UserRow,
  groupIds: ReadonlyMap<string, readonly string[]>,
): DirectoryUser => ({
  id,
  email,
  emailKey: email_key,
  active,
  groupIds: groupIds.get(id) ?? inNone,
  assertedGroupIds: null,
})

/** The same people once more, in this order: each user with the member that was found to be theirs. */
export async function* askersAgain(
  tx: Tx,
  organization: LockedOrganization,
  askers: Iterable<Asker>,
  chunk = CHUNK,
): AsyncGenerator<Person[]> {
  const { directoryId } = organization
  const groups = await withinMapped(tx, organization)
  const read = (some: readonly Asker[]) => {
    const ids = some.map(({ userId }) => userId)
    const memberIds = some.flatMap(({ memberId }) => memberId ?? [])
    return Promise.all([
      some,
      readUsers(tx, directoryId, { ids }),
      readGroupIds(tx, directoryId, groups, { ids }),
      membersById(tx, organization, memberIds),
    ])
  }
  for await (const [some, rows, groupIds, known] of ahead(inChunks(askers, chunk), read)) {
    const users = new Map(rows.map((row) => [row.id, toUser(row, groupIds)]))
    const members = new Map(known.map((member) => [member.id, member]))
    const people = some.flatMap(({ userId, memberId }): Person[] => {
      const user = users.get(userId)
      return user === undefined ? [] : [{ user, member: members.get(memberId ?? '') ?? null }]
    })
    yield await countAssertedGroups(tx, organization, people)
  }
}
