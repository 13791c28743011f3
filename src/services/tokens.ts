// Tokens: made, shown once, revoked, and asked at every request whose they are.
import { newId } from '../ids.ts'
import { hashToken, newToken } from '../secrets.ts'
import type { Database, Tx } from '../store/database.ts'
import { findDirectory } from '../store/directories.ts'
import { type Actor, appendEvents } from '../store/events.ts'
import {
  type DirectoryToken,
  findAdminToken,
  findDirectoryToken,
  insertAdminToken,
  insertDirectoryToken,
  listDirectoryTokens,
  revokeDirectoryToken,
  touchDirectoryToken,
} from '../store/tokens.ts'
import { NotFound } from './errors.ts'

/** A new token: the only time that it is seen. */
export interface NewDirectoryToken extends DirectoryToken {
  readonly token: string
}

/** Whose token a request presents; `schemasVersion` is that of the directory's extension schemas. */
export interface AuthenticatedDirectory {
  readonly directoryId: string
  readonly tokenId: string
  readonly schemasVersion: number
}

/** `lastUsedAt` is this coarse, so that reads of the directory do not become writes. */
const LAST_USE_MS = 60_000

export class Tokens {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async create(
    actor: Actor,
    directoryId: string,
    { name, expiresAt }: { name: string; expiresAt: Date | null },
  ): Promise<NewDirectoryToken> {
    return this.#database.transaction(async (tx) => {
      if ((await findDirectory(tx, directoryId)) === null) throw new NotFound('Directory', directoryId)
      return createDirectoryToken(tx, actor, directoryId, name, expiresAt)
    })
  }

  async list(directoryId: string): Promise<DirectoryToken[]> {
    const { client } = this.#database
    if ((await findDirectory(client, directoryId)) === null) throw new NotFound('Directory', directoryId)
    return listDirectoryTokens(client, directoryId)
  }

  async revoke(actor: Actor, directoryId: string, id: string): Promise<DirectoryToken> {
    return this.#database.transaction(async (tx) => {
      const token = await revokeDirectoryToken(tx, directoryId, id, new Date())
      if (token === null) throw new NotFound('Directory token', id)
      await appendEvents(tx, actor, [
        { type: 'directory_token.revoked', directoryId, subjectId: id, data: { name: token.name } },
      ])
      return token
    })
  }

  /** Whose directory token this is; null for one that is unknown, expired or revoked. */
  async authenticateDirectory(token: string): Promise<AuthenticatedDirectory | null> {
    const held = await findDirectoryToken(this.#database.client, hashToken(token))
    const now = new Date()
    if (held === null || !isValid(held, now)) return null
    if (now.getTime() - (held.lastUsedAt?.getTime() ?? 0) > LAST_USE_MS) {
      await touchDirectoryToken(this.#database.client, held.directoryId, held.id, now)
    }
    return { directoryId: held.directoryId, tokenId: held.id, schemasVersion: held.schemasVersion }
  }

  /** The id of the admin token that this is; null for one that is unknown, expired or revoked. */
  async authenticateAdmin(token: string): Promise<string | null> {
    const held = await findAdminToken(this.#database.client, hashToken(token))
    return held !== null && isValid(held, new Date()) ? held.id : null
  }
}

const isValid = (token: { expiresAt: Date | null; revokedAt: Date | null }, now: Date): boolean =>
  token.revokedAt === null && (token.expiresAt === null || token.expiresAt > now)

/** Makes a token and keeps its hash. */
export async function createDirectoryToken(
  tx: Tx,
  actor: Actor,
  directoryId: string,
  name: string,
  expiresAt: Date | null,
): Promise<NewDirectoryToken> {
  const token = newToken('directory')
  const held = await insertDirectoryToken(tx, directoryId, {
    id: newId(),
    name,
    hash: hashToken(token),
    expiresAt,
  })
  await appendEvents(tx, actor, [
    { type: 'directory_token.created', directoryId, subjectId: held.id, data: { name, expiresAt } },
  ])
  return { ...held, token }
}

export async function createAdminToken(tx: Tx, name: string): Promise<string> {
  const token = newToken('admin')
  await insertAdminToken(tx, { id: newId(), name, hash: hashToken(token) })
  return token
}
