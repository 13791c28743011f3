// Maps of what was seen last: bounded, whoever makes up how many keys.

/** Sets the value of a key as the latest, and forgets the key that was set longest ago where there are too many. */
export function setLatest<V>(kept: Map<string, V>, key: string, value: V, most: number): void {
  kept.delete(key)
  kept.set(key, value)
  const [oldest] = kept.keys()
  if (kept.size > most && oldest !== undefined) kept.delete(oldest)
}
