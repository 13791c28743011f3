// How often each tolerance was needed, per directory (scim.md section 5).
import type { PrismaTx, Tx } from './database.ts'

export interface ToleranceCount {
  readonly directoryId: string
  readonly tolerance: string
  readonly subject: string
  readonly count: number
  readonly lastSeenAt: Date
}

/** Adds the counts to those that are there. Counts of directories that are gone are dropped. */
export async function addToleranceCounts(tx: Tx, counts: readonly ToleranceCount[]): Promise<void> {
  if (counts.length === 0) return
  const rows = counts.map((count) => ({
    directory_id: count.directoryId,
    tolerance: count.tolerance,
    subject: count.subject,
    count: count.count,
    last_seen_at: count.lastSeenAt,
  }))
  await tx.$executeRaw`
    INSERT INTO tolerance_counts AS held (directory_id, tolerance, subject, count, last_seen_at)
    SELECT x.directory_id, x.tolerance, x.subject, x.count, x.last_seen_at
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      AS x(directory_id uuid, tolerance text, subject text, count bigint, last_seen_at timestamptz)
    JOIN directories d ON d.id = x.directory_id
    ORDER BY 1, 2, 3
    ON CONFLICT (directory_id, tolerance, subject) DO UPDATE
      SET count = held.count + excluded.count, last_seen_at = greatest(held.last_seen_at, excluded.last_seen_at)`
}

/** What a directory's IdP needed, most frequent first. */
export async function listToleranceCounts(tx: PrismaTx, directoryId: string): Promise<ToleranceCount[]> {
  const rows = await tx.toleranceCount.findMany({
    where: { directoryId },
    orderBy: [{ count: 'desc' }, { tolerance: 'asc' }, { subject: 'asc' }],
  })
  return rows.map((row) => ({ ...row, count: Number(row.count) }))
}
