// A search over users and groups at once against the in-memory reading: the same resources in the same order, cut
// into the same pages.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Filter, parseFilter } from '../../src/scim/filter.ts'
import { foldAttributes } from '../../src/scim/fold.ts'
import { matches } from '../../src/scim/match.ts'
import type { JsonObject } from '../../src/scim/resource.ts'
import { groupType } from '../../src/scim/schemas/group.ts'
import { userType } from '../../src/scim/schemas/user.ts'
import { compareResources, parseSort } from '../../src/scim/sort.ts'
import { searchResources } from '../../src/store/search.ts'
import {
  baseUrl,
  directories,
  type GeneratedDirectory,
  groupDocument,
  literalsFrom,
  userDocument,
} from '../support/directory-data.ts'
import { insertDirectory } from '../support/directory-rows.ts'
import { filters, printed } from '../support/filters.ts'
import { openTestPrisma } from '../support/prisma.ts'
import { sortableNames } from '../support/sorts.ts'

const SEARCHES_PER_DIRECTORY = 40

const prisma = openTestPrisma()

const types = { User: userType, Group: groupType }

interface GeneratedSearch {
  /** with the names of one type, also where the other does not have them */
  readonly filter: Filter
  readonly sortBy: string
  readonly sortedType: 'User' | 'Group'
  readonly sortOrder: string
  readonly startIndex: number
  readonly count: number
}

interface Scenario {
  readonly directory: GeneratedDirectory
  readonly documents: readonly JsonObject[]
  readonly searches: readonly GeneratedSearch[]
}

const isComputed = (name: string) => /^(groups|members)/.test(name)

const names = fc.constantFrom(
  ...(['User', 'Group'] as const).flatMap((sortedType) =>
    sortableNames(types[sortedType])
      // what is first of them is sort-sql.property.test.ts's
      .filter((name) => !isComputed(name))
      .map((sortBy) => ({ sortBy, sortedType })),
  ),
)

const scenarios: fc.Arbitrary<Scenario> = directories.chain((directory) => {
  const users = directory.users.map((user) => userDocument(user, directory))
  const groups = directory.groups.map((group) => groupDocument(group, directory))
  const filter = fc.oneof(
    filters(userType, literalsFrom(users)),
    filters(groupType, literalsFrom(groups)),
    filters(userType, literalsFrom(groups)),
  )
  const search = fc
    .record({
      filter,
      sortOrder: fc.constantFrom('ascending', 'descending'),
      startIndex: fc.integer({ min: 1, max: 6 }),
      count: fc.integer({ min: 0, max: 20 }),
    })
    .chain((given) => names.map((name) => ({ ...given, ...name })))
  return fc
    .array(search, { minLength: SEARCHES_PER_DIRECTORY, maxLength: SEARCHES_PER_DIRECTORY })
    .map((searches) => ({
      directory,
      documents: [
        ...users.map((user) => foldAttributes(user, userType)),
        ...groups.map((group) => foldAttributes(group, groupType)),
      ],
      searches,
    }))
})

test('RFC 7644 3.4.2.1 an attribute that a type does not have has no value there; one order, one total, one paging', async () => {
  let mixed = 0
  await fc.assert(
    fc.asyncProperty(scenarios, async ({ directory, documents, searches }) => {
      const directoryId = await insertDirectory(prisma.client, directory)
      await insertDirectory(prisma.client, directory)
      for (const search of searches) {
        const expected = expectedOf(documents, search)
        const found = await find(directoryId, search)
        const text = printed(search.filter)
        expect({ text, ...search, ...found }).toEqual({ text, ...search, ...expected })
        if (new Set(found.types).size === 2) mixed += 1
      }
    }),
    { numRuns: 8, endOnFailure: true },
  )
  expect(mixed).toBeGreaterThan(0)
})

function expectedOf(documents: readonly JsonObject[], search: GeneratedSearch) {
  const { filter, sortBy, sortOrder, sortedType, startIndex, count } = search
  const sort = parseSort(sortBy, sortOrder, types[sortedType])
  const all = documents.filter((document) => matches(filter, document))
  const page = all
    .toSorted((a, b) => compareResources(sort, a, b))
    .slice(startIndex - 1, startIndex - 1 + count)
  return {
    total: all.length,
    ids: page.map(({ id }) => id),
    types: page.map((resource) => ('userName' in resource ? 'User' : 'Group')),
  }
}

async function find(directoryId: string, search: GeneratedSearch) {
  const { filter, sortBy, sortOrder, startIndex, count } = search
  const targets = (['User', 'Group'] as const).map((name) => {
    const others = [name === 'User' ? groupType : userType]
    return {
      type: name,
      filter: parseFilter(printed(filter), types[name], others),
      sort: parseSort(sortBy, sortOrder, types[name], others),
    }
  })
  const page = { startIndex, count }
  const { total, resources } = await searchResources(prisma.client, { directoryId, targets, page, baseUrl })
  return { total, ids: resources.map(({ id }) => id), types: resources.map(({ type }) => type) }
}
