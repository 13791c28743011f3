// The SQL of an order against scim/sort.ts: on generated directories both put the same resources in the same order.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { foldAttributes } from '../../src/scim/fold.ts'
import { groupType } from '../../src/scim/schemas/group.ts'
import { userType } from '../../src/scim/schemas/user.ts'
import { compareResources, parseSort } from '../../src/scim/sort.ts'
import { searchResources } from '../../src/store/search.ts'
import {
  baseUrl,
  directories,
  type GeneratedDirectory,
  groupDocument,
  userDocument,
  withGroupsInOrder,
} from '../support/directory-data.ts'
import { insertDirectory } from '../support/directory-rows.ts'
import { openTestPrisma } from '../support/prisma.ts'
import { sortableNames } from '../support/sorts.ts'

const prisma = openTestPrisma()

const types = { User: userType, Group: groupType }

test('RFC 7644 3.4.2.3 SQL and sort.ts order users and groups the same, by any attribute', async () => {
  await fc.assert(
    fc.asyncProperty(directories, async (directory) => {
      const directoryId = await insertDirectory(prisma.client, directory)
      // The same resources in another directory: none of it may be seen.
      await insertDirectory(prisma.client, directory)
      await compareAll('User', directory, directoryId)
      await compareAll('Group', directory, directoryId)
    }),
    { numRuns: 8, endOnFailure: true },
  )
})

async function compareAll(name: 'User' | 'Group', directory: GeneratedDirectory, directoryId: string) {
  const documents =
    name === 'User'
      ? directory.users.map((user) => withGroupsInOrder(userDocument(user, directory)))
      : directory.groups.map((group) => groupDocument(group, directory))
  const folded = documents.map((document) => foldAttributes(document, types[name]))
  for (const sortBy of sortableNames(types[name])) {
    for (const sortOrder of ['ascending', 'descending']) {
      const sort = parseSort(sortBy, sortOrder, types[name])
      const expected = folded.toSorted((a, b) => compareResources(sort, a, b)).map(({ id }) => id)
      const page = { startIndex: 1, count: 100 }
      const { total, resources } = await searchResources(prisma.client, {
        directoryId,
        targets: [{ type: name, filter: null, sort }],
        page,
        baseUrl,
      })
      const ids = resources.map(({ id }) => id)
      expect({ sortBy, sortOrder, total, ids }).toEqual({
        sortBy,
        sortOrder,
        total: ids.length,
        ids: expected,
      })
    }
  }
}
