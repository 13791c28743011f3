// Lists in pages, in the order of the ids: `after` is the last page's `next`.
import { Type } from 'typebox'
import { Invalid } from '../../services/errors.ts'
import { After, Limit } from './bodies.ts'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1000

/** More than the greatest limit is the greatest, as everywhere in the admin API. */
export const pageParameters = { after: Type.Optional(After), limit: Type.Optional(Limit) }

export const Next = Type.Union([Type.String(), Type.Null()])

export interface Page {
  readonly after: string | null
  readonly limit: number
}

/** How many a page holds: `limit` of a query, within the bounds. */
export const limitOf = ({ limit }: { readonly limit?: string }): number =>
  Math.min(Math.max(Number(limit ?? DEFAULT_LIMIT), 1), MAX_LIMIT)

export const pageOf = (query: { readonly after?: string; readonly limit?: string }): Page => ({
  after: query.after ?? null,
  limit: limitOf(query),
})

/** A page of what `read` finds, and where the next one begins: one more than the page holds is asked for. */
export async function readPage<T extends { readonly id: string }>(
  { after, limit }: Page,
  read: (page: Page) => Promise<T[]>,
): Promise<{ readonly page: T[]; readonly next: string | null }> {
  const found = await read({ after, limit: limit + 1 })
  const page = found.slice(0, limit)
  return { page, next: found.length > limit ? (page.at(-1)?.id ?? null) : null }
}

/** A page of a list that is short enough to be read whole. Throws Invalid where `after` is none of it. */
export function pageWithin<T>(
  all: readonly T[],
  { after, limit }: Page,
  keyOf: (item: T) => string,
): { readonly page: readonly T[]; readonly next: string | null } {
  const before = after === null ? -1 : all.findIndex((item) => keyOf(item) === after)
  if (after !== null && before === -1) throw new Invalid('after', 'after is not in this list (any more).')
  const page = all.slice(before + 1, before + 1 + limit)
  const last = page.at(-1)
  return { page, next: last !== undefined && last !== all.at(-1) ? keyOf(last) : null }
}
