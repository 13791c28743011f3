// E3 and E4: which seat somebody should have, who gets the seats that there are, and who waits.
import { type SeatType, seatTypesOf } from './catalogue.ts'
import { givenBy } from './given.ts'
import type { Person, Reason, Seats, SeatWish, Settings } from './types.ts'

/** E3: the seat that an entitled person should be on; null where the plan has no seat types. */
export function seatWish(
  person: Person,
  settings: Settings,
): { wish: SeatWish | null; why: readonly Reason[] } {
  const seatTypes = seatTypesOf(settings.plan)
  const [only, ...more] = seatTypes
  if (only === undefined) return { wish: null, why: [{ rule: 'E3', code: 'plan_without_seats' }] }
  if (more.length === 0) return { wish: only, why: [{ rule: 'E3', code: 'only_seat_type', seatType: only }] }
  if (settings.groupMappings && person.user !== null) {
    const { seat } = givenBy(person.user.groupIds, settings)
    if (seat !== null) return seat
  }
  const held = heldSeat(person)
  if (held !== null) return { wish: held, why: [{ rule: 'E3', code: 'seat_kept', seatType: held }] }
  return { wish: 'any', why: [{ rule: 'E3', code: 'highest_available_seat' }] }
}

export const heldSeat = ({ member }: Person): SeatType | null =>
  member?.status === 'active' ? member.seatType : null

/** Somebody who should be on a seat: what they hold, and what they wish for. */
export interface Claim {
  /** whose claim it is; at equal waiting time, the smaller comes first */
  readonly key: string
  readonly held: SeatType | null
  readonly wish: SeatWish | null
  /** null: asks now, after everybody who waits */
  readonly waitingSince: number | null
}

/**
 * E4: the seat of each claim by key; null for one that gets none. Never more on a seat type than were purchased.
 * `freed` are the seats of those who leave: they are given away first. A holder keeps its seat until the one it
 * wishes for is free; the seat it then gives up goes to whoever waits longest for it. First in the result are those who
 * got another seat, in the order in which they got it: each of them finds it free if those before have moved already.
 */
export function allocateSeats(
  claims: readonly Claim[],
  freed: readonly SeatType[],
  seats: Seats,
  seatTypes: readonly SeatType[],
): Map<string, SeatType | null> {
  const free = freeSeats(seats, freed)
  const result = new Map<string, SeatType | null>()
  const queue = new WaitingLine()
  for (const claim of claims.filter(isOpen).sort(byWaiting)) {
    let next: Claim | undefined = claim
    while (next !== undefined) {
      const taken = takeSeat(next, free, seatTypes)
      if (taken === null) queue.add(next)
      if (taken === null) break
      result.set(next.key, taken)
      // the seat given up goes to whoever waits longest for it, and so on with the seat that this one gives up
      next = next.held !== null && isFree(next.held, free) ? queue.next(next.held) : undefined
    }
  }
  for (const { key, held } of claims) if (!result.has(key)) result.set(key, held)
  return result
}

/** Whether the claim is for another seat than the one that is held: the others ask nothing of anybody. */
export const isOpen = ({ wish, held }: Pick<Claim, 'wish' | 'held'>) =>
  wish !== null && wish !== held && (wish !== 'any' || held === null)

const byWaiting = (a: Claim, b: Claim): number =>
  (a.waitingSince ?? Number.MAX_SAFE_INTEGER) - (b.waitingSince ?? Number.MAX_SAFE_INTEGER) ||
  (a.key < b.key ? -1 : 1)

function freeSeats(seats: Seats, freed: readonly SeatType[]): Map<SeatType, number> {
  const free = new Map<SeatType, number>()
  for (const [seatType, { purchased, assigned }] of seats) {
    free.set(seatType, purchased === null ? Number.POSITIVE_INFINITY : purchased - assigned)
  }
  for (const seatType of freed) free.set(seatType, (free.get(seatType) ?? 0) + 1)
  return free
}

const isFree = (seatType: SeatType, free: ReadonlyMap<SeatType, number>) => (free.get(seatType) ?? 0) > 0

/** Takes a seat for the claim out of `free`, and gives back the one it held. Null where there is none. */
function takeSeat(
  claim: Claim,
  free: Map<SeatType, number>,
  seatTypes: readonly SeatType[],
): SeatType | null {
  const wished = seatTypes.filter((seatType) => claim.wish === 'any' || claim.wish === seatType)
  const taken = wished.find((seatType) => isFree(seatType, free))
  if (taken === undefined) return null
  free.set(taken, (free.get(taken) ?? 0) - 1)
  if (claim.held !== null) free.set(claim.held, (free.get(claim.held) ?? 0) + 1)
  return taken
}

/** Those who found no seat so far, in order, by what they wish for. */
class WaitingLine {
  readonly #lines = new Map<SeatWish, Claim[]>()

  add(claim: Claim): void {
    if (claim.wish === null) return
    const line = this.#lines.get(claim.wish) ?? []
    line.push(claim)
    this.#lines.set(claim.wish, line)
  }

  /** Takes out whoever has waited longest for a seat of this type. */
  next(seatType: SeatType): Claim | undefined {
    const [first] = [this.#lines.get(seatType)?.[0], this.#lines.get('any')?.[0]]
      .filter((claim) => claim !== undefined)
      .sort(byWaiting)
    if (first?.wish) this.#lines.get(first.wish)?.shift()
    return first
  }
}

/** Whether seats can run out: without a limit each claim is met, whoever else asks. */
export const canRunOut = (seats: Seats): boolean =>
  [...seats.values()].some(({ purchased }) => purchased !== null)
