// The socket to PostgreSQL: what is sent in one turn of the event loop leaves it together.
import { Socket } from 'node:net'

type Sent = (error?: Error | null) => void

/** Statements in a row then cost one call of the system instead of one each, which was a fifth of a write's time. */
export class GatheringSocket extends Socket {
  #isGathering = false

  override write(data: Uint8Array | string, encoding?: BufferEncoding | Sent, sent?: Sent): boolean {
    this.#gather()
    return typeof encoding === 'function' ? super.write(data, encoding) : super.write(data, encoding, sent)
  }

  #gather(): void {
    if (this.#isGathering) return
    this.#isGathering = true
    this.cork()
    process.nextTick(() => {
      this.#isGathering = false
      this.uncork()
    })
  }
}
