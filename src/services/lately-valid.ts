// What held when it was last shown: tokens by their hash, connections by their id. A hint for who is heard first, and
// no proof: whether it holds now is always asked.
import { setLatest } from '../latest.ts'

const MAX_KEPT = 10_000

export class LatelyValid {
  readonly #keys = new Map<string, true>()

  add(key: string): void {
    setLatest(this.#keys, key, true, MAX_KEPT)
  }

  has(key: string): boolean {
    return this.#keys.has(key)
  }
}
