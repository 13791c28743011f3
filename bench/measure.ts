// An operation on two servers in turn: short rounds that alternate, so that a noisy machine disturbs both.
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

export interface Pace {
  readonly roundMs: number
  readonly rounds: number
}

/** Measures all of the subjects, whose order turns round from round to round; the first round warms up. */
export async function measureInTurn(
  operation: Operation,
  subjects: readonly Subject[],
  { roundMs, rounds }: Pace,
): Promise<Measured[]> {
  const measured = subjects.map((subject) => ({ subject, rounds: [] as MeasuredRound[] }))
  for (let i = 0; i <= rounds; i += 1) {
    for (const { subject, rounds: done } of i % 2 === 0 ? measured : measured.toReversed()) {
      const round = await subject.load.round(operation, roundMs)
      if (operation.isReset) await subject.reset()
      if (i > 0) done.push(round)
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
