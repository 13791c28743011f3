// What must be so in any database at any time, read with SQL of the tests' own: members are who the directory entitles,
// seats are what a recount gives, each write is told once.
import type { Figures } from './figures.ts'
import type { FaultyPostgres } from './postgres.ts'
import { requireStatus, type Scene, settingsOf } from './scene.ts'
import { Sender } from './sender.ts'

type Found = { readonly text: string }

/** Users and groups whose number of versions is not the number of writes that the log tells (A2). */
const writesAgainstEvents = `
  SELECT 'user ' || u.id || ' at version ' || u.version || ': events ' || e.types AS text
  FROM users u, LATERAL (SELECT array_agg(type ORDER BY seq)::text AS types,
    count(*) FILTER (WHERE type = 'user.created') AS created, count(*) FILTER (WHERE type = 'user.updated') AS updated
    FROM events WHERE subject_id = u.id) e
  WHERE e.created <> 1 OR e.updated <> u.version - 1
  UNION ALL
  SELECT 'group ' || g.id || ' at version ' || g.version || ': ' || e.writes || ' writes told'
  FROM groups g, LATERAL (SELECT count(DISTINCT transaction_id) AS writes FROM events
    WHERE (subject_id = g.id AND type IN ('group.created', 'group.updated', 'group.members_changed'))
      OR (type = 'user.deleted' AND data->'groupIds' ? g.id::text)) e
  WHERE e.writes <> g.version
  UNION ALL
  SELECT 'user ' || subject_id || ' deleted ' || count(*) || ' times' FROM events e WHERE type = 'user.deleted'
  GROUP BY subject_id HAVING count(*) > 1 OR EXISTS (SELECT FROM users u WHERE u.id = e.subject_id)`

/** Who is in a group, by the table and by what the log says of who came and went. */
const membershipsAgainstEvents = `
  WITH told AS (
    SELECT e.subject_id AS group_id, t.id::uuid AS user_id, sum(t.change) AS times FROM events e, LATERAL (
      SELECT jsonb_array_elements_text(e.data->'added') AS id, 1 AS change
      UNION ALL SELECT jsonb_array_elements_text(e.data->'removed'), -1) t
    WHERE e.type = 'group.members_changed' GROUP BY 1, 2),
  there AS (SELECT group_id, user_id FROM user_memberships)
  SELECT 'membership of ' || coalesce(told.user_id, there.user_id) || ' told ' || coalesce(told.times, 0) || ' times' AS text
  FROM told FULL JOIN there USING (group_id, user_id)
  WHERE coalesce(told.times, 0) <> CASE WHEN there.user_id IS NULL THEN 0 ELSE 1 END
    AND EXISTS (SELECT FROM users u WHERE u.id = coalesce(told.user_id, there.user_id))`

/** Each event of a member begins where the one before it ended, and the last one is how the member is. */
const membersAgainstEvents = `
  WITH told AS (
    SELECT subject_id, data->'before' AS before, data->'after' AS after,
      lag(data->'after') OVER w AS last, lead(seq) OVER w IS NULL AS is_last
    FROM events WHERE type LIKE 'member.%' WINDOW w AS (PARTITION BY subject_id ORDER BY seq))
  SELECT 'member ' || subject_id || ' told from ' || before || ' after ' || coalesce(last::text, 'nothing') AS text
  FROM told WHERE nullif(before, 'null') IS DISTINCT FROM last
  UNION ALL
  SELECT 'member ' || m.id || ' is ' || m.status || ', told ' || coalesce(t.after::text, 'nothing')
  FROM members m LEFT JOIN told t ON t.subject_id = m.id AND t.is_last
  WHERE t.after IS NULL OR t.after->>'status' <> m.status OR (m.status <> 'removed'
    AND (t.after->>'role' IS DISTINCT FROM m.role OR t.after->>'seatType' IS DISTINCT FROM m.seat_type))`

/** E4: the count that is kept is that of the members, and nobody is on a seat that was not bought. */
const seatsAgainstMembers = `
  SELECT 'seats ' || s.seat_type || ': ' || s.assigned || ' kept, ' || m.count || ' counted, ' || s.purchased || ' bought' AS text
  FROM seats s, LATERAL (SELECT count(*) FROM members m
    WHERE m.organization_id = s.organization_id AND m.seat_type = s.seat_type) m
  WHERE s.assigned <> m.count OR m.count > s.purchased`

/**
 * E1, E2: with mappings on, whoever is active and in a mapped group is a member or waits, with the group's role; nobody
 * else is.
 */
const membersAgainstDirectory = `
  WITH entitled AS (
    SELECT true AS entitled, p.organization_id, u.id AS user_id, bool_or(p.role = 'admin') AS is_admin FROM users u
    JOIN user_memberships m ON m.directory_id = u.directory_id AND m.user_id = u.id
    JOIN mappings p ON p.directory_id = m.directory_id AND p.group_id = m.group_id
    WHERE u.active GROUP BY 2, 3),
  there AS (
    SELECT m.* FROM members m JOIN organizations o ON o.id = m.organization_id AND o.group_mappings
    WHERE m.status <> 'removed')
  SELECT 'user ' || user_id || ': ' || coalesce(m.status || ' as ' || m.role, 'no member') AS text
  FROM entitled e FULL JOIN there m USING (organization_id, user_id)
  WHERE e.entitled IS NULL OR m.id IS NULL
    OR (m.status = 'active' AND m.role <> CASE WHEN e.is_admin THEN 'admin' ELSE 'user' END)`

const checks = [
  writesAgainstEvents,
  membershipsAgainstEvents,
  membersAgainstEvents,
  seatsAgainstMembers,
  membersAgainstDirectory,
]

/** Everything that SQL sees; nothing may be writing meanwhile. */
export async function checkRows(postgres: FaultyPostgres, database: string, figures: Figures): Promise<void> {
  for (const sql of checks) {
    const found = await postgres.query<Found>(database, sql)
    figures.inconsistencies.push(...found.map(({ text }) => text))
  }
}

/** The same, and what the service itself finds: a sync mends nothing, and saving the settings again changes nobody. */
export async function checkAll(
  postgres: FaultyPostgres,
  database: string,
  scene: Scene,
  origin: string,
  figures: Figures,
): Promise<void> {
  await checkRows(postgres, database, figures)
  const admin = new Sender(origin, scene.adminToken, figures, 60_000)
  const path = `/v1/organizations/${scene.organizationId}`
  const sync = requireStatus(await admin.send('POST', `${path}/sync`), 200).body
  const saved = requireStatus(await admin.send('PUT', `${path}/provisioning`, settingsOf(scene)), 200).body
  await admin.close()
  const { unchanged: _, ...changed } = Object(saved.changes)
  const { unchanged: __, ...counts } = Object(sync.counts)
  for (const [name, count] of Object.entries({ ...Object(sync.mended), ...counts })) {
    if (count !== 0) figures.inconsistencies.push(`the sync found ${name}: ${count}`)
  }
  for (const [name, count] of Object.entries(changed)) {
    if (count !== 0) figures.inconsistencies.push(`an evaluation from scratch has ${name}: ${count}`)
  }
}
