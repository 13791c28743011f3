// Reading what WorkOS sent, which the signature says is its own, and which may have any shape all the same.

/** Something in an event is not as WorkOS describes it; `field` names it. */
export class WorkosFault extends Error {
  override readonly name = 'WorkosFault'
  readonly field: string

  constructor(field: string, detail: string) {
    super(`${field} ${detail}`)
    this.field = field
  }
}

export type Fields = Readonly<Record<string, unknown>>

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The object at a path; throws where there is none. */
export function fieldsAt(value: unknown, path: string): Fields {
  if (isFields(value)) return value
  throw new WorkosFault(path, 'must be an object.')
}

/** Short and plain: ids become keys, and are kept with events. */
const ID = /^[A-Za-z0-9_.-]{1,100}$/

export function idAt(value: unknown, path: string): string {
  if (typeof value === 'string' && ID.test(value)) return value
  throw new WorkosFault(path, 'must be an id of WorkOS.')
}

/** A moment in a year of four digits, so that moments sort as texts. */
export function timeAt(value: unknown, path: string): Date {
  const time = typeof value === 'string' ? new Date(value) : null
  const year = time === null ? Number.NaN : time.getUTCFullYear()
  if (time !== null && year >= 0 && year <= 9999) return time
  throw new WorkosFault(path, 'must be a time like 2026-11-24T08:00:00.000Z.')
}

/** A text with something in it, or a number as one; null for anything else. */
export function textIn(value: unknown): string | null {
  const text = typeof value === 'number' ? String(value) : value
  return typeof text === 'string' && text.trim() !== '' ? text : null
}

/** The first of the values that is a text. */
export const firstText = (...values: readonly unknown[]): string | null =>
  values.map(textIn).find((text) => text !== null) ?? null

/** The object without what is null. */
export const withoutNulls = (object: Fields): Fields =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null))
