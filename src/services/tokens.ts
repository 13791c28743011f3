// Directory tokens: made, shown once, changed, revoked, and asked at every request whose they are.
import { newId } from '../ids.ts'
import { hashToken, isTokenLike, newToken } from '../secrets.ts'
import type { Database, PrismaTx } from '../store/database.ts'
import { findDirectory, lockDirectory } from '../store/directories.ts'
import { type Actor, appendEvents } from '../store/events.ts'
import type { PageRequest } from '../store/paging.ts'
import {
  type DirectoryToken,
  findDirectoryToken,
  findTokenOf,
  insertDirectoryToken,
  listDirectoryTokens,
  lockTokenOf,
  type PresentedToken,
  touchDirectoryToken,
  updateDirectoryToken,
} from '../store/tokens.ts'
import { Conflict, NotFound } from './errors.ts'
import type { KnownTokens } from './known-tokens.ts'
import { LatelyValid } from './lately-valid.ts'

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

/** `lastUsedAt` is this coarse, so that reads do not become writes. */
export const LAST_USE_MS = 60_000

export class Tokens {
  readonly #database: Database
  readonly #known: KnownTokens
  readonly #latelyValid = new LatelyValid()

  constructor(database: Database, known: KnownTokens) {
    this.#database = database
    this.#known = known
  }

  async create(
    actor: Actor,
    directoryId: string,
    { name, expiresAt }: { name: string; expiresAt: Date | null },
  ): Promise<NewDirectoryToken> {
    return this.#database.transaction(async (tx) => {
      // who deletes the directory waits, or is seen
      await lockDirectory(tx, directoryId, 'shared')
      if ((await findDirectory(tx, directoryId)) === null) throw new NotFound('Directory', directoryId)
      return createDirectoryToken(tx, actor, directoryId, name, expiresAt)
    })
  }

  async list(directoryId: string, page: PageRequest): Promise<DirectoryToken[]> {
    const { client } = this.#database
    if ((await findDirectory(client, directoryId)) === null) throw new NotFound('Directory', directoryId)
    return listDirectoryTokens(client, directoryId, page)
  }

  async get(directoryId: string, id: string): Promise<DirectoryToken> {
    return found(await findTokenOf(this.#database.client, directoryId, id), id)
  }

  /** Throws Conflict for a token that holds no more: it does not come back. */
  async change(
    actor: Actor,
    directoryId: string,
    id: string,
    change: { readonly name?: string; readonly expiresAt?: Date | null },
  ): Promise<DirectoryToken> {
    return this.#change(async (tx) => {
      const before = found(await lockTokenOf(tx, directoryId, id), id)
      if (!isValid(before, new Date())) throw new Conflict('The token is revoked or expired: make a new one.')
      const after = { ...before, ...change }
      if (before.name === after.name && before.expiresAt?.getTime() === after.expiresAt?.getTime())
        return before
      await updateDirectoryToken(tx, directoryId, id, change)
      const data = { before: shownIn(before), after: shownIn(after) }
      await appendEvents(tx, actor, [{ type: 'directory_token.updated', directoryId, subjectId: id, data }])
      return after
    })
  }

  /** For good: at once in this process, within a second in every other. */
  async revoke(actor: Actor, directoryId: string, id: string): Promise<DirectoryToken> {
    return this.#change(async (tx) => {
      const token = found(await lockTokenOf(tx, directoryId, id), id)
      if (token.revokedAt !== null) return token
      const revokedAt = new Date()
      await updateDirectoryToken(tx, directoryId, id, { revokedAt })
      await appendEvents(tx, actor, [
        { type: 'directory_token.revoked', directoryId, subjectId: id, data: { name: token.name } },
      ])
      return { ...token, revokedAt }
    })
  }

  async #change<T>(work: (tx: PrismaTx) => Promise<T>): Promise<T> {
    try {
      return await this.#database.transaction(work)
    } finally {
      // also after a failure: the commit may have come through and its answer not
      this.#known.forget()
    }
  }

  /** Whose directory token this is; null for one that is unknown, expired or revoked. */
  async authenticateDirectory(token: string): Promise<AuthenticatedDirectory | null> {
    const hash = hashToken(token)
    const held = await this.#known.find(hash, async () =>
      isTokenLike(token, 'directory') ? this.#read(hash) : null,
    )
    if (held === null || !isValid(held, new Date())) return null
    return { directoryId: held.directoryId, tokenId: held.id, schemasVersion: held.schemasVersion }
  }

  /** Whether this process let a request with this token in, when it last looked. */
  isFamiliar(token: string): boolean {
    return this.#latelyValid.has(hashToken(token).toString('latin1'))
  }

  /** Remembers the use as well: what is known without being read is used a moment later at most. */
  async #read(hash: Buffer): Promise<PresentedToken | null> {
    const held = await findDirectoryToken(this.#database.statements, hash)
    const now = new Date()
    if (held === null || !isValid(held, now)) return held
    this.#latelyValid.add(hash.toString('latin1'))
    if (now.getTime() - (held.lastUsedAt?.getTime() ?? 0) > LAST_USE_MS) {
      await touchDirectoryToken(this.#database.statements, held.directoryId, held.id, now)
    }
    return held
  }
}

/** Throws NotFound for what the directory does not have. */
function found(token: DirectoryToken | null, id: string): DirectoryToken {
  if (token === null) throw new NotFound('Directory token', id)
  return token
}

const shownIn = ({ name, expiresAt }: DirectoryToken) => ({ name, expiresAt })

const isValid = (token: { expiresAt: Date | null; revokedAt: Date | null }, now: Date): boolean =>
  token.revokedAt === null && (token.expiresAt === null || token.expiresAt > now)

/** Makes a token and keeps its hash. */
export async function createDirectoryToken(
  tx: PrismaTx,
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
