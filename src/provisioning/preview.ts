// S1: what a decision would make of a person, from → to; and pages of them, in an order that others' coming and going
// does not change.
import { personKey } from './identity.ts'
import { foreseenState, type MemberState, type Outcome, outcomeOf } from './outcome.ts'
import type { Decision } from './types.ts'

/** A member as its organization sees it. */
export interface Standing {
  readonly status: 'active' | 'waiting'
  readonly role: MemberState['role']
  readonly seatType: MemberState['seatType']
  readonly waitsFor: MemberState['wantedSeat']
  /** only where a push would have removed the member, who stays (S5) */
  readonly removal?: 'held' | 'discarded'
}

export interface Prospect {
  /** what pages are in the order of */
  readonly key: string
  readonly userId: string | null
  readonly memberId: string | null
  readonly email: string
  readonly outcome: Outcome
  /** null: no member */
  readonly from: Standing | null
  readonly to: Standing | null
  readonly decision: Decision
}

export function prospectOf(decision: Decision): Prospect {
  const { person } = decision
  const { user, member } = person
  return {
    key: personKey(person),
    userId: user?.id ?? member?.userId ?? null,
    memberId: member?.id ?? null,
    email: user?.email ?? member?.email ?? '',
    outcome: outcomeOf(decision),
    from: member === null ? null : standing(member),
    to: standing(foreseenState(decision)),
    decision,
  }
}

function standing(state: Omit<MemberState, 'id'> | null): Standing | null {
  if (state === null || state.status === 'removed') return null
  const { status, role, seatType, wantedSeat, removal } = state
  return { status, role, seatType, waitsFor: wantedSeat, ...(removal === null ? {} : { removal }) }
}

/**
 * One line for each decision that changes something, and none for the others: two evaluations that would do the same
 * have the same lines.
 */
export function effectLine(decision: Decision): string | null {
  if (outcomeOf(decision) === 'unchanged') return null
  const { key, memberId, from, to } = prospectOf(decision)
  return JSON.stringify([key, memberId, from, to])
}

/** Which people are shown: one outcome, or with null everybody of whom something changes. */
export interface PageRequest {
  readonly outcome: Outcome | null
  /** the key after which the page begins */
  readonly after: string | null
  readonly limit: number
}

/** Takes decisions in any order and keeps those of one page. */
export class Page {
  readonly #request: PageRequest
  #kept: Decision[] = []

  constructor(request: PageRequest) {
    this.#request = request
  }

  add(decisions: readonly Decision[]): void {
    const { outcome: wanted, after } = this.#request
    for (const decision of decisions) {
      const outcome = outcomeOf(decision)
      if (wanted === null ? outcome === 'unchanged' : outcome !== wanted) continue
      if (after !== null && personKey(decision.person) <= after) continue
      this.#kept.push(decision)
    }
    if (this.#kept.length > 2 * this.#request.limit) this.#cut()
  }

  /** The people of the page, and the key after which the next one begins, if there is one. */
  result(): { people: Prospect[]; next: string | null } {
    this.#cut()
    const { limit } = this.#request
    const people = this.#kept.slice(0, limit).map(prospectOf)
    return { people, next: this.#kept.length > limit ? (people.at(-1)?.key ?? null) : null }
  }

  /** One more than a page shows whether there is a next one. */
  #cut(): void {
    this.#kept.sort((a, b) => (personKey(a.person) < personKey(b.person) ? -1 : 1))
    this.#kept.length = Math.min(this.#kept.length, this.#request.limit + 1)
  }
}
