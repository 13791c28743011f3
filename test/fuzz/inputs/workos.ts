// WorkOS webhooks: signed as they must be, with what WorkOS sends, the same with one fault, and with anything.
import fc from 'fast-check'
import type { Json } from '../../../src/scim/resource.ts'
import { json } from '../../support/scim-bodies.ts'
import { timeOf } from '../../support/workos.ts'
import type { Ask } from '../ask.ts'
import { withFault } from './faults.ts'
import { dateTimes, hostile, places } from './texts.ts'

const times = fc.oneof(
  { weight: 20, arbitrary: fc.nat(500).map(timeOf) },
  { weight: 1, arbitrary: dateTimes },
)
const directoryIds = fc.constantFrom('directory_01EXAMPLE', 'directory_01OTHER')
const some = fc.nat(6)
const text = fc.oneof(
  { weight: 4, arbitrary: fc.nat(12).map((i) => `w${i}@acme.test`) },
  { weight: 1, arbitrary: hostile },
)

const users: fc.Arbitrary<Json> = fc.record({
  object: fc.constant('directory_user'),
  id: some.map((i) => `directory_user_${i}`),
  directory_id: directoryIds,
  created_at: times,
  updated_at: times,
  idp_id: text,
  username: text,
  email: text,
  emails: fc.array(fc.record({ type: text, value: text, primary: fc.boolean() }), { maxLength: 3 }),
  first_name: text,
  last_name: text,
  job_title: text,
  state: fc.constantFrom('active', 'active', 'suspended', 'inactive'),
  raw_attributes: json,
  custom_attributes: json,
})

const groups: fc.Arbitrary<Json> = fc.record({
  object: fc.constant('directory_group'),
  id: some.map((i) => `directory_group_${i}`),
  directory_id: directoryIds,
  created_at: times,
  updated_at: times,
  idp_id: text,
  name: text,
  raw_attributes: json,
})

const directories: fc.Arbitrary<Json> = fc.record({
  object: fc.constant('directory'),
  id: directoryIds,
  state: fc.constantFrom('active', 'deleting'),
})
const memberships: fc.Arbitrary<Json> = fc.record({ directory_id: directoryIds, user: users, group: groups })

const dataOf: Readonly<Record<string, fc.Arbitrary<Json>>> = {
  'dsync.activated': directories,
  'dsync.deleted': directories,
  'dsync.user.created': users,
  'dsync.user.updated': users,
  'dsync.user.deleted': users,
  'dsync.group.created': groups,
  'dsync.group.updated': groups,
  'dsync.group.deleted': groups,
  'dsync.group.user_added': memberships,
  'dsync.group.user_removed': memberships,
  'connection.activated': json,
}

const events: fc.Arbitrary<Json> = fc.oneof(
  ...Object.entries(dataOf).map(([event, data]) =>
    fc
      .tuple(fc.nat(10_000), data, times)
      .map(([number, held, at]): Json => ({ id: `event_${number}`, event, data: held, created_at: at })),
  ),
)

const bodies: fc.Arbitrary<string> = fc.oneof(
  { weight: 5, arbitrary: events.map((body) => JSON.stringify(body)) },
  { weight: 5, arbitrary: withFault(events).map((body) => JSON.stringify(body)) },
  { weight: 1, arbitrary: json.map((body) => JSON.stringify(body)) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
)

export const workosAsks: fc.Arbitrary<Ask> = fc.tuple(places('workos'), bodies).map(([connection, body]) => ({
  method: 'POST',
  path: `/webhooks/workos/${connection}`,
  body,
  isSigned: true,
}))
