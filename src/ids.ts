// Identifiers: UUIDs of version 7, whose order is the order in which they were made.
import { randomFillSync, randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'

const RANDOM_BYTES = 16
/** Asked of the system for many ids at once: for each by itself that was most of what an id cost. */
const pool = new Uint8Array(256 * RANDOM_BYTES)
let used = pool.length

function random(): Uint8Array {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += RANDOM_BYTES
  return pool.subarray(used - RANDOM_BYTES, used)
}

/** The millisecond and the number within it of the last id: a clock that goes back does not change the order. */
let msecs = 0
let seq = 0

const GREATEST_SEQ = 0xffff_ffff

export function newId(): string {
  const bytes = random()
  const now = Date.now()
  if (now > msecs) {
    msecs = now
    // from a random one in the lower half: there is room for more in the same millisecond
    seq = new DataView(bytes.buffer, bytes.byteOffset).getUint32(6) >>> 1
  } else if (seq === GREATEST_SEQ) {
    msecs += 1
    seq = 0
  } else {
    seq += 1
  }
  return uuidv7({ random: bytes, msecs, seq })
}

/** Without an order, at a tenth of the cost: every request has one. */
export const newRequestId = (): string => randomUUID()

/** Before every id: where a walk through them begins. */
export const BEFORE_ALL_IDS = '00000000-0000-0000-0000-000000000000'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Ids compare with case, in canonical spelling: a text of another shape is the id of nothing. */
export const isId = (id: string): boolean => UUID.test(id)
