// Very many people whom one write concerns, some hundreds at a time: users of the directory with the members that they
// are, then those who wait for the seats that may be free (E4). Together the people that readPeople() gives at once.
import { BEFORE_ALL_IDS } from '../ids.ts'
import { personKey } from '../provisioning/identity.ts'
import type { Person } from '../provisioning/types.ts'
import type { Tx } from './database.ts'
import { CHUNK, usersWithMembers } from './everybody.ts'
import { inChunks } from './in-parts.ts'
import type { LockedOrganization } from './locked-organizations.ts'
import { readPeople, seatsInReach } from './snapshot.ts'
import { waitingMemberIds } from './waiting.ts'

/** Nothing that this gives may be changed before all of it was read, but the members of those who were given already. */
export async function* affectedPeople(
  tx: Tx,
  organization: LockedOrganization,
  userIds: readonly string[],
  chunk = CHUNK,
): AsyncGenerator<Person[]> {
  const matchedByEmail = new Set<string>()
  let held = 0
  const sorted = [...userIds].sort()
  const parts = [...inChunks(sorted, chunk)].map((ids, i, all) => ({
    ids,
    range: { after: all[i - 1]?.at(-1) ?? BEFORE_ALL_IDS, upTo: ids.at(-1) ?? BEFORE_ALL_IDS },
  }))
  for await (const people of usersWithMembers(tx, organization, parts, matchedByEmail)) {
    held += people.filter(({ member }) => member !== null && member.seatType !== null).length
    yield people
  }
  const reach = seatsInReach(organization, held)
  if (reach === 0) return
  const given = new Set(userIds)
  for (const memberIds of inChunks(await waitingMemberIds(tx, organization, reach), chunk)) {
    const people = await readPeople(tx, organization, { userIds: [], memberIds, waiting: 'none' })
    yield people.flatMap((person): Person[] => {
      const { user, member } = person
      if (matchedByEmail.has(member?.id ?? '')) return []
      if (!given.has(personKey(person))) {
        given.add(personKey(person))
        return [person]
      }
      // the user was given already: as this member, or as another one, and then this one is somebody else (E7)
      return member === null || member.userId === user?.id ? [] : [{ user: null, member }]
    })
  }
}
