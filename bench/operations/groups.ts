// Writes to the members of mapped groups, with the role and the seat that follow.
import type { Wire } from '../http.ts'
import { ADMIN_GROUPS, groupId, LARGE_GROUP, STANDARD_GROUPS, userId } from '../world.ts'
import { type Operation, patchBody, SCIM, type Turn, WORKERS } from './operation.ts'
import { standardUser } from './users.ts'

const patchGroup = (group: string, operation: object, status: number): Wire => ({
  method: 'PATCH',
  path: `${SCIM}/Groups/${group}`,
  body: patchBody(operation),
  status,
})

export const addMembers = (group: string, userIds: readonly string[], status: number): Wire =>
  patchGroup(group, { op: 'add', path: 'members', value: userIds.map((value) => ({ value })) }, status)

export const removeMember = (group: string, user: string, status: number): Wire =>
  patchGroup(group, { op: 'remove', path: `members[value eq "${user}"]` }, status)

/** Added at an even turn, removed at the next. */
const toggle = (group: string, user: string, turn: Turn, status: number): Wire =>
  turn.turn % 2 === 0 ? addMembers(group, [user], status) : removeMember(group, user, status)

/** Each worker has groups of its own. */
function adminGroup({ worker, turn }: Turn): string {
  const perWorker = ADMIN_GROUPS.count / WORKERS
  return groupId(ADMIN_GROUPS.first + worker * perWorker + ((turn >> 1) % perWorker))
}

const MANY = 1000

/** The users `from`, `from + 1`, … of those who are in no mapped group. */
export const unassigned = ({ world }: Turn, from: number, count: number): string[] => {
  const rest = world.users - world.largeGroup
  return Array.from({ length: count }, (_, i) => userId(world.largeGroup + 1 + ((from + i) % rest)))
}

export const changeMember: Operation = {
  name: 'change-member',
  isPaired: true,
  title: 'PATCH a group: add / remove one member',
  target: 0.5,
  play: (send, turn) => send(toggle(adminGroup(turn), userId(standardUser(turn)), turn, 200)),
}

/** All workers in one and the same group of ten: whoever changes a group waits for who changes it, whatever its size. */
export const changeMemberOfSmallGroup: Operation = {
  ...changeMember,
  name: 'change-member-of-small-group',
  title: 'PATCH one group of ten: add / remove one member',
  play: (send, turn) => send(toggle(groupId(ADMIN_GROUPS.first), userId(standardUser(turn)), turn, 200)),
}

/** To be compared with that. Who is removed is in no mapped group any more, and leaves. */
export const changeMemberOfLargeGroup: Operation = {
  ...changeMember,
  name: 'change-member-of-large-group',
  title: 'PATCH the large group: remove / add one member',
  play: (send, turn) => {
    const user = userId(standardUser(turn))
    const group = groupId(LARGE_GROUP)
    return send(turn.turn % 2 === 0 ? removeMember(group, user, 204) : addMembers(group, [user], 204))
  },
}

export const addManyMembers: Operation = {
  name: 'add-1000-members',
  title: 'PATCH a group: add 1,000 members',
  target: 0.5,
  turnsPerRound: 1,
  isReset: true,
  play: (send, turn) => {
    const group = groupId(STANDARD_GROUPS.first + turn.worker)
    return send(addMembers(group, unassigned(turn, turn.worker * MANY, MANY), 204))
  },
}
