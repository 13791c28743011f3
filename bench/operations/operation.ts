// What an operation is: the requests of one turn of one worker, and what they are measured by.
import type { Send } from '../http.ts'
import type { World } from '../world.ts'

/** Requests in parallel, as identity providers send them. */
export const WORKERS = 8

/** One turn of a worker: `turn` counts up from 0 for as long as the server is measured. */
export interface Turn {
  readonly worker: number
  readonly turn: number
  readonly world: World
}

export interface Operation {
  readonly name: string
  readonly title: string
  /** the least share of the floor's throughput that it must have */
  readonly target: number
  play(send: Send, turn: Turn): Promise<unknown>
  /** what an even turn changes the next one puts back: no round ends in between */
  readonly isPaired?: boolean
  /** how many turns each worker has in a round, where each needs what only a reset gives back; else until time is up */
  readonly turnsPerRound?: number
  /** whether the database is put back after each round */
  readonly isReset?: boolean
}

/** A user of the range from `first` to `last`, another at each turn, and all over it. Workers have their own. */
export function pickUser({ worker, turn }: Turn, first: number, last: number): number {
  const perWorker = Math.floor((last - first + 1) / WORKERS)
  return first + worker + WORKERS * (scattered(turn) % perWorker)
}

/** 0, 1, 2, … all over the numbers of 32 bits: what comes one after the other does not lie side by side. */
const scattered = (n: number): number => Math.imul(n, 0x9e3779b1) >>> 0

const PATCH_SCHEMA = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

export const patchBody = (operation: object) => ({ schemas: [PATCH_SCHEMA], Operations: [operation] })

export const SCIM = '/scim/v2'
