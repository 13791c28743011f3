// Requests that happen once, however often they are sent: an Idempotency-Key, and the answer that it was given.
import { SecretBox } from '../secret-box.ts'
import { fingerprint, sealingKey } from '../secrets.ts'
import type { Database } from '../store/database.ts'
import {
  claimKey,
  deleteOldKeys,
  findKey,
  type HeldKey,
  type KeyClaim,
  keepAnswer,
  releaseKey,
} from '../store/idempotency-keys.ts'
import { deleteInParts } from './deletion.ts'
import { Conflict, KeyReused } from './errors.ts'

export type { KeyClaim } from '../store/idempotency-keys.ts'

/** A POST as far as it must be the same when it is sent again. */
export interface KeyedRequest {
  readonly tokenId: string
  /** the admin token itself: what is kept of the answer can be read by whoever presents it, and by nobody else */
  readonly token: string
  readonly key: string
  /** path, query and body */
  readonly request: string
}

export interface KeptAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export class Idempotency {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /**
   * The right to carry the request out, or the answer that it was given. Throws KeyReused for a key of another
   * request, Conflict while the first one runs, or where its answer was lost.
   */
  async begin(keyed: KeyedRequest): Promise<{ claim: KeyClaim } | { answer: KeptAnswer }> {
    const { client } = this.#database
    const key = fingerprint(keyed.key)
    const request = fingerprint(keyed.request)
    const claim = await claimKey(client, keyed.tokenId, key, request)
    if (claim !== null) return { claim }
    const held = await findKey(client, keyed.tokenId, key)
    if (held !== null && held.request !== request) {
      throw new KeyReused('This Idempotency-Key was used for another request.')
    }
    if (held?.answer == null) throw new Conflict(whyUnanswered(held))
    return { answer: JSON.parse(boxOf(keyed.token).open(held.answer, contextOf(keyed.tokenId, key))) }
  }

  /** Keeps the answer to a request that has been carried out or refused. */
  async keep(claim: KeyClaim, token: string, answer: KeptAnswer): Promise<void> {
    const sealed = boxOf(token).seal(JSON.stringify(answer), contextOf(claim.adminTokenId, claim.key))
    await keepAnswer(this.#database.client, claim, sealed)
  }

  /** The request failed: unless it had written by then, it may be sent again. */
  async release(claim: KeyClaim): Promise<void> {
    await releaseKey(this.#database.client, claim)
  }

  /** Forgets the keys whose time is over; gives how many. */
  deleteOld(signal: AbortSignal): Promise<number> {
    return deleteInParts((limit) => deleteOldKeys(this.#database.client, limit), signal)
  }
}

/** Answers hold tokens that are shown once: the database keeps only hashes of what opens them. */
const boxOf = (token: string) => new SecretBox([sealingKey(token)])

const contextOf = (tokenId: string, key: string) => `idempotency_keys ${tokenId} ${key}`

/** Nobody knows whether a request of which nothing is noted yet still runs; one that is carried out has ended soon. */
function whyUnanswered(held: HeldKey | null): string {
  if (held?.carriedOut === true && !held.isFresh) {
    return 'The request with this Idempotency-Key was carried out, but its answer was lost: look at what is there.'
  }
  return 'A request with this Idempotency-Key is still being carried out: try again later.'
}
