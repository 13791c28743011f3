// The floor's writes to groups: members that come and go, and what that makes of the organization's members. Which role
// and seat a group gives is known by its number: nothing is evaluated.
import type { FastifyInstance } from 'fastify'
import { newId } from '../../src/ids.ts'
import { ADMIN_GROUPS, groupNumber, tenant } from '../world.ts'
import { type GroupRow, groupAnswer, headersOf } from './answers.ts'
import type { FloorPool, Statement } from './pool.ts'
import { membersSql } from './reads.ts'

/** $1 directory, $2 group, $3 time, $4 actor, $5 ids of users, $6 organization, $7 what the event of the group holds. */
const touched = `
  r AS (UPDATE groups SET version = version + 1, last_modified = $3
    WHERE directory_id = $1 AND id = $2 RETURNING *)`
const added = `
  changed AS (INSERT INTO user_memberships (directory_id, group_id, user_id)
    SELECT $1, $2, unnest($5::uuid[]) ON CONFLICT DO NOTHING RETURNING user_id)`
const removed = `
  changed AS (DELETE FROM user_memberships
    WHERE directory_id = $1 AND group_id = $2 AND user_id = ANY($5::uuid[]) RETURNING user_id)`
/** $8: the event of members, $9: what it holds. */
const told = `
  told AS (
    INSERT INTO events (directory_id, organization_id, type, subject_id, actor, data)
    SELECT $1::uuid, NULL::uuid, 'group.members_changed', $2::uuid, $4::jsonb, $7::jsonb
    UNION ALL SELECT $1, $6::uuid, $8, id, $4::jsonb, jsonb_set($9::jsonb, '{userId}', to_jsonb(user_id)) FROM member)`

/** Memberships are read as they were before the statement: those that it changes come to them, or go. */
const stayed = '(SELECT user_id FROM user_memberships WHERE directory_id = $1 AND group_id = $2'
const answered = (rows: string) => `
  SELECT r.id, r.resource, r.version, r.created_at, r.last_modified, ${membersSql(rows)} AS members FROM r`

/** Somebody moves between standard and premium: two rows of seats, locked in one order, or requests wait in a circle. */
const moved = (role: string, seat: string) => `
  member AS (UPDATE members SET role = '${role}', seat_type = '${seat}'
    WHERE organization_id = $6 AND user_id IN (SELECT user_id FROM changed) RETURNING id, user_id),
  locked AS (SELECT organization_id, seat_type FROM seats
    WHERE organization_id = $6 AND (SELECT count(*) FROM member) > 0 ORDER BY seat_type FOR UPDATE),
  seat AS (UPDATE seats s SET assigned = assigned + CASE s.seat_type WHEN '${seat}' THEN 1 ELSE -1 END
    FROM locked WHERE s.organization_id = locked.organization_id AND s.seat_type = locked.seat_type)`

const promote: Statement = {
  name: 'promote',
  text: `WITH ${touched}, ${added}, ${moved('admin', 'premium')}, ${told}
    ${answered(`(${stayed}) UNION ALL SELECT user_id FROM changed) m`)}`,
}
const demote: Statement = {
  name: 'demote',
  text: `WITH ${touched}, ${removed}, ${moved('user', 'standard')}, ${told}
    ${answered(`(${stayed}) EXCEPT SELECT user_id FROM changed) m`)}`,
}
/** $10: an id for each new member. */
const join = (name: string, answer: string): Statement => ({
  name,
  text: `WITH ${touched}, ${added},
  member AS (
    INSERT INTO members (organization_id, id, directory_id, user_id, email, email_key, status, role, seat_type, source,
      since)
    SELECT $6, x.id, $1, u.id, u.email, u.email_key, 'active', 'user', 'standard', 'scim', $3
    FROM unnest($5::uuid[], $10::uuid[]) AS x(user_id, id)
    JOIN users u ON u.directory_id = $1 AND u.id = x.user_id RETURNING id, user_id),
  seat AS (UPDATE seats SET assigned = assigned + joining.count FROM (SELECT count(*)::int FROM member) joining
    WHERE organization_id = $6 AND seat_type = 'standard'), ${told}
    ${answer}`,
})
const joinAnswered = join('join', answered(`(${stayed}) UNION ALL SELECT user_id FROM changed) m`))
const joinMany = join('join many', 'SELECT r.id, r.version, r.created_at, r.last_modified FROM r')

const holding = (role: string, seatType: string) => ({ status: 'active', role, seatType, wantedSeat: null })
const why = [{ rule: 'E1', code: 'in_mapped_group' }]
const user = holding('user', 'standard')
const admin = holding('admin', 'premium')
const promotion = JSON.stringify({ userId: null, before: user, after: admin, why })
const demotion = JSON.stringify({ userId: null, before: admin, after: user, why })
const joining = JSON.stringify({ userId: null, before: null, after: user, why })

interface Change {
  Params: { id: string }
  Body: { Operations: [{ op: string; path: string; value?: { value: string }[] }] }
}

/** The most members that are answered unasked, as in the service. */
const MAX_UNASKED = 100

export function groupRoutes(app: FastifyInstance, pool: FloorPool, base: string): void {
  const { directoryId, directoryTokenId, mappedId } = tenant

  app.patch<Change>('/Groups/:id', async (request, reply) => {
    const { id } = request.params
    const { path, value } = request.body.Operations[0]
    const isAdding = value !== undefined
    const ids = value?.map((member) => member.value) ?? [
      path.slice(path.indexOf('"') + 1, path.lastIndexOf('"')),
    ]
    const actor = JSON.stringify({ kind: 'directory_token', id: directoryTokenId, requestId: request.id })
    const data = JSON.stringify(isAdding ? { added: ids, removed: [] } : { added: [], removed: ids })
    const shared = [directoryId, id, new Date(), actor, ids, mappedId, data]
    const change = () => {
      const isAdmins = groupNumber(id) < ADMIN_GROUPS.first + ADMIN_GROUPS.count
      if (!isAdding) return pool.rows<GroupRow>(demote, [...shared, 'member.changed', demotion])
      if (isAdmins) return pool.rows<GroupRow>(promote, [...shared, 'member.changed', promotion])
      const statement = ids.length > MAX_UNASKED ? joinMany : joinAnswered
      return pool.rows<GroupRow>(statement, [...shared, 'member.added', joining, ids.map(() => newId())])
    }
    const [row] = await change()
    if (row === undefined) return reply.code(404).send()
    reply.headers(headersOf('Group', row, base))
    return ids.length > MAX_UNASKED ? reply.code(204).send() : reply.send(groupAnswer(row, base))
  })
}
