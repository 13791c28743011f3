// The floor's reads: one prepared statement for each, which says all that is answered.
import type { FastifyInstance } from 'fastify'
import { tenant } from '../world.ts'
import {
  CONTENT_TYPE,
  type GroupRow,
  groupAnswer,
  headersOf,
  listAnswer,
  type UserRow,
  userAnswer,
} from './answers.ts'
import type { FloorPool, Statement } from './pool.ts'

/**
 * SQL: what is answered of a row `r` of users. Nobody nests groups here, and the floor does not ask. Names are looked up
 * one by one: as a join PostgreSQL read all groups for each user.
 */
export const userColumns = `r.id, r.resource, r.version, r.created_at, r.last_modified, (
  SELECT coalesce(json_agg(json_build_object('value', m.group_id, 'display', (SELECT g.display_name FROM groups g
    WHERE g.directory_id = m.directory_id AND g.id = m.group_id)) ORDER BY m.group_id), '[]')
  FROM user_memberships m WHERE m.directory_id = r.directory_id AND m.user_id = r.id) AS groups`

/** SQL: the members of a group, each with what is shown of it; `rows` are its memberships with the alias `m`. */
export const membersSql = (rows: string) => `(
  SELECT json_agg(json_build_object('value', m.user_id, 'display', coalesce(u.resource->>'displayName', u.user_name))
    ORDER BY m.user_id)
  FROM ${rows} JOIN users u ON u.directory_id = $1 AND u.id = m.user_id)`

const groupColumns = 'r.id, r.resource, r.version, r.created_at, r.last_modified'
const membersColumn = membersSql(
  '(SELECT user_id FROM user_memberships x WHERE x.directory_id = r.directory_id AND x.group_id = r.id) m',
)

const getUser: Statement = {
  name: 'get user',
  text: `SELECT ${userColumns} FROM users r WHERE r.directory_id = $1 AND r.id = $2`,
}
const getGroup: Statement = {
  name: 'get group',
  text: `SELECT ${groupColumns}, NULL AS members FROM groups r WHERE r.directory_id = $1 AND r.id = $2`,
}
const listUsers: Statement = {
  name: 'list users',
  text: `SELECT ${userColumns}, (SELECT count(*)::int FROM users WHERE directory_id = $1) AS total
    FROM users r WHERE r.directory_id = $1 ORDER BY r.id LIMIT $2 OFFSET $3`,
}
const byUserName: Statement = {
  name: 'by userName',
  text: `SELECT ${userColumns} FROM users r WHERE r.directory_id = $1 AND r.user_name_key = $2`,
}
const bySearch: Statement = {
  name: 'by search',
  text: `SELECT ${userColumns} FROM users r WHERE r.directory_id = $1 AND r.search @> $2::jsonb`,
}
const groupByName = (members: string, name: string): Statement => ({
  name,
  text: `SELECT ${groupColumns}, ${members} AS members FROM groups r
    WHERE r.directory_id = $1 AND r.display_name_key = $2`,
})
const byName = groupByName(membersColumn, 'group by name')
const byNameWithoutMembers = groupByName('NULL', 'group by name without members')

interface Query {
  readonly filter?: string
  readonly startIndex?: string
  readonly count?: string
  readonly excludedAttributes?: string
}

/** Which statement answers a filter, and with which value: those that are measured, told apart by their beginning. */
function statementOf(filter: string): { statement: Statement; value: string } {
  const quoted = filter.slice(filter.lastIndexOf(' ') + 2, -1)
  if (filter.startsWith('userName ')) return { statement: byUserName, value: quoted.toLowerCase() }
  if (filter.startsWith('externalId ')) {
    return { statement: bySearch, value: JSON.stringify({ externalId: quoted }) }
  }
  const email = { type: 'work', value: quoted.toLowerCase() }
  return { statement: bySearch, value: JSON.stringify({ emails: [email] }) }
}

export function readRoutes(app: FastifyInstance, pool: FloorPool, base: string): void {
  const { directoryId } = tenant

  app.get<{ Params: { id: string } }>('/Users/:id', async (request, reply) => {
    const [row] = await pool.rows<UserRow>(getUser, [directoryId, request.params.id])
    if (row === undefined) return reply.code(404).send()
    return reply.headers(headersOf('User', row, base)).send(userAnswer(row, base))
  })

  app.get<{ Params: { id: string } }>('/Groups/:id', async (request, reply) => {
    const [row] = await pool.rows<GroupRow>(getGroup, [directoryId, request.params.id])
    if (row === undefined) return reply.code(404).send()
    return reply.headers(headersOf('Group', row, base)).send(groupAnswer(row, base))
  })

  app.get<{ Querystring: Query }>('/Users', async (request, reply) => {
    const { filter, startIndex = '1', count = '100' } = request.query
    reply.header('content-type', CONTENT_TYPE)
    if (filter === undefined) {
      const first = Number(startIndex)
      const values = [directoryId, Number(count), first - 1]
      const rows = await pool.rows<UserRow & { total: number }>(listUsers, values)
      const resources = rows.map((row) => userAnswer(row, base))
      return reply.send(listAnswer(rows[0]?.total ?? 0, first, resources))
    }
    const { statement, value } = statementOf(filter)
    const rows = await pool.rows<UserRow>(statement, [directoryId, value])
    const resources = rows.map((row) => userAnswer(row, base))
    return reply.send(listAnswer(resources.length, 1, resources))
  })

  app.get<{ Querystring: Query }>('/Groups', async (request, reply) => {
    const { filter = '', excludedAttributes } = request.query
    const key = filter.slice(filter.indexOf('"') + 1, -1).toLowerCase()
    const statement = excludedAttributes === undefined ? byName : byNameWithoutMembers
    const rows = await pool.rows<GroupRow>(statement, [directoryId, key])
    const resources = rows.map((row) => groupAnswer(row, base))
    return reply.header('content-type', CONTENT_TYPE).send(listAnswer(resources.length, 1, resources))
  })
}
