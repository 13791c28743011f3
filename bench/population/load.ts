// The bulk loader: a whole directory with its organizations, members and seats, written by PostgreSQL itself.
import type pg from 'pg'
import { hashToken } from '../../src/secrets.ts'
import {
  ADMIN_GROUPS,
  ADMINS,
  FIRST_OTHER_GROUP,
  GROUP_FAMILY,
  groupId,
  LARGE_GROUP,
  MEMBERS_OF_ADMIN_GROUP,
  STANDARD_GROUPS,
  tenant,
  USER_FAMILY,
  type World,
} from '../world.ts'
import { withoutIndexes } from './indexes.ts'
import { filledSql, groupTemplates, userTemplates } from './templates.ts'

/** The tokens under which the directory is served. */
export interface Tokens {
  readonly directory: string
  readonly admin: string
}

const tables = ['users', 'groups', 'user_memberships', 'group_memberships', 'members', 'events']

/** Fills a database that is migrated and empty. */
export async function populate(client: pg.ClientBase, world: World, tokens: Tokens): Promise<void> {
  await withoutIndexes(client, tables, async () => {
    await insertTenant(client, tokens)
    await insertUsers(client, world)
    await insertGroups(client, world)
    await insertMemberships(client, world)
    await insertNestings(client, world)
    await insertMappings(client)
    await insertMembers(client, world)
    await insertSyncs(client)
    await insertCounts(client)
  })
  await client.query('VACUUM (ANALYZE)')
  await client.query('CHECKPOINT')
}

async function insertTenant(client: pg.ClientBase, tokens: Tokens): Promise<void> {
  const { parentOrganizationId, directoryId, directoryTokenId, adminTokenId, mappedId, unmappedId } = tenant
  await client.query(
    "INSERT INTO parent_organizations (id, name, plan) VALUES ($1, 'Lantern', 'enterprise')",
    [parentOrganizationId],
  )
  await client.query('INSERT INTO directories (id, parent_organization_id) VALUES ($1, $2)', [
    directoryId,
    parentOrganizationId,
  ])
  await client.query(
    "INSERT INTO directory_tokens (id, directory_id, name, hash) VALUES ($1, $2, 'bench', $3)",
    [directoryTokenId, directoryId, hashToken(tokens.directory)],
  )
  await client.query("INSERT INTO admin_tokens (id, name, hash) VALUES ($1, 'bench', $2)", [
    adminTokenId,
    hashToken(tokens.admin),
  ])
  const organization = `INSERT INTO organizations (id, parent_organization_id, directory_id, name, plan, mode,
    group_mappings) VALUES ($1, $2, $3, 'Lantern', $4, 'scim', $5)`
  await client.query(organization, [mappedId, parentOrganizationId, directoryId, 'enterprise_seats', true])
  await client.query(organization, [unmappedId, parentOrganizationId, directoryId, 'console', false])
}

/** Each organization was just synced: a first sync would come by itself at some moment of what is measured. */
async function insertSyncs(client: pg.ClientBase): Promise<void> {
  await client.query(
    `INSERT INTO sync_runs (organization_id, started_at, finished_at, origin, actor, counts, mended)
     SELECT id, now(), now(), 'cycle', '{"kind": "system"}',
       '{"added": 0, "changed": 0, "removed": 0, "waiting": 0, "unchanged": 0}', '{"seats": 0, "users": 0, "groups": 0}'
     FROM organizations`,
  )
}

/** Triggers are off while this loads. */
async function insertCounts(client: pg.ClientBase): Promise<void> {
  await client.query(
    `INSERT INTO resource_counts (directory_id, resource_type, difference)
     SELECT directory_id, 'User', count(*) FROM users GROUP BY directory_id
     UNION ALL SELECT directory_id, 'Group', count(*) FROM groups GROUP BY directory_id`,
  )
}

/** SQL: the id with the number n. */
const idSql = (family: string, n: string) =>
  `('019a0000-0000-7000-${family}-' || lpad(to_hex(${n}), 12, '0'))::uuid`

async function insertUsers(client: pg.ClientBase, { users }: World): Promise<void> {
  const { resource, search } = userTemplates()
  await client.query(
    `INSERT INTO users (directory_id, id, user_name, user_name_key, email, email_key, active, resource, search,
       created_at, last_modified)
     SELECT $1, ${idSql(USER_FAMILY, 'n')}, r->>'userName', s->>'userName', r->>'userName', s->>'userName', true, r, s,
       at, at
     FROM generate_series(1, $2::int) n,
       LATERAL (SELECT ${filledSql('$3', '')}::jsonb AS r, ${filledSql('$4', 'lower')}::jsonb AS s,
         '2026-01-01T00:00:00Z'::timestamptz + n * interval '1 second' AS at) x`,
    [tenant.directoryId, users, resource, search],
  )
  await client.query(
    `INSERT INTO events (directory_id, type, subject_id, actor, data)
     SELECT $1, 'user.created', ${idSql(USER_FAMILY, 'n')}, '{"kind": "system"}', '{"after": {"active": true}}'
     FROM generate_series(1, $2::int) n`,
    [tenant.directoryId, users],
  )
}

async function insertGroups(client: pg.ClientBase, { groups }: World): Promise<void> {
  const { resource, search } = groupTemplates()
  await client.query(
    `INSERT INTO groups (directory_id, id, display_name, display_name_key, resource, search, created_at, last_modified)
     SELECT $1, ${idSql(GROUP_FAMILY, 'n')}, r->>'displayName', s->>'displayName', r, s, at, at
     FROM generate_series(1, $2::int) n,
       LATERAL (SELECT ${filledSql('$3', '')}::jsonb AS r, ${filledSql('$4', 'lower')}::jsonb AS s,
         '2026-01-01T00:00:00Z'::timestamptz + n * interval '1 second' AS at) x`,
    [tenant.directoryId, groups, resource, search],
  )
}

async function insertMemberships(client: pg.ClientBase, { users, groups, largeGroup }: World): Promise<void> {
  const insert = 'INSERT INTO user_memberships (directory_id, group_id, user_id)'
  const user = idSql(USER_FAMILY, 'n')
  await client.query(`${insert} SELECT $1, $2, ${user} FROM generate_series(1, $3::int) n`, [
    tenant.directoryId,
    groupId(LARGE_GROUP),
    largeGroup,
  ])
  await client.query(
    `${insert} SELECT $1, ${idSql(GROUP_FAMILY, `${ADMIN_GROUPS.first} + (n - 1) / ${MEMBERS_OF_ADMIN_GROUP}`)}, ${user}
     FROM generate_series(1, $2::int) n`,
    [tenant.directoryId, ADMINS],
  )
  const other = `$2::int + ((n::bigint * 7919 + j * 104729) % ($3::int - $2::int + 1))::int`
  await client.query(
    `${insert} SELECT DISTINCT $1::uuid, ${idSql(GROUP_FAMILY, other)}, ${user}
     FROM generate_series(1, $4::int) n, generate_series(1, CASE WHEN n <= $5::int THEN 2 ELSE 3 END) j`,
    [tenant.directoryId, FIRST_OTHER_GROUP, groups, users, largeGroup],
  )
}

/** Every second group is in the next one, as far as they go: nobody is in a group through more than one other. */
async function insertNestings(client: pg.ClientBase, { nestings }: World): Promise<void> {
  await client.query(
    `INSERT INTO group_memberships (directory_id, group_id, member_group_id)
     SELECT $1, ${idSql(GROUP_FAMILY, 'n + 1')}, ${idSql(GROUP_FAMILY, 'n')}
     FROM generate_series($2::int, $2::int + 2 * ($3::int - 1), 2) n`,
    [tenant.directoryId, FIRST_OTHER_GROUP, nestings],
  )
}

async function insertMappings(client: pg.ClientBase): Promise<void> {
  const { directoryId, mappedId } = tenant
  const mapped = [
    { first: LARGE_GROUP, count: 1, role: 'user', seatType: 'standard' },
    { ...ADMIN_GROUPS, role: 'admin', seatType: 'premium' },
    { ...STANDARD_GROUPS, role: 'user', seatType: 'standard' },
  ]
  for (const { first, count, role, seatType } of mapped) {
    await client.query(
      `INSERT INTO mappings (organization_id, id, directory_id, group_id, role, seat_type)
       SELECT $1, gen_random_uuid(), $2, ${idSql(GROUP_FAMILY, 'n')}, role, seat_type
       FROM generate_series($3::int, $3::int + $4::int - 1) n, (VALUES ($5, NULL), (NULL, $6)) AS x(role, seat_type)`,
      [mappedId, directoryId, first, count, role, seatType],
    )
  }
}

/** As the evaluator would have it: all of the large group in the one organization, everybody in the other. */
async function insertMembers(client: pg.ClientBase, { users, largeGroup }: World): Promise<void> {
  const { directoryId, mappedId, unmappedId } = tenant
  const insert = `INSERT INTO members (organization_id, id, directory_id, user_id, email, email_key, status, role,
      seat_type, source, since)
    SELECT $1, ${idSql('b000', 'n')}, $2, u.id, u.email, u.email_key, 'active', x.role, x.seat_type, 'scim', u.created_at
    FROM generate_series(1, $3::int) n
    JOIN users u ON u.directory_id = $2 AND u.id = ${idSql(USER_FAMILY, 'n')},`
  await client.query(
    `${insert} LATERAL (SELECT CASE WHEN n <= $4::int THEN 'admin' ELSE 'user' END AS role,
       CASE WHEN n <= $4::int THEN 'premium' ELSE 'standard' END AS seat_type) x`,
    [mappedId, directoryId, largeGroup, ADMINS],
  )
  await client.query(`${insert} (VALUES ('user', NULL)) AS x(role, seat_type)`, [
    unmappedId,
    directoryId,
    users,
  ])
  // bought with room to spare, so that whoever is entitled gets a seat, and counted as seats in short supply are
  await client.query(
    `INSERT INTO seats (organization_id, seat_type, purchased, assigned)
     VALUES ($1, 'premium', $2, $4), ($1, 'standard', $2, $3::int - $4::int)`,
    [mappedId, users * 2 + 1_000_000, largeGroup, ADMINS],
  )
}
