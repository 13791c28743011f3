// An event of a connection being carried out.
import type { PrismaTx } from '../store/database.ts'
import type { StructureLock } from '../store/directories.ts'
import type { WorkosConnection } from '../store/workos-connections.ts'
import type { WorkosKey } from '../store/workos-objects.ts'
import type { WorkosType } from '../workos/translate.ts'
import type { DirectoryCaller } from './directory-write.ts'

/** The directory and its connections are locked. */
export interface WorkosWrite {
  readonly tx: PrismaTx
  readonly lock: StructureLock
  readonly caller: DirectoryCaller
  readonly connection: WorkosConnection
}

export const keyIn = ({ connection }: WorkosWrite, type: WorkosType, workosId: string): WorkosKey => ({
  directoryId: connection.directoryId,
  connectionId: connection.id,
  type,
  workosId,
})
