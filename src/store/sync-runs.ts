// The syncs of organizations: one at a time, the last one kept, and which are due (Y1, Y2).
import type { Mended } from '../provisioning/mending.ts'
import type { Counts } from '../provisioning/outcome.ts'
import type { Tx } from './database.ts'
import type { RecordedActor } from './events.ts'

/** What asks for a sync: a request, or the cycle. */
export type SyncOrigin = 'request' | 'cycle'

export interface SyncRun {
  readonly organizationId: string
  readonly startedAt: Date
  readonly finishedAt: Date
  readonly origin: SyncOrigin
  readonly actor: RecordedActor
  readonly counts: Counts
  readonly mended: Mended
}

export interface SyncFailure {
  readonly at: Date
  /** the kind of error: what it was is in the log */
  readonly reason: string
}

/** Holds the organization's syncs until the transaction ends; waits for one that runs. */
export async function lockSync(tx: Tx, organizationId: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended('sync ' || ${organizationId}, 0))`
}

/** The same without waiting; false where one runs. */
export async function tryLockSync(tx: Tx, organizationId: string): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ locked: boolean }[]>`
    SELECT pg_try_advisory_xact_lock(hashtextextended('sync ' || ${organizationId}, 0)) AS locked`
  return row?.locked === true
}

/** The database's clock: that of every process. */
export async function readClock(tx: Tx): Promise<Date> {
  const [row] = await tx.$queryRaw<{ now: Date }[]>`SELECT clock_timestamp() AS now`
  return row?.now ?? new Date()
}

export async function isSyncedWithin(tx: Tx, organizationId: string, ms: number): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM sync_runs WHERE organization_id = ${organizationId}::uuid
      AND finished_at > clock_timestamp() - ${ms}::float8 * interval '1 millisecond'`
  return rows.length > 0
}

/** Keeps a run in the place of the one before, and of what failed since then. */
export async function saveRun(tx: Tx, run: Omit<SyncRun, 'finishedAt'>): Promise<SyncRun> {
  const finishedAt = await readClock(tx)
  const { organizationId, startedAt, origin, actor, counts, mended } = run
  await tx.$executeRaw`
    INSERT INTO sync_runs (organization_id, started_at, finished_at, origin, actor, counts, mended)
    VALUES (${organizationId}::uuid, ${startedAt}, ${finishedAt}, ${origin}, ${JSON.stringify(actor)}::jsonb,
      ${JSON.stringify(counts)}::jsonb, ${JSON.stringify(mended)}::jsonb)
    ON CONFLICT (organization_id) DO UPDATE SET started_at = excluded.started_at,
      finished_at = excluded.finished_at, origin = excluded.origin, actor = excluded.actor,
      counts = excluded.counts, mended = excluded.mended, failed_at = NULL, failure = NULL`
  return { ...run, finishedAt }
}

export async function saveFailure(tx: Tx, organizationId: string, reason: string): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO sync_runs (organization_id, failed_at, failure)
    SELECT id, clock_timestamp(), ${reason} FROM organizations WHERE id = ${organizationId}::uuid
    ON CONFLICT (organization_id) DO UPDATE SET failed_at = excluded.failed_at, failure = excluded.failure`
}

interface Row {
  readonly started_at: Date | null
  readonly finished_at: Date | null
  readonly origin: SyncOrigin | null
  readonly actor: RecordedActor | null
  readonly counts: Counts | null
  readonly mended: Mended | null
  readonly failed_at: Date | null
  readonly failure: string | null
}

/** The last run, and what failed since then. */
export async function findLastSync(
  tx: Tx,
  organizationId: string,
): Promise<{ lastRun: SyncRun | null; lastFailure: SyncFailure | null }> {
  const [row] = await tx.$queryRaw<Row[]>`
    SELECT started_at, finished_at, origin, actor, counts, mended, failed_at, failure
    FROM sync_runs WHERE organization_id = ${organizationId}::uuid`
  return { lastRun: row === undefined ? null : runOf(organizationId, row), lastFailure: failureOf(row) }
}

function runOf(organizationId: string, row: Row): SyncRun | null {
  const { started_at: startedAt, finished_at: finishedAt, origin, actor, counts, mended } = row
  if (!startedAt || !finishedAt || !origin || !actor || !counts || !mended) return null
  return { organizationId, startedAt, finishedAt, origin, actor, counts, mended }
}

function failureOf(row: Row | undefined): SyncFailure | null {
  if (!row?.failed_at || row.failure === null) return null
  return { at: row.failed_at, reason: row.failure }
}

/** An organization that the cycle has to sync. */
export interface DueOrganization {
  readonly id: string
  readonly isFirst: boolean
}

/**
 * Organizations that were last synced longer ago than this, or never; those that wait longest first. One that failed
 * is due again as if it had been synced: until then its job is tried again by the queue.
 */
export async function dueOrganizations(tx: Tx, ms: number, limit: number): Promise<DueOrganization[]> {
  const rows = await tx.$queryRaw<{ id: string; is_first: boolean }[]>`
    SELECT o.id, s.organization_id IS NULL AS is_first
    FROM organizations o LEFT JOIN sync_runs s ON s.organization_id = o.id
    WHERE o.mode <> 'manual' AND (s.organization_id IS NULL
      OR greatest(s.finished_at, s.failed_at) < clock_timestamp() - ${ms}::float8 * interval '1 millisecond')
    ORDER BY greatest(s.finished_at, s.failed_at) NULLS FIRST, o.id LIMIT ${limit}`
  return rows.map((row) => ({ id: row.id, isFirst: row.is_first }))
}
