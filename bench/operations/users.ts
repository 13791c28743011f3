// Writes to users: created, changed, switched off and on again.
import type { Wire } from '../http.ts'
import { ADMINS, identityOf, userBody, userId } from '../world.ts'
import { type Operation, patchBody, pickUser, SCIM, type Turn } from './operation.ts'

let created = 0

/** A user whom no directory has. */
export function newUserBody() {
  created += 1
  return userBody({ ...identityOf(created), number: `new.${created}` })
}

export const createUser = (body: object): Wire => ({
  method: 'POST',
  path: `${SCIM}/Users`,
  body,
  status: 201,
})

const patchUser = (n: number, operation: object): Wire => ({
  method: 'PATCH',
  path: `${SCIM}/Users/${userId(n)}`,
  body: patchBody(operation),
  status: 200,
})

/** Somebody on a standard seat; the same one at an even turn and the next. */
export const standardUser = (turn: Turn): number =>
  pickUser({ ...turn, turn: turn.turn >> 1 }, ADMINS + 1, turn.world.largeGroup)

const isEven = ({ turn }: Turn): boolean => turn % 2 === 0

export const userWrites: readonly Operation[] = [
  {
    name: 'patch-user',
    title: 'PATCH a user: replace an attribute',
    target: 0.5,
    play: (send, turn) => {
      const value = `Engineer ${turn.worker}.${turn.turn}`
      return send(patchUser(pickUser(turn, 1, turn.world.users), { op: 'replace', path: 'title', value }))
    },
  },
  {
    name: 'deactivate-user',
    isPaired: true,
    title: 'PATCH a user: deactivate, and activate again',
    target: 0.5,
    play: (send, turn) =>
      send(patchUser(standardUser(turn), { op: 'replace', value: { active: !isEven(turn) } })),
  },
  {
    name: 'create-user',
    title: 'POST a user',
    target: 0.5,
    play: (send) => send(createUser(newUserBody())),
  },
]
