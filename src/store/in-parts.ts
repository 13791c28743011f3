// Many of something in parts: the next is read, and those before are written, while somebody is at this one, so that
// PostgreSQL and the process work at the same time.

const ignore = () => {}

/** So much is written at the same time as the next is decided on: more than one, since neither is always the faster. */
const MOST_UNDER_WAY = 2

/** Writes that are under way, no more of them than PostgreSQL needs to have always something to do. */
export class UnderWay {
  #writes: Promise<void>[] = []

  /** Waits until there is room for another; throws what one before it has failed with. */
  async add(write: Promise<void>): Promise<void> {
    // a failure is told when its turn comes
    write.catch(ignore)
    this.#writes.push(write)
    if (this.#writes.length > MOST_UNDER_WAY) await this.#writes.shift()
  }

  /** Waits for all of them. */
  async ended(): Promise<void> {
    for (const write of this.#writes.splice(0)) await write
  }
}

/** What `read` gives for each item, in their order. One more of them than was asked for is being read. */
export async function* ahead<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  read: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  let begun: Promise<R> | null = null
  for await (const item of items) {
    const coming = read(item)
    // a failure is told when its turn comes
    coming.catch(ignore)
    if (begun !== null) yield await begun
    begun = coming
  }
  if (begun !== null) yield await begun
}

export function* inChunks<T>(all: Iterable<T>, size: number): Generator<T[]> {
  let some: T[] = []
  for (const each of all) {
    some.push(each)
    if (some.length < size) continue
    yield some
    some = []
  }
  if (some.length > 0) yield some
}
