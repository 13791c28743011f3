// Cursors (RFC 9865): a place in the order of a search, as the opaque text that a client sends back. They hold all that
// the next page needs: the service keeps nothing of a walk, and a walk cannot be stale.
import { canonicalDateTime } from './date-time.ts'
import { expiredCursor, invalidCursor } from './errors.ts'
import type { Filter } from './filter.ts'
import { type KeyKind, keyKindOf, MAX_KEY_LENGTH, type Sort } from './sort.ts'
import { isStorable } from './value.ts'

/** For how long a cursor is good. A client may need hours for a page, and a cursor costs the service nothing. */
export const CURSOR_TIMEOUT_SECONDS = 86_400

/** Where a resource is in the order: what it is sorted by, as text (null: it has no value), and its id. */
export interface Position {
  readonly key: string | null
  readonly id: string
}

/** Which side of the position the page is on, towards the end or the beginning; without the position or with it. */
export type Bound = 'after' | 'notBefore' | 'before' | 'notAfter'

export interface Cursor {
  readonly bound: Bound
  readonly position: Position
}

/** The bound of all that a bound leaves out. */
export const complements = {
  after: 'notAfter',
  notAfter: 'after',
  before: 'notBefore',
  notBefore: 'before',
} as const

/** What a cursor is good for: another query has another order, or other resources in it. */
export interface CursorQuery {
  readonly directoryId: string
  /** the URIs in it can be sorted by */
  readonly baseUrl: string
  readonly targets: readonly {
    readonly type: string
    readonly filter: Filter | null
    readonly sort: Sort | null
  }[]
}

/** What a cursor is made and read with, none of which is the protocol's. */
export interface CursorTools {
  readonly now: Date
  /** 22 characters of base64url that no other text has */
  fingerprint(text: string): string
  isId(text: string): boolean
}

const VERSION = 1
const FINGERPRINT_LENGTH = 22

/** base64url: characters that are unreserved in URIs (RFC 9865 section 2). */
export function writeCursor({ bound, position }: Cursor, query: CursorQuery, tools: CursorTools): string {
  const seconds = Math.floor(tools.now.getTime() / 1000)
  const content = JSON.stringify([VERSION, seconds, bound, position.id, position.key])
  const text = Buffer.from(content).toString('base64url')
  return tools.fingerprint(identityOf(query) + text) + text
}

/** Throws invalidCursor for what is none of ours, or one of another query; expiredCursor. */
export function parseCursor(text: string, query: CursorQuery, tools: CursorTools): Cursor {
  const content = text.slice(FINGERPRINT_LENGTH)
  if (tools.fingerprint(identityOf(query) + content) !== text.slice(0, FINGERPRINT_LENGTH)) {
    throw invalidCursor('The cursor is none that the service gave for this query.')
  }
  const read = readContent(content, query.targets[0]?.sort ?? null, tools)
  // Only somebody who makes cursors comes here: a fingerprint is no signature, since a forged cursor shows nothing
  // that its query does not show.
  if (read === null) throw invalidCursor('The cursor cannot be read.')
  if (tools.now.getTime() / 1000 - read.seconds > CURSOR_TIMEOUT_SECONDS) {
    throw expiredCursor(
      `The cursor is older than ${CURSOR_TIMEOUT_SECONDS} seconds: begin with the first page.`,
    )
  }
  return read.cursor
}

/** The query as text, the same however its names were spelled: of the filter only what decides. */
const identityOf = ({ directoryId, baseUrl, targets }: CursorQuery): string =>
  JSON.stringify([directoryId, baseUrl, targets], (key, value) =>
    key === 'attribute' || key === 'literal' ? undefined : value,
  )

function readContent(content: string, sort: Sort | null, { isId }: CursorTools) {
  const held = parseJson(Buffer.from(content, 'base64url').toString())
  if (!Array.isArray(held)) return null
  const [version, seconds, bound, id, key]: unknown[] = held
  if (version !== VERSION || typeof seconds !== 'number') return null
  if (!isBound(bound) || typeof id !== 'string' || !isId(id)) return null
  if (!isKey(key, sort, isId)) return null
  return { seconds, cursor: { bound, position: { key, id } } }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const isBound = (value: unknown): value is Bound =>
  typeof value === 'string' && Object.hasOwn(complements, value)

function isKey(key: unknown, sort: Sort | null, isId: (text: string) => boolean): key is string | null {
  if (key === null) return true
  return sort !== null && typeof key === 'string' && tests[keyKindOf(sort)](key, isId)
}

/** What the database reads as a value of the kind. */
const tests: Record<KeyKind, (key: string, isId: (text: string) => boolean) => boolean> = {
  text: (key) => isStorable(key) && [...key].length <= MAX_KEY_LENGTH,
  number: (key) => /^-?\d{1,400}(\.\d{1,400})?$/.test(key),
  time: (key) => canonicalDateTime(key) === key,
  id: (key, isId) => isId(key),
}
