// The short form of the fuzzing (`npm run test:fuzz` is the long one): the same inputs each time, as many as a few
// seconds take.
import { expect, test } from 'vitest'
import { createTestDatabase } from '../support/postgres.ts'
import { run } from './campaign.ts'
import { Figures } from './figures.ts'
import { runParsers } from './parsers.ts'

const BUDGET_MS = 6_000
/** Fewer would be no test, also where a machine has much else to do. */
const LEAST = 400
const SLOW_MACHINE_MS = 120_000

test(
  'parsers read whatever is sent, or refuse it as the protocol says',
  () => {
    const figures = new Figures()
    expect(runParsers(10_000, 1, performance.now() + SLOW_MACHINE_MS / 2, figures)).toEqual([])
    expect(figures.total()).toBeGreaterThan(LEAST)
  },
  SLOW_MACHINE_MS,
)

test(
  'whatever is sent is answered in the format of the caller; what is refused changes nothing; the service lives, and members are as from scratch',
  async () => {
    const figures = new Figures()
    const budget = { runs: 3000, least: LEAST, budgetMs: BUDGET_MS, chapter: 3000 }
    expect(await run({ ...budget, seed: 1, createDatabase: createTestDatabase }, figures)).toEqual([])
    expect(figures.total()).toBeGreaterThanOrEqual(LEAST)
    expect(Object.keys(figures.inputs())).toHaveLength(12)
  },
  SLOW_MACHINE_MS,
)
