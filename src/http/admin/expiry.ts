// When a token ends, as bodies say it.
import { Type } from 'typebox'
import { Invalid } from '../../services/errors.ts'
import { DateTime } from './bodies.ts'

/** null: never */
export const ExpiresAt = Type.Optional(Type.Union([DateTime, Type.Null()]))

/** A moment to come. A leap second is none to JavaScript; a zone may move the last day of 9999 to year 10000. */
export function parseExpiry(text: string | null): Date | null {
  if (text === null) return null
  const expiry = new Date(text)
  if (expiry > new Date() && expiry.getUTCFullYear() <= 9999) return expiry
  throw new Invalid('expiresAt', 'expiresAt must be in the future, and before the year 10000.')
}
