// The transaction of a write to a directory: its lock, and a second try where the write needs the exclusive one.
import type { ResourceTypes } from '../scim/resource-types.ts'
import { inTurn, type Tx } from '../store/database.ts'
import { lockDirectory, type StructureLock } from '../store/directories.ts'
import type { Actor } from '../store/events.ts'
import { readSchemasVersion } from '../store/extension-schemas.ts'
import { SchemasChanged } from './errors.ts'

/** Who writes to which directory, and where its resources are for the client. */
export interface DirectoryCaller {
  readonly directoryId: string
  readonly actor: Actor
  /** what resources of the directory have, as of `schemasVersion` */
  readonly types: ResourceTypes
  /** 0 where the directory adds no schema to the built-in ones */
  readonly schemasVersion: number
  /** where the SCIM endpoints are, without a slash at the end */
  readonly baseUrl: string
}

/** Thrown by a write that needs the directory for itself, as one does that changes which groups are nested. */
class NeedsExclusiveLock extends Error {}

/**
 * Runs `work` under the directory's shared lock. If it turns out to need the exclusive one, it is rolled back and runs again under the exclusive lock: rare, so that the usual write need not ask beforehand. `open` is the
 * database's `write`, or its `transaction` where Prisma's models are needed.
 */
export async function writeDirectory<T, X extends Tx>(
  open: (work: (tx: X) => Promise<T>) => Promise<T>,
  { directoryId, schemasVersion }: DirectoryCaller,
  work: (tx: X, lock: StructureLock) => Promise<T>,
): Promise<T> {
  const attempt = (lock: StructureLock) =>
    open(async (tx) => {
      const begin = () =>
        inTurn(
          tx,
          () => lockDirectory(tx, directoryId, lock),
          () => requireSchemas(tx, directoryId, schemasVersion),
        )
      const [, result] = await inTurn(tx, begin, () => work(tx, lock))
      return result
    })
  try {
    return await attempt('shared')
  } catch (error) {
    if (!(error instanceof NeedsExclusiveLock)) throw error
    return attempt('exclusive')
  }
}

/**
 * A body was read by schemas that may have changed before the lock was held, or that this process had not heard of yet
 * (known-tokens.ts). Throws SchemasChanged; also where the directory is gone.
 */
async function requireSchemas(tx: Tx, directoryId: string, version: number): Promise<void> {
  if ((await readSchemasVersion(tx, directoryId)) === version) return
  throw new SchemasChanged('The schemas of the directory have just changed: send the request again.')
}

/** Call before anything is decided that no other write to the directory may see half of. */
export function requireExclusive(lock: StructureLock): void {
  if (lock !== 'exclusive') throw new NeedsExclusiveLock('The write needs the directory for itself.')
}
