// Parts that the bodies of the admin API share.
import { type TSchemaOptions, Type } from 'typebox'

/** Objects take what they name and nothing else: a misspelt field is an error, not a silence. */
export const strict = { additionalProperties: false } as const

/** What PostgreSQL's text cannot hold: U+0000, and half of a surrogate pair. */
const UNSTORABLE = '\\u0000\\ud800-\\udfff'
const storable = { pattern: `^[^${UNSTORABLE}]*$` }

export const Text = Type.String(storable)
export const Name = Type.String({ minLength: 1, maxLength: 200, ...storable })
/** As long as a userName or a group's displayName may be. */
export const LongName = Type.String({ minLength: 1, maxLength: 500, ...storable })
/** As groups are named, an empty name too where the identity provider gave one. */
export const GroupName = Type.String({ maxLength: 500, ...storable })
export const Id = Type.String({ minLength: 1, maxLength: 100 })
export const Urn = Type.String({ minLength: 1, maxLength: 300, ...storable })
export const Email = Type.String({ minLength: 1, maxLength: 320, pattern: `^[^\\s${UNSTORABLE}]+$` })
export const DateTime = Type.String({ format: 'date-time' })

/** How many a page holds. */
export const Limit = Type.String({
  pattern: '^[0-9]{1,4}$',
  description: 'How many a page holds: 100 unless said otherwise, at most 1,000.',
})
/** Where a page begins, of lists that are in the order of ids. */
export const After = Type.String({ format: 'uuid', description: '`next` of the page before.' })

/** One of the names of a closed list. */
export const oneOf = <const T extends string>(names: readonly T[], options: TSchemaOptions = {}) =>
  Type.Enum([...names], options)
