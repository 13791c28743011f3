// How far the resources of a directory were compared with what is kept beside them (Y1): what nobody has written since
// need not be compared again. A row says in `xmin` which transaction wrote it, whoever that was, by the service or by hand.
import type { Tx } from './database.ts'
import { Prisma } from './generated/client.ts'

/** To be raised where something else is kept beside the same document than before. */
const DERIVATION = 1

/** Numbers of transactions in rows have 32 bits, and come again after that many. */
const MOST_TRANSACTIONS = 1_000_000_000

/** A comparison of all resources that begins now. */
export interface Comparison {
  /** every row of a transaction before this one is seen from now on: as it is, until another one writes it */
  readonly before: string
  /** rows of transactions before this one were compared already; null: none were */
  readonly comparedBefore: string | null
  /** what else the comparison depends on */
  readonly as: string
}

/**
 * Numbers of transactions mean nothing in another database or after PostgreSQL was started anew, from a backup perhaps;
 * and with other schemas something else is derived.
 */
const as = Prisma.sql`concat_ws(' ', ${DERIVATION}::int, d.schemas_version,
  (SELECT oid FROM pg_database WHERE datname = current_database()), extract(epoch FROM pg_postmaster_start_time()))`

/** To be asked before anything is read, the schemas included. */
export async function beginComparison(tx: Tx, directoryId: string): Promise<Comparison> {
  const [row] = await tx.$queryRaw<Comparison[]>`
    SELECT n.before::text, n.as, CASE WHEN d.compared_as = n.as
      AND n.before - d.compared_before BETWEEN 0 AND ${MOST_TRANSACTIONS}::int
      THEN d.compared_before::text END AS "comparedBefore"
    FROM directories d, LATERAL (
      SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS before, ${as} AS as) n
    WHERE d.id = ${directoryId}::uuid`
  return row ?? { before: '0', comparedBefore: null, as: '' }
}

/** What is true of the rows with the alias `r` that are to be compared. */
export const isToCompare = ({ comparedBefore }: Comparison): Prisma.Sql =>
  comparedBefore === null
    ? Prisma.sql`true`
    : Prisma.sql`age(r.xmin) <= age((${comparedBefore}::bigint & 4294967295)::text::xid)`

/** The comparison has ended; where something could not be put right it is to be found again. */
export async function noteComparison(
  tx: Tx,
  directoryId: string,
  { before, as }: Comparison,
  { isAllRight }: { readonly isAllRight: boolean },
): Promise<void> {
  await tx.$executeRaw`
    UPDATE directories SET checked_at = clock_timestamp(),
      compared_before = ${isAllRight ? before : null}::bigint, compared_as = ${as}
    WHERE id = ${directoryId}::uuid`
}

/** Whether a comparison ended within so many milliseconds (Y2). */
export async function isComparedWithin(tx: Tx, directoryId: string, ms: number): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM directories WHERE id = ${directoryId}::uuid
      AND checked_at > clock_timestamp() - ${ms}::float8 * interval '1 millisecond'`
  return rows.length > 0
}
