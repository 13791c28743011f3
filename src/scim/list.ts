// Lists: the query of a search and the ListResponse (RFC 7644 section 3.4.2).
import { invalidValue } from './errors.ts'
import type { JsonObject } from './resource.ts'

export const DEFAULT_COUNT = 100
export const MAX_COUNT = 1000

/** The page asked for: `startIndex` counts from 1, `count` is between 0 and MAX_COUNT. */
export interface Page {
  readonly startIndex: number
  readonly count: number
}

/** Reads startIndex and count. Below 1 is 1, below 0 is 0 (section 3.4.2.4). Throws invalidValue if no number. */
export function parsePage(startIndex: string | undefined, count: string | undefined): Page {
  const first = parseInteger('startIndex', startIndex, 1)
  const size = parseInteger('count', count, DEFAULT_COUNT)
  return { startIndex: Math.max(first, 1), count: Math.min(Math.max(size, 0), MAX_COUNT) }
}

function parseInteger(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined || text === '') return fallback
  const value = /^\s*-?\d+\s*$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(value)) throw invalidValue(`${name} must be a whole number.`)
  return value
}

export function listResponse(
  resources: readonly JsonObject[],
  totalResults: number,
  startIndex: number,
): JsonObject {
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults,
    startIndex,
    itemsPerPage: resources.length,
    Resources: resources,
  }
}
