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
  readonly #totals = new Map<string, number>()
  readonly #subjects = new Map<string, Set<string>>()

  constructor(database: Database) {
    this.#database = database
  }

  /** What the protocol calls with each tolerance of a request to this directory. */
  noteFor(directoryId: string): Note {
    return (tolerance, subject) => {
      this.#totals.set(tolerance, (this.#totals.get(tolerance) ?? 0) + 1)
      const counted = this.#countable(directoryId, subject)
      this.#add({ directoryId, tolerance, subject: counted, count: 1, lastSeenAt: new Date() })
    }
  }

  /** Writes what was counted since the last time. What cannot be written is counted with the next. */
  async flush(): Promise<void> {
    const counts = [...this.#counts.values()]
    this.#counts = new Map()
    try {
      await addToleranceCounts(this.#database.client, counts)
    } catch (error) {
      for (const count of counts) this.#add(count)
      throw error
    }
  }

  /** How often each was needed since this process began, whichever the directory. */
  totals(): ReadonlyMap<string, number> {
    return this.#totals
  }

  async list(directoryId: string): Promise<ToleranceCount[]> {
    await this.flush()
    return listToleranceCounts(this.#database.client, directoryId)
  }

  #add(count: ToleranceCount): void {
    const key = JSON.stringify([count.directoryId, count.tolerance, count.subject])
    const held = this.#counts.get(key)
    this.#counts.set(key, held === undefined ? count : { ...held, count: held.count + count.count })
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
