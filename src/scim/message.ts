// What the messages of the protocol (RFC 7644 section 8.2) have in common: names without case, and their URN.
import { invalidSyntax } from './errors.ts'
import { isArray, isUnassigned, type Json, type JsonObject, valueOfKey } from './resource.ts'

/** The value of a field, whose name compares without case; undefined where it is unassigned. */
export function field(object: JsonObject, name: string): Json | undefined {
  const value = valueOfKey(object, name)
  return isUnassigned(value) ? undefined : value
}

/** A body without schemas is taken for what its endpoint says that it is. */
export function requireSchema(object: JsonObject, schema: string): void {
  const schemas = field(object, 'schemas')
  if (schemas === undefined) return
  const isWanted = (urn: Json) => typeof urn === 'string' && urn.toLowerCase() === schema.toLowerCase()
  if (isArray(schemas) && schemas.some(isWanted)) return
  throw invalidSyntax(`schemas must contain ${schema}.`)
}
