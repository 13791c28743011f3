// Parent organizations, each with its one directory.
import { isParentPlan, type ParentPlan } from '../provisioning/catalogue.ts'
import type { AdminScope } from './admin-tokens.ts'
import type { PrismaTx, Tx } from './database.ts'
import type { Prisma } from './generated/client.ts'
import type { PageRequest } from './paging.ts'

export interface ParentOrganization {
  readonly id: string
  readonly name: string
  readonly plan: ParentPlan
  readonly directoryId: string
  readonly createdAt: Date
}

/** Creates a parent organization and its directory. */
export async function insertParentOrganization(
  tx: PrismaTx,
  parent: { id: string; directoryId: string; name: string; plan: ParentPlan },
): Promise<void> {
  const { id, directoryId, name, plan } = parent
  await tx.parentOrganization.create({ data: { id, name, plan, directory: { create: { id: directoryId } } } })
}

/** A page of those that the scope shows, in the order of their ids. */
export async function listParentOrganizations(
  tx: PrismaTx,
  scope: AdminScope,
  { after, limit }: PageRequest,
): Promise<ParentOrganization[]> {
  if (scope.kind === 'organization') return []
  const own = scope.kind === 'all' ? {} : { id: scope.parentOrganizationId }
  const rows = await tx.parentOrganization.findMany({
    where: { AND: [own, after === null ? {} : { id: { gt: after } }] },
    include: { directory: true },
    orderBy: { id: 'asc' },
    take: limit,
  })
  return rows.flatMap((row) => toParent(row) ?? [])
}

/** Whether there is any at all. */
export async function hasParentOrganizations(tx: Tx): Promise<boolean> {
  return (await tx.$queryRaw<unknown[]>`SELECT 1 FROM parent_organizations LIMIT 1`).length > 0
}

export async function findParentOrganization(tx: Tx, id: string): Promise<ParentOrganization | null> {
  const [row] = await tx.$queryRaw<(Omit<ParentOrganization, 'plan'> & { plan: string })[]>`
    SELECT p.id, p.name, p.plan, p.created_at AS "createdAt", d.id AS "directoryId"
    FROM parent_organizations p JOIN directories d ON d.parent_organization_id = p.id WHERE p.id = ${id}::uuid`
  return row === undefined ? null : { ...row, plan: planOf(row) }
}

/** Null for one that is being deleted: its directory is read after it, in a statement of its own. */
function toParent(
  row: Prisma.ParentOrganizationGetPayload<{ include: { directory: true } }>,
): ParentOrganization | null {
  const { id, name, createdAt, directory } = row
  const plan = planOf(row)
  return directory === null ? null : { id, name, plan, directoryId: directory.id, createdAt }
}

function planOf({ id, plan }: { readonly id: string; readonly plan: string }): ParentPlan {
  if (isParentPlan(plan)) return plan
  throw new Error(`Parent organization ${id} has an unknown plan.`)
}

export async function updateParentOrganization(
  tx: PrismaTx,
  id: string,
  change: { readonly name?: string; readonly plan?: ParentPlan },
): Promise<void> {
  await tx.parentOrganization.update({ where: { id }, data: change })
}

/**
 * Deletes a parent to which no organization is joined, and its directory with all that is in it. Table by table, so
 * that each is gone through once: cascading from each user and group would search them for every row.
 */
export async function deleteParentOrganization(
  tx: PrismaTx,
  { id, directoryId }: Pick<ParentOrganization, 'id' | 'directoryId'>,
): Promise<{ readonly users: number; readonly groups: number }> {
  const where = { directoryId }
  await tx.workosLink.deleteMany({ where })
  await tx.workosMembership.deleteMany({ where })
  await tx.workosObject.deleteMany({ where })
  await tx.userMembership.deleteMany({ where })
  await tx.groupMembership.deleteMany({ where })
  await tx.uniqueValue.deleteMany({ where })
  const { count: groups } = await tx.group.deleteMany({ where })
  const { count: users } = await tx.user.deleteMany({ where })
  await tx.directory.delete({ where: { id: directoryId } })
  await tx.parentOrganization.delete({ where: { id } })
  return { users, groups }
}
