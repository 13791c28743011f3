// A run: inputs of every kind in turn, sent to the service one after the other, and each answer judged. After so many
// the service and its database are new, so that what is in it stays small and is what the inputs know.
import fc from 'fast-check'
import type { Document } from '../../src/http/openapi/document.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { type Ask, isRead } from './ask.ts'
import type { Figures } from './figures.ts'
import { type Kind, kindsOf } from './inputs/index.ts'
import { faultOf } from './judge.ts'
import { startWorld, type World } from './world.ts'

export interface Campaign {
  readonly runs: number
  readonly seed: number
  /** the run ends when this is over, with `least` inputs or more */
  readonly budgetMs: number
  readonly least?: number
  /** the run ends where this is aborted */
  readonly signal?: AbortSignal | undefined
  /** after how many inputs all begins anew */
  readonly chapter: number
  /** of this kind alone; where it is not given, of all */
  readonly kind?: string | undefined
  /** how many people more there are than the inputs name */
  readonly crowd?: number
  createDatabase(): Promise<TestDatabase>
  /** called with each fault at once */
  readonly onFault?: (fault: string) => void
  readonly onChapter?: () => void
}

const SAMPLES = 20

/** Gives what was wrong. */
export async function run(campaign: Campaign, figures: Figures): Promise<string[]> {
  const { runs, seed, chapter, least = 0, signal } = campaign
  const faults: string[] = []
  let leftMs = campaign.budgetMs
  for (let begun = 0; begun < runs && leftMs > 0 && signal?.aborted !== true; begun += chapter) {
    const found = (fault: string) => {
      faults.push(fault)
      campaign.onFault?.(fault)
    }
    const count = Math.min(chapter, runs - begun)
    const begin = { count, least, seed: seed + begun, budgetMs: leftMs, figures, found }
    leftMs -= await playChapter(campaign, begin)
    campaign.onChapter?.()
  }
  return faults
}

/** Gives how long the inputs took. */
async function playChapter(
  { createDatabase, kind, signal, crowd = 0 }: Campaign,
  chapter: Chapter,
): Promise<number> {
  const database = await createDatabase()
  try {
    const world = await startWorld(database, crowd)
    try {
      const begin = performance.now()
      await play(world, chapter, { kind, signal })
      const took = performance.now() - begin
      for (const fault of [...(await world.endFaults()), ...world.complaints()])
        chapter.found(`at the end of seed ${chapter.seed}: ${fault}`)
      return took
    } finally {
      await world.close()
    }
  } finally {
    await database.drop()
  }
}

interface Chapter {
  readonly count: number
  readonly least: number
  readonly seed: number
  readonly budgetMs: number
  readonly figures: Figures
  readonly found: (fault: string) => void
}

async function play(
  world: World,
  { count, least, seed, budgetMs, figures, found }: Chapter,
  { kind: only, signal }: Pick<Campaign, 'kind' | 'signal'>,
): Promise<void> {
  const until = performance.now() + budgetMs
  let print = await world.fingerprint()
  let sent = 0
  for (const [kind, ask] of inputsOf(documentOf(world), seed, only)) {
    if (signal?.aborted === true || sent === count || (sent >= least && performance.now() > until)) return
    sent += 1
    const begin = performance.now()
    const got = await world.send(ask)
    figures.count(kind, String(got?.status ?? 'none'), performance.now() - begin, shown(ask))
    const before = print
    print = await world.fingerprint()
    const wrong = [faultOf(ask, got), ...world.complaints()]
    const mayChange = got !== null && got.status < 400 && !isRead(ask)
    if (!mayChange && print !== before) wrong.push(`answered ${got?.status}, and changed something`)
    if (got?.status === 401 && kind !== 'bytes') wrong.push('the token holds no more')
    for (const each of wrong) if (each !== null) found(`${kind}, seed ${seed}: ${each}\n    ${shown(ask)}`)
  }
}

/** Every kind in turn, as often as it weighs, for ever. */
function* inputsOf(
  document: Document,
  seed: number,
  only: string | undefined,
): Generator<[kind: string, ask: Ask], never> {
  const turns = kindsOf(document).flatMap((kind) => {
    if (only !== undefined && only !== kind.name) return []
    const asks = stream(kind, seed)
    return Array.from({ length: kind.weight }, () => [kind.name, asks] as const)
  })
  if (turns.length === 0) throw new Error(`There is no kind "${only}".`)
  for (;;) {
    for (const [name, asks] of turns) yield [name, asks.next().value]
  }
}

function* stream({ asks }: Kind, seed: number): Generator<Ask, never> {
  for (let round = 0; ; round += 1) {
    yield* fc.sample(asks, { numRuns: SAMPLES, seed: seed * 1000 + round })
  }
}

/** As the service has it. */
function documentOf({ document }: World): Document
function documentOf({ document }: World): unknown {
  return document
}

const shown = ({ method, path, body, headers = {}, forged }: Ask): string => {
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify([...body])
  const more = [
    Object.keys(headers).length > 0 ? JSON.stringify(headers) : '',
    forged === undefined ? '' : JSON.stringify(forged),
  ]
  return [method, path, ...more, text]
    .filter((part) => part !== '')
    .join(' ')
    .slice(0, 3000)
}
