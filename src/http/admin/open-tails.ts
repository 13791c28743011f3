// Live tails that are open: each ends with the service, or when the token that it was begun with holds no more.

const CHECK_MS = 2000

export class OpenTails {
  readonly #tokenIds = new Map<AbortController, string>()
  readonly #valid: (tokenIds: readonly string[]) => Promise<ReadonlySet<string>>
  #timer: NodeJS.Timeout | undefined

  /** `valid` tells which tokens still hold: one question for all tails. */
  constructor(valid: (tokenIds: readonly string[]) => Promise<ReadonlySet<string>>) {
    this.#valid = valid
  }

  /** Aborted when the tail has to end. */
  open(tokenId: string): AbortController {
    const tail = new AbortController()
    this.#tokenIds.set(tail, tokenId)
    this.#timer ??= setInterval(() => this.#check(), CHECK_MS)
    return tail
  }

  end(tail: AbortController): void {
    tail.abort()
    this.#tokenIds.delete(tail)
    if (this.#tokenIds.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  endAll(): void {
    for (const tail of [...this.#tokenIds.keys()]) this.end(tail)
  }

  async #check(): Promise<void> {
    try {
      const valid = await this.#valid([...new Set(this.#tokenIds.values())])
      for (const [tail, tokenId] of [...this.#tokenIds]) if (!valid.has(tokenId)) this.end(tail)
    } catch {
      // a database that does not answer ends the tails by itself
    }
  }
}
