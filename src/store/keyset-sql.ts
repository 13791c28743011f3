// Places in an order (RFC 9865) → SQL: the rows on one side of a position, nearest first, found by comparing with it.
// Nothing is counted or skipped, so the last page costs what the first one does.
import type { Cursor, Position } from '../scim/cursor.ts'
import { type KeyKind, keyKindOf, type Sort } from '../scim/sort.ts'
import { Prisma } from './generated/client.ts'

/** `forward` is towards the end of the list. */
export type Direction = 'forward' | 'backward'

export const directionOf = (cursor: Cursor | null): Direction =>
  cursor === null || cursor.bound === 'after' || cursor.bound === 'notBefore' ? 'forward' : 'backward'

/**
 * The order of rows, with the alias `rows`, that have a `key` and an `id`: missing keys last when ascending and first
 * when descending, equal ones by their ids (scim/sort.ts); or all of it backward.
 */
export function orderSql(sort: Sort | null, direction: Direction, rows: Prisma.Sql): Prisma.Sql {
  const ids = Prisma.sql`${rows}.id ${Prisma.raw(direction === 'forward' ? 'ASC' : 'DESC')}`
  if (sort === null) return ids
  const keys = Prisma.raw(isKeyRising(sort, direction) ? 'ASC NULLS LAST' : 'DESC NULLS FIRST')
  return Prisma.sql`${rows}.key ${keys}, ${ids}`
}

const isKeyRising = (sort: Sort, direction: Direction): boolean =>
  (sort.order === 'ascending') === (direction === 'forward')

/**
 * Whether a row with a `key` and an `id` is on the side of the position that the cursor's bound says. Keys of every row
 * are compared in a form that an index on them answers. May be NULL, which is not true.
 */
export function keysetSql(sort: Sort | null, cursor: Cursor, isInEveryRow: boolean): Prisma.Sql {
  const { bound, position } = cursor
  const ids = Prisma.sql`id ${idOperators[bound]} ${position.id}::uuid`
  if (sort === null) return ids
  const rising = isKeyRising(sort, directionOf(cursor))
  if (position.key === null) {
    return rising ? Prisma.sql`(key IS NULL AND ${ids})` : Prisma.sql`(key IS NOT NULL OR ${ids})`
  }
  const beyond = beyondSql(sort, bound, position, rising)
  return rising && !isInEveryRow ? Prisma.sql`(key IS NULL OR ${beyond})` : beyond
}

const idOperators = {
  after: Prisma.raw('>'),
  notBefore: Prisma.raw('>='),
  before: Prisma.raw('<'),
  notAfter: Prisma.raw('<='),
}

/** Two conditions on the key, of which the first is for the index; where key and id run the same way, one on both. */
function beyondSql(sort: Sort, bound: Cursor['bound'], { key, id }: Position, rising: boolean): Prisma.Sql {
  const at = casts[keyKindOf(sort)](key)
  const operator = idOperators[bound]
  if (sort.order === 'ascending') return Prisma.sql`(key, id) ${operator} (${at}, ${id}::uuid)`
  return rising
    ? Prisma.sql`(key >= ${at} AND (key > ${at} OR id ${operator} ${id}::uuid))`
    : Prisma.sql`(key <= ${at} AND (key < ${at} OR id ${operator} ${id}::uuid))`
}

const casts: Record<KeyKind, (key: string | null) => Prisma.Sql> = {
  text: (key) => Prisma.sql`${key}::text`,
  number: (key) => Prisma.sql`${key}::numeric`,
  id: (key) => Prisma.sql`${key}::uuid`,
  time: (key) => Prisma.sql`${key}::timestamptz`,
}

/** A key as the text that a position has, which the casts read again. */
export function keyTextSql(sort: Sort | null, key: Prisma.Sql): Prisma.Sql {
  if (sort === null || keyKindOf(sort) !== 'time') return Prisma.sql`${key}::text`
  return Prisma.sql`to_char(${key} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
}
