// Pages of the list of all users: the last at a cursor against the first, one in the middle by its index against the
// first. Asked for in turn, by one client.

import { isId } from '../../src/ids.ts'
import { type Cursor, writeCursor } from '../../src/scim/cursor.ts'
import { fingerprint } from '../../src/secrets.ts'
import { type Connection, connect } from '../http.ts'
import { SCIM } from '../operations/operation.ts'
import { print, table } from '../report.ts'
import { median } from '../statistics.ts'
import { tenant, userId } from '../world.ts'
import { counted, type SizedDirectory } from './directories.ts'
import { type Growth, growthCells } from './limits.ts'

const COUNT = 100
const TIMES = 15

export async function measurePages({ service, world }: SizedDirectory, token: string): Promise<Growth[]> {
  const connection = connect(service.origin, token)
  try {
    const last: Cursor = { bound: 'after', position: { key: null, id: userId(world.users - COUNT) } }
    const query = {
      directoryId: tenant.directoryId,
      baseUrl: `${service.origin}${SCIM}`,
      targets: [{ type: 'User', filter: null, sort: null }],
    }
    const cursor = writeCursor(last, query, { now: new Date(), fingerprint, isId })
    const byCursor = await inTurn(connection, ['cursor=', `cursor=${cursor}`])
    const byIndex = await inTurn(connection, ['startIndex=1', `startIndex=${Math.floor(world.users / 2)}`])
    const growths: Growth[] = [
      { name: 'last-page-at-a-cursor', slower: byCursor.other / byCursor.first, limit: 1.5 },
      { name: 'middle-page-by-index', slower: byIndex.other / byIndex.first, limit: 5 },
    ]
    const cells = [byCursor, byIndex].map(({ first, other }) => [first.toFixed(1), other.toFixed(1)])
    print(
      `\n${table([
        [`pages of ${COUNT} of ${counted(world.users)}`, 'first, ms', 'other, ms', 'times slower', 'at most'],
        ...growths.map((growth, i) => [growth.name, ...(cells[i] ?? []), ...growthCells(growth)]),
      ])}`,
    )
    return growths
  } finally {
    await connection.close()
  }
}

/** The median time of two pages in ms, and whether both are full. */
async function inTurn(connection: Connection, [first, other]: readonly [string, string]) {
  const times = { first: [] as number[], other: [] as number[] }
  for (let i = 0; i < TIMES; i += 1) {
    times.first.push(await timed(connection, first))
    times.other.push(await timed(connection, other))
  }
  return { first: median(times.first), other: median(times.other) }
}

async function timed({ send }: Connection, page: string): Promise<number> {
  const begin = performance.now()
  const { body } = await send({ method: 'GET', path: `${SCIM}/Users?count=${COUNT}&${page}`, status: 200 })
  const elapsedMs = performance.now() - begin
  const { itemsPerPage }: { itemsPerPage: number } = JSON.parse(body)
  if (itemsPerPage !== COUNT) throw new Error(`The page ${page} has ${itemsPerPage} users.`)
  return elapsedMs
}
