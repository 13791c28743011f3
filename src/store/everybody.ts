// Everybody of an organization, some hundreds at a time: the users of its directory with the members that they are,
// then the members that no user is. Together the same people as matchPeople() makes of all of them at once (E7).

import type { Asker } from '../provisioning/everybody.ts'
import { matchPeople } from '../provisioning/identity.ts'
import type { Person } from '../provisioning/types.ts'
import { countAssertedGroups } from './asserted-groups.ts'
import type { Tx } from './database.ts'
import { readGroupIds, withinMapped } from './mapped-groups.ts'
import { membersById, membersWithin, unlinkedMembersWithin } from './member-ranges.ts'
import { unlinkedMembers } from './members.ts'
import type { LockedOrganization } from './organizations.ts'
import { ahead } from './read-ahead.ts'
import { rangesOfUsers, type UserRow, usersOfIds, usersWithin } from './user-ranges.ts'

/**
 * People read, decided on and written at a time: what bounds the memory that an evaluation of everybody takes. With
 * more of them the collector of garbage finds too many still in use, and with fewer the statements cost more.
 */
export const CHUNK = 1000
const FIRST = '00000000-0000-0000-0000-000000000000'

/**
 * Nothing that this gives may be changed before all of it was read, but the members of those who were given already.
 * The next are read while the caller is at those before.
 */
export async function* everybody(
  tx: Tx,
  organization: LockedOrganization,
  chunk = CHUNK,
): AsyncGenerator<Person[]> {
  const { directoryId } = organization
  const groups = await withinMapped(tx, organization)
  const [anyUnlinked] = await unlinkedMembers(tx, organization, { after: FIRST, limit: 1 })
  const matchedByEmail = new Set<string>()
  const read = (range: Awaited<ReturnType<typeof rangesOfUsers>>[number]) =>
    Promise.all([
      usersWithin(tx, directoryId, range),
      readGroupIds(tx, directoryId, groups, range),
      membersWithin(tx, organization, range),
      anyUnlinked === undefined ? [] : unlinkedMembersWithin(tx, organization, range),
    ])
  for await (const [users, groupIds, linked, unlinked] of ahead(
    await rangesOfUsers(tx, directoryId, chunk),
    read,
  )) {
    // a member found by its e-mail is that user's from then on: a later user of the same address is somebody else
    const free = unlinked.filter(({ id }) => !matchedByEmail.has(id))
    const members = free.length === 0 ? linked : [...linked, ...free]
    const people = matchPeople(toUsers(users, groupIds), members).filter(({ user }) => user !== null)
    for (const { member } of people) if (member?.userId === null) matchedByEmail.add(member.id)
    yield await countAssertedGroups(tx, organization, people)
  }
  for (let after = FIRST; ; ) {
    const members = await unlinkedMembers(tx, organization, { after, limit: chunk })
    const last = members.at(-1)
    if (last === undefined) break
    yield members.filter(({ id }) => !matchedByEmail.has(id)).map((member) => ({ user: null, member }))
    after = last.id
  }
}

const inNone: readonly string[] = []

const toUsers = (rows: readonly UserRow[], groupIds: ReadonlyMap<string, readonly string[]>) =>
  rows.map(({ id, email, email_key, active }) => ({
    id,
    email,
    emailKey: email_key,
    active,
    groupIds: groupIds.get(id) ?? inNone,
    assertedGroupIds: null,
  }))

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
      usersOfIds(tx, directoryId, ids),
      readGroupIds(tx, directoryId, groups, { ids }),
      membersById(tx, organization, memberIds),
    ])
  }
  for await (const [some, rows, groupIds, known] of ahead(chunksOf(askers, chunk), read)) {
    const users = new Map(toUsers(rows, groupIds).map((user) => [user.id, user]))
    const members = new Map(known.map((member) => [member.id, member]))
    const people = some.flatMap(({ userId, memberId }): Person[] => {
      const user = users.get(userId)
      return user === undefined ? [] : [{ user, member: members.get(memberId ?? '') ?? null }]
    })
    yield await countAssertedGroups(tx, organization, people)
  }
}

function* chunksOf<T>(all: Iterable<T>, size: number): Generator<T[]> {
  let some: T[] = []
  for (const each of all) {
    some.push(each)
    if (some.length < size) continue
    yield some
    some = []
  }
  if (some.length > 0) yield some
}
