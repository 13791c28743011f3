// The first sync of a company, as Okta and as Entra do it: each person is looked up, not found and created; then the
// group is looked up and the people are added to it. The groups are mapped, so that each of them becomes a member.
import type { Send, Wire } from '../http.ts'
import { groupId, groupName, STANDARD_GROUPS } from '../world.ts'
import { addMembers } from './groups.ts'
import { type Operation, patchBody, SCIM, type Turn, WORKERS } from './operation.ts'
import { createUser, newUserBody } from './users.ts'

/** People of one group at a time. */
const PEOPLE = 10

const lookUp = (endpoint: string, parameters: string, filter: string): Wire => ({
  method: 'GET',
  path: `${SCIM}${endpoint}?filter=${encodeURIComponent(filter)}${parameters}`,
  status: 200,
})

/** Each worker has groups of its own. */
function groupOf({ worker, turn }: Turn): number {
  const perWorker = Math.floor(STANDARD_GROUPS.count / WORKERS)
  return STANDARD_GROUPS.first + worker * perWorker + (turn % perWorker)
}

async function createPeople(send: Send, parameters: string): Promise<string[]> {
  const ids: string[] = []
  for (let i = 0; i < PEOPLE; i += 1) {
    const body = newUserBody()
    await send(lookUp('/Users', parameters, `userName eq "${body.userName}"`))
    const created = await send(createUser(body))
    const { id }: { id: string } = JSON.parse(created.body)
    ids.push(id)
  }
  return ids
}

/** Okta pushes a group with all its people at once. */
const okta: Operation = {
  name: 'first-sync-okta',
  title: 'first sync as Okta',
  target: 0.5,
  isReset: true,
  play: async (send, turn) => {
    const ids = await createPeople(send, '&startIndex=1&count=100')
    const n = groupOf(turn)
    await send(lookUp('/Groups', '&startIndex=1&count=100', `displayName eq "${groupName(n)}"`))
    await send(addMembers(groupId(n), ids, 200))
  },
}

/** Entra looks groups up without their members, and adds people one by one. */
const entra: Operation = {
  name: 'first-sync-entra',
  title: 'first sync as Entra',
  target: 0.5,
  isReset: true,
  play: async (send, turn) => {
    const ids = await createPeople(send, '')
    const n = groupOf(turn)
    await send(lookUp('/Groups', '&excludedAttributes=members', `displayName eq "${groupName(n)}"`))
    for (const id of ids) {
      await send({
        method: 'PATCH',
        path: `${SCIM}/Groups/${groupId(n)}`,
        body: patchBody({ op: 'Add', path: 'members', value: [{ $ref: null, value: id }] }),
        status: 200,
      })
    }
  },
}

export const firstSyncs: readonly Operation[] = [okta, entra]
