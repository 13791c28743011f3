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

/** The things of each kind, and the kinds in the order in which they come. */
export function groupedBy<T>(things: readonly T[], keyOf: (thing: T) => string): T[][] {
  const groups = new Map<string, T[]>()
  for (const thing of things) {
    const key = keyOf(thing)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [thing])
    else group.push(thing)
  }
  return [...groups.values()]
}

/** Where each kind begins and ends among the things of all of them, from 1. */
export function extents(sizes: readonly number[]): { readonly first: number[]; readonly last: number[] } {
  let end = 0
  const last = sizes.map((size) => {
    end += size
    return end
  })
  return { first: last.map((end, i) => end - (sizes[i] ?? 0) + 1), last }
}
