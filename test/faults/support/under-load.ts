// A scenario under load: a push, with reads, searches and administration beside it, while something happens; then all
// that was acknowledged must be there, and nothing half done.
import { expect } from 'vitest'
import { checkAll } from './consistency.ts'
import type { Figures } from './figures.ts'
import type { FaultyPostgres } from './postgres.ts'
import { Push } from './push.ts'
import type { Scene } from './scene.ts'
import { Sender } from './sender.ts'
import { runTraffic } from './traffic.ts'

export interface Load {
  readonly postgres: FaultyPostgres
  readonly database?: string
  /** of the service, or of what stands before it */
  readonly origin: string
  readonly scene: Scene
  readonly figures: Figures
  /** names the people, of whom there must be more than the load gets to */
  readonly name: string
  readonly people: number
  readonly workers: number
  /** how long the push waits for an answer before it calls that a hang */
  readonly patienceMs?: number
  /** the push alone, where the rest would fill the bounds that are measured */
  readonly isPushAlone?: boolean
}

/**
 * Runs `work` under the load, checks everything, and ends the load whatever happens; `mend` comes before that, for what
 * would keep the load from ending.
 */
export async function underLoad(
  load: Load,
  work: (push: Push) => Promise<void>,
  mend: () => Promise<unknown> = async () => {},
): Promise<void> {
  const { postgres, database = 'postgres', origin, scene, figures, workers } = load
  const sender = new Sender(origin, scene.directoryToken, figures, load.patienceMs)
  const push = new Push(scene, load.name, load.people)
  let isOver = false
  const running = Promise.all([
    push.run(sender, workers, () => isOver),
    load.isPushAlone ? null : runTraffic(origin, scene, figures, () => isOver),
  ])
  try {
    await work(push)
    isOver = true
    await running
    await push.check(postgres, database, figures)
    await checkAll(postgres, database, scene, origin, figures)
  } finally {
    isOver = true
    await mend()
    figures.print()
    await running
    await sender.close()
  }
  expect(figures).toMatchObject({ lost: [], inconsistencies: [], wrongAnswers: [] })
}
