// The transaction of a write to a directory: its lock, and another try where the write needs more for itself.
import type { ResourceTypes } from '../scim/resource-types.ts'
import { inTurn, type Tx } from '../store/database.ts'
import { lockDirectory, type StructureLock } from '../store/directories.ts'
import { isSeatTaken } from '../store/errors.ts'
import type { Actor } from '../store/events.ts'
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

/** Thrown by a write that turns out to need more of the directory for itself than it has. */
class NeedsLock extends Error {
  readonly lock: StructureLock

  constructor(lock: StructureLock) {
    super(`The write needs the lock "${lock}".`)
    this.lock = lock
  }
}

/**
 * Runs `work` under the directory's shared lock. If it turns out to need more for itself, it is rolled back and runs
 * again under that lock: rare, so that the usual write need not ask beforehand. `open` is the database's `write`, or its
 * `transaction` where Prisma's models are needed. `least` is for a work that changes one thing after the other.
 */
export async function writeDirectory<T, X extends Tx>(
  open: (work: (tx: X) => Promise<T>) => Promise<T>,
  { directoryId, schemasVersion }: DirectoryCaller,
  work: (tx: X, lock: StructureLock) => Promise<T>,
  least: StructureLock = 'shared',
): Promise<T> {
  for (let lock = least; ; ) {
    try {
      return await open(async (tx) => {
        const begin = async () => requireSchemas(await lockDirectory(tx, directoryId, lock), schemasVersion)
        const [, result] = await inTurn(tx, begin, () => work(tx, lock))
        return result
      })
    } catch (error) {
      const needed = lockNeeded(error)
      if (needed === null || needed === lock) throw error
      lock = needed
    }
  }
}

const lockNeeded = (error: unknown): StructureLock | null => {
  if (error instanceof NeedsLock) return error.lock
  // somebody else has taken the seat meanwhile: alone it can be seen who gets one
  return isSeatTaken(error) ? 'alone' : null
}

/**
 * A body was read by schemas that may have changed before the lock was held, or that this process had not heard of yet
 * (known-tokens.ts). Throws SchemasChanged; also where the directory is gone.
 */
function requireSchemas(version: number | null, read: number): void {
  if (version === read) return
  throw new SchemasChanged('The schemas of the directory have just changed: send the request again.')
}

/** Call before anything is decided on a change of nesting. */
export function requireExclusive(lock: StructureLock): void {
  if (lock !== 'exclusive') throw new NeedsLock('exclusive')
}

/** Call before anything is decided on an organization that others who share it must not see half of. */
export function requireAlone({ isShared }: { readonly isShared: boolean }): void {
  if (isShared) throw new NeedsLock('alone')
}
