// Deleting what is old some thousands at a time, so that no transaction takes long.

/** The most rows that one statement deletes. */
const AT_ONCE = 5000

/** Deletes until less than asked for was left to delete, or until the signal; gives how many. */
export async function deleteInParts(
  remove: (limit: number) => Promise<number>,
  signal: AbortSignal,
): Promise<number> {
  let total = 0
  for (;;) {
    const deleted = await remove(AT_ONCE)
    total += deleted
    if (deleted < AT_ONCE || signal.aborted) return total
  }
}
