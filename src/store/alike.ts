// What is alike in many rows is sent, read and checked once: each row has its place among those.

/** `kinds` are the first of each kind, in the order in which they come; `places` say for each thing which it is, from 1. */
export function byKind<T>(
  things: readonly T[],
  keyOf: (thing: T) => string,
): { readonly kinds: readonly T[]; readonly places: readonly number[] } {
  const known = new Map<string, number>()
  const kinds: T[] = []
  const places = things.map((thing) => {
    const key = keyOf(thing)
    const place = known.get(key) ?? kinds.push(thing)
    known.set(key, place)
    return place
  })
  return { kinds, places }
}

/** Gives what is alike as one and the same object: what `make` gave for the first of it. */
export function sharing<V>(): (key: string, make: () => V) => V {
  const known = new Map<string, V>()
  return (key, make) => {
    const before = known.get(key)
    if (before !== undefined) return before
    const made = make()
    known.set(key, made)
    return made
  }
}
