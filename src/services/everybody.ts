// Decisions on everybody of an organization, some thousands at a time, for settings that are tried or saved (S1, S3).

import { evaluate } from '../provisioning/evaluate.ts'
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
import type { Decision } from '../provisioning/types.ts'
import { Fingerprint } from '../secrets.ts'
import type { Tx } from '../store/database.ts'
import { askersAgain, everybody } from '../store/everybody.ts'
import type { LockedOrganization } from '../store/organizations.ts'

/** What an evaluation of everybody does, and a fingerprint that tells it from one that would do something else. */
export interface Outlook {
  readonly effects: Effects
  readonly warnings: readonly Warning[]
  readonly fingerprint: string
}

/**
 * Evaluates everybody and hands each set of decisions to `take`, which may write them: what is decided later does not
 * depend on it.
 */
export async function evaluateEverybody(
  tx: Tx,
  organization: LockedOrganization,
  caution: Caution,
  take: (decisions: readonly Decision[]) => Promise<void> | void,
): Promise<Outlook> {
  const { plan, settings } = organization
  const { mode, groupMappings } = settings
  const mappings = settings.mappings
    .map(({ groupId, role, seatType }) => JSON.stringify([groupId, role, seatType]))
    .sort()
  const print = new Fingerprint().add(JSON.stringify([mode, groupMappings, mappings]))
  let effects = noEffects
  for await (const decisions of decideOnEverybody(tx, organization)) {
    effects = withEffects(effects, decisions, plan, caution)
    for (const decision of decisions) print.add(effectLine(decision) ?? '')
    await take(decisions)
  }
  return { effects, warnings: warningsOf(effects, plan, caution), fingerprint: print.value() }
}

async function* decideOnEverybody(tx: Tx, organization: LockedOrganization): AsyncGenerator<Decision[]> {
  const { settings, seats } = organization
  if (!canRunOut(seats)) {
    for await (const people of everybody(tx, organization)) yield evaluate(people, settings, seats)
    return
  }
  // who gets a seat depends on who else asks: seats are given out when everybody is known
  const draw = new SeatDraw(settings, seats)
  for await (const people of everybody(tx, organization)) yield draw.settle(people)
  for await (const people of askersAgain(tx, organization, draw.giveOut())) yield draw.place(people)
}
