// What WorkOS tells by webhooks (domain.md section 8): checked, translated, and carried out in one transaction, twice
// and in any order with the same result.

import { ScimError } from '../scim/errors.ts'
import { SealBroken, type SecretBox } from '../secret-box.ts'
import type { Database, PrismaTx } from '../store/database.ts'
import type { StructureLock } from '../store/directories.ts'
import { appendEvents } from '../store/events.ts'
import { readSchemasVersion } from '../store/extension-schemas.ts'
import { lockForDeletion } from '../store/resources.ts'
import {
  findSealedSecrets,
  lockWorkosConnection,
  updateWorkosConnection,
  type WorkosConnection,
} from '../store/workos-connections.ts'
import { forgetUsers, orphanedUsers, ownersOfNames } from '../store/workos-objects.ts'
import { WorkosFault } from '../workos/fields.ts'
import { TOLERANCE_MS, type Verdict, verifySignature } from '../workos/signature.ts'
import { isAfter, type Stamp } from '../workos/stamp.ts'
import { translate, type WorkosChange, type WorkosEvent } from '../workos/translate.ts'
import { type DirectoryCaller, writeDirectory } from './directory-write.ts'
import { Invalid, NotFound, Unauthenticated } from './errors.ts'
import { LatelyValid } from './lately-valid.ts'
import type { Schemas } from './schemas.ts'
import { removeUsers } from './user-writing.ts'
import { secretContext } from './workos-connections.ts'
import { applyMembership, forgetSomeMemberships } from './workos-members.ts'
import { applyDeletion, applyObject, settleOwner } from './workos-objects.ts'
import type { WorkosWrite } from './workos-write.ts'

/** A request to the endpoint of a connection. */
export interface Delivery {
  readonly connectionId: string
  /** of the header WorkOS-Signature */
  readonly signature: string | undefined
  /** what was signed, and what it says */
  readonly rawBody: string
  readonly body: unknown
  readonly receivedAt: Date
}

/** `unchanged`: it came before, or something later did. `ignored`: it is no event of the connection's directory. */
export type Outcome = 'applied' | 'unchanged' | 'ignored'

/** People of a directory that was deleted who are taken out in one transaction. */
const CHUNK = 500
/** Another writer may take a name, or delete a user, between our look and our write. */
const MAX_ATTEMPTS = 3

export class Workos {
  readonly #database: Database
  readonly #schemas: Schemas
  readonly #secretBox: SecretBox
  readonly #latelyValid = new LatelyValid()

  constructor(database: Database, schemas: Schemas, secretBox: SecretBox) {
    this.#database = database
    this.#schemas = schemas
    this.#secretBox = secretBox
  }

  /** Whether a signature for this connection has held here lately. */
  isFamiliar(connectionId: string): boolean {
    return this.#latelyValid.has(connectionId)
  }

  /**
   * `admit` is called once the signature has held, and may throw. Throws Unauthenticated for one that does not hold,
   * Invalid for what is no event.
   */
  async receive(delivery: Delivery, admit: () => void): Promise<Outcome> {
    const { connectionId } = delivery
    const directoryId = await this.#authenticate(delivery)
    admit()
    const event = parseEvent(delivery.body)
    if (event === null) return 'ignored'
    // a directory that has just gone is found gone by the write
    const schemasVersion = (await readSchemasVersion(this.#database.client, directoryId)) ?? 0
    const caller: DirectoryCaller = {
      directoryId,
      actor: { kind: 'workos_connection', id: connectionId, requestId: event.id },
      types: await this.#schemas.typesOf(directoryId, schemasVersion),
      schemasVersion,
      // nobody is answered with a resource
      baseUrl: '',
    }
    const outcome = await this.#carryOut(caller, connectionId, event)
    // also when it came before: what takes out everybody may have been cut short
    if (outcome !== 'ignored' && event.change.kind === 'disconnected') await this.#clear(caller, connectionId)
    return outcome
  }

  /** Gives the directory of the connection. One that does not exist answers as one whose secret nobody knows. */
  async #authenticate({ connectionId, signature, rawBody, receivedAt }: Delivery): Promise<string> {
    const found = await findSealedSecrets(this.#database.client, connectionId)
    if (signature === undefined) throw new Unauthenticated('The header WorkOS-Signature is missing.')
    const secrets = this.#open(found?.secrets ?? [])
    const verdict = await verifySignature(signature, rawBody, secrets, receivedAt)
    if (found === null || verdict !== 'valid') {
      throw new Unauthenticated(objections[verdict === 'valid' ? 'forged' : verdict])
    }
    this.#latelyValid.add(connectionId)
    return found.directoryId
  }

  /** A secret whose key is gone does not stand in the way of another. Throws SealBroken where none opens. */
  #open(sealed: readonly { id: string; sealed: string }[]): string[] {
    let broken: SealBroken | null = null
    const secrets = sealed.flatMap((each) => {
      try {
        return [this.#secretBox.open(each.sealed, secretContext(each.id))]
      } catch (error) {
        if (!(error instanceof SealBroken)) throw error
        broken = error
        return []
      }
    })
    if (secrets.length === 0 && broken !== null) throw broken
    return secrets
  }

  async #carryOut(caller: DirectoryCaller, connectionId: string, event: WorkosEvent): Promise<Outcome> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#write(caller, connectionId, async (write) => {
          const connection = await bind(write, event)
          return connection === null ? 'ignored' : apply({ ...write, connection }, event.change)
        })
      } catch (error) {
        if (attempt === MAX_ATTEMPTS || !isOvertaken(error)) throw error
      }
    }
  }

  /**
   * After a dsync.deleted, which is one event for everybody: people go some at a time, each time in a transaction of its
   * own, so that a large directory neither fills the memory nor holds up others. Cut short, it goes on when WorkOS sends
   * the event again.
   */
  async #clear(caller: DirectoryCaller, connectionId: string): Promise<void> {
    const repeat = async (step: (write: WorkosWrite) => Promise<boolean>) => {
      while (await this.#write(caller, connectionId, step));
    }
    await repeat(clearSomeUsers)
    await repeat(async (write) => {
      const { deletedStamp } = write.connection
      return deletedStamp !== null && (await forgetSomeMemberships(write, deletedStamp)) > 0
    })
  }

  #write<T>(
    caller: DirectoryCaller,
    connectionId: string,
    work: (write: WorkosWrite) => Promise<T>,
  ): Promise<T> {
    const write = async (tx: PrismaTx, lock: StructureLock) => {
      const connection = await lockWorkosConnection(tx, caller.directoryId, connectionId)
      if (connection === null) throw new NotFound('WorkOS connection', connectionId)
      return work({ tx, lock, caller, connection })
    }
    return writeDirectory<T, PrismaTx>(this.#database.transaction, caller, write, 'alone')
  }
}

const objections: Record<Exclude<Verdict, 'valid'>, string> = {
  unreadable: 'The header WorkOS-Signature must be like t=1760000000000, v1=… with 64 hexadecimal digits.',
  forged: 'The signature is none of a signing secret of this connection.',
  old: `The signature is older than ${TOLERANCE_MS / 1000} seconds.`,
}

function parseEvent(body: unknown): WorkosEvent | null {
  try {
    return translate(body)
  } catch (error) {
    if (error instanceof WorkosFault) throw new Invalid(error.field, error.message)
    throw error
  }
}

const isOvertaken = (error: unknown): boolean =>
  error instanceof NotFound || (error instanceof ScimError && error.scimType === 'uniqueness')

/**
 * The connection of the event, or null where the event is of another WorkOS directory: an endpoint is sent those of all
 * directories of an environment. A connection that knows none yet is bound to the first that comes.
 */
async function bind(
  { tx, connection }: WorkosWrite,
  { workosDirectoryId }: WorkosEvent,
): Promise<WorkosConnection | null> {
  const bound = connection.workosDirectoryId ?? workosDirectoryId
  if (bound !== workosDirectoryId) return null
  const data = { workosDirectoryId: bound, lastEventAt: new Date() }
  await updateWorkosConnection(tx, connection.directoryId, connection.id, data)
  return { ...connection, ...data }
}

async function apply(write: WorkosWrite, change: WorkosChange): Promise<Outcome> {
  return (await isNews(write, change)) ? 'applied' : 'unchanged'
}

async function isNews(write: WorkosWrite, change: WorkosChange): Promise<boolean> {
  switch (change.kind) {
    case 'activated':
      return applyState(write, 'activatedStamp', change.stamp)
    case 'disconnected':
      return applyState(write, 'deletedStamp', change.stamp)
    case 'object':
      return applyObject(write, change.object)
    case 'object_deleted':
      return applyDeletion(write, change.type, change.workosId, change.stamp)
    case 'member_added': {
      // it carries both as they are: neither needs to have come before
      const news = [await applyObject(write, change.group), await applyObject(write, change.user)]
      const membership = { groupId: change.group.workosId, userId: change.user.workosId }
      const { stamp } = change
      news.push(await applyMembership(write, { ...membership, isMember: true, stamp }))
      return news.includes(true)
    }
    case 'member_removed': {
      const { groupId, userId, stamp } = change
      return applyMembership(write, { groupId, userId, isMember: false, stamp })
    }
  }
}

async function applyState(
  { tx, caller, connection }: WorkosWrite,
  field: 'activatedStamp' | 'deletedStamp',
  stamp: Stamp,
): Promise<boolean> {
  if (!isAfter(stamp, [connection[field]])) return false
  const { directoryId, id } = connection
  await updateWorkosConnection(tx, directoryId, id, { [field]: stamp })
  const type = field === 'activatedStamp' ? 'workos_connection.activated' : 'workos_connection.disconnected'
  await appendEvents(tx, caller.actor, [{ type, directoryId, subjectId: id, data: {} }])
  return true
}

/** Gives whether there may be more. */
async function clearSomeUsers(write: WorkosWrite): Promise<boolean> {
  const { tx, caller, connection } = write
  const { directoryId, id } = connection
  const orphans = await orphanedUsers(tx, directoryId, id, CHUNK)
  if (orphans.length === 0) return false
  await forgetUsers(
    tx,
    directoryId,
    id,
    orphans.map(({ workosId }) => workosId),
  )
  const userIds = orphans.flatMap(({ userId }) => userId ?? [])
  await removeUsers(tx, caller, await lockForDeletion(tx, directoryId, 'User', userIds))
  // who was here under a name that another user of WorkOS's has too: that one comes to it
  const names = orphans.map(({ nameKey }) => nameKey)
  for (const owner of await ownersOfNames(tx, directoryId, 'User', names)) await settleOwner(write, owner)
  return true
}
