// The SQL of a filter against match.ts: on generated directories both select the same resources.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Filter, parseFilter } from '../../src/scim/filter.ts'
import { foldAttributes } from '../../src/scim/fold.ts'
import { matches } from '../../src/scim/match.ts'
import type { JsonObject } from '../../src/scim/resource.ts'
import { groupType } from '../../src/scim/schemas/group.ts'
import { userType } from '../../src/scim/schemas/user.ts'
import { filterSql } from '../../src/store/filter-sql.ts'
import { Prisma } from '../../src/store/generated/client.ts'
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

const FILTERS_PER_DIRECTORY = 40

const prisma = openTestPrisma()

interface Scenario {
  readonly directory: GeneratedDirectory
  readonly documents: { readonly User: readonly JsonObject[]; readonly Group: readonly JsonObject[] }
  readonly filters: { readonly User: readonly Filter[]; readonly Group: readonly Filter[] }
}

const types = { User: userType, Group: groupType }

const scenarios: fc.Arbitrary<Scenario> = directories.chain((directory) => {
  const documents = {
    User: directory.users.map((user) => userDocument(user, directory)),
    Group: directory.groups.map((group) => groupDocument(group, directory)),
  }
  const many = (name: 'User' | 'Group') =>
    fc.array(filters(types[name], literalsFrom(documents[name])), {
      minLength: FILTERS_PER_DIRECTORY,
      maxLength: FILTERS_PER_DIRECTORY,
    })
  return fc.record({
    directory: fc.constant(directory),
    documents: fc.constant(documents),
    filters: fc.record({ User: many('User'), Group: many('Group') }),
  })
})

describe('scim.md section 1 "Filters": SQL and match.ts', () => {
  test('select the same users and groups, for any filter on any directory', async () => {
    let selected = 0
    await fc.assert(
      fc.asyncProperty(scenarios, async (scenario) => {
        const directoryId = await insertDirectory(prisma.client, scenario.directory)
        // The same resources in another directory, each in every group: none of it may be seen.
        await insertDirectory(prisma.client, crowded(scenario.directory))
        selected += await compareAll('User', scenario, directoryId)
        selected += await compareAll('Group', scenario, directoryId)
      }),
      { numRuns: 10, endOnFailure: true },
    )
    expect(selected).toBeGreaterThan(0)
  })
})

function crowded({ users, groups }: GeneratedDirectory): GeneratedDirectory {
  const memberOf = groups.map(({ id }) => id)
  const inAll = <T extends object>(resource: T) => ({ ...resource, memberOf })
  return { users: users.map(inAll), groups: groups.map(inAll) }
}

async function compareAll(name: 'User' | 'Group', scenario: Scenario, directoryId: string): Promise<number> {
  const folded = scenario.documents[name].map((document) => foldAttributes(document, types[name]))
  let selected = 0
  for (const filter of scenario.filters[name]) {
    const text = printed(filter)
    const expected = folded.filter((document) => matches(filter, document)).map(({ id }) => String(id))
    const found = await search(name, parseFilter(text, types[name]), directoryId)
    expect({ text, ids: found }).toEqual({ text, ids: expected.sort() })
    selected += found.length
  }
  return selected
}

async function search(
  resourceType: 'User' | 'Group',
  filter: Filter,
  directoryId: string,
): Promise<string[]> {
  const table = Prisma.raw(resourceType === 'User' ? 'users' : 'groups')
  const condition = filterSql(filter, { resourceType, directoryId, baseUrl })
  const rows = await prisma.client.$queryRaw<{ id: string; held: boolean | null }[]>`
    SELECT r.id::text AS id, ${condition} AS held FROM ${table} r WHERE r.directory_id = ${directoryId}::uuid ORDER BY id`
  // never NULL: `not` around it would then select nothing
  expect(rows.filter(({ held }) => held === null)).toEqual([])
  const selected = await prisma.client.$queryRaw<{ id: string }[]>`
    SELECT r.id::text AS id FROM ${table} r WHERE r.directory_id = ${directoryId}::uuid AND ${condition} ORDER BY id`
  const ids = selected.map(({ id }) => id)
  expect(rows.filter(({ held }) => held).map(({ id }) => id)).toEqual(ids)
  return ids
}
