// What held when it was last shown: tokens by their hash, connections by their id. A hint for who is heard first, and
// no proof: whether it holds now is always asked.

const MAX_KEPT = 10_000

export class LatelyValid {
  readonly #keys = new Set<string>()

  /** Forgets what was added longest ago where there are too many. */
  add(key: string): void {
    this.#keys.delete(key)
    this.#keys.add(key)
    const [oldest] = this.#keys
    if (this.#keys.size > MAX_KEPT && oldest !== undefined) this.#keys.delete(oldest)
  }

  has(key: string): boolean {
    return this.#keys.has(key)
  }
}
