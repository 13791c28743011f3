// The SQL of filters by example: what identity providers ask, hostile text, and the indexes that answer.
import { beforeAll, describe, expect, test } from 'vitest'
import { parseElementFilter, parseFilter } from '../../src/scim/filter.ts'
import { foldAttributes } from '../../src/scim/fold.ts'
import { matches } from '../../src/scim/match.ts'
import { findTarget } from '../../src/scim/schema.ts'
import { groupType } from '../../src/scim/schemas/group.ts'
import { userType } from '../../src/scim/schemas/user.ts'
import { filterSql, memberFilterSql } from '../../src/store/filter-sql.ts'
import { Prisma } from '../../src/store/generated/client.ts'
import { baseUrl, type GeneratedDirectory, type GeneratedResource } from '../support/directory-data.ts'
import { insertDirectory } from '../support/directory-rows.ts'
import { awkwardStrings } from '../support/filters.ts'
import { openTestPrisma } from '../support/prisma.ts'

const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
const [anna, ben, cleo, staff, sales, loop] = Array.from(
  { length: 6 },
  (_, i) => `0190a1b2-c3d4-7e5f-8a9b-00000000000${i}`,
)
const names = new Map([
  [anna, 'anna'],
  [ben, 'ben'],
  [cleo, 'cleo'],
  [staff, 'staff'],
  [sales, 'sales'],
  [loop, 'loop'],
])

const resource = (id = '', attributes = {}, memberOf: (string | undefined)[] = []): GeneratedResource => ({
  id,
  attributes,
  version: 3,
  created: '2020-01-01T00:00:00.000Z',
  lastModified: '2021-01-01T00:00:00.000Z',
  memberOf: memberOf.flatMap((group) => group ?? []),
})

// sales and loop are in each other, and sales is in staff: ben is in staff through sales
const directory: GeneratedDirectory = {
  users: [
    resource(
      anna,
      {
        userName: 'Anna@x.y',
        displayName: 'Anna',
        externalId: 'E1',
        active: true,
        emails: [
          { value: 'Anna@x.y', type: 'work', primary: true },
          { value: 'anna@home', type: 'home' },
        ],
        [enterprise]: { manager: { value: ben } },
      },
      [staff],
    ),
    resource(ben, { userName: 'ben', active: false, emails: [{ value: 'anna@home', type: 'work' }] }, [
      sales,
    ]),
    resource(cleo, { userName: 'cleo', active: true, title: '100%' }),
  ],
  groups: [
    resource(staff, { displayName: 'Staff' }),
    resource(sales, { displayName: 'Sales' }, [staff, loop]),
    resource(loop, { displayName: 'Loop' }, [sales]),
  ],
}

const prisma = openTestPrisma()
let directoryId: string

beforeAll(async () => {
  directoryId = await insertDirectory(prisma.client, directory)
})

const queryFor = (text: string, resourceType: 'User' | 'Group', inDirectory = directoryId): Prisma.Sql => {
  const type = resourceType === 'User' ? userType : groupType
  const condition = filterSql(parseFilter(text, type), { resourceType, directoryId: inDirectory, baseUrl })
  const table = Prisma.raw(resourceType === 'User' ? 'users' : 'groups')
  return Prisma.sql`
    SELECT r.id::text AS id FROM ${table} r
    WHERE r.directory_id = ${inDirectory}::uuid AND ${condition} ORDER BY r.id`
}

async function found(text: string, resourceType: 'User' | 'Group' = 'User'): Promise<string> {
  const rows = await prisma.client.$queryRaw<{ id: string }[]>(queryFor(text, resourceType))
  return rows.map(({ id }) => names.get(id)).join(' ')
}

describe('scim.md sections 2 and 3: what identity providers ask', () => {
  test.each([
    ['userName eq "ANNA@X.Y"', 'anna'],
    ['userName eq "nobody"', ''],
    ['externalId eq "E1"', 'anna'],
    ['externalId eq "e1"', ''],
    ['emails[type eq "work"].value eq "anna@HOME"', 'ben'],
    ['emails.value eq "anna@home"', 'anna ben'],
    ['active eq "False"', 'ben'],
    [`id eq "${anna}" and manager eq "${ben}"`, 'anna'],
    [`id eq "${anna}" and manager eq "${cleo}"`, ''],
    [
      'meta.lastModified ge "2021-01-01T00:00:00Z" and meta.created lt "2020-01-01T00:00:00.001Z"',
      'anna ben cleo',
    ],
  ])('%s', async (text, expected) => expect(await found(text)).toBe(expected))

  test.each([
    ['displayName eq "STAFF"', 'staff'],
    [`id eq "${sales}" and members eq "${ben}"`, 'sales'],
    [`id eq "${staff}" and members eq "${ben}"`, ''],
    [`members.value eq "${sales}"`, 'staff loop'],
    ['members[display eq "ANNA"]', 'staff'],
    ['members[display eq "ben" and type eq "User"]', 'sales'],
    ['members[type eq "Group"]', 'staff sales loop'],
    [`members.$ref eq "${baseUrl}/Users/${anna}"`, 'staff'],
    [`members.$ref eq "${baseUrl}/Groups/${anna}"`, ''],
    ['members pr', 'staff sales loop'],
  ])('%s', async (text, expected) => expect(await found(text, 'Group')).toBe(expected))
})

describe('RFC 7643 section 4.1.2 groups, direct and through other groups', () => {
  test.each([
    ['groups pr', 'anna ben'],
    [`groups.value eq "${staff}"`, 'anna ben'],
    [`groups[value eq "${staff}" and type eq "direct"]`, 'anna'],
    [`groups[value eq "${staff}" and type eq "indirect"]`, 'ben'],
    ['groups.display eq "LOOP"', 'ben'],
    ['groups[display sw "s" and type ne "direct"]', 'ben'],
    // the loop leads back to sales, but ben is in it directly
    [`groups[value eq "${sales}" and type eq "indirect"]`, ''],
    [`not (groups.value eq "${staff}")`, 'cleo'],
    [`groups.$ref eq "${baseUrl}/Groups/${loop}"`, 'ben'],
  ])('%s', async (text, expected) => expect(await found(text)).toBe(expected))
})

describe('RFC 7644 section 3.4.2.2 id and meta', () => {
  test.each([
    [`id eq "${anna}"`, 'anna'],
    [`id eq "${anna?.toUpperCase()}"`, ''],
    ['id eq "0"', ''],
    ['id ne "0"', 'anna ben cleo'],
    ['id ew "2"', 'cleo'],
    [`id gt "${ben}"`, 'cleo'],
    ['meta.resourceType eq "User"', 'anna ben cleo'],
    ['meta.resourceType eq "user"', ''],
    ['meta.version eq "W/\\"3\\""', 'anna ben cleo'],
    [
      'meta.version eq "W/\\"03\\"" or meta.version eq "\\"3\\"" or meta.version eq "W/\\"99999999999\\""',
      '',
    ],
    ['meta.version ne "W/\\"4\\"" and meta.version ne "3" and meta.version co "3"', 'anna ben cleo'],
    [`meta.location eq "${baseUrl}/Users/${ben}"`, 'ben'],
    [`meta.location eq "${baseUrl}/Groups/${ben}"`, ''],
    ['meta pr and id pr and meta.created pr', 'anna ben cleo'],
  ])('%s', async (text, expected) => expect(await found(text)).toBe(expected))
})

describe('RFC 7643 section 2.5 a missing value', () => {
  test.each([
    ['title ne "x"', 'anna ben cleo'],
    ['not (title co "x")', 'anna ben cleo'],
    ['title pr', 'cleo'],
    ['title eq null', 'anna ben'],
    ['emails.type ne "work"', 'anna'],
    ['emails[primary eq false and type eq "work"]', 'ben'],
  ])('%s', async (text, expected) => expect(await found(text)).toBe(expected))
})

describe('RFC 7644 section 7.5.1 hostile text is only text', () => {
  const attributes = [
    'userName',
    'title',
    'externalId',
    'id',
    'emails.value',
    'groups.display',
    'meta.version',
  ]

  test.each(['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'le'])('with operator %s', async (operator) => {
    for (const text of [...awkwardStrings, "') OR 1=1 --", "'; DELETE FROM users; --", '{"a":1}', '\\x00']) {
      const conditions = attributes.map((name) => `${name} ${operator} ${JSON.stringify(text)}`)
      await found(conditions.join(' or '))
    }
    expect(await prisma.client.user.count()).toBe(3)
  })

  test('wildcards of LIKE stand for themselves', async () => {
    expect(await found('title co "0%"')).toBe('cleo')
    expect(await found('title sw "1%0"')).toBe('')
    expect(await found('title ew "_"')).toBe('')
    expect(await found('title co "\\\\"')).toBe('')
  })

  test('scim.md 3 co, sw and ew on e-mail find characters that JSON and LIKE escape, and nothing else', async () => {
    const users = awkwardStrings.map((text, i) => {
      const id = `0190a1b2-c3d4-7e5f-8a9b-0000000001${i.toString(16).padStart(2, '0')}`
      return resource(id, {
        userName: `u${i}`,
        emails: [
          { value: 'other', type: 'home' },
          { value: `x${text}y`, type: 'work' },
        ],
      })
    })
    const awkwardId = await insertDirectory(prisma.client, { users, groups: [] })
    const documents = users.map(({ id, attributes }) => foldAttributes({ ...attributes, id }, userType))
    for (const text of awkwardStrings) {
      for (const [operator, wanted] of [
        ['co', text],
        ['sw', `x${text}`],
        ['ew', `${text}y`],
        ['sw', text],
        ['ew', text],
      ]) {
        for (const type of ['work', 'home']) {
          const filter = `emails[type eq "${type}" and value ${operator} ${JSON.stringify(wanted)}]`
          const rows = await prisma.client.$queryRaw<{ id: string }[]>(queryFor(filter, 'User', awkwardId))
          const expected = documents.filter((document) => matches(parseFilter(filter, userType), document))
          expect({ filter, ids: rows.map(({ id }) => id) }).toEqual({
            filter,
            ids: expected.map(({ id }) => id),
          })
        }
      }
    }
  })

  test('what a client writes is never part of the statement', () => {
    const { sql } = queryFor('title co "secret" and emails[value eq "secret"].type gt "secret"', 'User')
    expect(sql).not.toContain('secret')
  })
})

test('RFC 7644 section 3.4.2.2 text is ordered by code points, whatever the locale of the database', () => {
  expect(queryFor('userName gt "a"', 'User').sql).toContain('COLLATE "C" >')
  expect(queryFor('title le "a"', 'User').sql).toContain('COLLATE "C" <=')
})

describe('RFC 7644 section 3.5.2 members[…] in a PATCH', () => {
  async function members(text: string, groupId = ''): Promise<string> {
    const target = findTarget(groupType, 'members')
    if (target === null) throw new Error('no members')
    const filter = parseElementFilter(text, target.attribute)
    const rows = await prisma.client.$queryRaw<{ id: string }[]>(
      memberFilterSql(filter, { directoryId, baseUrl }, groupId),
    )
    return rows.map(({ id }) => names.get(id)).join(' ')
  }

  test.each([
    ['value pr', 'anna sales'],
    [`value eq "${anna}"`, 'anna'],
    [`value eq "${ben}"`, ''],
    ['type eq "group"', 'sales'],
    ['display eq "anna" or display eq "SALES"', 'anna sales'],
  ])('%s', async (text, expected) => expect(await members(text, staff)).toBe(expected))
})

describe('scim.md section 3 fast enough for 25 requests a second: eq is an index look-up', () => {
  let crowdId: string

  beforeAll(async () => {
    crowdId = await insertDirectory(prisma.client, { users: [], groups: [] })
    await prisma.client.$executeRaw`
      INSERT INTO users (directory_id, id, user_name, user_name_key, email, email_key, active, resource, search,
        created_at, last_modified)
      SELECT ${crowdId}::uuid, gen_random_uuid(), 'u' || n, 'u' || n, 'u' || n, 'u' || n, true, '{}', jsonb_build_object(
        'userName', 'u' || n, 'externalId', 'e' || n, 'active', true, ${enterprise}::text,
        jsonb_build_object('manager', jsonb_build_object('value', 'm' || n)), 'emails',
        jsonb_build_array(jsonb_build_object('value', n || '@x.y', 'type', 'type' || n, 'primary', true))), now(), now()
      FROM generate_series(1, 5000) n`
    await prisma.client.$executeRaw`
      INSERT INTO groups (directory_id, id, display_name, display_name_key, resource, search, created_at, last_modified)
      SELECT ${crowdId}::uuid, gen_random_uuid(), 'g' || n, 'g' || n, '{}', '{}', now(), now()
      FROM generate_series(1, 200) n`
    await prisma.client.$executeRaw`
      INSERT INTO user_memberships SELECT u.directory_id, g.id, u.id FROM users u JOIN groups g USING (directory_id)
      WHERE u.directory_id = ${crowdId}::uuid AND hashtext(u.id::text || g.id::text) % 50 = 0`
    // VACUUM also empties the pending list of the GIN index, as autovacuum does
    await prisma.client.$executeRaw`VACUUM ANALYZE users, groups, user_memberships, group_memberships`
  })

  async function indexesOf(text: string, resourceType: 'User' | 'Group'): Promise<string[]> {
    const query = queryFor(text, resourceType, crowdId)
    const plan = JSON.stringify(await prisma.client.$queryRaw<object[]>`EXPLAIN ${query}`)
    expect(plan).not.toMatch(/Seq Scan on user_memberships/)
    return [
      ...new Set(
        [...plan.matchAll(/\b(?:user|group)(?:s|_memberships)_\w+(?:idx|key)\b/g)].map(([name]) => name),
      ),
    ].sort()
  }

  const byMember = 'user_memberships_directory_id_user_id_idx'
  const byName = ['users_directory_id_user_name_key_key']

  test.each([
    ['userName eq "u77"', byName],
    ['userName eq "u77" or userName eq "u78"', byName],
    ['emails[type eq "type7"].value eq "7@x.y"', ['users_search_idx']],
    ['emails[type eq "type7" and value co "x"]', ['users_search_idx']],
    ['externalId eq "e7" or emails.value eq "8@x.y"', ['users_search_idx']],
    ['emails[type eq "type7" or type eq "type8"]', ['users_search_idx']],
    [`${enterprise}:manager.value eq "m7"`, ['users_search_idx']],
    [`id eq "${anna}"`, ['users_pkey']],
    [`meta.location eq "${baseUrl}/Users/${anna}"`, ['users_pkey']],
  ])('%s', async (text, indexes) => expect(await indexesOf(text, 'User')).toEqual(indexes))

  test('members.value finds the groups by the member', async () => {
    expect(await indexesOf(`members.value eq "${anna}"`, 'Group')).toContain(byMember)
    expect(await indexesOf(`id eq "${staff}" and members eq "${anna}"`, 'Group')).toContain('groups_pkey')
  })

  test('groups.value finds the users by the group', async () => {
    expect(await indexesOf(`groups.value eq "${staff}"`, 'User')).toContain('user_memberships_pkey')
  })
})
