// The floor's writes to users: the rows that the service writes, in one statement and so in one durable transaction.
import type { FastifyInstance } from 'fastify'
import { newId } from '../../src/ids.ts'
import { tenant } from '../world.ts'
import { headersOf, type UserRow, userAnswer } from './answers.ts'
import type { FloorPool, Statement } from './pool.ts'
import { userColumns } from './reads.ts'

/** $1 directory, $2 user, $3 time, $4 actor. */
const updateUser = (set: string) => `
  r AS (UPDATE users SET ${set}, version = version + 1, last_modified = $3
    WHERE directory_id = $1 AND id = $2 RETURNING *)`

const createUser: Statement = {
  name: 'create user',
  text: `WITH r AS (
    INSERT INTO users (directory_id, id, user_name, user_name_key, email, email_key, active, resource, search, version,
      created_at, last_modified)
    VALUES ($1, $2, $5, lower($5), $5, lower($5), true, $6, $7, 1, $3, $3) RETURNING *),
  member AS (
    INSERT INTO members (organization_id, id, directory_id, user_id, email, email_key, status, role, source, since)
    SELECT $8, $9, $1, $2, $5, lower($5), 'active', 'user', 'scim', $3 FROM r),
  told AS (
    INSERT INTO events (directory_id, organization_id, type, subject_id, actor, data)
    SELECT * FROM (VALUES ($1::uuid, NULL::uuid, 'user.created', $2::uuid, $4::jsonb, '{"after": {"active": true}}'::jsonb),
      ($1, $8, 'member.added', $9, $4, $10::jsonb)) x)
  SELECT id, resource, version, created_at, last_modified, '[]'::json AS groups FROM r`,
}

const replaceTitle: Statement = {
  name: 'replace title',
  text: `WITH ${updateUser(`resource = jsonb_set(resource, '{title}', to_jsonb($5::text)),
      search = jsonb_set(search, '{title}', to_jsonb(lower($5)))`)},
  told AS (
    INSERT INTO events (directory_id, type, subject_id, actor, data)
    VALUES ($1, 'user.updated', $2, $4, '{"changed": ["title"]}'))
  SELECT ${userColumns} FROM r`,
}

/** SQL: what both ways of switching a user tell, and the answer. $6: event of the members, $7: what it holds. */
const switched = `
  seat AS (
    UPDATE seats s SET assigned = assigned + CASE WHEN $5 THEN 1 ELSE -1 END FROM member
    WHERE s.organization_id = member.organization_id AND s.seat_type = 'standard'
      AND (NOT $5 OR s.assigned < s.purchased)),
  told AS (
    INSERT INTO events (directory_id, organization_id, type, subject_id, actor, data)
    SELECT $1::uuid, NULL::uuid, 'user.updated', $2::uuid, $4::jsonb,
      jsonb_build_object('changed', '["active"]'::jsonb, 'before', NOT $5, 'after', $5)
    UNION ALL SELECT $1, organization_id, $6, id, $4::jsonb, $7::jsonb FROM member)
  SELECT ${userColumns} FROM r`

const setActive = `resource = jsonb_set(resource, '{active}', to_jsonb($5::boolean)),
  search = jsonb_set(search, '{active}', to_jsonb($5::boolean)), active = $5`

/** $8: the organization with seats. */
const activate: Statement = {
  name: 'activate user',
  text: `WITH ${updateUser(setActive)},
  member AS (
    UPDATE members SET status = 'active', role = 'user', removed_at = NULL, since = $3,
      seat_type = CASE WHEN organization_id = $8 THEN 'standard' END
    WHERE directory_id = $1 AND user_id = $2 RETURNING id, organization_id), ${switched}`,
}
const deactivate: Statement = {
  name: 'deactivate user',
  text: `WITH ${updateUser(setActive)},
  member AS (
    UPDATE members SET status = 'removed', removed_at = $3, since = NULL, seat_type = NULL
    WHERE directory_id = $1 AND user_id = $2 AND $8::uuid IS NOT NULL RETURNING id, organization_id), ${switched}`,
}

const joined = JSON.stringify({
  before: null,
  after: { status: 'active', role: 'user', seatType: null, wantedSeat: null },
  why: [{ code: 'assigned', rule: 'E1' }],
})
const left = JSON.stringify({
  before: { status: 'active', role: 'user', seatType: 'standard', wantedSeat: null },
  after: { status: 'removed', role: 'user', seatType: null, wantedSeat: null },
  why: [{ code: 'not_assigned', rule: 'E1' }],
})

/** Folded as the schema says of the attributes that are sent; `externalId` has case. */
function folded(value: unknown): unknown {
  if (typeof value === 'string') return value.toLowerCase()
  if (Array.isArray(value)) return value.map(folded)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, held]) => [key, key === 'externalId' ? held : folded(held)]),
  )
}

interface Change {
  Params: { id: string }
  Body: { Operations: [{ value: { active: boolean } | string }] }
}

export function userRoutes(app: FastifyInstance, pool: FloorPool, base: string): void {
  const { directoryId, directoryTokenId, mappedId, unmappedId } = tenant
  const actorOf = (requestId: string) =>
    JSON.stringify({ kind: 'directory_token', id: directoryTokenId, requestId })

  app.post<{ Body: { userName: string } }>('/Users', async (request, reply) => {
    const { body } = request
    const id = newId()
    const [row] = await pool.rows<UserRow>(createUser, [
      directoryId,
      id,
      new Date(),
      actorOf(request.id),
      body.userName,
      JSON.stringify(body),
      JSON.stringify(folded(body)),
      unmappedId,
      newId(),
      joined,
    ])
    if (row === undefined) return reply.code(500).send()
    return reply
      .code(201)
      .headers(headersOf('User', row, base))
      .send(userAnswer(row, base))
  })

  app.patch<Change>('/Users/:id', async (request, reply) => {
    const { value } = request.body.Operations[0]
    const shared = [directoryId, request.params.id, new Date(), actorOf(request.id)]
    const [row] = await (typeof value === 'string'
      ? pool.rows<UserRow>(replaceTitle, [...shared, value])
      : value.active
        ? pool.rows<UserRow>(activate, [...shared, true, 'member.added', joined, mappedId])
        : pool.rows<UserRow>(deactivate, [...shared, false, 'member.removed', left, mappedId]))
    if (row === undefined) return reply.code(404).send()
    return reply.headers(headersOf('User', row, base)).send(userAnswer(row, base))
  })
}
