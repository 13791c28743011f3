// Tokens, as hashes: those that IdPs present for a directory, and those of administrators.
import type { Tx } from './database.ts'

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
  tx: Tx,
  directoryId: string,
  token: { id: string; name: string; hash: Buffer; expiresAt: Date | null },
): Promise<DirectoryToken> {
  return tx.directoryToken.create({
    data: { ...token, hash: new Uint8Array(token.hash), directoryId },
    select: shown,
  })
}

export async function listDirectoryTokens(tx: Tx, directoryId: string): Promise<DirectoryToken[]> {
  return tx.directoryToken.findMany({ where: { directoryId }, select: shown, orderBy: { id: 'asc' } })
}

/** Revokes a token for good; null where the directory has none of that id. */
export async function revokeDirectoryToken(
  tx: Tx,
  directoryId: string,
  id: string,
  at: Date,
): Promise<DirectoryToken | null> {
  const held = await tx.directoryToken.findFirst({ where: { id, directoryId }, select: shown })
  if (held === null || held.revokedAt !== null) return held
  return tx.directoryToken.update({ where: { id }, data: { revokedAt: at }, select: shown })
}

/** What a request needs to know of the token that it presents, and of the token's directory. */
export interface PresentedToken
  extends Pick<DirectoryToken, 'id' | 'directoryId' | 'expiresAt' | 'revokedAt'> {
  readonly lastUsedAt: Date | null
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
  await tx.directoryToken.updateMany({ where: { id, directoryId }, data: { lastUsedAt: at } })
}

export async function insertAdminToken(
  tx: Tx,
  token: { id: string; name: string; hash: Buffer },
): Promise<void> {
  await tx.adminToken.create({ data: { ...token, hash: new Uint8Array(token.hash) } })
}

export interface AdminToken {
  readonly id: string
  readonly expiresAt: Date | null
  readonly revokedAt: Date | null
}

export async function findAdminToken(tx: Tx, hash: Buffer): Promise<AdminToken | null> {
  return tx.adminToken.findUnique({
    where: { hash: new Uint8Array(hash) },
    select: { id: true, expiresAt: true, revokedAt: true },
  })
}
