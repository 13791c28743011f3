// Operations and servers in turn: short rounds that alternate, so that a noisy machine disturbs all of them.
import type { Load, MeasuredRound } from './load.ts'
import type { Operation } from './operations/operation.ts'
import { percentile, rateOf } from './statistics.ts'

/** A load, and what puts its database back. */
export interface Subject {
  readonly load: Load
  reset(): Promise<void>
}

export interface Measured {
  readonly rounds: readonly MeasuredRound[]
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly cpuMsPerRequest: number
}

interface Pace {
  readonly roundMs: number
  /** rounds before those that count */
  readonly warmUp: number
  readonly rounds: number
}

/** Many short rounds: a machine that is busy with something else for a second spoils only a few of them. */
const quick: Pace = { roundMs: 250, warmUp: 4, rounds: 30 }
/** Where a turn takes long, fewer and longer ones: at the end of each, workers wait for the last of them. */
const slow: Pace = { roundMs: 2000, warmUp: 2, rounds: 5 }

/** What is measured: an operation on a subject. */
export interface Contestant {
  readonly operation: Operation
  readonly subject: Subject
}

/** The same operation on several subjects. */
export const onEach = (operation: Operation, subjects: readonly Subject[]): Contestant[] =>
  subjects.map((subject) => ({ operation, subject }))

/** Measures all of them, in an order that turns round from round to round. */
export async function measureInTurn(contestants: readonly Contestant[]): Promise<Measured[]> {
  const { roundMs, warmUp, rounds } = contestants.some(({ operation }) => operation.isReset) ? slow : quick
  const measured = contestants.map((contestant) => ({ ...contestant, rounds: [] as MeasuredRound[] }))
  for (let i = 0; i < warmUp + rounds; i += 1) {
    for (const { operation, subject, rounds: done } of i % 2 === 0 ? measured : measured.toReversed()) {
      const round = await subject.load.round(operation, roundMs)
      if (operation.isReset) await subject.reset()
      if (i >= warmUp) done.push(round)
    }
  }
  return measured.map(({ rounds: done }) => summary(done))
}

function summary(rounds: readonly MeasuredRound[]): Measured {
  const latencies = rounds.flatMap(({ latenciesMs }) => latenciesMs)
  const cpuMs = rounds.reduce((sum, round) => sum + round.cpuMs, 0)
  return {
    rounds,
    requestsPerSecond: rateOf(rounds),
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    cpuMsPerRequest: cpuMs / latencies.length,
  }
}
