// Many of something in parts, and reading the next part while somebody is at the one before: PostgreSQL and the process
// work at the same time.

const ignore = () => {}

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
