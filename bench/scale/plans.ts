// The plans of searches by filters that have an index: none of them may walk through a table.
import type pg from 'pg'
import { parseFilter } from '../../src/scim/filter.ts'
import type { ResourceType } from '../../src/scim/schema.ts'
import { groupType } from '../../src/scim/schemas/group.ts'
import { userType } from '../../src/scim/schemas/user.ts'
import { searchSql } from '../../src/store/search-sql.ts'
import { withClient } from '../cluster.ts'
import { print } from '../report.ts'
import {
  externalIdOf,
  groupId,
  groupName,
  identityOf,
  tenant,
  userId,
  userNameOf,
  type World,
} from '../world.ts'
import { counted, type SizedDirectory } from './directories.ts'

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly Plans?: readonly PlanNode[]
}

/** What has fewer rows is read whole by right. */
const MANY_ROWS = 1000

function filtersOf({ users, groups }: World): [ResourceType, string][] {
  const identity = identityOf(users - 7)
  const userName = userNameOf(identity)
  const group = groupId(groups - 7)
  const ofUsers = [
    `id eq "${userId(users - 7)}"`,
    `userName eq "${userName}"`,
    `externalId eq "${externalIdOf(identity)}"`,
    `emails[type eq "work"].value eq "${userName}"`,
    `emails.value eq "${userName}"`,
    `employeeNumber eq "${users - 7}"`,
    `groups.value eq "${group}"`,
    `userName eq "${userName}" and active eq true`,
    `userName sw "${userName.slice(0, -10)}"`,
    `displayName co "zz${users}"`,
    `meta.lastModified gt "2100-01-01T00:00:00Z"`,
  ]
  const ofGroups = [
    `displayName eq "${groupName(groups - 7)}"`,
    `members eq "${userId(users - 7)}"`,
    `id eq "${group}" and members eq "${userId(users - 7)}"`,
  ]
  const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
  return [
    ...ofUsers.map((text): [ResourceType, string] => [
      userType,
      text.replace(/^employeeNumber/, `${enterprise}:employeeNumber`),
    ]),
    ...ofGroups.map((text): [ResourceType, string] => [groupType, text]),
  ]
}

/** The filters whose plan has a sequential scan. */
export async function findSequentialScans({ url, world }: SizedDirectory): Promise<string[]> {
  const filters = filtersOf(world)
  const walks = await withClient(url, async (client) => {
    const found: string[] = []
    const large = await largeTables(client)
    for (const [type, text] of filters) {
      const tables = (await scannedTables(client, type, text)).filter((table) => large.has(table))
      if (tables.length > 0) found.push(`${text}: ${tables.join(', ')}`)
    }
    return found
  })
  const size = counted(world.users)
  print(`\nPlans of ${filters.length} filters on ${size} users: ${walks.length} with a sequential scan.`)
  for (const walk of walks) print(`! ${walk}`)
  return walks
}

async function largeTables(client: pg.ClientBase): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ relname: string }>(
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples >= $1",
    [MANY_ROWS],
  )
  return new Set(rows.map(({ relname }) => relname))
}

async function scannedTables(client: pg.ClientBase, type: ResourceType, text: string): Promise<string[]> {
  const filter = parseFilter(text, type, [type === userType ? groupType : userType])
  const { text: statement, values } = searchSql({
    directoryId: tenant.directoryId,
    baseUrl: 'http://localhost/scim/v2',
    targets: [{ type: type.name, filter, sort: null }],
    page: { startIndex: 1, count: 100 },
  })
  const { rows } = await client.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(
    `EXPLAIN (FORMAT JSON) ${statement}`,
    values,
  )
  const plan = rows[0]?.['QUERY PLAN'][0]?.Plan
  if (plan === undefined) throw new Error('no plan')
  return nodesOf(plan).flatMap((node) => {
    const table = node['Relation Name'] ?? ''
    return node['Node Type'] === 'Seq Scan' ? [table] : []
  })
}

const nodesOf = (plan: PlanNode): PlanNode[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)]
