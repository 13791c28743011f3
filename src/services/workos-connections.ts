// Connections to WorkOS: what an administrator sets up, and the secrets that its webhooks are checked with.
import { newId } from '../ids.ts'
import type { SecretBox } from '../secret-box.ts'
import type { Database, PrismaTx } from '../store/database.ts'
import { findDirectory } from '../store/directories.ts'
import { type Actor, appendEvents, type EventType } from '../store/events.ts'
import {
  deleteWorkosConnection,
  deleteWorkosSecret,
  findWorkosConnection,
  insertWorkosConnection,
  insertWorkosSecret,
  listWorkosConnections,
  lockWorkosConnection,
  updateWorkosConnection,
  type WorkosConnectionWithSecrets,
  type WorkosSecret,
} from '../store/workos-connections.ts'
import { Conflict, NotFound } from './errors.ts'

/** As WorkOS says: nothing yet, connected, or deleted there. */
export const workosStates = ['pending', 'active', 'deleted'] as const
export type WorkosState = (typeof workosStates)[number]

export interface ShownConnection {
  readonly id: string
  readonly directoryId: string
  readonly name: string
  readonly workosDirectoryId: string | null
  readonly state: WorkosState
  readonly secrets: readonly WorkosSecret[]
  readonly lastEventAt: Date | null
  readonly createdAt: Date
}

/** Two, so that one can be replaced while deliveries come that either has signed. */
const MAX_SECRETS = 2

/** What a sealed secret belongs to: in another row it does not open. */
export const secretContext = (id: string): string => `workos_secrets ${id}`

export class WorkosConnections {
  readonly #database: Database
  readonly #secretBox: SecretBox

  constructor(database: Database, secretBox: SecretBox) {
    this.#database = database
    this.#secretBox = secretBox
  }

  async list(directoryId: string): Promise<ShownConnection[]> {
    const { client } = this.#database
    if ((await findDirectory(client, directoryId)) === null) throw new NotFound('Directory', directoryId)
    return (await listWorkosConnections(client, directoryId)).map(shown)
  }

  async get(directoryId: string, id: string): Promise<ShownConnection> {
    return shown(required(await findWorkosConnection(this.#database.client, directoryId, id), id))
  }

  async create(
    actor: Actor,
    directoryId: string,
    connection: { name: string; workosDirectoryId: string | null; signingSecret: string },
  ): Promise<ShownConnection> {
    const { name, workosDirectoryId, signingSecret } = connection
    const id = newId()
    return this.#database.transaction(async (tx) => {
      if ((await findDirectory(tx, directoryId)) === null) throw new NotFound('Directory', directoryId)
      await insertWorkosConnection(tx, directoryId, { id, name, workosDirectoryId })
      await this.#insertSecret(tx, directoryId, id, signingSecret)
      await tell(tx, actor, directoryId, id, 'workos_connection.created', { name, workosDirectoryId })
      return shown(required(await findWorkosConnection(tx, directoryId, id), id))
    })
  }

  /** Changes what is given, and tells it where it is another value. */
  async update(
    actor: Actor,
    directoryId: string,
    id: string,
    change: { name?: string; workosDirectoryId?: string | null },
  ): Promise<ShownConnection> {
    return this.#change(directoryId, id, async (tx, before) => {
      const after = { name: before.name, workosDirectoryId: before.workosDirectoryId, ...change }
      const isSame = after.name === before.name && after.workosDirectoryId === before.workosDirectoryId
      if (isSame) return
      await updateWorkosConnection(tx, directoryId, id, after)
      await tell(tx, actor, directoryId, id, 'workos_connection.updated', { after })
    })
  }

  /** Takes no more events. Whom they brought stays as they are. */
  async remove(actor: Actor, directoryId: string, id: string): Promise<void> {
    await this.#database.transaction(async (tx) => {
      const { name } = required(await lockWorkosConnection(tx, directoryId, id), id)
      await deleteWorkosConnection(tx, directoryId, id)
      await tell(tx, actor, directoryId, id, 'workos_connection.deleted', { name })
    })
  }

  /** Throws Conflict where there are two already. */
  async addSecret(
    actor: Actor,
    directoryId: string,
    id: string,
    signingSecret: string,
  ): Promise<WorkosSecret> {
    return this.#database.transaction(async (tx) => {
      const { secrets } = required(await lockWorkosConnection(tx, directoryId, id), id)
      if (secrets.length >= MAX_SECRETS) {
        throw new Conflict(
          `A connection has at most ${MAX_SECRETS} signing secrets: delete the old one first.`,
        )
      }
      const secret = await this.#insertSecret(tx, directoryId, id, signingSecret)
      await tell(tx, actor, directoryId, id, 'workos_connection.secret_added', { secretId: secret.id })
      return secret
    })
  }

  /** Throws Conflict for the only one: nothing could be checked any more. */
  async removeSecret(actor: Actor, directoryId: string, id: string, secretId: string): Promise<void> {
    await this.#change(directoryId, id, async (tx, { secrets }) => {
      if (!secrets.some((secret) => secret.id === secretId)) throw new NotFound('Signing secret', secretId)
      if (secrets.length === 1) {
        throw new Conflict('This is the only signing secret of the connection: add another one first.')
      }
      await deleteWorkosSecret(tx, directoryId, id, secretId)
      await tell(tx, actor, directoryId, id, 'workos_connection.secret_removed', { secretId })
    })
  }

  async #change(
    directoryId: string,
    id: string,
    work: (tx: PrismaTx, before: WorkosConnectionWithSecrets) => Promise<void>,
  ): Promise<ShownConnection> {
    return this.#database.transaction(async (tx) => {
      await work(tx, required(await lockWorkosConnection(tx, directoryId, id), id))
      return shown(required(await findWorkosConnection(tx, directoryId, id), id))
    })
  }

  #insertSecret(
    tx: PrismaTx,
    directoryId: string,
    connectionId: string,
    secret: string,
  ): Promise<WorkosSecret> {
    const id = newId()
    const sealed = this.#secretBox.seal(secret, secretContext(id))
    return insertWorkosSecret(tx, directoryId, connectionId, { id, secret: sealed })
  }
}

function required<T>(connection: T | null, id: string): T {
  if (connection === null) throw new NotFound('WorkOS connection', id)
  return connection
}

function shown(connection: WorkosConnectionWithSecrets): ShownConnection {
  const { activatedStamp, deletedStamp, ...rest } = connection
  return { ...rest, state: stateOf(activatedStamp, deletedStamp) }
}

function stateOf(activatedStamp: string | null, deletedStamp: string | null): WorkosState {
  if (activatedStamp === null && deletedStamp === null) return 'pending'
  if (activatedStamp === null || deletedStamp === null) return deletedStamp === null ? 'active' : 'deleted'
  return activatedStamp > deletedStamp ? 'active' : 'deleted'
}

const tell = (
  tx: PrismaTx,
  actor: Actor,
  directoryId: string,
  subjectId: string,
  type: EventType,
  data: Readonly<Record<string, unknown>>,
) => appendEvents(tx, actor, [{ type, directoryId, subjectId, data }])
