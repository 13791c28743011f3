// Bodies as a client may send them: the schemas of the routes say what a handler has, after defaults were filled in.
import type { JsonSchema } from './components.ts'

export interface RequestBody {
  readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>>
  readonly required?: boolean
}

/** A field with a default may be left out, and so may a body that can be null. */
export function requestBodyOf({ content }: RequestBody): RequestBody {
  const media = Object.entries(content)
  return {
    required: !media.some(([, { schema }]) => takesNull(schema)),
    content: Object.fromEntries(
      media.map(([type, { schema }]) => [type, { schema: withoutDefaults(schema) }]),
    ),
  }
}

const takesNull = (schema: JsonSchema): boolean =>
  isObject(schema) &&
  Array.isArray(schema.anyOf) &&
  schema.anyOf.some((each) => isObject(each) && each.type === 'null')

function withoutDefaults(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema), (_key, value: unknown) => {
    if (!isObject(value) || !Array.isArray(value.required) || !isObject(value.properties)) return value
    const { properties } = value
    const hasDefault = (name: unknown) => {
      const property = typeof name === 'string' ? properties[name] : undefined
      return isObject(property) && 'default' in property
    }
    const { required: _required, ...rest } = value
    const needed = value.required.filter((name) => !hasDefault(name))
    return needed.length === 0 ? rest : { ...rest, required: needed }
  })
}

const isObject = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
