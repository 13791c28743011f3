// Keys of requests that must not be carried out twice (Idempotency-Key), with the answer that each was given.
import type { Tx } from './database.ts'

/** The right to carry a request out; whoever takes it over has the next attempt, and this one may write no more. */
export interface KeyClaim {
  readonly adminTokenId: string
  /** the fingerprint of the key */
  readonly key: string
  readonly attempt: number
}

/** Thrown by a write whose claim somebody else has taken over. */
export class ClaimLost extends Error {
  override readonly name = 'ClaimLost'
}

/** What is known of a key that could not be claimed. */
export interface HeldKey {
  readonly request: string
  readonly carriedOut: boolean
  /** null: no answer was kept */
  readonly answer: string | null
  /** whether whoever claimed it may still be at work */
  readonly isFresh: boolean
}

const KEPT_HOURS = 24
/** Longer than a transaction may take: whoever claimed the key and has written nothing by then has died. */
const LEASE_SECONDS = 120

/**
 * Claims a key for a request: a new one, one whose time is over, or one whose process died before it had written
 * anything. In one statement, so that of many processes one gets it. Null where it is held.
 */
export async function claimKey(
  tx: Tx,
  adminTokenId: string,
  key: string,
  request: string,
): Promise<KeyClaim | null> {
  const [row] = await tx.$queryRaw<{ attempt: number }[]>`
    INSERT INTO idempotency_keys AS k (admin_token_id, key, request) VALUES (${adminTokenId}::uuid, ${key}, ${request})
    ON CONFLICT (admin_token_id, key) DO UPDATE SET request = excluded.request, attempt = k.attempt + 1,
      claimed_at = now(), carried_out = false, answer = NULL,
      created_at = CASE WHEN k.created_at < now() - make_interval(hours => ${KEPT_HOURS}::int) THEN now()
        ELSE k.created_at END
    WHERE k.created_at < now() - make_interval(hours => ${KEPT_HOURS}::int)
      OR (k.request = excluded.request AND NOT k.carried_out AND k.answer IS NULL
        AND k.claimed_at < now() - make_interval(secs => ${LEASE_SECONDS}::int))
    RETURNING attempt`
  return row === undefined ? null : { adminTokenId, key, attempt: row.attempt }
}

export async function findKey(tx: Tx, adminTokenId: string, key: string): Promise<HeldKey | null> {
  const [row] = await tx.$queryRaw<HeldKey[]>`
    SELECT request, carried_out AS "carriedOut", answer,
      claimed_at >= now() - make_interval(secs => ${LEASE_SECONDS}::int) AS "isFresh"
    FROM idempotency_keys WHERE admin_token_id = ${adminTokenId}::uuid AND key = ${key}`
  return row ?? null
}

/**
 * Notes, in the transaction of the write, that the request is carried out. Throws ClaimLost, and so undoes the write,
 * where the claim was taken over.
 */
export async function noteCarriedOut(tx: Tx, { adminTokenId, key, attempt }: KeyClaim): Promise<void> {
  const noted = await tx.$executeRaw`
    UPDATE idempotency_keys SET carried_out = true
    WHERE admin_token_id = ${adminTokenId}::uuid AND key = ${key} AND attempt = ${attempt}::int`
  if (noted === 0) throw new ClaimLost('Another request with this Idempotency-Key has taken over.')
}

export async function keepAnswer(
  tx: Tx,
  { adminTokenId, key, attempt }: KeyClaim,
  answer: string,
): Promise<void> {
  await tx.$executeRaw`
    UPDATE idempotency_keys SET answer = ${answer}
    WHERE admin_token_id = ${adminTokenId}::uuid AND key = ${key} AND attempt = ${attempt}::int`
}

/** Forgets a key whose request failed and has written nothing: it can be sent again. */
export async function releaseKey(tx: Tx, { adminTokenId, key, attempt }: KeyClaim): Promise<void> {
  await tx.$executeRaw`
    DELETE FROM idempotency_keys WHERE admin_token_id = ${adminTokenId}::uuid AND key = ${key}
      AND attempt = ${attempt}::int AND NOT carried_out`
}

/** Deletes up to `limit` of the keys whose time is over; gives how many. */
export function deleteOldKeys(tx: Tx, limit: number): Promise<number> {
  return tx.$executeRaw`
    DELETE FROM idempotency_keys WHERE (admin_token_id, key) IN (
      SELECT admin_token_id, key FROM idempotency_keys
      WHERE created_at < now() - make_interval(hours => ${KEPT_HOURS}::int)
      ORDER BY created_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)`
}
