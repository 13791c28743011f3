// A schema that has a title is kept once in the document, as the component of that name, and referred to elsewhere.

export type JsonSchema = boolean | { readonly [keyword: string]: unknown }

export const COMPONENTS = '#/components/schemas/'

/**
 * The paths with references where titled schemas were, and these schemas by name. Throws where two different schemas
 * have one title: a name means one thing.
 */
export function withComponents<T>(paths: T): { paths: T; schemas: Record<string, JsonSchema> } {
  const found = new Map<string, JsonSchema>()
  // from the inside out: what a titled schema holds is a reference already
  const referring: T = JSON.parse(JSON.stringify(paths), (_key, value: unknown) => {
    if (!isTitled(value)) return value
    const held = found.get(value.title) ?? value
    if (JSON.stringify(held) !== JSON.stringify(value)) {
      throw new Error(`Two different schemas have the title ${value.title}.`)
    }
    found.set(value.title, value)
    return { $ref: `${COMPONENTS}${value.title}` }
  })
  const sorted = [...found].sort(([a], [b]) => (a < b ? -1 : 1))
  return { paths: referring, schemas: Object.fromEntries(sorted) }
}

/** A property that is called title is no text, but a schema. */
const isTitled = (value: unknown): value is { readonly title: string; readonly [keyword: string]: unknown } =>
  typeof value === 'object' && value !== null && 'title' in value && typeof value.title === 'string'
