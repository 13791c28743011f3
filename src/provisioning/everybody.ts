// E4 for organizations of any size: people are looked at some at a time, and only what those who ask for another seat
// ask for is remembered. The decisions are the same as those of evaluate() on everybody at once.
import type { Removals } from './brake.ts'
import type { SeatType } from './catalogue.ts'
import { seatTypesOf } from './catalogue.ts'
import { claimOf, decide, freedSeat, judge } from './evaluate.ts'
import { allocateSeats, type Claim, heldSeat, isOpen } from './seats.ts'
import type { Decision, Person, Seats, Settings } from './types.ts'

/** Who is to be looked at again when the seats are given out: which user, and which member they are (E7). */
export interface Asker {
  readonly userId: string
  readonly memberId: string | null
}

/** First everybody goes through `settle`, in any order; then `giveOut` says who goes through `place`, in which order. */
export class SeatDraw {
  readonly #settings: Settings
  readonly #seats: Seats
  readonly #removals: Removals
  #claims: Claim[] = []
  /** of the claims of those who are members, or were, whose ids they are: most who ask are new */
  readonly #memberIds = new Map<string, string>()
  readonly #freed: SeatType[] = []
  #given: ReadonlyMap<string, SeatType | null> = new Map()

  constructor(settings: Settings, seats: Seats, removals: Removals = 'carried_out') {
    this.#settings = settings
    this.#seats = seats
    this.#removals = removals
  }

  /** Decides on those who ask for no other seat than they hold; the others' claims are noted. */
  settle(people: readonly Person[]): Decision[] {
    return people.flatMap((person): Decision[] => {
      const verdict = judge(person, this.#settings, null, this.#removals)
      this.#freed.push(...freedSeat(verdict))
      if (verdict.kind === 'settled') return [verdict.decision]
      const claim = claimOf(verdict)
      if (!isOpen(claim)) return [decide(verdict, claim.held)]
      this.#claims.push(claim)
      if (person.member !== null) this.#memberIds.set(claim.key, person.member.id)
      return []
    })
  }

  /**
   * Gives the seats out, after everybody was settled. Those who get one come first, in the order in which they get it:
   * a reader who is told in this order never counts one too many.
   */
  giveOut(): Iterable<Asker> {
    this.#given = allocateSeats(this.#claims, this.#freed, this.#seats, seatTypesOf(this.#settings.plan))
    // what was asked for is not needed any more, and there can be a million of them
    this.#claims = []
    return this.#askers()
  }

  *#askers(): Generator<Asker> {
    for (const userId of this.#given.keys()) {
      yield { userId, memberId: this.#memberIds.get(userId) ?? null }
    }
  }

  /** Decides on people whom `giveOut` named. */
  place(people: readonly Person[]): Decision[] {
    return people.map((person) => {
      const verdict = judge(person, this.#settings)
      if (verdict.kind === 'settled') return verdict.decision
      const { key } = claimOf(verdict)
      return decide(verdict, this.#given.get(key) ?? heldSeat(person))
    })
  }
}
