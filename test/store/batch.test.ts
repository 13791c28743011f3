// Statements that travel together: each has its own answer, none is run after one that failed, and the connection is good
// for more.
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseFilter } from '../../src/scim/filter.ts'
import type { ResourceType, ResourceTypeName } from '../../src/scim/schema.ts'
import { groupType } from '../../src/scim/schemas/group.ts'
import { userType } from '../../src/scim/schemas/user.ts'
import { BatchingConnection } from '../../src/store/batch.ts'
import { type Database, openDatabase } from '../../src/store/database.ts'
import { NotRun } from '../../src/store/errors.ts'
import { isKeyedSearch } from '../../src/store/search.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

let held: TestDatabase
let database: Database
let connection: pg.PoolClient
beforeAll(async () => {
  held = await createTestDatabase()
  database = openDatabase(held.url, 2)
  connection = await database.pool.connect()
  await connection.query('CREATE TEMPORARY TABLE written (n int PRIMARY KEY)')
})
afterAll(async () => {
  connection.release()
  await database.close()
  await held.drop()
})

const written = async () => {
  const { rows } = await connection.query<{ n: number }>('SELECT n FROM written ORDER BY n')
  return rows.map(({ n }) => n)
}
const insert = (n: number, name?: string): pg.QueryConfig => {
  const statement = { text: 'INSERT INTO written VALUES ($1)', values: [n] }
  return name === undefined ? statement : { ...statement, name }
}
const answersOf = async (...queries: Promise<pg.QueryResult>[]) =>
  (await Promise.allSettled(queries)).map((end) =>
    end.status === 'fulfilled' ? end.value.command : end.reason,
  )

describe('statements of one turn', () => {
  test('are answered one by one, with names and without, with rows and without', async () => {
    const batching = new BatchingConnection(connection)
    const [none, rows, count, named] = await Promise.all([
      batching.query({ text: 'SELECT 1 AS one WHERE false' }),
      batching.query({ text: 'SELECT n FROM generate_series(1, 3) AS n' }),
      batching.query(insert(1)),
      batching.query({ name: 'two', text: 'SELECT $1::int + 1 AS two', values: [1] }),
    ])
    expect(none.rows).toEqual([])
    expect(rows.rows).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
    expect(count).toMatchObject({ command: 'INSERT', rowCount: 1, rows: [] })
    expect(named.rows).toEqual([{ two: 2 }])
  })

  test('are read as they ask for: a number that JavaScript has no room for stays what it is', async () => {
    const [row] = await database.write(
      (tx) => tx.$queryRaw<unknown[]>`SELECT 9007199254740993::int8 AS number`,
    )
    expect(row).toEqual({ number: 9007199254740993n })
  })

  test('have one Sync: PostgreSQL makes one transaction of them', async () => {
    const batching = new BatchingConnection(connection)
    const id = { text: 'SELECT pg_current_xact_id()::text AS id' }
    const [a, b] = await Promise.all([batching.query(id), batching.query(id)])
    expect(a.rows).toEqual(b.rows)
    expect((await batching.query(id)).rows).not.toEqual(a.rows)
  })

  test('end with the first that fails, on the server as well, and what was not prepared can be later', async () => {
    const batching = new BatchingConnection(connection)
    const before = await written()
    const [first, failed, third, named] = await answersOf(
      batching.query(insert(10)),
      batching.query(insert(10, 'again')),
      batching.query(insert(11)),
      batching.query(insert(12, 'named')),
    )
    expect(first).toBe('INSERT')
    expect(failed).toMatchObject({ code: '23505' })
    expect([third, named]).toEqual([new NotRun(failed), new NotRun(failed)])
    expect(third).toMatchObject({ cause: failed })
    // one Sync: what came before it is undone as well
    expect(await written()).toEqual(before)

    const [later] = await answersOf(batching.query(insert(13)))
    expect(later).toEqual(new NotRun(failed))
    const next = new BatchingConnection(connection)
    expect(await answersOf(next.query(insert(14, 'again')), next.query(insert(15, 'named')))).toEqual([
      'INSERT',
      'INSERT',
    ])
    expect(await written()).toEqual([...before, 14, 15])
  })

  test('end with the first whose values cannot be written', async () => {
    const circle: Record<string, unknown> = {}
    circle.circle = circle
    const batching = new BatchingConnection(connection)
    const before = await written()
    const [first, failed, third] = await answersOf(
      batching.query(insert(20)),
      batching.query({ text: 'SELECT $1::jsonb', values: [circle] }),
      batching.query(insert(21)),
    )
    expect(first).toBe('INSERT')
    expect(failed).toBeInstanceOf(TypeError)
    expect(third).toEqual(new NotRun(failed))
    expect(await written()).toEqual([...before, 20])
  })

  test('are not sent any more when all is over', async () => {
    const batching = new BatchingConnection(connection)
    const before = await written()
    const waiting = answersOf(batching.query(insert(30)))
    batching.end()
    expect(await waiting).toEqual([expect.any(NotRun)])
    expect(await written()).toEqual(before)
  })
})

describe('database.keyed', () => {
  const idOf = (n: number) => database.keyed.$queryRaw<{ n: number; id: string }[]>`
    SELECT ${n}::int AS n, pg_current_xact_id()::text AS id`

  test('what is asked at once travels together, up to a bound, and each has its own answer', async () => {
    const answers = (await Promise.all(Array.from({ length: 20 }, (_, n) => idOf(n)))).flat()
    expect(answers.map(({ n }) => n)).toEqual(Array.from({ length: 20 }, (_, n) => n))
    expect(new Set(answers.map(({ id }) => id)).size).toBe(5)
  })

  test('one that fails says why, and fails no other', async () => {
    const [before, failed, after] = await Promise.allSettled([
      idOf(1),
      database.keyed.$queryRaw`SELECT 1 / ${0}::int`,
      idOf(3),
    ])
    expect(failed).toMatchObject({ reason: { code: '22012' } })
    expect(before).toMatchObject({ value: [{ n: 1 }] })
    expect(after).toMatchObject({ value: [{ n: 3 }] })
    expect((await idOf(4))[0]).toMatchObject({ n: 4 })
  })

  test('without PostgreSQL it says so to each', async () => {
    const unreachable = openDatabase('postgresql://nobody@127.0.0.1:1/none', 1)
    const asked = [1, 2].map((n) => unreachable.keyed.$queryRaw`SELECT ${n}::int`)
    const refused = { status: 'rejected', reason: { code: 'ECONNREFUSED' } }
    expect(await Promise.allSettled(asked)).toMatchObject([refused, refused])
    await unreachable.close()
  })
})

test.each<[ResourceType, string, ResourceTypeName[], boolean]>([
  [userType, 'userName eq "anna"', ['User'], true],
  [userType, 'username eq "anna" and active eq true', [], true],
  [userType, 'userName sw "a"', [], false],
  [userType, 'userName eq "anna" or userName eq "ben"', [], false],
  [userType, 'not (userName eq "anna")', [], false],
  [userType, 'displayName eq "Anna"', [], false],
  [groupType, 'displayName eq "Staff"', [], true],
  // a group may have any number of members
  [groupType, 'displayName eq "Staff"', ['Group'], false],
])('$0.name: $1 with references of $2 is by key: $3', (type, text, withReferences, expected) => {
  const targets = [{ type: type.name, filter: parseFilter(text, type), sort: null }]
  expect(isKeyedSearch({ targets, withReferences })).toBe(expected)
})
