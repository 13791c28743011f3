// Connections to WorkOS directories, and the secrets that sign their webhooks, sealed.
import { isId } from '../ids.ts'
import type { PrismaTx, Tx } from './database.ts'

export interface WorkosConnection {
  readonly id: string
  readonly directoryId: string
  readonly name: string
  /** null until the first event names it */
  readonly workosDirectoryId: string | null
  /** stamps of the last dsync.activated and dsync.deleted */
  readonly activatedStamp: string | null
  readonly deletedStamp: string | null
  readonly lastEventAt: Date | null
  readonly createdAt: Date
}

/** A secret without the secret. */
export interface WorkosSecret {
  readonly id: string
  readonly createdAt: Date
}

const shownSecret = { id: true, createdAt: true } as const
const withSecrets = { secrets: { select: shownSecret, orderBy: { id: 'asc' } } } as const

export type WorkosConnectionWithSecrets = WorkosConnection & { readonly secrets: readonly WorkosSecret[] }

export async function insertWorkosConnection(
  tx: PrismaTx,
  directoryId: string,
  connection: { id: string; name: string; workosDirectoryId: string | null },
): Promise<void> {
  await tx.workosConnection.create({ data: { ...connection, directoryId } })
}

export async function listWorkosConnections(
  tx: PrismaTx,
  directoryId: string,
): Promise<WorkosConnectionWithSecrets[]> {
  return tx.workosConnection.findMany({
    where: { directoryId },
    include: withSecrets,
    orderBy: { id: 'asc' },
  })
}

export async function findWorkosConnection(
  tx: PrismaTx,
  directoryId: string,
  id: string,
): Promise<WorkosConnectionWithSecrets | null> {
  if (!isId(id)) return null
  return tx.workosConnection.findUnique({
    where: { directoryId_id: { directoryId, id } },
    include: withSecrets,
  })
}

/** What a delivery to this connection is checked with, whatever its directory: the URL names the connection alone. */
export async function findSealedSecrets(
  tx: PrismaTx,
  id: string,
): Promise<{ directoryId: string; secrets: { id: string; sealed: string }[] } | null> {
  if (!isId(id)) return null
  const row = await tx.workosConnection.findUnique({
    where: { id },
    select: { directoryId: true, secrets: { select: { id: true, secret: true }, orderBy: { id: 'desc' } } },
  })
  if (row === null) return null
  return {
    directoryId: row.directoryId,
    secrets: row.secrets.map(({ id: secretId, secret }) => ({ id: secretId, sealed: secret })),
  }
}

/**
 * Locks all connections of a directory: its events are applied one after the other, since which of several users with
 * one name is here depends on all of them. Gives the connection of this id.
 */
export async function lockWorkosConnection(
  tx: PrismaTx,
  directoryId: string,
  id: string,
): Promise<WorkosConnectionWithSecrets | null> {
  await lockWorkosConnections(tx, directoryId)
  return findWorkosConnection(tx, directoryId, id)
}

export async function lockWorkosConnections(tx: Tx, directoryId: string): Promise<void> {
  await tx.$executeRaw`
    SELECT 1 FROM workos_connections WHERE directory_id = ${directoryId}::uuid ORDER BY id FOR NO KEY UPDATE`
}

export async function updateWorkosConnection(
  tx: PrismaTx,
  directoryId: string,
  id: string,
  data: Partial<
    Pick<WorkosConnection, 'name' | 'workosDirectoryId' | 'activatedStamp' | 'deletedStamp' | 'lastEventAt'>
  >,
): Promise<void> {
  await tx.workosConnection.update({ where: { directoryId_id: { directoryId, id } }, data })
}

/** What the connection brought stays in the directory. */
export async function deleteWorkosConnection(tx: PrismaTx, directoryId: string, id: string): Promise<void> {
  await tx.workosConnection.delete({ where: { directoryId_id: { directoryId, id } } })
}

export async function insertWorkosSecret(
  tx: PrismaTx,
  directoryId: string,
  connectionId: string,
  secret: { id: string; secret: string },
): Promise<WorkosSecret> {
  return tx.workosSecret.create({ data: { ...secret, directoryId, connectionId }, select: shownSecret })
}

export async function deleteWorkosSecret(
  tx: PrismaTx,
  directoryId: string,
  connectionId: string,
  id: string,
): Promise<void> {
  await tx.workosSecret.delete({
    where: { directoryId_connectionId_id: { directoryId, connectionId, id } },
  })
}
