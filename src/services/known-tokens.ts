// What is known of the directory tokens that are in use: kept for less than a second, so that not every request asks.
import { setLatest } from '../latest.ts'
import type { PresentedToken } from '../store/tokens.ts'

/** How long another process may go on with a token after it was revoked, or with schemas after they changed. */
export const KNOWN_MS = 500
/** The most tokens that are kept. */
const MAX_KNOWN = 10_000

interface Known {
  /** before it was read: it may have changed since */
  readonly since: number
  readonly token: Promise<PresentedToken | null>
}

/**
 * Whoever changes tokens, or what is known with them, calls `forget` after the commit: from then on this process asks
 * anew, also where it was just being told. Nobody tells other processes: time does, which cannot fail to arrive.
 */
export class KnownTokens {
  readonly #known = new Map<string, Known>()

  /** The token with this hash as it was less than KNOWN_MS ago; several who ask at once share the answer. */
  async find(hash: Buffer, read: () => Promise<PresentedToken | null>): Promise<PresentedToken | null> {
    const key = hash.toString('latin1')
    const now = performance.now()
    const known = this.#known.get(key)
    if (known !== undefined && now - known.since < KNOWN_MS) return known.token
    const fresh = { since: now, token: read() }
    setLatest(this.#known, key, fresh, MAX_KNOWN)
    try {
      const token = await fresh.token
      // one that is unknown may be made at any time, and guesses must not take the place of what is in use
      if (token === null) this.#drop(key, fresh)
      return token
    } catch (error) {
      this.#drop(key, fresh)
      throw error
    }
  }

  forget(): void {
    this.#known.clear()
  }

  #drop(key: string, known: Known): void {
    if (this.#known.get(key) === known) this.#known.delete(key)
  }
}
