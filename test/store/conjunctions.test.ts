// Several conditions on memberships in one filter: PostgreSQL expects few ids of each. Of a directory that has just been
// filled it has no statistics either, and would compare all that one finds with all that the next one finds.
import { beforeAll, describe, expect, test } from 'vitest'
import { parseFilter } from '../../src/scim/filter.ts'
import { type StoreSearch, searchResources } from '../../src/store/search.ts'
import { searchSql } from '../../src/store/search-sql.ts'
import { insertUncounted, type TypeName, types } from '../support/crowds.ts'
import { baseUrl } from '../support/directory-data.ts'
import { explain, nodesOf, type PlanNode } from '../support/plans.ts'
import { openTestPrisma } from '../support/prisma.ts'

const prisma = openTestPrisma()
let directoryId: string
beforeAll(async () => {
  directoryId = await insertUncounted(prisma.client)
})

const searchFor = (type: TypeName, text: string): StoreSearch => ({
  directoryId,
  baseUrl,
  targets: [{ type, filter: parseFilter(text, types[type]), sort: null }],
  page: { startIndex: 1, count: 10 },
})

/** Rows of one side of a join that were compared with one of the other, and not wanted. */
const comparedBy = (node: PlanNode): number =>
  (node['Rows Removed by Join Filter'] ?? 0) * (node['Actual Loops'] ?? 0)

describe('scim.md 3 what several conditions on memberships find is put together, not compared one by one', () => {
  test.each<[TypeName, string]>([
    ['User', 'groups.value pr and groups.display co "d"'],
    ['User', 'groups.value pr and groups.display co "d" and groups.display co "i" and active pr'],
    ['User', 'groups.value pr and (groups.display co "d" or title co "t")'],
    ['User', 'groups.display co "d" and not (groups.display co "x")'],
    ['Group', 'members.value pr and members.display co "d"'],
  ])('%s %s', async (type, text) => {
    const search = searchFor(type, text)
    const { total } = await searchResources(prisma.client, search)
    expect(total).toBeGreaterThan(900)
    const plan = await explain(prisma.client, searchSql(search), 'ANALYZE, FORMAT JSON')
    expect(nodesOf(plan).reduce((sum, node) => sum + comparedBy(node), 0)).toBeLessThan(10 * total)
  })
})
