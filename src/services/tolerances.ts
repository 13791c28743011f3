// Counts the tolerances that requests need, in memory, and writes them now and then: a count is no reason for every
// request to wait for one hot row.
import type { Note } from '../scim/tolerance.ts'
import type { Database } from '../store/database.ts'
import { addToleranceCounts, listToleranceCounts, type ToleranceCount } from '../store/tolerance-counts.ts'

/** Clients make up names of attributes: past this many different ones in a directory, they count as one. */
const MAX_SUBJECTS = 500

export class Tolerances {
  readonly #database: Database
  #counts = new Map<string, ToleranceCount>()
  readonly #subjects = new Map<string, Set<string>>()

  constructor(database: Database) {
    this.#database = database
  }

  /** What the protocol calls with each tolerance of a request to this directory. */
  noteFor(directoryId: string): Note {
    return (tolerance, subject) => {
      const counted = this.#countable(directoryId, subject)
      const key = JSON.stringify([directoryId, tolerance, counted])
      const count = (this.#counts.get(key)?.count ?? 0) + 1
      this.#counts.set(key, { directoryId, tolerance, subject: counted, count, lastSeenAt: new Date() })
    }
  }

  /** Writes what was counted since the last time. */
  async flush(): Promise<void> {
    const counts = [...this.#counts.values()]
    this.#counts = new Map()
    await addToleranceCounts(this.#database.client, counts)
  }

  async list(directoryId: string): Promise<ToleranceCount[]> {
    await this.flush()
    return listToleranceCounts(this.#database.client, directoryId)
  }

  #countable(directoryId: string, subject: string): string {
    const known = this.#subjects.get(directoryId) ?? new Set()
    this.#subjects.set(directoryId, known)
    if (known.has(subject)) return subject
    if (known.size >= MAX_SUBJECTS) return '(others)'
    known.add(subject)
    return subject
  }
}
