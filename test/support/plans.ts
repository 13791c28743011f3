// Query plans of PostgreSQL (EXPLAIN FORMAT JSON), and what in them reads more rows than were asked for.
import { Prisma, type PrismaClient } from '../../src/store/generated/client.ts'

export interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly 'Index Cond'?: string
  readonly 'Recheck Cond'?: string
  readonly Filter?: string
  readonly 'Subplan Name'?: string
  readonly 'Actual Rows'?: number
  readonly 'Actual Loops'?: number
  readonly 'Rows Removed by Filter'?: number
  readonly 'Rows Removed by Join Filter'?: number
  readonly Plans?: readonly PlanNode[]
}

export async function explain(
  prisma: Pick<PrismaClient, '$queryRaw'>,
  statement: Prisma.Sql,
  options: 'FORMAT JSON' | 'ANALYZE, FORMAT JSON' = 'FORMAT JSON',
): Promise<PlanNode> {
  const rows = await prisma.$queryRaw<{ 'QUERY PLAN': { Plan: PlanNode }[] }[]>(
    Prisma.sql`EXPLAIN (${Prisma.raw(options)}) ${statement}`,
  )
  const plan = rows[0]?.['QUERY PLAN'][0]?.Plan
  if (plan === undefined) throw new Error('no plan')
  return plan
}

export const nodesOf = (plan: PlanNode): PlanNode[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)]

const searched = ['users', 'groups', 'user_memberships', 'group_memberships']

/**
 * The scans that walk through a table, or through all that a directory has in it: without an index, or with nothing
 * else for the index than the directory.
 */
export function walksOf(plan: PlanNode): string[] {
  const inside = (plan.Plans ?? []).map(walksOf)
  // what several indexes found, put together: one that is to the point is enough
  if (plan['Node Type'] === 'BitmapAnd' && inside.some((walks) => walks.length === 0)) return []
  return [...walkOf(plan), ...inside.flat()]
}

function walkOf(node: PlanNode): string[] {
  const { 'Node Type': type, 'Relation Name': table = '', 'Index Name': index } = node
  if (type === 'Seq Scan') return searched.includes(table) ? [`Seq Scan on ${table}: ${node.Filter}`] : []
  if (!/Index( Only)? Scan$/.test(type)) return []
  const condition = node['Index Cond'] ?? ''
  const others = condition.replace(/\(?(\w+\.)?directory_id = ('[0-9a-f-]+'::uuid|\w+\.directory_id)\)?/g, '')
  return /\w+ [^\w\s]+ /.test(others) ? [] : [`${type} using ${index} (${condition}): ${node.Filter}`]
}
