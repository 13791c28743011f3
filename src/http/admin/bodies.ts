// Parts that the bodies of the admin API share.
import { Type } from 'typebox'

/** Objects take what they name and nothing else: a misspelt field is an error, not a silence. */
export const strict = { additionalProperties: false } as const

export const Name = Type.String({ minLength: 1, maxLength: 200 })
export const Id = Type.String({ minLength: 1, maxLength: 100 })
export const Email = Type.String({ minLength: 1, maxLength: 320, pattern: '^\\S+$' })
export const DateTime = Type.String({ format: 'date-time' })

/** One of the names of a closed list. */
export const oneOf = <const T extends string>(names: readonly T[]) => Type.Enum([...names])
