// Lists: the query of a search and the ListResponse (RFC 7644 section 3.4.2), by index or by
// cursor (RFC 9865).
import { invalidCount, invalidValue } from './errors.ts'
import type { JsonObject } from './resource.ts'

export const DEFAULT_COUNT = 100
export const MAX_COUNT = 1000

/** A page by its index: `startIndex` counts from 1, `count` is between 0 and MAX_COUNT. */
export interface IndexPage {
  readonly startIndex: number
  readonly count: number
}

/** A page by a cursor, empty for the first one; `count` is between 1 and MAX_COUNT. */
export interface CursorPage {
  readonly cursor: string
  readonly count: number
}

export type Page = IndexPage | CursorPage

/** The parameters as they were given; undefined where they were not. */
export interface PageRequest {
  readonly startIndex: string | undefined
  readonly count: string | undefined
  readonly cursor: string | undefined
}

/** Whoever gives a cursor, even an empty one, is answered by cursors; startIndex then says nothing. */
export function parsePage({ startIndex, count, cursor }: PageRequest): Page {
  return cursor === undefined ? parseIndexPage(startIndex, count) : { cursor, count: parseCursorCount(count) }
}

/** Reads startIndex and count. Below 1 is 1, below 0 is 0 (section 3.4.2.4). Throws invalidValue if no number. */
function parseIndexPage(startIndex: string | undefined, count: string | undefined): IndexPage {
  const first = parseInteger('startIndex', startIndex, 1)
  const size = parseInteger('count', count, DEFAULT_COUNT)
  return { startIndex: Math.max(first, 1), count: Math.min(Math.max(size, 0), MAX_COUNT) }
}

/** RFC 9865 section 2.1: with a cursor, a count that is not between 1 and maxPageSize is an error. */
function parseCursorCount(text: string | undefined): number {
  if (text === undefined || text === '') return DEFAULT_COUNT
  const value = /^\s*\d+\s*$/.test(text) ? Number(text) : Number.NaN
  if (value >= 1 && value <= MAX_COUNT) return value
  throw invalidCount(`With a cursor, count must be a whole number from 1 to ${MAX_COUNT}.`)
}

function parseInteger(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined || text === '') return fallback
  const value = /^\s*-?\d+\s*$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(value)) throw invalidValue(`${name} must be a whole number.`)
  return value
}

const listResponseSchema = 'urn:ietf:params:scim:api:messages:2.0:ListResponse'

export function listResponse(
  resources: readonly JsonObject[],
  totalResults: number,
  startIndex: number,
): JsonObject {
  return {
    schemas: [listResponseSchema],
    totalResults,
    startIndex,
    itemsPerPage: resources.length,
    Resources: resources,
  }
}

/** Where to go on from a page; null where there is nothing more. */
export interface PageCursors {
  readonly next: string | null
  readonly previous: string | null
}

/** A page by cursor (RFC 9865 section 2): it has no index, which would have to be counted. */
export function cursorListResponse(
  resources: readonly JsonObject[],
  totalResults: number,
  { next, previous }: PageCursors,
): JsonObject {
  return {
    schemas: [listResponseSchema],
    totalResults,
    itemsPerPage: resources.length,
    ...(previous === null ? {} : { previousCursor: previous }),
    ...(next === null ? {} : { nextCursor: next }),
    Resources: resources,
  }
}
