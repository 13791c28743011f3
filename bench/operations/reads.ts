// Reading one, looking up by what identity providers look up by, and listing.
import type { Wire } from '../http.ts'
import { externalIdOf, groupId, identityOf, userId, userNameOf } from '../world.ts'
import { type Operation, pickUser, SCIM, type Turn } from './operation.ts'

const read = (path: string): Wire => ({ method: 'GET', path: `${SCIM}${path}`, status: 200 })

const filtered = (filter: string) => read(`/Users?filter=${encodeURIComponent(filter)}`)

const anyUser = (turn: Turn) => pickUser(turn, 1, turn.world.users)
const anyIdentity = (turn: Turn) => identityOf(anyUser(turn))

const reading = (name: string, title: string, target: number, wire: (turn: Turn) => Wire): Operation => ({
  name,
  title,
  target,
  play: (send, turn) => send(wire(turn)),
})

export const reads: readonly Operation[] = [
  reading('get-user', 'GET a user', 0.7, (turn) => read(`/Users/${userId(anyUser(turn))}`)),
  reading('get-group', 'GET a group without members', 0.7, (turn) =>
    read(`/Groups/${groupId(pickUser(turn, 1, turn.world.groups))}?excludedAttributes=members`),
  ),
  reading('filter-user-name', 'filter userName eq', 0.6, (turn) =>
    filtered(`userName eq "${userNameOf(anyIdentity(turn))}"`),
  ),
  reading('filter-external-id', 'filter externalId eq', 0.6, (turn) =>
    filtered(`externalId eq "${externalIdOf(anyIdentity(turn))}"`),
  ),
  reading('filter-email', 'filter emails[type eq "work"].value eq', 0.6, (turn) =>
    filtered(`emails[type eq "work"].value eq "${userNameOf(anyIdentity(turn))}"`),
  ),
  reading('list-users', 'list 100 users', 0.6, () => read('/Users?startIndex=1&count=100')),
]
