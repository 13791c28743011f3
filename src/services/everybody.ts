// Decisions on everybody of an organization, some thousands at a time, for settings that are tried or saved (S1, S3),
// and for syncs.

import type { Removals } from '../provisioning/brake.ts'
import { evaluate, judge } from '../provisioning/evaluate.ts'
import { SeatDraw } from '../provisioning/everybody.ts'
import {
  type Caution,
  type Effects,
  noEffects,
  type Warning,
  warningsOf,
  withEffects,
} from '../provisioning/guard.ts'
import { effectLine } from '../provisioning/preview.ts'
import { canRunOut } from '../provisioning/seats.ts'
import type { Decision, Person } from '../provisioning/types.ts'
import { Fingerprint } from '../secrets.ts'
import type { Tx } from '../store/database.ts'
import type { Actor } from '../store/events.ts'
import { askersAgain, everybody } from '../store/everybody.ts'
import { UnderWay } from '../store/in-parts.ts'
import type { LockedOrganization } from '../store/locked-organizations.ts'
import { leavingIn, removalsFor } from './brake.ts'

/** What an evaluation of everybody does, and a fingerprint that tells it from one that would do something else. */
export interface Outlook {
  readonly effects: Effects
  readonly warnings: readonly Warning[]
  readonly fingerprint: string
}

/**
 * Evaluates everybody and hands each set of decisions to `take`, which may write them: what is decided later does not
 * depend on it. `removals` is what the brake says of them, where pushes are why we evaluate.
 */
export async function evaluateEverybody(
  tx: Tx,
  organization: LockedOrganization,
  caution: Caution,
  take: (decisions: readonly Decision[]) => Promise<void> | void,
  removals: Removals = 'carried_out',
): Promise<Outlook> {
  const { plan, settings, brake } = organization
  const { mode, groupMappings } = settings
  const mappings = settings.mappings
    .map(({ groupId, role, seatType }) => JSON.stringify([groupId, role, seatType]))
    .sort()
  const print = new Fingerprint().add(JSON.stringify([mode, groupMappings, mappings, brake]))
  let effects = noEffects
  const underWay = new UnderWay()
  for await (const decisions of decideOnEverybody(tx, organization, removals)) {
    effects = withEffects(effects, decisions, plan, caution)
    for (const decision of decisions) print.add(effectLine(decision) ?? '')
    await underWay.add(Promise.resolve(take(decisions)))
  }
  await underWay.ended()
  return { effects, warnings: warningsOf(effects, plan, caution), fingerprint: print.value() }
}

/**
 * What the brake makes of the removals of a sync of everybody, which counts as a push (S5): they are counted in a look of
 * its own, before anything is written. The organization must be locked.
 */
export async function removalsOfEverybody(
  tx: Tx,
  actor: Actor,
  organization: LockedOrganization,
): Promise<Removals> {
  if (organization.brake === null) return 'carried_out'
  return removalsFor(
    tx,
    actor,
    organization,
    'push',
    await countLeaving(everybody(tx, organization), organization),
  )
}

/** How many of them would leave: they are looked at, and nothing is written. */
export async function countLeaving(
  parts: AsyncIterable<Person[]>,
  organization: LockedOrganization,
): Promise<number> {
  let leaving = 0
  for await (const people of parts) {
    const verdicts = people.map((person) => judge(person, organization.settings))
    leaving += leavingIn(
      verdicts.flatMap((verdict) => (verdict.kind === 'settled' ? [verdict.decision] : [])),
    )
  }
  return leaving
}

const decideOnEverybody = (tx: Tx, organization: LockedOrganization, removals: Removals) =>
  decideOn(tx, organization, everybody(tx, organization), removals)

/** Decides on people who come some at a time: the same as on all of them at once. */
export async function* decideOn(
  tx: Tx,
  organization: LockedOrganization,
  parts: AsyncIterable<Person[]>,
  removals: Removals,
): AsyncGenerator<Decision[]> {
  const { settings, seats } = organization
  if (!canRunOut(seats)) {
    for await (const people of parts) yield evaluate(people, settings, seats, null, removals)
    return
  }
  // who gets a seat depends on who else asks: seats are given out when everybody is known
  const draw = new SeatDraw(settings, seats, removals)
  for await (const people of parts) yield draw.settle(people)
  for await (const people of askersAgain(tx, organization, draw.giveOut())) yield draw.place(people)
}
