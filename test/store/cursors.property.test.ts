// Walks by cursors against the in-memory reading: forward and then backward, by pages of any size, through any order of
// what any filter finds, each resource comes once and in its place.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isId } from '../../src/ids.ts'
import { type Cursor, type CursorTools, parseCursor, writeCursor } from '../../src/scim/cursor.ts'
import { type Filter, parseFilter } from '../../src/scim/filter.ts'
import { foldAttributes } from '../../src/scim/fold.ts'
import { matches } from '../../src/scim/match.ts'
import type { JsonObject } from '../../src/scim/resource.ts'
import type { Attribute } from '../../src/scim/schema.ts'
import { groupType } from '../../src/scim/schemas/group.ts'
import { userType } from '../../src/scim/schemas/user.ts'
import { compareResources, MAX_KEY_LENGTH, parseSort } from '../../src/scim/sort.ts'
import { fingerprint } from '../../src/secrets.ts'
import { type SearchTarget, type StoreSearch, searchResources } from '../../src/store/search.ts'
import {
  baseUrl,
  directories,
  type GeneratedDirectory,
  type GeneratedResource,
  groupDocument,
  literalsFrom,
  userDocument,
  withGroupsInOrder,
} from '../support/directory-data.ts'
import { insertDirectory } from '../support/directory-rows.ts'
import { filters, printed } from '../support/filters.ts'
import { openTestPrisma } from '../support/prisma.ts'
import { sortableNames } from '../support/sorts.ts'

const WALKS_PER_DIRECTORY = 25

const prisma = openTestPrisma()

const types = { User: userType, Group: groupType }
type TypeName = keyof typeof types

interface Walk {
  readonly searched: readonly TypeName[]
  readonly filter: Filter | null
  /** a name of `sortedType`, or null */
  readonly sortBy: string | null
  readonly sortedType: TypeName
  readonly sortOrder: string
  readonly count: number
}

interface Scenario {
  readonly directory: GeneratedDirectory
  readonly documents: Record<TypeName, readonly JsonObject[]>
  readonly walks: readonly Walk[]
}

/** Every other user has a title that is the same as the others' for as long as keys are compared, and then is not. */
const withLongTitles = ({ users, groups }: GeneratedDirectory): GeneratedDirectory => ({
  groups,
  users: users.map((user, i): GeneratedResource => {
    const title = `${'\u{1f600}'.repeat(MAX_KEY_LENGTH)}${users.length - i}`
    return i % 2 === 0 ? user : { ...user, attributes: { ...user.attributes, title } }
  }),
})

const isComputed = (name: string) => /^(groups|members)/.test(name)

/** Names that resources of all these types can be sorted by and sort.ts knows how. */
const orders = (searched: readonly TypeName[]) =>
  fc.constantFrom(
    ...searched.flatMap((sortedType) =>
      sortableNames(types[sortedType])
        .filter((name) => searched.length === 1 || !isComputed(name))
        .map((sortBy) => ({ sortBy, sortedType })),
    ),
    // more often than one in a hundred
    ...['id', 'meta.created', 'meta.lastModified', 'meta.version', 'displayName'].flatMap((sortBy) =>
      Array.from({ length: 5 }, () => ({ sortBy, sortedType: searched[0] ?? 'User' })),
    ),
    ...Array.from({ length: 8 }, () => ({ sortBy: null, sortedType: searched[0] ?? 'User' })),
    ...(searched.includes('User')
      ? Array.from({ length: 8 }, () => ({ sortBy: 'title', sortedType: 'User' as const }))
      : []),
  )

const scenarios: fc.Arbitrary<Scenario> = directories.map(withLongTitles).chain((directory) => {
  const users = directory.users.map((user) => withGroupsInOrder(userDocument(user, directory)))
  const groups = directory.groups.map((group) => groupDocument(group, directory))
  const literals = { User: literalsFrom(users), Group: literalsFrom(groups) }
  const walk = fc
    .constantFrom<readonly TypeName[]>(['User'], ['Group'], ['User', 'Group'])
    .chain((searched) =>
      fc.record({
        searched: fc.constant(searched),
        filter: fc.option(filters(types[searched[0] ?? 'User'], literals[searched[0] ?? 'User'])),
        order: orders(searched),
        sortOrder: fc.constantFrom('ascending', 'descending'),
        count: fc.integer({ min: 1, max: 8 }),
      }),
    )
  const walks = fc.array(
    walk.map(({ order, ...rest }): Walk => ({ ...rest, ...order })),
    { minLength: WALKS_PER_DIRECTORY, maxLength: WALKS_PER_DIRECTORY },
  )
  const documents = {
    User: users.map((user) => foldAttributes(user, userType)),
    Group: groups.map((group) => foldAttributes(group, groupType)),
  }
  return walks.map((each) => ({ directory, documents, walks: each }))
})

test('RFC 9865 2 walking by cursors, forward and backward, gives the order of sort.ts and what match.ts selects', async () => {
  let pages = 0
  await fc.assert(
    fc.asyncProperty(scenarios, async ({ directory, documents, walks }) => {
      const directoryId = await insertDirectory(prisma.client, directory)
      await insertDirectory(prisma.client, directory)
      for (const walk of walks) {
        const expected = expectedOf(documents, walk)
        const { forward, backward } = await walkThrough(directoryId, walk)
        const said = { ...walk, filter: walk.filter === null ? null : printed(walk.filter) }
        expect({ ...said, ids: forward.flat() }).toEqual({ ...said, ids: expected })
        // the last page was seen on the way: what is before it comes back
        expect({ ...said, ids: backward.flat() }).toEqual({
          ...said,
          ids: expected.slice(0, expected.length - (forward.at(-1)?.length ?? 0)),
        })
        expect(forward.slice(0, -1).every((page) => page.length === walk.count)).toBe(true)
        pages += forward.length + backward.length
      }
    }),
    { numRuns: 8, endOnFailure: true },
  )
  expect(pages).toBeGreaterThan(8 * WALKS_PER_DIRECTORY)
})

test('RFC 9865 2 numbers are walked in the order of numbers', async () => {
  const sizes = [9, 10, -1, 2.5, 1e21, 1e-7, 10, null, 100]
  const users = sizes.map((size, i): GeneratedResource => {
    const time = '2020-01-01T00:00:00.000Z'
    const attributes = { userName: `u${i}`, ...(size === null ? {} : { size }) }
    return {
      id: `0190a1b2-c3d4-7e5f-8a9b-00000000000${i}`,
      attributes,
      version: 1,
      created: time,
      lastModified: time,
      memberOf: [],
    }
  })
  const directoryId = await insertDirectory(prisma.client, { users, groups: [] })
  // no attribute of the core schemas is a number
  const [first, ...others] = userType.schema.attributes
  if (first === undefined) throw new Error('a schema has attributes')
  const size: Attribute = { ...first, name: 'size', type: 'decimal' }
  const sized = { ...userType, schema: { ...userType.schema, attributes: [first, ...others, size] } }
  for (const [sortOrder, expected] of [
    ['ascending', [2, 5, 3, 0, 1, 6, 8, 4, 7]],
    ['descending', [7, 4, 8, 1, 6, 0, 3, 5, 2]],
  ] as const) {
    const target: SearchTarget = { type: 'User', filter: null, sort: parseSort('size', sortOrder, sized) }
    const { forward, backward } = await pagesOf({ directoryId, baseUrl, targets: [target] }, 2)
    expect(forward.flat()).toEqual(expected.map((i) => users[i]?.id))
    expect(backward.flat()).toEqual(expected.slice(0, -1).map((i) => users[i]?.id))
  }
})

function expectedOf(documents: Scenario['documents'], walk: Walk): unknown[] {
  const { searched, filter, sortBy, sortOrder, sortedType } = walk
  const sort = parseSort(sortBy ?? undefined, sortOrder, types[sortedType])
  return searched
    .flatMap((name) => documents[name])
    .filter((document) => filter === null || matches(filter, document))
    .toSorted((a, b) => compareResources(sort, a, b))
    .map(({ id }) => id)
}

const tools: CursorTools = { now: new Date('2026-01-01T00:00:00Z'), fingerprint, isId }

async function walkThrough(directoryId: string, walk: Walk) {
  const { searched, filter, sortBy, sortOrder, count } = walk
  const targets = searched.map((name): SearchTarget => {
    const others = searched.filter((other) => other !== name).map((other) => types[other])
    return {
      type: name,
      filter: filter === null ? null : parseFilter(printed(filter), types[name], others),
      sort: parseSort(sortBy ?? undefined, sortOrder, types[name], others),
    }
  })
  return pagesOf({ directoryId, baseUrl, targets }, count)
}

/** The ids of each page in the order of the list, through the texts that clients get. */
async function pagesOf(query: Omit<StoreSearch, 'page'>, count: number) {
  const pageAt = async (cursor: Cursor | null) => {
    const { resources, ...rest } = await searchResources(prisma.client, { ...query, page: { cursor, count } })
    return { ids: resources.map(({ id }) => id), ...rest }
  }
  const sent = (cursor: Cursor) => parseCursor(writeCursor(cursor, query, tools), query, tools)

  let page = await pageAt(null)
  expect(page.previous).toBeNull()
  const forward = [page.ids]
  while (page.next !== null) {
    page = await pageAt(sent(page.next))
    expect(page.previous).not.toBeNull()
    forward.push(page.ids)
  }
  const backward: string[][] = []
  while (page.previous !== null) {
    page = await pageAt(sent(page.previous))
    expect(page.next).not.toBeNull()
    backward.unshift(page.ids)
  }
  return { forward, backward }
}
