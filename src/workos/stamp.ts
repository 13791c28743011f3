// Stamps: when something happened at WorkOS, as a text that sorts as it happened. Events come in any order, and more
// than once (domain.md section 8): what is applied is what has the later stamp.

export type Stamp = string

/**
 * `at` decides. At the same moment a deletion is later than a change, then the event that WorkOS made later: no two
 * events have the same stamp, and an event has its own again when it comes again.
 */
export function stampOf(
  at: Date,
  kind: 'change' | 'deletion',
  event: { readonly id: string; readonly at: Date },
): Stamp {
  const rank = kind === 'change' ? 0 : 1
  return `${at.toISOString()} ${rank} ${event.at.toISOString()} ${event.id}`
}

/** Whether something is later than all of these; null never happened. */
export const isAfter = (stamp: Stamp, others: readonly (Stamp | null)[]): boolean =>
  others.every((other) => other === null || stamp > other)
