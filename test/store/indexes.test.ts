// Which filters an index answers: the plans of the very statements that searches run, on directories of thousands.
import { beforeAll, describe, expect, test } from 'vitest'
import type { Cursor } from '../../src/scim/cursor.ts'
import { parseFilter } from '../../src/scim/filter.ts'
import type { Attribute } from '../../src/scim/schema.ts'
import { userType } from '../../src/scim/schemas/user.ts'
import { parseSort } from '../../src/scim/sort.ts'
import { type SearchTarget, type StoreSearch, searchResources } from '../../src/store/search.ts'
import { searchSql } from '../../src/store/search-sql.ts'
import { insertCrowd, soughtDocument, type TypeName, types, valueAt } from '../support/crowds.ts'
import { baseUrl } from '../support/directory-data.ts'
import { fieldsOf } from '../support/filters.ts'
import { explain, type PlanNode, walksOf } from '../support/plans.ts'
import { openTestPrisma } from '../support/prisma.ts'

const prisma = openTestPrisma()
let directoryId: string

beforeAll(async () => {
  directoryId = await insertCrowd(prisma.client)
})

/**
 * What every row of a table has, or none: there is nothing to look up. `groups.type eq "direct"` finds whoever is in a
 * group, `meta.resourceType eq "User"` all users.
 */
const ofTables = ['meta.resourceType', 'groups.type', 'members.type']

/** `eq` on each attribute and sub-attribute of the type, by the value of one resource; and inside of value paths. */
function equalities(name: TypeName): string[] {
  const document = soughtDocument(name)
  const literal = (path: readonly string[]) => JSON.stringify(valueAt(document, path))
  return fieldsOf(types[name]).flatMap(({ path, attribute }) => {
    const [first = '', second] = path
    const spelled = second === undefined ? first : `${first}:${second}`
    const parts = (attribute.subAttributes ?? []).filter(isSearched)
    if (parts.length === 0) return [`${spelled} eq ${literal(path)}`]
    const inParts = parts.map((part) => ({ part, eq: `${part.name} eq ${literal([...path, part.name])}` }))
    const known = inParts.filter(({ part }) => !ofTables.includes(`${spelled}.${part.name}`))
    const hasValue = parts.some((part) => part.name === 'value')
    return [
      ...(hasValue ? [`${spelled} eq ${literal([...path, 'value'])}`] : []),
      ...known.map(({ eq }) => `${spelled}.${eq}`),
      ...known.map(({ eq }) => `${spelled}[${eq}]`),
      ...inParts.slice(1).map(({ eq }) => `${spelled}[${inParts[0]?.eq} and ${eq}]`),
      ...inParts.slice(1).map(({ eq }) => `${spelled}[${inParts[0]?.eq}].${eq}`),
    ]
  })
}

const isSearched = ({ returned }: Attribute): boolean => returned !== 'never'

function targetsOf(names: readonly TypeName[], text: string): SearchTarget[] {
  return names.map((name) => {
    const others = names.filter((other) => other !== name).map((other) => types[other])
    return { type: name, filter: parseFilter(text, types[name], others), sort: null }
  })
}

const page = { startIndex: 1, count: 100 }

/** What the search for it walks through. It finds somebody, or the filter would prove nothing. */
async function walks(names: readonly TypeName[], text: string): Promise<string[]> {
  const search = { directoryId, baseUrl, targets: targetsOf(names, text), page }
  const { total } = await searchResources(prisma.client, search)
  if (total === 0) return [`${text} finds nobody`]
  return walksOf(await explain(prisma.client, searchSql(search))).map((walk) => `${text}: ${walk}`)
}

async function walksOfAll(names: readonly TypeName[], texts: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const text of texts) found.push(...(await walks(names, text)))
  return found
}

test('this test sees what no index answers', async () => {
  expect(await walks(['User'], 'title ne "x"')).toEqual([expect.stringContaining('on users')])
  expect(await walks(['User'], 'title co "title-77"')).toEqual([expect.stringContaining('on users')])
  expect(await walks(['Group'], 'members.display ne "x"')).not.toEqual([])
})

describe.each<TypeName>(['User', 'Group'])(
  'scim.md 3, 6 an eq on any attribute of %s is answered from an index',
  (name) => {
    const texts = equalities(name)

    test('alone', async () => {
      expect(texts.length).toBeGreaterThan(20)
      expect(await walksOfAll([name], texts)).toEqual([])
    })

    test('with any other by and', async () => {
      expect(
        await walksOfAll(
          [name],
          texts.map((text, i) => `${text} and ${texts[(i * 7 + 1) % texts.length]}`),
        ),
      ).toEqual([])
    })

    test('with any other by or', async () => {
      expect(
        await walksOfAll(
          [name],
          texts.map((text, i) => `${text} or ${texts[(i * 7 + 1) % texts.length]}`),
        ),
      ).toEqual([])
    })

    test('at the root', async () => {
      expect(await walksOfAll(['User', 'Group'], texts)).toEqual([])
    })
  },
)

describe('scim.md 3 co, sw and ew on names and e-mail are answered from trigram indexes', () => {
  const operators = (name: string, middle: string, beginning: string, end: string) => [
    `${name} co "${middle}"`,
    `${name} sw "${beginning}"`,
    `${name} ew "${end}"`,
  ]
  const inValuePath = (text: string) => `emails[type eq "home" and ${text}]`
  const emails = operators('value', 'ue-77', 'VALUE-77', '-77')

  test.each<[TypeName, string[]]>([
    ['User', operators('userName', 'me-77', 'USERNAME-77', '-77')],
    ['User', operators('displayName', 'me-77', 'displayName-77', '-77')],
    ['Group', operators('displayName', 'me-77', 'displayName-77', '-77')],
    ['Group', operators('members.display', 'me-76', 'displayName-76', '-76')],
    ['User', operators('emails', 'ue-77', 'value-77', '-77')],
    ['User', operators('emails.value', 'ue-77', 'value-77', '-77')],
    ['User', emails.map(inValuePath)],
    ['User', emails.map((text) => `emails[type eq "home"].${text}`)],
    ['User', emails.map((text) => `emails[${text} or value eq "value-78"]`)],
    ['User', emails.map((text) => inValuePath(`(${text} or value eq "value-78")`))],
    ['User', emails.map((text) => `emails[${text}] and userName ew "-77"`)],
    ['User', emails.map((text) => `emails[${text}] or displayName co "me-78" or userName sw "username-79"`)],
    ['User', emails.map((text) => `emails[${text}] or groups.display ew "-79"`)],
  ])('%s %j', async (name, texts) => expect(await walksOfAll([name], texts)).toEqual([]))
})

test.each<[TypeName, string]>([
  ['User', '2021-01-01T01:06:35Z'],
  ['Group', '2021-01-01T00:33:15Z'],
])('RFC 7644 3.4.2.2 times of %s are compared by an index', async (name, last) => {
  const texts = [
    'meta.created lt "2020-01-01T00:00:09Z"',
    'meta.created ge "2020-01-01T00:00:00Z" and meta.created le "2020-01-01T00:00:05Z"',
    `meta.lastModified gt "${last}"`,
    `meta.lastModified ge "${last}" or meta.created eq "2020-01-01T00:00:05Z"`,
  ]
  expect(await walksOfAll([name], texts)).toEqual([])
})

describe('RFC 9865 the last page costs what the first one does', () => {
  const sorts = [null, 'id', 'userName', 'meta.created', 'meta.lastModified'].flatMap((sortBy) =>
    ['ascending', 'descending'].map((sortOrder) => ({ sortBy, sortOrder })),
  )

  /** The rows that the page itself makes the database read: the list is also counted, at every page alike. */
  async function rowsRead(search: StoreSearch): Promise<number> {
    const plan = await explain(prisma.client, searchSql(search), 'ANALYZE, FORMAT JSON')
    const ofPage = (node: PlanNode): PlanNode[] =>
      node['Subplan Name']?.startsWith('InitPlan') ? [] : [node, ...(node.Plans ?? []).flatMap(ofPage)]
    const scans = ofPage(plan).filter((node) => node['Relation Name'] !== undefined)
    return scans.reduce((sum, node) => sum + readBy(node), 0)
  }

  const readBy = (node: PlanNode): number =>
    ((node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0)) * (node['Actual Loops'] ?? 0)

  /** What each page of the users costs, one after the other. */
  async function costsOf(sortBy: string | null, sortOrder: string): Promise<number[]> {
    const sort = parseSort(sortBy ?? undefined, sortOrder, userType)
    const query = { directoryId, baseUrl, targets: [{ type: 'User', filter: null, sort } as const] }
    const costs: number[] = []
    let cursor: Cursor | null = null
    do {
      const search: StoreSearch = { ...query, page: { cursor, count: 100 } }
      costs.push(await rowsRead(search))
      cursor = (await searchResources(prisma.client, search)).next
    } while (cursor !== null)
    expect(costs).toHaveLength(40)
    return costs
  }

  test.each(sorts)('in the order of $sortBy, $sortOrder: little more than its own rows', async (sort) => {
    const costs = await costsOf(sort.sortBy, sort.sortOrder)
    // the page and one row more, each looked up again; and a few where PostgreSQL sorts what has the same key
    expect(costs.filter((rows) => rows > 2 * 101 + 60)).toEqual([])
  })

  test('in an order that has no index: all that there is, which this measure sees', async () => {
    const sort = parseSort('title', 'ascending', userType)
    const targets = [{ type: 'User', filter: null, sort } as const]
    const page = { cursor: null, count: 100 }
    expect(await rowsRead({ directoryId, baseUrl, targets, page })).toBeGreaterThanOrEqual(4000)
  })
})
