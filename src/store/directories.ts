// Directories: their lock and their settings.
import type { AdminScope } from './admin-tokens.ts'
import type { PrismaTx, Tx } from './database.ts'
import type { PageRequest } from './paging.ts'

export interface Directory {
  readonly id: string
  readonly parentOrganizationId: string
  /** what a write does with members that do not exist (scim.md section 5.8) */
  readonly unknownMembers: 'refuse' | 'skip'
}

export const isUnknownMembers = (value: string): value is Directory['unknownMembers'] =>
  value === 'refuse' || value === 'skip'

/**
 * What a write to a directory keeps others from, the least first.
 * `shared`: a write that leaves settings and the nesting of groups as they are; any number at a time.
 * `alone`: the same, which in addition has the organizations that it concerns for itself.
 * `exclusive`: a write that changes which groups are mapped or nested, and so what others' writes bring about.
 * Taken before anything is read: who decides that no mapping sees a change must be right until it commits.
 */
export type StructureLock = 'shared' | 'alone' | 'exclusive'

/** Gives the version of the directory's schemas, which nobody changes while it is locked; null where there is no such directory. */
export async function lockDirectory(
  tx: Tx,
  directoryId: string,
  lock: StructureLock,
): Promise<number | null> {
  const [row] = await tx.$queryRaw<{ version: number | null }[]>`
    SELECT lock_directory(${directoryId}::uuid, ${lock === 'exclusive'}::boolean) AS version`
  return row?.version ?? null
}

export async function findDirectory(tx: Tx, directoryId: string): Promise<Directory | null> {
  const [row] = await tx.$queryRaw<DirectoryRow[]>`
    SELECT id, parent_organization_id AS "parentOrganizationId", unknown_members AS "unknownMembers"
    FROM directories WHERE id = ${directoryId}::uuid`
  return row === undefined ? null : toDirectory(row)
}

/** A page of those that the scope shows, in the order of their ids. */
export async function listDirectories(
  tx: PrismaTx,
  scope: AdminScope,
  { after, limit }: PageRequest,
): Promise<Directory[]> {
  if (scope.kind === 'organization') return []
  const own = scope.kind === 'all' ? {} : { id: scope.directoryId }
  const rows = await tx.directory.findMany({
    where: { AND: [own, after === null ? {} : { id: { gt: after } }] },
    orderBy: { id: 'asc' },
    take: limit,
  })
  return rows.map(toDirectory)
}

interface DirectoryRow {
  readonly id: string
  readonly parentOrganizationId: string
  readonly unknownMembers: string
}

const toDirectory = (row: DirectoryRow): Directory => ({
  id: row.id,
  parentOrganizationId: row.parentOrganizationId,
  unknownMembers: isUnknownMembers(row.unknownMembers) ? row.unknownMembers : 'refuse',
})

export async function setUnknownMembers(
  tx: PrismaTx,
  directoryId: string,
  unknownMembers: Directory['unknownMembers'],
): Promise<void> {
  await tx.directory.update({ where: { id: directoryId }, data: { unknownMembers } })
}

/** Two processes that start on an empty database at once: the second waits, and finds it set up. */
export async function lockFirstStart(tx: Tx): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('rollcall first start', 0))`
}
