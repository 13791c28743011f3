// Directory tokens, as hashes: those that IdPs present.
import type { PrismaTx, Tx } from './database.ts'
import type { PageRequest } from './paging.ts'

export interface DirectoryToken {
  readonly id: string
  readonly directoryId: string
  readonly name: string
  readonly createdAt: Date
  readonly expiresAt: Date | null
  readonly revokedAt: Date | null
  readonly lastUsedAt: Date | null
}

const shown = {
  id: true,
  directoryId: true,
  name: true,
  createdAt: true,
  expiresAt: true,
  revokedAt: true,
  lastUsedAt: true,
} as const

export async function insertDirectoryToken(
  tx: PrismaTx,
  directoryId: string,
  token: { id: string; name: string; hash: Buffer; expiresAt: Date | null },
): Promise<DirectoryToken> {
  return tx.directoryToken.create({
    data: { ...token, hash: new Uint8Array(token.hash), directoryId },
    select: shown,
  })
}

/** A page of the directory's tokens, in the order of their ids. */
export async function listDirectoryTokens(
  tx: PrismaTx,
  directoryId: string,
  { after, limit }: PageRequest,
): Promise<DirectoryToken[]> {
  const id = after === null ? {} : { id: { gt: after } }
  return tx.directoryToken.findMany({
    where: { directoryId, ...id },
    select: shown,
    orderBy: { id: 'asc' },
    take: limit,
  })
}

/** The token as the directory has it, whatever its state. */
export async function findTokenOf(
  tx: PrismaTx,
  directoryId: string,
  id: string,
): Promise<DirectoryToken | null> {
  return tx.directoryToken.findFirst({ where: { id, directoryId }, select: shown })
}

/** The same, and nobody else changes it until the transaction ends. */
export async function lockTokenOf(
  tx: PrismaTx,
  directoryId: string,
  id: string,
): Promise<DirectoryToken | null> {
  await tx.$queryRaw`
    SELECT id FROM directory_tokens WHERE id = ${id}::uuid AND directory_id = ${directoryId}::uuid FOR UPDATE`
  return findTokenOf(tx, directoryId, id)
}

export async function updateDirectoryToken(
  tx: PrismaTx,
  directoryId: string,
  id: string,
  change: { readonly name?: string; readonly expiresAt?: Date | null; readonly revokedAt?: Date },
): Promise<void> {
  await tx.directoryToken.updateMany({ where: { id, directoryId }, data: change })
}

/** What a request needs to know of the token that it presents, and of the token's directory. */
export interface PresentedToken
  extends Pick<DirectoryToken, 'id' | 'directoryId' | 'expiresAt' | 'revokedAt' | 'lastUsedAt'> {
  readonly schemasVersion: number
}

/** The token with this hash, whatever its state. */
export async function findDirectoryToken(tx: Tx, hash: Buffer): Promise<PresentedToken | null> {
  const [token] = await tx.$queryRaw<PresentedToken[]>`
    SELECT t.id, t.directory_id AS "directoryId", t.expires_at AS "expiresAt", t.revoked_at AS "revokedAt",
      t.last_used_at AS "lastUsedAt", d.schemas_version AS "schemasVersion"
    FROM directory_tokens t JOIN directories d ON d.id = t.directory_id
    WHERE t.hash = ${hash}`
  return token ?? null
}

/** Remembers that a token was used; at most once a minute, so that reads do not become writes. */
export async function touchDirectoryToken(tx: Tx, directoryId: string, id: string, at: Date): Promise<void> {
  await tx.$executeRaw`
    UPDATE directory_tokens SET last_used_at = ${at} WHERE directory_id = ${directoryId}::uuid AND id = ${id}::uuid`
}
