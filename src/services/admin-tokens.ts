// Admin tokens: who may do what with the admin API. Nobody gives a token that may do more, or longer, than their own.
import { isId, newId } from '../ids.ts'
import { hashToken, isTokenLike, newToken } from '../secrets.ts'
import {
  type AdminAccess,
  type AdminScope,
  type AdminToken,
  findAdminToken,
  findAdminTokenByHash,
  insertAdminToken,
  listAdminTokens,
  lockAdminToken,
  lockFullTokens,
  touchAdminToken,
  updateAdminToken,
  validAdminTokens,
} from '../store/admin-tokens.ts'
import type { Database, PrismaTx, Tx } from '../store/database.ts'
import { lockDirectory } from '../store/directories.ts'
import { type Actor, appendEvents, type EventType, type NewEvent } from '../store/events.ts'
import { readOrganization } from '../store/locked-organizations.ts'
import type { PageRequest } from '../store/paging.ts'
import { findParentOrganization } from '../store/parent-organizations.ts'
import { Conflict, Forbidden, Invalid, NotFound } from './errors.ts'
import { LatelyValid } from './lately-valid.ts'
import { LAST_USE_MS } from './tokens.ts'

export {
  type AdminAccess,
  type AdminScope,
  type AdminToken,
  adminAccesses,
  adminScopes,
} from '../store/admin-tokens.ts'

/** Whose request it is, and what it may do. */
export interface AdminCaller {
  readonly tokenId: string
  readonly access: AdminAccess
  readonly scope: AdminScope
  readonly expiresAt: Date | null
}

/** A scope as it is asked for; what its kind does not need must be absent. */
export interface ScopeInput {
  readonly scope: AdminScope['kind']
  readonly parentOrganizationId?: string | null | undefined
  readonly organizationId?: string | null | undefined
}

export interface NewAdminToken extends ScopeInput {
  readonly name: string
  readonly access: AdminAccess
  readonly expiresAt: Date | null
}

export class AdminTokens {
  readonly #database: Database
  readonly #latelyValid = new LatelyValid()

  constructor(database: Database) {
    this.#database = database
  }

  /** Whose token this is; null for one that is unknown, expired or revoked. */
  async authenticate(token: string): Promise<AdminCaller | null> {
    if (!isTokenLike(token, 'admin')) return null
    const hash = hashToken(token)
    const held = await findAdminTokenByHash(this.#database.client, hash)
    const now = new Date()
    if (held === null || !isValid(held, now)) return null
    this.#latelyValid.add(hash.toString('latin1'))
    if (now.getTime() - (held.lastUsedAt?.getTime() ?? 0) > LAST_USE_MS) {
      await touchAdminToken(this.#database.client, held.id, now)
    }
    const { id: tokenId, access, scope, expiresAt } = held
    return { tokenId, access, scope, expiresAt }
  }

  /** Whether this process let a request with this token in, when it last looked. */
  isFamiliar(token: string): boolean {
    return this.#latelyValid.has(hashToken(token).toString('latin1'))
  }

  /** Which of these tokens still hold: for what was begun with one and goes on. */
  valid(ids: readonly string[]): Promise<Set<string>> {
    return validAdminTokens(this.#database.client, ids, new Date())
  }

  /** The tokens within the caller's scope. */
  list({ scope }: AdminCaller, page: PageRequest): Promise<AdminToken[]> {
    return listAdminTokens(this.#database.client, scope, page)
  }

  async get({ scope }: AdminCaller, id: string): Promise<AdminToken> {
    return found(await findAdminToken(this.#database.client, scope, id), id)
  }

  /** Makes a token, shown this once. Throws Forbidden for one that may do more than the caller's, Invalid. */
  async create(
    actor: Actor,
    caller: AdminCaller,
    input: NewAdminToken,
  ): Promise<AdminToken & { readonly token: string }> {
    return this.#database.transaction(async (tx) => {
      requireNotLonger(caller, input.expiresAt)
      const { name, access, expiresAt } = input
      const scope = await parseScope(tx, caller.scope, input)
      const { id, token } = await createAdminToken(tx, actor, { name, access, scope, expiresAt })
      return { ...found(await findAdminToken(tx, scope, id), id), token }
    })
  }

  /** Throws Conflict for a token that holds no more: it does not come back. */
  async change(
    actor: Actor,
    caller: AdminCaller,
    id: string,
    change: { readonly name?: string; readonly expiresAt?: Date | null },
  ): Promise<AdminToken> {
    return this.#database.transaction(async (tx) => {
      const before = found(await lockAdminToken(tx, caller.scope, id), id)
      if (change.expiresAt !== undefined) requireNotLonger(caller, change.expiresAt)
      if (!isValid(before, new Date())) throw new Conflict('The token is revoked or expired: make a new one.')
      await updateAdminToken(tx, id, change)
      const after = { ...before, ...change }
      if (isSame(before, after)) return before
      await appendEvents(tx, actor, [
        tokenEvent('admin_token.updated', before, { before: shownIn(before), after: shownIn(after) }),
      ])
      return after
    })
  }

  /** At once and for good. Throws Conflict for the last token that may do everything: nobody could make another. */
  async revoke(actor: Actor, { scope }: AdminCaller, id: string): Promise<void> {
    return this.#database.transaction(async (tx) => {
      const now = new Date()
      const full = scope.kind === 'all' ? await lockFullTokens(tx, now) : []
      const token = found(await lockAdminToken(tx, scope, id), id)
      if (token.revokedAt !== null) return
      if (full.length === 1 && full[0] === id) {
        throw new Conflict('This is the last valid token that may do everything: make another one first.')
      }
      await updateAdminToken(tx, id, { revokedAt: now })
      await appendEvents(tx, actor, [tokenEvent('admin_token.revoked', token, { before: shownIn(token) })])
    })
  }
}

/** Makes a token and keeps its hash; for everything, unless it is said otherwise. */
export async function createAdminToken(
  tx: PrismaTx,
  actor: Actor,
  token: {
    readonly name: string
    readonly access?: AdminAccess
    readonly scope?: AdminScope
    readonly expiresAt?: Date | null
  },
): Promise<{ readonly id: string; readonly token: string }> {
  const { name, access = 'read_write', scope = { kind: 'all' }, expiresAt = null } = token
  const id = newId()
  const secret = newToken('admin')
  await insertAdminToken(tx, { id, name, hash: hashToken(secret), access, scope, expiresAt })
  const made = { id, name, access, scope, expiresAt }
  await appendEvents(tx, actor, [tokenEvent('admin_token.created', made, { after: shownIn(made) })])
  return { id, token: secret }
}

/** A token that the caller may know of. Throws NotFound. */
function found(token: AdminToken | null, id: string): AdminToken {
  if (token === null) throw new NotFound('Admin token', id)
  return token
}

const isValid = (token: Pick<AdminToken, 'expiresAt' | 'revokedAt'>, now: Date): boolean =>
  token.revokedAt === null && (token.expiresAt === null || token.expiresAt > now)

const isSame = (a: AdminToken, b: AdminToken): boolean =>
  a.name === b.name && a.expiresAt?.getTime() === b.expiresAt?.getTime()

type Described = Pick<AdminToken, 'id' | 'name' | 'access' | 'scope' | 'expiresAt'>

const shownIn = ({ name, access, scope, expiresAt }: Described) => ({
  name,
  scope: scope.kind,
  access,
  expiresAt,
})

/** An event that those see who see the token. */
const tokenEvent = (type: EventType, { id, scope }: Described, data: NewEvent['data']): NewEvent => ({
  type,
  directoryId: scope.kind === 'all' ? null : scope.directoryId,
  ...(scope.kind === 'organization' ? { organizationId: scope.organizationId } : {}),
  subjectId: id,
  data,
})

function requireNotLonger({ expiresAt: own }: AdminCaller, expiresAt: Date | null): void {
  if (own === null || (expiresAt !== null && expiresAt <= own)) return
  throw new Forbidden(`Your token ends at ${own.toISOString()}: it cannot make another one last longer.`)
}

/** The scope that is asked for, where it lies within one's own: what lies outside is as unknown as what is not. */
async function parseScope(tx: PrismaTx, own: AdminScope, input: ScopeInput): Promise<AdminScope> {
  const { scope: kind, parentOrganizationId = null, organizationId = null } = input
  if (kind !== 'parent' && parentOrganizationId !== null) throw surplus('parentOrganizationId', kind)
  if (kind !== 'organization' && organizationId !== null) throw surplus('organizationId', kind)
  if (kind === 'all') {
    if (own.kind === 'all') return own
    throw new Forbidden('Your token is limited: it cannot make one for everything.')
  }
  return kind === 'parent'
    ? parseParent(tx, own, parentOrganizationId)
    : parseOrganization(tx, own, organizationId)
}

const surplus = (field: string, kind: string) =>
  new Invalid(field, `A token with the scope ${kind} takes no ${field}.`)

async function parseParent(tx: PrismaTx, own: AdminScope, id: string | null): Promise<AdminScope> {
  const field = 'parentOrganizationId'
  if (id === null) throw new Invalid(field, `A token with the scope parent needs a ${field}.`)
  const isOwn = own.kind === 'all' || (own.kind === 'parent' && own.parentOrganizationId === id)
  const parent = isOwn && isId(id) ? await findParentOrganization(tx, id) : null
  if (parent === null) throw new Invalid(field, `There is no parent organization ${id.slice(0, 100)}.`)
  const { directoryId } = parent
  // who deletes it waits, or is seen
  await lockDirectory(tx, directoryId, 'shared')
  if ((await findParentOrganization(tx, id)) === null) throw new NotFound('Parent organization', id)
  return { kind: 'parent', parentOrganizationId: id, directoryId }
}

async function parseOrganization(tx: Tx, own: AdminScope, id: string | null): Promise<AdminScope> {
  const field = 'organizationId'
  if (id === null) throw new Invalid(field, `A token with the scope organization needs an ${field}.`)
  const organization = isId(id) ? await readOrganization(tx, id) : null
  const isOwn =
    own.kind === 'all' ||
    (own.kind === 'parent' && own.parentOrganizationId === organization?.parentOrganizationId) ||
    (own.kind === 'organization' && own.organizationId === id)
  if (organization === null || !isOwn)
    throw new Invalid(field, `There is no organization ${id.slice(0, 100)}.`)
  const { parentOrganizationId, directoryId } = organization
  await lockDirectory(tx, directoryId, 'shared')
  if ((await readOrganization(tx, id)) === null) throw new NotFound('Organization', id)
  return { kind: 'organization', organizationId: id, parentOrganizationId, directoryId }
}
