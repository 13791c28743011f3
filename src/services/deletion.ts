// Deleting what is old some thousands at a time, so that no transaction takes long.

/** The most rows that one statement deletes, of which nothing has to be told. */
const AT_ONCE = 5000

/** Deletes until less than asked for was left to delete, or until the signal; gives how many. */
export async function deleteInParts(
  remove: (limit: number) => Promise<number>,
  signal: AbortSignal,
  atOnce = AT_ONCE,
): Promise<number> {
  let total = 0
  for (;;) {
    const deleted = await remove(atOnce)
    total += deleted
    if (deleted < atOnce || signal.aborted) return total
  }
}
