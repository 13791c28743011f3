// Admin tokens, as hashes: what each may be used for, and where.
import type { PrismaTx, Tx } from './database.ts'
import { Prisma } from './generated/client.ts'
import type { PageRequest } from './paging.ts'

/** Where a token counts: everywhere, for one parent with its directory and organizations, for one organization. */
export type AdminScope =
  | { readonly kind: 'all' }
  | { readonly kind: 'parent'; readonly parentOrganizationId: string; readonly directoryId: string }
  | {
      readonly kind: 'organization'
      readonly organizationId: string
      readonly parentOrganizationId: string
      readonly directoryId: string
    }

export const adminScopes = ['all', 'parent', 'organization'] as const satisfies readonly AdminScope['kind'][]

/** `sign_in` is for the SSO layer of an application: it asks who may enter, and reads members. */
export const adminAccesses = ['read_only', 'read_write', 'sign_in'] as const
export type AdminAccess = (typeof adminAccesses)[number]

export interface AdminToken {
  readonly id: string
  readonly name: string
  readonly access: AdminAccess
  readonly scope: AdminScope
  readonly createdAt: Date
  readonly expiresAt: Date | null
  readonly revokedAt: Date | null
  readonly lastUsedAt: Date | null
}

interface Row {
  readonly id: string
  readonly name: string
  readonly access: string
  readonly parent_organization_id: string | null
  readonly organization_id: string | null
  readonly directory_id: string | null
  readonly created_at: Date
  readonly expires_at: Date | null
  readonly revoked_at: Date | null
  readonly last_used_at: Date | null
}

const selected = Prisma.raw(`SELECT t.id, t.name, t.access, t.parent_organization_id, t.organization_id,
    d.id AS directory_id, t.created_at, t.expires_at, t.revoked_at, t.last_used_at
  FROM admin_tokens t LEFT JOIN directories d ON d.parent_organization_id = t.parent_organization_id`)

function toToken(row: Row): AdminToken {
  const access = adminAccesses.find((known) => known === row.access)
  if (access === undefined) throw new Error(`Admin token ${row.id} has an unknown access.`)
  return {
    id: row.id,
    name: row.name,
    access,
    scope: toScope(row),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
  }
}

function toScope(row: Row): AdminScope {
  const { parent_organization_id: parentOrganizationId, organization_id: organizationId } = row
  if (parentOrganizationId === null && organizationId === null) return { kind: 'all' }
  const directoryId = row.directory_id
  if (parentOrganizationId === null || directoryId === null) {
    throw new Error(`Admin token ${row.id} is of a parent without a directory.`)
  }
  if (organizationId === null) return { kind: 'parent', parentOrganizationId, directoryId }
  return { kind: 'organization', organizationId, parentOrganizationId, directoryId }
}

export async function insertAdminToken(
  tx: PrismaTx,
  token: {
    readonly id: string
    readonly name: string
    readonly hash: Buffer
    readonly access: AdminAccess
    readonly scope: AdminScope
    readonly expiresAt: Date | null
  },
): Promise<void> {
  const { id, name, access, scope, expiresAt } = token
  await tx.adminToken.create({
    data: {
      id,
      name,
      access,
      expiresAt,
      hash: new Uint8Array(token.hash),
      parentOrganizationId: scope.kind === 'all' ? null : scope.parentOrganizationId,
      organizationId: scope.kind === 'organization' ? scope.organizationId : null,
    },
  })
}

/** The token with this hash, whatever its state. */
export async function findAdminTokenByHash(tx: Tx, hash: Buffer): Promise<AdminToken | null> {
  const [row] = await tx.$queryRaw<Row[]>`${selected} WHERE t.hash = ${hash}`
  return row === undefined ? null : toToken(row)
}

/** Tokens whose scope lies within another. */
const within = (scope: AdminScope): Prisma.Sql => {
  switch (scope.kind) {
    case 'all':
      return Prisma.sql`true`
    case 'parent':
      return Prisma.sql`t.parent_organization_id = ${scope.parentOrganizationId}::uuid`
    case 'organization':
      return Prisma.sql`t.parent_organization_id = ${scope.parentOrganizationId}::uuid
        AND t.organization_id = ${scope.organizationId}::uuid`
  }
}

/** A page of the tokens within the scope, in the order of their ids. */
export async function listAdminTokens(
  tx: Tx,
  scope: AdminScope,
  { after, limit }: PageRequest,
): Promise<AdminToken[]> {
  const from = after === null ? Prisma.empty : Prisma.sql`AND t.id > ${after}::uuid`
  const rows = await tx.$queryRaw<
    Row[]
  >`${selected} WHERE ${within(scope)} ${from} ORDER BY t.id LIMIT ${limit}`
  return rows.map(toToken)
}

/** A token within the scope. */
export async function findAdminToken(tx: Tx, scope: AdminScope, id: string): Promise<AdminToken | null> {
  const [row] = await tx.$queryRaw<Row[]>`${selected} WHERE t.id = ${id}::uuid AND ${within(scope)}`
  return row === undefined ? null : toToken(row)
}

/** The same, and nobody else changes it until the transaction ends. */
export async function lockAdminToken(tx: Tx, scope: AdminScope, id: string): Promise<AdminToken | null> {
  await tx.$queryRaw`SELECT t.id FROM admin_tokens t WHERE t.id = ${id}::uuid AND ${within(scope)} FOR UPDATE`
  return findAdminToken(tx, scope, id)
}

/**
 * Locks the valid tokens that may do everything everywhere, and gives their ids: while one of them is revoked, no
 * other one is.
 */
export async function lockFullTokens(tx: Tx, now: Date): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM admin_tokens
    WHERE parent_organization_id IS NULL AND access = 'read_write' AND revoked_at IS NULL
      AND (expires_at IS NULL OR expires_at > ${now}::timestamptz)
    ORDER BY id FOR UPDATE`
  return rows.map(({ id }) => id)
}

export async function updateAdminToken(
  tx: PrismaTx,
  id: string,
  change: { readonly name?: string; readonly expiresAt?: Date | null; readonly revokedAt?: Date },
): Promise<void> {
  await tx.adminToken.update({ where: { id }, data: change })
}

/** Remembers that a token was used; at most once a minute, so that reads do not become writes. */
export async function touchAdminToken(tx: PrismaTx, id: string, at: Date): Promise<void> {
  await tx.adminToken.updateMany({ where: { id }, data: { lastUsedAt: at } })
}

/** Which of the tokens are valid. */
export async function validAdminTokens(tx: Tx, ids: readonly string[], now: Date): Promise<Set<string>> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM admin_tokens WHERE id = ANY(${ids}::uuid[]) AND revoked_at IS NULL
      AND (expires_at IS NULL OR expires_at > ${now}::timestamptz)`
  return new Set(rows.map(({ id }) => id))
}
