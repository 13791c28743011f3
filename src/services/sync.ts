// Y1, Y2: a whole organization evaluated against its directory, on request or by the cycle, and mended where somebody
// changed the database by hand.

import type { Caution } from '../provisioning/guard.ts'
import { isMending, type Mended, nothingMended, silentWrite } from '../provisioning/mending.ts'
import type { Counts } from '../provisioning/outcome.ts'
import type { Decision } from '../provisioning/types.ts'
import { applyDecisions } from '../store/apply.ts'
import { isComparedWithin } from '../store/comparisons.ts'
import type { Database, Tx } from '../store/database.ts'
import { type Actor, appendEvents, recorded } from '../store/events.ts'
import { type LockedOrganization, readOrganization } from '../store/locked-organizations.ts'
import { countWrongSeats, wrongMembers } from '../store/mending.ts'
import { organizationIdsOf } from '../store/organizations.ts'
import { findParentOrganization } from '../store/parent-organizations.ts'
import {
  type DueOrganization,
  dueOrganizations,
  findLastSync,
  isSyncedWithin,
  lockSync,
  readClock,
  type SyncFailure,
  type SyncOrigin,
  type SyncRun,
  saveFailure,
  saveRun,
  tryLockSync,
} from '../store/sync-runs.ts'
import { NotFound } from './errors.ts'
import { evaluateEverybody, removalsOfEverybody } from './everybody.ts'
import { mendDirectory, mendOrganization, noResources } from './mending.ts'
import { getOrganization, lockOrganization } from './organizations.ts'

type MendedResources = typeof noResources

/** Who asks for a sync, and how. */
interface Asked {
  readonly actor: Actor
  readonly origin: SyncOrigin
  /** what was mended of the directory for this run */
  readonly resources: MendedResources
  readonly signal: AbortSignal | null
}

const theCycle: Actor = { kind: 'system' }
/** A sync is asked for as it is: nobody previews it. */
const noCaution: Caution = { actingMemberId: null, maxRemovedPercent: 100 }

export class Sync {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Y1: mends the directory, then evaluates the organization; waits for a sync of it that runs. Throws NotFound. */
  async now(actor: Actor, organizationId: string): Promise<SyncRun> {
    const { directoryId } = await getOrganization(this.#database.client, organizationId)
    return this.#noting(organizationId, async () => {
      const resources = await this.#mend(actor, directoryId, [organizationId])
      return this.#run(organizationId, { actor, origin: 'request', resources, signal: null })
    })
  }

  /** The same for all organizations joined to a parent, each in a transaction of its own, one after the other. */
  async parentNow(
    actor: Actor,
    parentOrganizationId: string,
  ): Promise<{ mended: MendedResources; runs: SyncRun[] }> {
    const { client } = this.#database
    const parent = await findParentOrganization(client, parentOrganizationId)
    if (parent === null) throw new NotFound('Parent organization', parentOrganizationId)
    const ids = await organizationIdsOf(client, parentOrganizationId)
    const mended = await this.#mend(actor, parent.directoryId, ids)
    const asked = { actor, origin: 'request', resources: noResources, signal: null } as const
    const runs: SyncRun[] = []
    for (const id of ids) runs.push(await this.#noting(id, () => this.#run(id, asked)))
    return { mended, runs }
  }

  /**
   * Y2: null where there is nothing to do: somebody else is at it, or it was synced within the interval. The directory
   * is mended once in an interval, whichever of its organizations comes first.
   */
  async cycle(organizationId: string, intervalMs: number, signal: AbortSignal): Promise<SyncRun | null> {
    const { client } = this.#database
    const organization = await readOrganization(client, organizationId)
    if (organization === null || (await isSyncedWithin(client, organizationId, intervalMs))) return null
    const { directoryId } = organization
    return this.#noting(organizationId, async () => {
      const resources = (await isComparedWithin(client, directoryId, intervalMs))
        ? noResources
        : await this.#mend(theCycle, directoryId, [organizationId], signal)
      const asked = { actor: theCycle, origin: 'cycle', resources, signal } as const
      return this.#database.write(async (tx) => {
        if (!(await tryLockSync(tx, organizationId))) return null
        // another one may have ended since
        if (await isSyncedWithin(tx, organizationId, intervalMs)) return null
        return runLocked(tx, organizationId, asked)
      })
    })
  }

  /** What the cycle has to do: at most `limit` organizations. */
  due(intervalMs: number, limit: number): Promise<DueOrganization[]> {
    return dueOrganizations(this.#database.client, intervalMs, limit)
  }

  async last(organizationId: string): Promise<{ lastRun: SyncRun | null; lastFailure: SyncFailure | null }> {
    const { client } = this.#database
    await getOrganization(client, organizationId)
    return findLastSync(client, organizationId)
  }

  #run(organizationId: string, asked: Asked): Promise<SyncRun> {
    return this.#database.write(async (tx) => {
      await lockSync(tx, organizationId)
      return runLocked(tx, organizationId, asked)
    })
  }

  #mend(
    actor: Actor,
    directoryId: string,
    evaluatedAfter: readonly string[],
    signal: AbortSignal | null = null,
  ): Promise<MendedResources> {
    return mendDirectory(this.#database, {
      actor,
      directoryId,
      evaluatedAfter: new Set(evaluatedAfter),
      signal,
    })
  }

  /** A run that fails is noted, so that it can be seen; one that is told to stop has not failed. */
  async #noting<T>(organizationId: string, run: () => Promise<T>): Promise<T> {
    try {
      return await run()
    } catch (error) {
      const reason = error instanceof Error ? error.name : 'unknown'
      const isStopped = reason === 'AbortError' || reason === 'TimeoutError'
      // where the database is away this cannot be written either, and the first error is the one to tell
      if (!isStopped) await saveFailure(this.#database.client, organizationId, reason).catch(() => {})
      throw error
    }
  }
}

/** One run, while the organization's syncs are held. An event tells it where something changed: not that it ran. */
async function runLocked(tx: Tx, organizationId: string, asked: Asked): Promise<SyncRun> {
  const { actor, origin, resources } = asked
  const startedAt = await readClock(tx)
  const { counts, mended: ofOrganization } = await syncOrganization(tx, organizationId, asked)
  const mended: Mended = { ...nothingMended, ...resources, ...ofOrganization }
  if (counts.added + counts.changed + counts.removed + counts.waiting > 0 || isMending(mended)) {
    const { directoryId } = await getOrganization(tx, organizationId)
    const data = { origin, counts, mended }
    await appendEvents(tx, actor, [
      { type: 'sync.finished', directoryId, organizationId, subjectId: organizationId, data },
    ])
  }
  return saveRun(tx, { organizationId, startedAt, origin, actor: recorded(actor), counts, mended })
}

interface Synced {
  readonly counts: Counts
  readonly mended: Pick<Mended, 'members' | 'seats'>
}

/**
 * Looks first without locking the organization, since as a rule there is nothing to do, and pushes must not wait for
 * that; what there is to do is decided anew under its lock.
 */
async function syncOrganization(tx: Tx, organizationId: string, asked: Asked): Promise<Synced> {
  const found = await look(tx, await getOrganization(tx, organizationId), asked)
  if (found !== null) return { counts: found, mended: { members: 0, seats: 0 } }
  const { members, seats } = await mendOrganization(
    tx,
    asked.actor,
    await lockOrganization(tx, organizationId),
  )
  const organization = await lockOrganization(tx, organizationId)
  // nobody previews a sync: what it would remove may be a mistake in the directory, whoever asks for it (S5)
  const removals = await removalsOfEverybody(tx, asked.actor, organization)
  let addresses = 0
  const take = async (decisions: readonly Decision[]) => {
    asked.signal?.throwIfAborted()
    addresses += decisions.filter((each) => silentWrite(each, organization.mode) === 'address').length
    await applyDecisions(tx, asked.actor, organization, decisions)
  }
  const { effects } = await evaluateEverybody(tx, organization, noCaution, take, removals)
  return { counts: effects.counts, mended: { members: members + addresses, seats } }
}

/** The counts of an evaluation that would change nothing at all; null where there is something to do. */
async function look(tx: Tx, organization: LockedOrganization, { signal }: Asked): Promise<Counts | null> {
  if ((await countWrongSeats(tx, organization)) > 0) return null
  for await (const _wrong of wrongMembers(tx, organization)) return null
  let writes = 0
  const { effects } = await evaluateEverybody(tx, organization, noCaution, (decisions) => {
    signal?.throwIfAborted()
    writes += decisions.filter((each) => silentWrite(each, organization.mode) !== 'nothing').length
  })
  const { added, changed, removed, waiting } = effects.counts
  return added + changed + removed + waiting + writes === 0 ? effects.counts : null
}
