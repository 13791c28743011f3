// Values held to the schemas of the document. An answer must have what its schema names and nothing else: the document
// leaves objects open, for whoever reads them must bear what is added later, but what is answered now is in it.
import { Compile } from 'typebox/schema'
import type { JsonSchema } from '../../src/http/openapi/components.ts'
import type { Document } from '../../src/http/openapi/document.ts'

/** Gives what is wrong with a value; null where nothing is. */
export type SchemaCheck = (schema: JsonSchema, value: unknown) => string | null

export function schemaCheckOf({ components }: Pick<Document, 'components'>): SchemaCheck {
  const $defs = closed(components.schemas)
  const compiled = new Map<string, ReturnType<typeof Compile>>()
  return (schema, value) => {
    const key = JSON.stringify(schema)
    const validator = compiled.get(key) ?? Compile({ ...closed(schema), $defs })
    compiled.set(key, validator)
    if (validator.Check(value)) return null
    const [, errors] = validator.Errors(value)
    return errors.map(({ instancePath, message }) => `${instancePath || 'it'} ${message}`).join('; ')
  }
}

/** Objects that name their properties take no others, and references go where `Compile` finds them. */
function closed(schema: unknown): Record<string, unknown> {
  return JSON.parse(JSON.stringify(schema), (_key, value: unknown) => {
    if (!isObject(value)) return value
    const { $ref } = value
    if (typeof $ref === 'string') return { $ref: $ref.replace('#/components/schemas/', '#/$defs/') }
    const isOpen = value.type === 'object' && 'properties' in value && !('additionalProperties' in value)
    return isOpen ? { ...value, additionalProperties: false } : value
  })
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
